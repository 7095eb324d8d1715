/*
 * fuzz_head.c - request heads that ask for a WebSocket: what the library gets to read has no bearer protocol and no offer but
 * the one that is taken, and is the same when it is rewritten again.
 */
#include <strings.h>

#include "door/head_text.h"
#include "door/origin.h"
#include "door/ws_offer.h"
#include "fuzz_support.h"

#define PROTOCOL "Sec-WebSocket-Protocol:"
#define BEARER "bearer."
#define EXTENSIONS "Sec-WebSocket-Extensions:"

static Slice
take_header(Slice *rest)
{
	const char *end = memmem(rest->bytes, rest->length, "\r\n", 2);
	Slice line = slice_of(rest->bytes, end ? (size_t) (end - rest->bytes) : rest->length);
	size_t used = end ? line.length + 2 : line.length;

	*rest = slice_of(rest->bytes + used, rest->length - used);
	return line;
}

static bool
begins_with(Slice line, const char *text)
{
	return line.length >= strlen(text) && strncasecmp(line.bytes, text, strlen(text)) == 0;
}

static bool
holds_bearer(Slice line)
{
	size_t first = strlen(PROTOCOL);

	for (size_t at = first; at + strlen(BEARER) <= line.length; at++)
		if (strncasecmp(line.bytes + at, BEARER, strlen(BEARER)) == 0 &&
			(at == first || strchr(", \t", line.bytes[at - 1]) != NULL))
			return true;
	return false;
}

static void
claim_clean(Slice head, bool may_deflate)
{
	int offers = 0;

	for (Slice rest = head; rest.length > 0;)
	{
		Slice line = take_header(&rest);

		if (begins_with(line, PROTOCOL))
			FUZZ_CLAIM(!holds_bearer(line), line);
		if (begins_with(line, EXTENSIONS))
			FUZZ_CLAIM(slice_equals_text(line, EXTENSIONS " " WS_OFFER_TAKEN) && ++offers == 1 && may_deflate, line);
	}
}

static void
claim_rewritten(Slice head, bool may_deflate)
{
	Buffer once = BUFFER_EMPTY;
	Buffer twice = BUFFER_EMPTY;

	head_rewrite(&once, head, may_deflate);
	claim_clean(buffer_slice(&once), may_deflate);
	if (head_is_websocket(head))
		FUZZ_CLAIM(once.length >= 4 && memcmp(once.bytes + once.length - 4, "\r\n\r\n", 4) == 0, head);
	FUZZ_CLAIM(head_is_websocket(head) == head_is_websocket(buffer_slice(&once)), head);
	head_rewrite(&twice, buffer_slice(&once), may_deflate);
	FUZZ_CLAIM(once.length == twice.length && memcmp(once.bytes, twice.bytes, once.length) == 0, buffer_slice(&once));
	buffer_free(&once);
	buffer_free(&twice);
}

/* The first line of the input as an offer, and as an origin. */
static void
try_values(Slice rest)
{
	Slice value = fuzz_take_line(&rest);
	Slice host = fuzz_take_line(&rest);
	char *allowed = fuzz_text(fuzz_take_line(&rest));
	OriginVerdict verdict = origin_check(allowed, value, host);

	(void) !ws_offer_can_be_taken(value);
	FUZZ_CLAIM(verdict != ORIGIN_ABSENT || value.length == 0, value);
	FUZZ_CLAIM(origin_check("", value, slice_of(NULL, 0)) != ORIGIN_ALLOWED, value);
	free(allowed);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	Buffer head = BUFFER_EMPTY;
	const char *end;

	/* It is given what comes before the first empty line, and that. */
	buffer_append(&head, bytes, length);
	buffer_append_text(&head, "\r\n\r\n");
	end = memmem(head.bytes, head.length, "\r\n\r\n", 4);
	buffer_truncate(&head, (size_t) (end - head.bytes) + 4);
	claim_rewritten(buffer_slice(&head), false);
	claim_rewritten(buffer_slice(&head), true);
	buffer_free(&head);
	try_values(fuzz_slice(bytes, length));
	return 0;
}
