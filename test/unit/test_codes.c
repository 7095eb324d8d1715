/* test_codes.c - refusals and close codes as the protocol lists them. */
#include "unit_support.h"

#include "proto/codes.h"

static void
test_refusals_of_the_protocol(void **state)
{
	static const struct
	{
		const char *text;
		int http_status;
		int close_code;
	} expected[] = {
		{"unauthenticated", 401, 4001},
		{"version_conflict", 409, 0},
		{"not_found", 404, 0},
		{"forbidden", 403, 0},
		{"invalid", 400, 0},
		{"rule", 422, 0},
		{"invite_invalid", 410, 0},
		{"invite_expired", 410, 0},
		{"invite_used_up", 410, 0},
		{"invite_revoked", 410, 0},
		{"limit", 422, 0},
		{"command_id_reused", 422, 0},
		{"unknown_type", 400, 0},
		{"bad_message", 400, 0},
		{"rate_limited", 429, 0},
		{"unavailable", 503, 0},
	};

	for (size_t i = 0; i < LENGTH_OF(expected); i++)
	{
		RefusalCode code = refusal_from_text(slice_of_text(expected[i].text));

		assert_int_not_equal(code, REFUSAL_NONE);
		assert_string_equal(refusal_text(code), expected[i].text);
		assert_int_equal(refusal_http_status(code), expected[i].http_status);
		assert_int_equal(refusal_close_code(code), expected[i].close_code);
	}
}

static void
test_unknown_texts(void **state)
{
	assert_int_equal(refusal_from_text(SLICE("")), REFUSAL_NONE);
	assert_int_equal(refusal_from_text(SLICE("not_found ")), REFUSAL_NONE);
	assert_int_equal(refusal_from_text(SLICE("not_foun")), REFUSAL_NONE);
	assert_string_equal(refusal_text(REFUSAL_NONE), "");
	assert_int_equal(refusal_http_status(REFUSAL_NONE), 200);
}

/* RFC 6455: a close frame's body is at most 125 bytes, two of them the code. */
static void
test_every_close_code_has_reason_and_counter(void **state)
{
	static const int codes[] = {1001, 1008, 1009, 1013, 4001, 4003, 4008, 4009, 4010, 4029};
	bool is_used[METRIC_COUNT] = {false};

	for (size_t i = 0; i < LENGTH_OF(codes); i++)
	{
		Metric metric;
		size_t length = strlen(close_code_reason((CloseCode) codes[i]));

		assert_in_range(length, 1, 123);
		assert_true(close_code_metric((CloseCode) codes[i], &metric));
		assert_false(is_used[metric]);
		is_used[metric] = true;
	}
}

static void
test_unknown_close_codes(void **state)
{
	Metric metric;

	assert_string_equal(close_code_reason((CloseCode) 1000), "");
	assert_false(close_code_metric((CloseCode) 1000, &metric));
	assert_false(close_code_metric(CLOSE_NONE, &metric));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refusals_of_the_protocol),
		cmocka_unit_test(test_unknown_texts),
		cmocka_unit_test(test_every_close_code_has_reason_and_counter),
		cmocka_unit_test(test_unknown_close_codes),
	};

	return RUN_TESTS(tests);
}
