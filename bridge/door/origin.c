/*
 * origin.c - pages of which sites may use the bridge from a browser.
 */
#include "door/origin.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

static bool
slices_match(Slice left, Slice right)
{
	return left.length == right.length && strncasecmp(left.bytes, right.bytes, left.length) == 0;
}

static Slice
slice_trim(Slice text)
{
	while (text.length > 0 && strchr(" \t", text.bytes[0]) != NULL)
		text = slice_of(text.bytes + 1, text.length - 1);
	while (text.length > 0 && strchr(" \t", text.bytes[text.length - 1]) != NULL)
		text.length--;
	return text;
}

static bool
origin_is_listed(const char *allowed, Slice origin)
{
	while (*allowed != '\0')
	{
		size_t length = strcspn(allowed, ",");
		Slice entry = slice_trim(slice_of(allowed, length));

		if (slice_equals_text(entry, "*") || (entry.length > 0 && slices_match(entry, origin)))
			return true;
		allowed += length;
		if (*allowed == ',')
			allowed++;
	}
	return false;
}

/* Without the port that the scheme has anyway. */
static Slice
host_without_port(Slice host, const char *port)
{
	size_t length = strlen(port);

	if (host.length >= length && memcmp(host.bytes + host.length - length, port, length) == 0)
		host.length -= length;
	return host;
}

/* "https://host[:port]" against "host[:port]". */
static bool
origin_is_host(Slice origin, Slice host)
{
	static const struct
	{
		const char *scheme;
		const char *port;
	} schemes[] = {{"http://", ":80"}, {"https://", ":443"}};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
	{
		size_t length = strlen(schemes[i].scheme);
		Slice rest;

		if (origin.length <= length || strncasecmp(origin.bytes, schemes[i].scheme, length) != 0)
			continue;
		rest = host_without_port(slice_of(origin.bytes + length, origin.length - length), schemes[i].port);
		return rest.length > 0 && slices_match(rest, host_without_port(host, schemes[i].port));
	}
	return false;
}

static bool
origin_is_plain(Slice origin)
{
	for (size_t i = 0; i < origin.length; i++)
		if (origin.bytes[i] <= ' ' || origin.bytes[i] >= 0x7f)
			return false;
	return origin.length > 0;
}

OriginVerdict
origin_check(const char *allowed, Slice origin, Slice host)
{
	if (origin.bytes == NULL)
		return ORIGIN_ABSENT;
	if (host.length > 0 && origin_is_host(origin, host))
		return ORIGIN_SAME;
	return origin_is_plain(origin) && origin_is_listed(allowed, origin) ? ORIGIN_ALLOWED : ORIGIN_REFUSED;
}
