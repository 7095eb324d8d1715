/*
 * base64url.c - RFC 4648 section 5 without padding.
 *
 * Owns nothing.  Called by the token checks.
 */
#include "base/base64url.h"

#include <stdint.h>

static const char base64url_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static int
base64url_digit(char character)
{
	if (character >= 'A' && character <= 'Z')
		return character - 'A';
	if (character >= 'a' && character <= 'z')
		return character - 'a' + 26;
	if (character >= '0' && character <= '9')
		return character - '0' + 52;
	if (character == '-')
		return 62;
	return character == '_' ? 63 : -1;
}

void
base64url_encode(Buffer *out, Slice bytes)
{
	uint32_t bits = 0;
	int pending = 0;

	for (size_t i = 0; i < bytes.length; i++)
	{
		bits = bits << 8 | (uint8_t) bytes.bytes[i];
		for (pending += 8; pending >= 6; pending -= 6)
			buffer_append_char(out, base64url_alphabet[bits >> (pending - 6) & 63]);
	}
	if (pending > 0)
		buffer_append_char(out, base64url_alphabet[bits << (6 - pending) & 63]);
}

bool
base64url_decode(Buffer *out, Slice text)
{
	size_t start = out->length;
	uint32_t bits = 0;
	int pending = 0;

	for (size_t i = 0; i < text.length; i++)
	{
		int digit = base64url_digit(text.bytes[i]);

		if (digit < 0)
			goto refused;
		bits = bits << 6 | (uint32_t) digit;
		pending += 6;
		if (pending >= 8)
		{
			pending -= 8;
			buffer_append_char(out, (char) (bits >> pending & 0xff));
		}
	}
	/* One digit too many, or bits that no encoder leaves behind. */
	if (pending < 6 && (bits & ((1u << pending) - 1)) == 0)
		return true;
refused:
	buffer_truncate(out, start);
	return false;
}
