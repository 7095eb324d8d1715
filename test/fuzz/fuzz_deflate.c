/*
 * fuzz_deflate.c - compressed messages: never more than the limit comes out, and what was compressed comes out again.
 *
 * The first two bytes of an input are the limit.
 */
#include "base/deflate.h"
#include "fuzz_support.h"

static void
claim_limited(Slice compressed, size_t limit)
{
	Buffer out = BUFFER_EMPTY;
	InflateResult result = inflate_message(&out, compressed, limit);
	size_t full = out.length;

	/* One byte beyond is how more is noticed. */
	FUZZ_CLAIM(out.length <= limit + (result == INFLATE_DONE ? 0 : 1), compressed);
	buffer_clear(&out);
	if (result == INFLATE_DONE)
	{
		FUZZ_CLAIM(inflate_message(&out, compressed, full) == INFLATE_DONE && out.length == full, compressed);
		buffer_clear(&out);
		FUZZ_CLAIM(full == 0 || inflate_message(&out, compressed, full - 1) == INFLATE_TOO_BIG, compressed);
	}
	buffer_free(&out);
}

static void
claim_same(Slice compressed, Slice message)
{
	Buffer out = BUFFER_EMPTY;

	FUZZ_CLAIM(inflate_message(&out, compressed, message.length) == INFLATE_DONE, message);
	FUZZ_CLAIM(out.length == message.length, message);
	FUZZ_CLAIM(message.length == 0 || memcmp(out.bytes, message.bytes, message.length) == 0, message);
	buffer_free(&out);
}

static void
claim_round_trip(Slice message, size_t piece_length)
{
	DeflateStream *stream = deflate_stream_new();
	Buffer whole = BUFFER_EMPTY;
	Buffer pieces = BUFFER_EMPTY;

	deflate_message(&whole, message);
	claim_same(buffer_slice(&whole), message);
	for (size_t at = 0; at + piece_length < message.length; at += piece_length)
		deflate_stream_add(stream, slice_of(message.bytes + at, piece_length), false, &pieces);
	deflate_stream_add(stream,
					   slice_of(message.bytes + (message.length - 1) / piece_length * piece_length,
								message.length - (message.length - 1) / piece_length * piece_length),
					   true, &pieces);
	claim_same(buffer_slice(&pieces), message);
	deflate_stream_free(stream);
	buffer_free(&whole);
	buffer_free(&pieces);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	Slice rest;
	size_t number;

	if (length < 3)
		return 0;
	number = (size_t) bytes[0] << 8 | bytes[1];
	rest = fuzz_slice(bytes + 2, length - 2);
	claim_limited(rest, number);
	if (number % 16 == 0)
		claim_round_trip(rest, number / 16 % 512 + 1);
	return 0;
}
