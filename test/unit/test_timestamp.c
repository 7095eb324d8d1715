/* test_timestamp.c - RFC 3339 text and the clocks of base/timestamp. */
#include "unit_support.h"

#include "base/timestamp.h"

static void
assert_formatted(int64_t wall_ms, const char *expected)
{
	char text[TIMESTAMP_TEXT_SIZE];

	assert_string_equal(timestamp_format(wall_ms, text), expected);
}

static void
test_known_times(void **state)
{
	assert_formatted(0, "1970-01-01T00:00:00.000Z");
	assert_formatted(1, "1970-01-01T00:00:00.001Z");
	assert_formatted(INT64_C(1740821400123), "2025-03-01T09:30:00.123Z");
	assert_formatted(INT64_C(1709164800000), "2024-02-29T00:00:00.000Z");
	assert_formatted(INT64_C(951782399999), "2000-02-28T23:59:59.999Z");
}

static void
test_before_1970_the_milliseconds_still_count_up(void **state)
{
	assert_formatted(-1, "1969-12-31T23:59:59.999Z");
	assert_formatted(-1000, "1969-12-31T23:59:59.000Z");
}

static void
test_outside_four_digit_years_the_nearest(void **state)
{
	assert_formatted(INT64_MAX, "9999-12-31T23:59:59.999Z");
	assert_formatted(INT64_MIN, "0000-01-01T00:00:00.000Z");
}

static void
test_clocks_do_not_go_back(void **state)
{
	int64_t us = timestamp_monotonic_us();
	int64_t ms = timestamp_monotonic_ms();

	assert_true(timestamp_monotonic_us() >= us);
	assert_true(timestamp_monotonic_ms() >= ms);
	assert_true(ms >= us / 1000);
	assert_true(timestamp_now_ms() > INT64_C(1735689600000));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_times),
		cmocka_unit_test(test_before_1970_the_milliseconds_still_count_up),
		cmocka_unit_test(test_outside_four_digit_years_the_nearest),
		cmocka_unit_test(test_clocks_do_not_go_back),
	};

	return RUN_TESTS(tests);
}
