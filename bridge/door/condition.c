/*
 * condition.c - conditional requests and ranges (RFC 9110, 13 and 14): what their headers mean.
 *
 * Owns nothing. One range is answered; of several the whole body is what a client must expect anyway.
 */
#include "door/condition.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

static const char *
skip_space(const char *at)
{
	return at + strspn(at, " \t");
}

bool
condition_has_tag(const char *if_none_match, const char *etag)
{
	const char *wanted = strncmp(etag, "W/", 2) == 0 ? etag + 2 : etag;
	size_t length = strlen(wanted);
	const char *at = if_none_match;

	if (at == NULL)
		return false;
	if (strcmp(skip_space(at), "*") == 0)
		return true;
	while (*(at = skip_space(at)) != '\0')
	{
		const char *end;

		if (strncmp(at, "W/", 2) == 0)
			at += 2;
		if (*at != '"' || (end = strchr(at + 1, '"')) == NULL)
			return false;
		if ((size_t) (end + 1 - at) == length && memcmp(at, wanted, length) == 0)
			return true;
		at = skip_space(end + 1);
		at += *at == ',';
	}
	return false;
}

/* Digits only, at least one; beyond 2^64 stays at the end of it. */
static bool
read_number(const char **at, uint64_t *number)
{
	const char *start = *at;

	*number = 0;
	for (; **at >= '0' && **at <= '9'; (*at)++)
		if (__builtin_mul_overflow(*number, 10u, number) ||
			__builtin_add_overflow(*number, (uint64_t) (**at - '0'), number))
			*number = UINT64_MAX;
	return *at > start;
}

static ConditionRange
range_from_end(const char *at, uint64_t size, uint64_t *first, uint64_t *last)
{
	uint64_t length;

	if (!read_number(&at, &length) || *skip_space(at) != '\0')
		return RANGE_ALL;
	if (length == 0 || size == 0)
		return RANGE_OUTSIDE;
	*first = length < size ? size - length : 0;
	*last = size - 1;
	return RANGE_PART;
}

ConditionRange
condition_range(const char *range, uint64_t size, uint64_t *first, uint64_t *last)
{
	static const char unit[] = "bytes=";
	const char *at = range;

	if (at == NULL || strncasecmp(at, unit, sizeof(unit) - 1) != 0)
		return RANGE_ALL;
	at = skip_space(at + sizeof(unit) - 1);
	if (*at == '-')
		return range_from_end(at + 1, size, first, last);
	if (!read_number(&at, first) || *at++ != '-')
		return RANGE_ALL;
	if (!read_number(&at, last))
		*last = UINT64_MAX;
	if (*skip_space(at) != '\0' || *last < *first)
		return RANGE_ALL;
	if (*first >= size)
		return RANGE_OUTSIDE;
	if (*last >= size)
		*last = size - 1;
	return RANGE_PART;
}
