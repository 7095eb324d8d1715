/*
 * test_condition.c - what If-None-Match and Range mean.
 */
#include "unit_support.h"

#include "door/condition.h"

static void
a_tag_is_found_in_a_list(void **state)
{
	assert_true(condition_has_tag("\"a\"", "\"a\""));
	assert_true(condition_has_tag("W/\"a\"", "\"a\""));
	assert_true(condition_has_tag("\"a\"", "W/\"a\""));
	assert_true(condition_has_tag("\"b\" , W/\"c,d\",\"a\"", "\"a\""));
	assert_true(condition_has_tag(" *", "\"a\""));
	assert_false(condition_has_tag(NULL, "\"a\""));
	assert_false(condition_has_tag("", "\"a\""));
	assert_false(condition_has_tag("a", "\"a\""));
	assert_false(condition_has_tag("\"a", "\"a\""));
	assert_false(condition_has_tag("\"ab\", \"\"", "\"a\""));
	assert_false(condition_has_tag("\"x,\"a\"", "\"a\""));
}

static void
assert_part(const char *range, uint64_t size, uint64_t first, uint64_t last)
{
	uint64_t got_first = 0;
	uint64_t got_last = 0;

	assert_int_equal(condition_range(range, size, &got_first, &got_last), RANGE_PART);
	assert_int_equal(got_first, first);
	assert_int_equal(got_last, last);
}

static void
assert_range(const char *range, uint64_t size, ConditionRange expected)
{
	uint64_t first;
	uint64_t last;

	assert_int_equal(condition_range(range, size, &first, &last), expected);
}

static void
one_range_is_a_part(void **state)
{
	assert_part("bytes=0-0", 10, 0, 0);
	assert_part("bytes=2-4", 10, 2, 4);
	assert_part("bytes=2-", 10, 2, 9);
	assert_part("bytes=-3", 10, 7, 9);
	assert_part("bytes=-30", 10, 0, 9);
	assert_part("Bytes= 2-99999999999999999999999", 10, 2, 9);
}

static void
what_is_outside_is_said_so(void **state)
{
	assert_range("bytes=10-", 10, RANGE_OUTSIDE);
	assert_range("bytes=0-", 0, RANGE_OUTSIDE);
	assert_range("bytes=-0", 10, RANGE_OUTSIDE);
	assert_range("bytes=99999999999999999999999-", 10, RANGE_OUTSIDE);
}

static void
what_is_no_single_range_is_everything(void **state)
{
	static const char *const texts[] = {"",           "bytes=",        "bytes=-",   "bytes=a-b",
										"bytes=4-2",  "bytes=1-2,4-5", "items=0-1", "bytes=1",
										"bytes=+1-2", "bytes=1-2x",    "bytes=--1"};

	for (size_t i = 0; i < LENGTH_OF(texts); i++)
		assert_range(texts[i], 10, RANGE_ALL);
	assert_range(NULL, 10, RANGE_ALL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tag_is_found_in_a_list),
		cmocka_unit_test(one_range_is_a_part),
		cmocka_unit_test(what_is_outside_is_said_so),
		cmocka_unit_test(what_is_no_single_range_is_everything),
	};

	return RUN_TESTS(tests);
}
