/*
 * siphash.c - SipHash-2-4 after Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012).
 *
 * Owns nothing.  Called by hashmap.c.
 */
#include "base/siphash.h"

#define SIP_ROTATE(word, bits) (((word) << (bits)) | ((word) >> (64 - (bits))))

typedef struct SipState
{
	uint64_t a, b, c, d;
} SipState;

static uint64_t
sip_load(const uint8_t *bytes, size_t count)
{
	uint64_t word = 0;

	for (size_t i = 0; i < count; i++)
		word |= (uint64_t) bytes[i] << (8 * i);
	return word;
}

static void
sip_rounds(SipState *s, int count)
{
	while (count-- > 0)
	{
		s->a += s->b;
		s->c += s->d;
		s->b = SIP_ROTATE(s->b, 13) ^ s->a;
		s->d = SIP_ROTATE(s->d, 16) ^ s->c;
		s->a = SIP_ROTATE(s->a, 32);
		s->c += s->b;
		s->a += s->d;
		s->b = SIP_ROTATE(s->b, 17) ^ s->c;
		s->d = SIP_ROTATE(s->d, 21) ^ s->a;
		s->c = SIP_ROTATE(s->c, 32);
	}
}

static void
sip_word(SipState *state, uint64_t word)
{
	state->d ^= word;
	sip_rounds(state, 2);
	state->a ^= word;
}

uint64_t
siphash(const uint8_t key[16], const void *bytes, size_t length)
{
	const uint8_t *at = bytes;
	uint64_t low = sip_load(key, 8);
	uint64_t high = sip_load(key + 8, 8);
	SipState state = {low ^ 0x736f6d6570736575ULL, high ^ 0x646f72616e646f6dULL, low ^ 0x6c7967656e657261ULL,
					  high ^ 0x7465646279746573ULL};
	size_t left = length;

	for (; left >= 8; left -= 8, at += 8)
		sip_word(&state, sip_load(at, 8));
	sip_word(&state, sip_load(at, left) | (uint64_t) length << 56);
	state.c ^= 0xff;
	sip_rounds(&state, 4);
	return state.a ^ state.b ^ state.c ^ state.d;
}
