/*
 * test_problem.c - refusals of the database as problem documents.
 */
#include "unit_support.h"

#include "proto/problem.h"

static void
test_error(void **state)
{
	Buffer out = BUFFER_EMPTY;

	assert_int_equal(
		problem_append_error(&out, SLICE("{\"command\":\"MOVE_TASK\",\"command_id\":null,\"code\":\"rule\","
										 "\"message\":\"the list is \\\"full\\\"\",\"hint\":\"Wait.\"}")),
		422);
	assert_buffer_text(&out,
					   "{\"type\":\"about:blank\",\"title\":\"Unprocessable Content\",\"status\":422,\"code\":\"rule\","
					   "\"detail\":\"the list is \\\"full\\\"\",\"command\":\"MOVE_TASK\",\"command_id\":null,"
					   "\"hint\":\"Wait.\"}");
	buffer_free(&out);
}

static void
test_unknown_code(void **state)
{
	Buffer out = BUFFER_EMPTY;

	assert_int_equal(problem_append_error(&out, SLICE("{\"code\":\"odd\",\"message\":\"m\"}")), 500);
	buffer_clear(&out);
	assert_int_equal(problem_append_error(&out, SLICE("{}")), 500);
	assert_buffer_text(&out, "{\"type\":\"about:blank\",\"title\":\"Internal Server Error\",\"status\":500,"
							 "\"code\":\"internal\",\"detail\":null}");
	buffer_free(&out);
}

static void
test_conflict(void **state)
{
	Buffer out = BUFFER_EMPTY;

	assert_int_equal(problem_append_conflict(&out, SLICE("{\"command\":\"X\",\"reason\":\"Version mismatch\","
														 "\"expected_version\":1,\"current\":{\"code\":2}}")),
					 409);
	assert_buffer_text(
		&out, "{\"type\":\"about:blank\",\"title\":\"Conflict\",\"status\":409,\"code\":\"version_conflict\","
			  "\"detail\":\"Version mismatch\",\"command\":\"X\",\"expected_version\":1,\"current\":{\"code\":2}}");
	buffer_free(&out);
}

static void
test_refusal(void **state)
{
	Buffer out = BUFFER_EMPTY;
	Refusal refusal;

	refusal_set(&refusal, REFUSAL_LIMIT, "too \"big\"");
	assert_int_equal(problem_append_refusal(&out, &refusal, 413), 413);
	assert_buffer_text(&out,
					   "{\"type\":\"about:blank\",\"title\":\"Content Too Large\",\"status\":413,\"code\":\"limit\","
					   "\"detail\":\"too \\\"big\\\"\"}");
	buffer_clear(&out);
	refusal_set(&refusal, REFUSAL_UNAVAILABLE, "later");
	refusal.retry_after_ms = 1500;
	assert_int_equal(problem_append_refusal(&out, &refusal, 0), 503);
	assert_buffer_text(&out, "{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,"
							 "\"code\":\"unavailable\",\"detail\":\"later\",\"retry_after_ms\":1500}");
	buffer_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_error),
		cmocka_unit_test(test_unknown_code),
		cmocka_unit_test(test_conflict),
		cmocka_unit_test(test_refusal),
	};

	return RUN_TESTS(tests);
}
