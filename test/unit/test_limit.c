/*
 * test_limit.c - token buckets: bursts, rates, the time to wait, and a table that is full.
 */
#include "unit_support.h"

#include <sys/wait.h>
#include <unistd.h>

#include "auth/limit.h"
#include "core/metrics.h"

#define START INT64_C(1000000)

static Config config;

static int
open_limits(void **state)
{
	Buffer problem = BUFFER_EMPTY;

	(void) state;
	config = (Config){.command_rate = 100,
					  .command_burst = 5,
					  .user_connection_rate = 10,
					  .user_connection_burst = 2,
					  .connection_grace = 30000,
					  .message_rate = 60,
					  .message_burst = 3,
					  .address_connection_rate = 60,
					  .address_connection_burst = 1};
	metrics_reset();
	assert_true(limit_open(&config, START, &problem));
	return 0;
}

static int
close_limits(void **state)
{
	(void) state;
	limit_close();
	return 0;
}

static bool
take(int64_t user, int64_t now, int64_t *retry)
{
	return limit_take(LIMIT_COMMAND, limit_user_key(&user), START + now, retry);
}

static void
a_burst_then_the_rate(void **state)
{
	int64_t retry = 0;
	int taken = 0;

	for (int i = 0; i < 5; i++)
		assert_true(take(1, 0, &retry));
	assert_false(take(1, 0, &retry));
	assert_int_equal(retry, 600);
	assert_false(take(1, 599, &retry));
	assert_int_equal(retry, 1);
	assert_true(take(1, 600, &retry));
	assert_false(take(1, 600, &retry));
	for (int64_t now = 1200; now < 61200; now += 10)
		taken += take(1, now, &retry);
	assert_int_equal(taken, 100);
	assert_int_equal(metrics_get(METRIC_RATE_LIMITED_COMMAND), 3 + 6000 - 100);
}

/* At that moment it works, a millisecond before it does not. */
static void
the_time_told_is_true(void **state)
{
	int64_t now = 0;
	int64_t retry;
	int64_t ignored;

	for (int i = 0; i < 200; i++)
	{
		now += i % 7 * 37;
		if (take(9, now, &retry))
			continue;
		assert_in_range(retry, 1, 600);
		assert_true(retry == 1 || !take(9, now + retry - 1, &ignored));
		now += retry;
		assert_true(take(9, now, &ignored));
	}
	assert_true(now > 60000);
}

static void
users_and_kinds_do_not_share(void **state)
{
	int64_t user = 1;

	for (int i = 0; i < 5; i++)
		assert_true(take(1, 0, NULL));
	assert_false(take(1, 0, NULL));
	assert_true(take(2, 0, NULL));
	assert_true(limit_take(LIMIT_ADDRESS_CONNECTION, limit_user_key(&user), START + 40000, NULL));
}

static void
after_a_rest_no_more_than_the_burst(void **state)
{
	int taken = 0;

	assert_true(take(1, 0, NULL));
	for (int i = 0; i < 50; i++)
		taken += take(1, 3600000, NULL);
	assert_int_equal(taken, 5);
}

static void
zero_is_unlimited(void **state)
{
	config.command_rate = 0;
	for (int i = 0; i < 1000; i++)
		assert_true(take(1, 0, NULL));
}

static void
after_the_start_everybody_may_return(void **state)
{
	int64_t user = 1;
	int taken = 0;

	for (int i = 0; i < 100; i++)
		assert_true(limit_take(LIMIT_USER_CONNECTION, limit_user_key(&user), START + 29999, NULL));
	for (int i = 0; i < 100; i++)
		taken += limit_take(LIMIT_USER_CONNECTION, limit_user_key(&user), START + 30000, NULL);
	assert_int_equal(taken, 2);
}

static void
an_own_bucket(void **state)
{
	LimitBucket bucket = {0};
	int64_t retry;

	for (int i = 0; i < 3; i++)
		assert_true(limit_take_own(LIMIT_MESSAGE, &bucket, START, &retry));
	assert_false(limit_take_own(LIMIT_MESSAGE, &bucket, START, &retry));
	assert_int_equal(retry, 1000);
	assert_true(limit_take_own(LIMIT_MESSAGE, &bucket, START + 1000, &retry));
}

/* A flood of other keys may make the limit slack, but not strict, and nothing grows. */
static void
a_flood_of_keys(void **state)
{
	int64_t flood = 0;
	size_t refused = 0;

	for (int64_t now = 0; now < 200000; now++)
	{
		flood = now + 1000;
		refused += !limit_take(LIMIT_ADDRESS_CONNECTION, limit_user_key(&flood), START + 30000 + now / 1000, NULL);
	}
	assert_int_equal(refused, 0);
	for (int i = 0; i < 5; i++)
		assert_true(take(1, 30000, NULL));
	assert_false(take(1, 30000, NULL));
}

/* What a worker process takes is missing for the others. */
static void
processes_share_the_count(void **state)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0)
		_exit(take(7, 0, NULL) && take(7, 0, NULL) && take(7, 0, NULL) && take(7, 0, NULL) ? 0 : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_true(take(7, 0, NULL));
	assert_false(take(7, 0, NULL));
}

#define LIMIT_TEST(name) cmocka_unit_test_setup_teardown(name, open_limits, close_limits)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LIMIT_TEST(a_burst_then_the_rate),
		LIMIT_TEST(the_time_told_is_true),
		LIMIT_TEST(users_and_kinds_do_not_share),
		LIMIT_TEST(after_a_rest_no_more_than_the_burst),
		LIMIT_TEST(zero_is_unlimited),
		LIMIT_TEST(after_the_start_everybody_may_return),
		LIMIT_TEST(an_own_bucket),
		LIMIT_TEST(a_flood_of_keys),
		LIMIT_TEST(processes_share_the_count),
	};

	return RUN_TESTS(tests);
}
