/*
 * uuid.c - 128-bit identifiers: parse, print, make at random.
 *
 * Owns nothing.  Called by everyone who meets an id.
 */
#include "base/uuid.h"

#include "base/entropy.h"

static int
uuid_hex_digit(char character)
{
	if (character >= '0' && character <= '9')
		return character - '0';
	if (character >= 'a' && character <= 'f')
		return character - 'a' + 10;
	if (character >= 'A' && character <= 'F')
		return character - 'A' + 10;
	return -1;
}

/* Whether a hyphen stands before byte number `index`. */
static bool
uuid_hyphen_before(int index)
{
	return index == 4 || index == 6 || index == 8 || index == 10;
}

bool
uuid_parse(const char *text, size_t length, Uuid *uuid)
{
	Uuid parsed;
	size_t at = 0;

	if (length != UUID_TEXT_LENGTH)
		return false;
	for (int i = 0; i < 16; i++)
	{
		int high;
		int low;

		if (uuid_hyphen_before(i) && text[at++] != '-')
			return false;
		high = uuid_hex_digit(text[at++]);
		low = uuid_hex_digit(text[at++]);
		if (high < 0 || low < 0)
			return false;
		parsed.bytes[i] = (uint8_t) (high << 4 | low);
	}
	*uuid = parsed;
	return true;
}

char *
uuid_format(const Uuid *uuid, char text[UUID_TEXT_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	char *at = text;

	for (int i = 0; i < 16; i++)
	{
		if (uuid_hyphen_before(i))
			*at++ = '-';
		*at++ = digits[uuid->bytes[i] >> 4];
		*at++ = digits[uuid->bytes[i] & 15];
	}
	*at = '\0';
	return text;
}

void
uuid_random(Uuid *uuid)
{
	entropy_fill(uuid->bytes, sizeof(uuid->bytes));
	uuid->bytes[6] = (uint8_t) ((uuid->bytes[6] & 0x0f) | 0x40); /* version 4 */
	uuid->bytes[8] = (uint8_t) ((uuid->bytes[8] & 0x3f) | 0x80); /* RFC 4122 variant */
}
