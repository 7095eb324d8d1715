/*
 * pg_hint.c - what the payload of a notification says, without trusting it.
 *
 * Owns nothing. Called by main.c and hub/ for what pg_listener.c has heard.
 */
#include "pg/pg_hint.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* What stands behind `"name"`, after colon and spaces; empty when the name is not there. */
static Slice
hint_after_name(Slice payload, const char *name)
{
	size_t length = strlen(name);

	for (size_t at = 0; at + length + 2 <= payload.length; at++)
	{
		const char *quote = payload.bytes + at;
		size_t end = at + length + 2;

		if (quote[0] != '"' || memcmp(quote + 1, name, length) != 0 || quote[length + 1] != '"')
			continue;
		while (end < payload.length && (payload.bytes[end] == ' ' || payload.bytes[end] == ':'))
			end++;
		return slice_of(payload.bytes + end, payload.length - end);
	}
	return (Slice){0};
}

int64_t
pg_hint_number(Slice payload, const char *name, int64_t most)
{
	Slice text = hint_after_name(payload, name);
	int64_t number = 0;

	for (size_t i = 0; i < text.length && isdigit((unsigned char) text.bytes[i]); i++)
	{
		int digit = text.bytes[i] - '0';

		if (__builtin_mul_overflow(number, 10, &number) || __builtin_add_overflow(number, digit, &number) ||
			number > most)
			return 0;
	}
	return number;
}
