/*
 * json_scan.c - walking over the members of one JSON value without building anything.
 *
 * Owns nothing.  Called where bytes are passed on as they are and only a member or two is looked at.
 */
#include "base/json_scan.h"

static void
scan_spaces(JsonScan *scan)
{
	while (scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\t' || *scan->at == '\n' || *scan->at == '\r'))
		scan->at++;
}

/* Behind white space and one comma, if they are there. */
static void
scan_separator(JsonScan *scan)
{
	scan_spaces(scan);
	if (scan->at < scan->end && *scan->at == ',')
		scan->at++;
	scan_spaces(scan);
}

/* Behind the closing quote of the string that begins here. */
static void
scan_over_string(JsonScan *scan)
{
	for (scan->at++; scan->at < scan->end && *scan->at != '"'; scan->at++)
		if (*scan->at == '\\' && scan->at + 1 < scan->end)
			scan->at++;
	if (scan->at < scan->end)
		scan->at++;
}

/* Behind the closing bracket of the object or array that begins here. */
static void
scan_over_brackets(JsonScan *scan)
{
	size_t depth = 0;

	while (scan->at < scan->end)
	{
		char character = *scan->at;

		if (character == '"')
		{
			scan_over_string(scan);
			continue;
		}
		scan->at++;
		if (character == '{' || character == '[')
			depth++;
		else if ((character == '}' || character == ']') && --depth == 0)
			return;
	}
}

static bool
scan_ends_scalar(char character)
{
	return character == ',' || character == '}' || character == ']' || character == ' ' || character == '\t' ||
		   character == '\n' || character == '\r';
}

bool
json_scan_open(JsonScan *scan, Slice text, char bracket)
{
	*scan = (JsonScan){0};
	if (text.length == 0)
		return false;
	*scan = (JsonScan){text.bytes, text.bytes + text.length};
	scan_spaces(scan);
	if (scan->at >= scan->end || *scan->at != bracket)
		return false;
	scan->at++;
	return true;
}

bool
json_scan_name(JsonScan *scan, Slice *name)
{
	const char *start;

	scan_separator(scan);
	if (scan->at >= scan->end || *scan->at != '"')
		return false;
	start = scan->at + 1;
	scan_over_string(scan);
	*name = slice_of(start, (size_t) (scan->at - start) - (scan->at > start ? 1 : 0));
	scan_spaces(scan);
	if (scan->at >= scan->end || *scan->at != ':')
		return false;
	scan->at++;
	return true;
}

bool
json_scan_value(JsonScan *scan, Slice *value)
{
	const char *start;

	scan_separator(scan);
	start = scan->at;
	if (scan->at >= scan->end || *scan->at == '}' || *scan->at == ']')
		return false;
	if (*scan->at == '"')
		scan_over_string(scan);
	else if (*scan->at == '{' || *scan->at == '[')
		scan_over_brackets(scan);
	else
		while (scan->at < scan->end && !scan_ends_scalar(*scan->at))
			scan->at++;
	*value = slice_of(start, (size_t) (scan->at - start));
	return scan->at > start;
}

bool
json_scan_member(JsonScan *scan, Slice *name, Slice *value)
{
	return json_scan_name(scan, name) && json_scan_value(scan, value);
}

Slice
json_scan_rest(const JsonScan *scan)
{
	JsonScan rest = *scan;

	scan_spaces(&rest);
	while (rest.end > rest.at && rest.end[-1] != '}' && rest.end[-1] != ']')
		rest.end--;
	if (rest.end > rest.at)
		rest.end--;
	while (rest.end > rest.at && scan_ends_scalar(rest.end[-1]) && rest.end[-1] != '}' && rest.end[-1] != ']')
		rest.end--;
	return slice_of(rest.at, (size_t) (rest.end - rest.at));
}

static int
scan_hex_digit(char character)
{
	if (character >= '0' && character <= '9')
		return character - '0';
	if (character >= 'a' && character <= 'f')
		return character - 'a' + 10;
	if (character >= 'A' && character <= 'F')
		return character - 'A' + 10;
	return -1;
}

/* The ASCII character at *at, which is moved behind it; 0 for any other one. */
static char
scan_character(const char **at, const char *end)
{
	int code = 0;

	if (**at != '\\')
		return *(*at)++;
	if (end - *at < 6 || (*at)[1] != 'u')
	{
		char character = end - *at >= 2 ? (*at)[1] : '\0';

		*at += end - *at >= 2 ? 2 : 1;
		return character == '"' || character == '\\' || character == '/' ? character : '\0';
	}
	for (int i = 2; i < 6; i++)
	{
		int digit = scan_hex_digit((*at)[i]);

		code = digit < 0 ? -1 : code * 16 + digit;
		if (digit < 0)
			break;
	}
	*at += 6;
	return code > 0 && code < 0x80 ? (char) code : '\0';
}

bool
json_scan_says(Slice raw, const char *text)
{
	const char *at = raw.bytes;
	const char *end = raw.bytes + raw.length;

	for (; at < end; text++)
		if (*text == '\0' || scan_character(&at, end) != *text)
			return false;
	return *text == '\0';
}

bool
json_scan_copy(Slice raw, char *text, size_t size)
{
	const char *at = raw.bytes;
	const char *end = raw.bytes + raw.length;
	size_t length = 0;

	while (at < end)
	{
		char character = scan_character(&at, end);

		if (character == '\0' || length + 1 >= size)
			return false;
		text[length++] = character;
	}
	text[length] = '\0';
	return true;
}

Slice
json_scan_find(Slice object, const char *name)
{
	Slice found = {0};
	Slice member;
	Slice value;
	JsonScan scan;

	if (!json_scan_open(&scan, object, '{'))
		return found;
	while (json_scan_member(&scan, &member, &value))
		if (json_scan_says(member, name))
			found = value;
	return found;
}

bool
json_scan_string(Slice value, Slice *raw)
{
	if (value.length < 2 || value.bytes[0] != '"' || value.bytes[value.length - 1] != '"')
		return false;
	*raw = slice_of(value.bytes + 1, value.length - 2);
	return true;
}
