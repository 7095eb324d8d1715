/*
 * event_body.c - the little the bridge looks up in an event's wire message.
 *
 * One pass over the bytes that tells strings from structure. Owns nothing.
 */
#include "hub/event_body.h"

#include <string.h>

#define COMMAND_ID_KEY "\"command_id\""
#define PAYLOAD_DEPTH 2

/* The position after the closing quote of the string that opens at `at`. */
static const char *
skip_string(const char *at, const char *end)
{
	for (at++; at < end && *at != '"'; at++)
		if (*at == '\\')
			at++;
	return at < end ? at + 1 : end;
}

static const char *
skip_spaces(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r'))
		at++;
	return at;
}

/* `at` is after the key: a colon and a uuid in quotes. */
static bool
read_uuid_value(const char *at, const char *end, Uuid *uuid)
{
	at = skip_spaces(at, end);
	if (at >= end || *at != ':')
		return false; /* the string was a value, not a key */
	at = skip_spaces(at + 1, end);
	if (end - at < UUID_TEXT_LENGTH + 2 || *at != '"')
		return false;
	return uuid_parse(at + 1, UUID_TEXT_LENGTH, uuid);
}

static bool
is_command_id(const char *start, const char *after)
{
	size_t length = sizeof(COMMAND_ID_KEY) - 1;

	return (size_t) (after - start) == length && memcmp(start, COMMAND_ID_KEY, length) == 0;
}

bool
event_body_command_id(Slice body, Uuid *command_id)
{
	const char *at = body.bytes;
	const char *end = body.bytes + body.length;
	int depth = 0;

	while (at < end)
	{
		if (*at == '"')
		{
			const char *after = skip_string(at, end);

			if (depth == PAYLOAD_DEPTH && is_command_id(at, after) && read_uuid_value(after, end, command_id))
				return true;
			at = after;
			continue;
		}
		if (*at == '{' || *at == '[')
			depth++;
		else if (*at == '}' || *at == ']')
			depth--;
		at++;
	}
	return false;
}
