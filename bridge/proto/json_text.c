/*
 * json_text.c - writing JSON values into a buffer.
 *
 * Owns nothing.  Called by encode.c.
 */
#include "proto/json_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"

#define JSON_REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* The letter after the backslash, or 0 when the character needs none of these. */
static char
json_short_escape(char character)
{
	switch (character)
	{
		case '"':
		case '\\':
			return character;
		case '\b':
			return 'b';
		case '\f':
			return 'f';
		case '\n':
			return 'n';
		case '\r':
			return 'r';
		case '\t':
			return 't';
		default:
			return 0;
	}
}

static void
json_append_ascii(Buffer *out, char character)
{
	char letter = json_short_escape(character);

	if (letter)
	{
		buffer_append_char(out, '\\');
		buffer_append_char(out, letter);
	}
	else if ((unsigned char) character < 0x20)
		buffer_append_format(out, "\\u%04x", (unsigned) character);
	else
		buffer_append_char(out, character);
}

void
json_append_string(Buffer *out, Slice text)
{
	buffer_append_char(out, '"');
	for (size_t at = 0; at < text.length;)
	{
		size_t length = utf8_character_length(text.bytes + at, text.length - at);

		if (length == 0)
			buffer_append_text(out, JSON_REPLACEMENT);
		else if (length == 1)
			json_append_ascii(out, text.bytes[at]);
		else
			buffer_append(out, text.bytes + at, length);
		at += length > 0 ? length : 1;
	}
	buffer_append_char(out, '"');
}

void
json_append_text(Buffer *out, const char *text)
{
	if (text)
		json_append_string(out, slice_of_text(text));
	else
		buffer_append_text(out, "null");
}

void
json_append_uuid(Buffer *out, const Uuid *uuid)
{
	char text[UUID_TEXT_SIZE];

	json_append_text(out, uuid ? uuid_format(uuid, text) : NULL);
}

void
json_append_number(Buffer *out, double number)
{
	char text[32];

	if (!isfinite(number))
	{
		buffer_append_text(out, "null");
		return;
	}
	for (int digits = 15; digits <= 17; digits++)
	{
		snprintf(text, sizeof(text), "%.*g", digits, number);
		if (strtod(text, NULL) == number)
			break;
	}
	buffer_append_text(out, text);
}
