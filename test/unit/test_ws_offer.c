/*
 * test_ws_offer.c - which offers of permessage-deflate are taken.
 */
#include "unit_support.h"

#include "door/ws_offer.h"

static void
offers_of_browsers_and_libraries_are_taken(void **state)
{
	static const char *const offers[] = {
		"permessage-deflate",
		"permessage-deflate; client_max_window_bits",
		" permessage-deflate ;client_max_window_bits=15 ; server_no_context_takeover\r\n",
		"permessage-deflate; server_max_window_bits=15; client_max_window_bits=\"10\"",
		"Permessage-Deflate; Client_No_Context_Takeover",
		"permessage-deflate; server_max_window_bits=10, permessage-deflate",
		"x-webkit-deflate-frame, permessage-deflate; client_max_window_bits",
		"bbf-usp-protocol; x=1, permessage-deflate",
	};

	for (size_t i = 0; i < LENGTH_OF(offers); i++)
		assert_true(ws_offer_can_be_taken(slice_of_text(offers[i])));
}

static void
what_cannot_be_kept_or_understood_is_not_taken(void **state)
{
	static const char *const offers[] = {
		"",
		",",
		"x-webkit-deflate-frame",
		"permessage-deflate-frame",
		"permessage-deflate; server_max_window_bits=10",
		"permessage-deflate; server_max_window_bits",
		"permessage-deflate; server_max_window_bits=16",
		"permessage-deflate; server_max_window_bits=015",
		"permessage-deflate; client_max_window_bits=7",
		"permessage-deflate; client_max_window_bits=",
		"permessage-deflate; server_no_context_takeover=1",
		"permessage-deflate; server_no_context_takeover; server_no_context_takeover",
		"permessage-deflate; unknown",
		"permessage-deflate;;client_no_context_takeover",
		"client_no_context_takeover; permessage-deflate",
	};

	for (size_t i = 0; i < LENGTH_OF(offers); i++)
		assert_false(ws_offer_can_be_taken(slice_of_text(offers[i])));
}

static void
what_is_answered_is_an_offer_that_is_taken(void **state)
{
	assert_true(ws_offer_can_be_taken(slice_of_text(WS_OFFER_TAKEN)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offers_of_browsers_and_libraries_are_taken),
		cmocka_unit_test(what_cannot_be_kept_or_understood_is_not_taken),
		cmocka_unit_test(what_is_answered_is_an_offer_that_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
