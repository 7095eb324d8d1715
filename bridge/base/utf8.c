/*
 * utf8.c - UTF-8 as RFC 3629 has it.
 *
 * Owns nothing.  Called by the JSON validator and writer.
 */
#include "base/utf8.h"

/*
 * Smallest and greatest second byte, by first byte (Unicode, table 3-7): this is where overlong forms (E0, F0),
 * surrogates (ED) and what lies above U+10FFFF (F4) are refused.
 */
static bool
utf8_second_byte_fits(uint8_t first, uint8_t second)
{
	switch (first)
	{
		case 0xe0:
			return second >= 0xa0 && second <= 0xbf;
		case 0xed:
			return second >= 0x80 && second <= 0x9f;
		case 0xf0:
			return second >= 0x90 && second <= 0xbf;
		case 0xf4:
			return second >= 0x80 && second <= 0x8f;
		default:
			return second >= 0x80 && second <= 0xbf;
	}
}

static size_t
utf8_length_by_first(uint8_t first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if (first >= 0xe0 && first <= 0xef)
		return 3;
	return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

size_t
utf8_character_length(const char *bytes, size_t available)
{
	size_t length = available > 0 ? utf8_length_by_first((uint8_t) bytes[0]) : 0;

	if (length == 0 || length > available)
		return 0;
	if (length > 1 && !utf8_second_byte_fits((uint8_t) bytes[0], (uint8_t) bytes[1]))
		return 0;
	for (size_t i = 2; i < length; i++)
		if (((uint8_t) bytes[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

bool
utf8_is_valid(const char *bytes, size_t length)
{
	for (size_t at = 0; at < length;)
	{
		size_t step = utf8_character_length(bytes + at, length - at);

		if (step == 0)
			return false;
		at += step;
	}
	return true;
}

size_t
utf8_cut(const char *bytes, size_t length, size_t limit)
{
	if (length <= limit)
		return length;
	while (limit > 0 && ((uint8_t) bytes[limit] & 0xc0) == 0x80)
		limit--;
	return limit;
}
