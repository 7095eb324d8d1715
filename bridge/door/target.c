/*
 * target.c - the target of an HTTP request: its path and its query, decoded.
 *
 * Owns nothing. Every byte is the client's: nothing is taken that could end a text early.
 */
#include "door/target.h"

#include <string.h>
#include <strings.h>

#include "base/utf8.h"

static int
hex_digit(char character)
{
	if (character >= '0' && character <= '9')
		return character - '0';
	if (character >= 'a' && character <= 'f')
		return character - 'a' + 10;
	if (character >= 'A' && character <= 'F')
		return character - 'A' + 10;
	return -1;
}

/* In a query a plus is a space. */
static bool
append_decoded(Buffer *out, Slice text, bool is_query)
{
	size_t start = out->length;

	for (size_t i = 0; i < text.length; i++)
	{
		char character = text.bytes[i];

		if (character == '%')
		{
			int high = i + 2 < text.length ? hex_digit(text.bytes[i + 1]) : -1;
			int low = i + 2 < text.length ? hex_digit(text.bytes[i + 2]) : -1;

			if (high < 0 || low < 0)
				return false;
			character = (char) (high << 4 | low);
			i += 2;
		}
		else if (character == '+' && is_query)
			character = ' ';
		if (character == '\0')
			return false;
		buffer_append_char(out, character);
	}
	return utf8_is_valid(out->bytes + start, out->length - start);
}

static Slice
slice_from(Slice text, size_t offset)
{
	return slice_of(text.bytes + offset, text.length - offset);
}

/* What comes before `end`; `text` goes on behind it. */
static Slice
slice_until(Slice *text, char end)
{
	const char *found = text->length > 0 ? memchr(text->bytes, end, text->length) : NULL;
	Slice piece = *text;

	if (found != NULL)
		piece.length = (size_t) (found - text->bytes);
	*text = slice_from(*text, found != NULL ? piece.length + 1 : piece.length);
	return piece;
}

static bool
parse_query(Target *target, Slice text)
{
	while (text.length > 0)
	{
		Slice value = slice_until(&text, '&');
		Slice name = slice_until(&value, '=');

		if (name.length == 0)
			continue;
		if (!append_decoded(&target->query, name, true))
			return false;
		buffer_append_char(&target->query, '\0');
		if (!append_decoded(&target->query, value, true))
			return false;
		buffer_append_char(&target->query, '\0');
	}
	return true;
}

/* "http://host/path": what is behind the host. */
static Slice
strip_authority(Slice text)
{
	static const char scheme[] = "http://";
	size_t length = sizeof(scheme) - 1;
	const char *slash;

	if (text.length < length || strncasecmp(text.bytes, scheme, length) != 0)
		return text;
	slash = memchr(text.bytes + length, '/', text.length - length);
	return slash != NULL ? slice_from(text, (size_t) (slash - text.bytes)) : slice_of_text("/");
}

bool
target_parse(Target *target, Slice text)
{
	Slice path;

	*target = (Target){0};
	text = strip_authority(text);
	path = slice_until(&text, '?');
	if (path.length == 0 || path.bytes[0] != '/')
		return false;
	return append_decoded(&target->path, path, false) && parse_query(target, text);
}

void
target_free(Target *target)
{
	buffer_free(&target->path);
	buffer_free(&target->query);
}

const char *
target_path(Target *target)
{
	return buffer_text(&target->path);
}

const char *
target_query(const Target *target, const char *name)
{
	for (size_t at = 0; at < target->query.length;)
	{
		const char *found = target->query.bytes + at;
		const char *value = found + strlen(found) + 1;

		if (strcmp(found, name) == 0)
			return value;
		at = (size_t) (value - target->query.bytes) + strlen(value) + 1;
	}
	return NULL;
}
