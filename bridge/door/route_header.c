/*
 * route_header.c - the request headers that mean something to every route: entity tags, the key of a resend, the
 * last event seen, the type of a body.
 *
 * Pure.  Owns nothing.  Called by route_message.c, sse.c and the REST door.
 */
#include "door/route_header.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

#include "base/compiler.h"

bool
route_read_key(Slice idempotency_key, bool *has_id, Uuid *id, Refusal *refusal)
{
	*has_id = idempotency_key.length > 0;
	if (!*has_id || uuid_parse(idempotency_key.bytes, idempotency_key.length, id))
		return true;
	refusal_set(refusal, REFUSAL_INVALID, "Idempotency-Key is not a uuid");
	return false;
}

/* Takes one entity tag off the front, with the comma and white space around it; *tag is without its quotes. */
static bool
etag_take(Slice *list, Slice *tag)
{
	const char *at = list->bytes;
	const char *end = list->bytes + list->length;
	const char *quote;

	while (at < end && (*at == ' ' || *at == '\t' || *at == ','))
		at++;
	/* A proxy that compressed the answer may have made the tag weak. */
	if (end - at > 2 && at[0] == 'W' && at[1] == '/')
		at += 2;
	if (at >= end || *at != '"')
		return false;
	at++;
	quote = memchr(at, '"', (size_t) (end - at));
	if (quote == NULL)
		return false;
	*tag = slice_of(at, (size_t) (quote - at));
	*list = slice_of(quote + 1, (size_t) (end - quote - 1));
	return true;
}

/* At most nine digits, so that it is an integer of the database. */
static bool
etag_is_version(Slice tag)
{
	if (tag.length == 0 || tag.length > 9)
		return false;
	for (size_t i = 0; i < tag.length; i++)
		if (!isdigit((unsigned char) tag.bytes[i]))
			return false;
	return true;
}

static int64_t
etag_version(Slice tag)
{
	int64_t version = 0;

	for (size_t i = 0; i < tag.length; i++)
		version = version * 10 + (tag.bytes[i] - '0');
	return version;
}

bool
route_read_if_match(Slice if_match, int64_t *version, Refusal *refusal)
{
	Slice tag;
	Slice rest = if_match;

	*version = -1;
	if (if_match.length == 0 || slice_equals_text(if_match, "*"))
		return true;
	if (etag_take(&rest, &tag) && rest.length == 0 && etag_is_version(tag))
	{
		*version = etag_version(tag);
		return true;
	}
	refusal_set(refusal, REFUSAL_INVALID, "If-Match is not an ETag that was given here: \"43\"");
	return false;
}

bool
route_none_match(Slice if_none_match, int64_t version)
{
	Slice tag;

	if (slice_equals_text(if_none_match, "*"))
		return true;
	while (etag_take(&if_none_match, &tag))
		if (etag_is_version(tag) && etag_version(tag) == version)
			return true;
	return false;
}

bool
route_read_version(Slice text, int *version)
{
	*version = 0;
	for (size_t i = 0; i < text.length; i++)
	{
		if (!isdigit((unsigned char) text.bytes[i]))
			return false;
		if (__builtin_mul_overflow(*version, 10, version) ||
			__builtin_add_overflow(*version, text.bytes[i] - '0', version))
			*version = INT_MAX;
	}
	return text.length > 0;
}

bool
route_read_last_id(const char *last_id, int *version, const char **mark)
{
	const char *colon = last_id != NULL ? strchr(last_id, ':') : NULL;

	if (colon == NULL || !route_read_version(slice_of(last_id, (size_t) (colon - last_id)), version))
		return false;
	*mark = colon + 1;
	return true;
}

bool
route_is_json(Slice content_type)
{
	static const Slice types[] = {{"application/json", 16}, {"text/json", 9}};
	const char *end = content_type.length > 0 ? memchr(content_type.bytes, ';', content_type.length) : NULL;
	size_t length = end ? (size_t) (end - content_type.bytes) : content_type.length;

	while (length > 0 && (content_type.bytes[length - 1] == ' ' || content_type.bytes[length - 1] == '\t'))
		length--;
	for (size_t i = 0; i < LENGTH_OF(types); i++)
		if (length == types[i].length && strncasecmp(content_type.bytes, types[i].bytes, length) == 0)
			return true;
	return length > 17 && strncasecmp(content_type.bytes, "application/", 12) == 0 &&
		   strncasecmp(content_type.bytes + length - 5, "+json", 5) == 0;
}
