/*
 * test_head.c - the request head before the library sees it: a token among the subprotocols becomes a header.
 */
#include "unit_support.h"

#include "door/head_text.h"

static void
expect(const char *head, const char *expected)
{
	Buffer out = BUFFER_EMPTY;

	head_rewrite(&out, slice_of_text(head), true);
	assert_buffer_text(&out, expected);
	buffer_free(&out);
}

static void
a_head_without_protocols_stays_as_it_is(void **state)
{
	expect("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	expect("GET / HTTP/1.1\r\nOrigin: sec-websocket-protocol: bearer.x\r\n\r\n",
		   "GET / HTTP/1.1\r\nOrigin: sec-websocket-protocol: bearer.x\r\n\r\n");
}

static void
the_bearer_protocol_becomes_authorization(void **state)
{
	expect("GET /ws HTTP/1.1\r\nsec-websocket-protocol: collab.v1, bearer.a.b.c\r\nHost: x\r\n\r\n",
		   "GET /ws HTTP/1.1\r\nSec-WebSocket-Protocol: collab.v1\r\nAuthorization: Bearer a.b.c\r\nHost: x\r\n\r\n");
	expect("GET /ws HTTP/1.1\r\nSec-WebSocket-Protocol:bearer.a,collab.v1 ,\tother\r\n\r\n",
		   "GET /ws HTTP/1.1\r\nSec-WebSocket-Protocol: collab.v1, other\r\nAuthorization: Bearer a\r\n\r\n");
	expect("GET /ws HTTP/1.1\r\nSec-WebSocket-Protocol: bearer.a\r\n\r\n",
		   "GET /ws HTTP/1.1\r\nAuthorization: Bearer a\r\n\r\n");
}

static void
what_nobody_needs_is_left_out(void **state)
{
	expect(
		"GET /ws HTTP/1.1\r\nX-A: b\r\nhost: x\r\nCookie: a=b\r\n folded\r\nSec-WebSocket-Key: k\r\nHostess: y\r\n\r\n",
		"GET /ws HTTP/1.1\r\nhost: x\r\nSec-WebSocket-Key: k\r\n\r\n");
}

static void
a_header_that_is_there_wins(void **state)
{
	expect("GET /ws HTTP/1.1\r\nSec-WebSocket-Protocol: collab.v1, bearer.a\r\nAUTHORIZATION: Bearer b\r\n\r\n",
		   "GET /ws HTTP/1.1\r\nSec-WebSocket-Protocol: collab.v1\r\nAUTHORIZATION: Bearer b\r\n\r\n");
}

static void
an_empty_list_adds_nothing(void **state)
{
	expect("GET /ws HTTP/1.1\r\nSec-WebSocket-Protocol: \r\nHost: x\r\n\r\n", "GET /ws HTTP/1.1\r\nHost: x\r\n\r\n");
	expect("GET /ws HTTP/1.1\r\nSec-WebSocket-Protocol: bearer.\r\n\r\n", "GET /ws HTTP/1.1\r\n\r\n");
}

static void
an_offer_of_compression_becomes_ours(void **state)
{
	Buffer out = BUFFER_EMPTY;

	expect(
		"GET /ws HTTP/1.1\r\nsec-websocket-extensions: x, permessage-deflate; client_max_window_bits\r\nHost: x\r\n\r\n",
		"GET /ws HTTP/1.1\r\nSec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; "
		"client_no_context_takeover\r\nHost: x\r\n\r\n");
	expect("GET /ws HTTP/1.1\r\nSec-WebSocket-Extensions: x\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
		   "GET /ws HTTP/1.1\r\nSec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; "
		   "client_no_context_takeover\r\n\r\n");
	expect(
		"GET /ws HTTP/1.1\r\nSec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9\r\nHost: x\r\n\r\n",
		"GET /ws HTTP/1.1\r\nHost: x\r\n\r\n");
	head_rewrite(&out, slice_of_text("GET /ws HTTP/1.1\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"),
				 false);
	assert_buffer_text(&out, "GET /ws HTTP/1.1\r\n\r\n");
	buffer_free(&out);
}

static void
an_upgrade_to_websocket_is_one(void **state)
{
	assert_true(head_is_websocket(slice_of_text("GET /ws HTTP/1.1\r\nupgrade: WebSocket\r\n\r\n")));
	assert_true(head_is_websocket(slice_of_text("GET / HTTP/1.1\r\nA: b\r\nUpgrade:h2c, websocket\r\n\r\n")));
	assert_false(head_is_websocket(slice_of_text("GET / HTTP/1.1\r\nUpgrade: h2c\r\n\r\n")));
	assert_false(head_is_websocket(slice_of_text("GET / HTTP/1.1\r\nUpgrade: websockets\r\n\r\n")));
	assert_false(head_is_websocket(slice_of_text("GET / HTTP/1.1\r\nX-Upgrade: websocket\r\n\r\n")));
	assert_false(head_is_websocket(slice_of_text("GET /?Upgrade:websocket HTTP/1.1\r\n\r\n")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_head_without_protocols_stays_as_it_is),
		cmocka_unit_test(the_bearer_protocol_becomes_authorization),
		cmocka_unit_test(what_nobody_needs_is_left_out),
		cmocka_unit_test(a_header_that_is_there_wins),
		cmocka_unit_test(an_empty_list_adds_nothing),
		cmocka_unit_test(an_offer_of_compression_becomes_ours),
		cmocka_unit_test(an_upgrade_to_websocket_is_one),
	};

	return RUN_TESTS(tests);
}
