/*
 * head_text.c - what a request head says, and what of it the WebSocket library gets to read.
 *
 * Owns nothing. A head is what stands before the first empty line, with it.
 */
#include "door/head_text.h"

#include <string.h>
#include <strings.h>

#include "door/ws_offer.h"

#define HEAD_PROTOCOL "Sec-WebSocket-Protocol:"
#define HEAD_EXTENSIONS "Sec-WebSocket-Extensions:"
#define HEAD_AUTHORIZATION "Authorization:"
#define HEAD_BEARER "bearer."
#define HEAD_FORWARDED "X-Forwarded-For:"
#define HEAD_UPGRADE "Upgrade:"
#define HEAD_WEBSOCKET "websocket"

static bool
line_has_name(Slice line, const char *name)
{
	size_t length = strlen(name);

	return line.length >= length && strncasecmp(line.bytes, name, length) == 0;
}

/* The line that starts at `offset`, with its end; `head` ends with a line end. */
static Slice
head_line(Slice head, size_t offset)
{
	const char *start = head.bytes + offset;
	const char *end = memmem(start, head.length - offset, "\r\n", 2);

	return slice_of(start, end != NULL ? (size_t) (end - start) + 2 : head.length - offset);
}

static bool
head_has(Slice head, const char *name)
{
	for (size_t at = 0; at < head.length; at += head_line(head, at).length)
		if (line_has_name(head_line(head, at), name))
			return true;
	return false;
}

static Slice
next_protocol(Slice *list)
{
	Slice protocol;

	while (list->length > 0 && strchr(", \t\r\n", list->bytes[0]) != NULL)
		*list = slice_of(list->bytes + 1, list->length - 1);
	protocol = slice_of(list->bytes, 0);
	while (protocol.length < list->length && strchr(", \t\r\n", protocol.bytes[protocol.length]) == NULL)
		protocol.length++;
	*list = slice_of(list->bytes + protocol.length, list->length - protocol.length);
	return protocol;
}

bool
head_is_websocket(Slice head)
{
	for (size_t at = 0; at < head.length; at += head_line(head, at).length)
	{
		Slice line = head_line(head, at);
		size_t name = strlen(HEAD_UPGRADE);
		Slice list = slice_of(line.bytes + name, line.length - name);
		Slice protocol;

		if (!line_has_name(line, HEAD_UPGRADE))
			continue;
		while ((protocol = next_protocol(&list)).length > 0)
			if (protocol.length == strlen(HEAD_WEBSOCKET) && line_has_name(protocol, HEAD_WEBSOCKET))
				return true;
	}
	return false;
}

/* The other protocols stay; the bearer becomes a header of its own, unless there is one. */
static void
rewrite_protocols(Buffer *out, Slice line, bool has_authorization)
{
	size_t name = strlen(HEAD_PROTOCOL);
	Slice list = slice_of(line.bytes + name, line.length - name);
	Slice bearer = {0};
	Slice protocol;
	int count = 0;

	while ((protocol = next_protocol(&list)).length > 0)
	{
		if (line_has_name(protocol, HEAD_BEARER))
		{
			bearer = slice_of(protocol.bytes + strlen(HEAD_BEARER), protocol.length - strlen(HEAD_BEARER));
			continue;
		}
		buffer_append_text(out, count++ == 0 ? HEAD_PROTOCOL " " : ", ");
		buffer_append_slice(out, protocol);
	}
	if (count > 0)
		buffer_append_text(out, "\r\n");
	if (bearer.length == 0 || has_authorization)
		return;
	buffer_append_text(out, HEAD_AUTHORIZATION " Bearer ");
	buffer_append_slice(out, bearer);
	buffer_append_text(out, "\r\n");
}

static bool
head_offers_deflate(Slice head)
{
	for (size_t at = 0; at < head.length; at += head_line(head, at).length)
	{
		Slice line = head_line(head, at);
		size_t name = strlen(HEAD_EXTENSIONS);

		if (line_has_name(line, HEAD_EXTENSIONS) &&
			ws_offer_can_be_taken(slice_of(line.bytes + name, line.length - name)))
			return true;
	}
	return false;
}

/* The library gets the one offer that it is to take, in the first of the lines, or none. */
static bool
rewrite_extensions(Buffer *out, bool is_offered)
{
	if (is_offered)
		buffer_append_text(out, HEAD_EXTENSIONS " " WS_OFFER_TAKEN "\r\n");
	return false;
}

/* What the library needs for an upgrade, or door.c and ws.c ask it for. */
static bool
line_is_wanted(Slice line)
{
	static const char *const names[] = {
		"Host:",   "Connection:",      HEAD_UPGRADE, "Sec-WebSocket-Key:", "Sec-WebSocket-Version:",
		"Origin:", HEAD_AUTHORIZATION,
	};

	for (size_t i = 0; i < LENGTH_OF(names); i++)
		if (line_has_name(line, names[i]))
			return true;
	return slice_equals_text(line, "\r\n");
}

void
head_rewrite(Buffer *out, Slice head, bool may_deflate)
{
	bool has_authorization = head_has(head, HEAD_AUTHORIZATION);
	bool is_offered = may_deflate && head_offers_deflate(head);

	for (size_t at = 0; at < head.length;)
	{
		Slice line = head_line(head, at);

		if (line_has_name(line, HEAD_PROTOCOL))
			rewrite_protocols(out, line, has_authorization);
		else if (line_has_name(line, HEAD_EXTENSIONS))
			is_offered = rewrite_extensions(out, is_offered);
		else if (at == 0 || line_is_wanted(line))
			buffer_append_slice(out, line);
		at += line.length;
	}
}

Slice
head_forwarded(Slice head)
{
	Slice found = {0};
	size_t name = strlen(HEAD_FORWARDED);

	for (size_t at = 0; at < head.length; at += head_line(head, at).length)
	{
		Slice line = head_line(head, at);

		if (line_has_name(line, HEAD_FORWARDED))
			found = slice_of(line.bytes + name, line.length - name);
	}
	return found;
}
