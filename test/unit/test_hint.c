/*
 * test_hint.c - payloads of notifications: what is a number, and what forged ones give.
 */
#include "pg/pg_hint.h"
#include "unit_support.h"

static int64_t
version_in(const char *payload)
{
	return pg_hint_number(slice_of_text(payload), "version", INT32_MAX);
}

static void
test_the_number_of_a_member(void **state)
{
	assert_int_equal(version_in("{\"board_id\": \"x\", \"version\": 43}"), 43);
	assert_int_equal(version_in("{\"version\":1}"), 1);
	assert_int_equal(version_in("{\"version\": 2147483647}"), INT32_MAX);
}

static void
test_no_number_is_0(void **state)
{
	assert_int_equal(version_in(""), 0);
	assert_int_equal(version_in("{}"), 0);
	assert_int_equal(version_in("\"version\""), 0);
	assert_int_equal(version_in("{\"version\":"), 0);
	assert_int_equal(version_in("{\"version\": -5}"), 0);
	assert_int_equal(version_in("{\"version\": null}"), 0);
	assert_int_equal(version_in("{\"versions\": 5}"), 0);
}

static void
test_a_number_too_large_is_0(void **state)
{
	assert_int_equal(version_in("{\"version\": 2147483648}"), 0);
	assert_int_equal(version_in("{\"version\": 99999999999999999999999999}"), 0);
}

static void
test_a_limit_of_one_digit(void **state)
{
	assert_int_equal(pg_hint_number(SLICE("{\"x\": 4}"), "x", 4), 4);
	assert_int_equal(pg_hint_number(SLICE("{\"x\": 5}"), "x", 4), 0);
	assert_int_equal(pg_hint_number(SLICE("{\"x\": 9223372036854775807}"), "x", INT64_MAX), INT64_MAX);
	assert_int_equal(pg_hint_number(SLICE("{\"x\": 9223372036854775808}"), "x", INT64_MAX), 0);
}

/* Nothing behind the slice is looked at. */
static void
test_the_slice_ends_it(void **state)
{
	const char *payload = "{\"version\": 4321}";

	assert_int_equal(pg_hint_number(slice_of(payload, 14), "version", INT32_MAX), 43);
	assert_int_equal(pg_hint_number(slice_of(payload, 9), "version", INT32_MAX), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_number_of_a_member),  cmocka_unit_test(test_no_number_is_0),
		cmocka_unit_test(test_a_number_too_large_is_0), cmocka_unit_test(test_a_limit_of_one_digit),
		cmocka_unit_test(test_the_slice_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
