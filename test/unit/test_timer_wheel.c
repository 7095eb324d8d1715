/* test_timer_wheel.c - when timers of base/timer_wheel fire, and what their callbacks may do. */
#include "unit_support.h"

#include "base/timer_wheel.h"

#define TICK 10

typedef struct Alarm
{
	WheelTimer timer;
	TimerWheel *wheel;
	struct Alarm *other; /* stopped when this one fires */
	int fired;
	int64_t restart_ms; /* started again when this one fires, unless 0 */
	bool is_freed; /* by its callback */
} Alarm;

static void
alarm_fire(WheelTimer *timer)
{
	Alarm *alarm = CONTAINER_OF(timer, Alarm, timer);

	alarm->fired++;
	if (alarm->other)
		timer_wheel_stop(alarm->wheel, &alarm->other->timer);
	if (alarm->restart_ms)
		timer_wheel_start(alarm->wheel, timer, alarm->restart_ms, alarm_fire);
	if (alarm->is_freed)
		free(alarm);
}

static void
alarm_start(Alarm *alarm, TimerWheel *wheel, int64_t delay_ms)
{
	alarm->wheel = wheel;
	timer_wheel_start(wheel, &alarm->timer, delay_ms, alarm_fire);
}

/* Whatever the time within a tick at which it is started. */
static void
test_fires_on_time_never_early(void **state)
{
	for (int64_t delay = 0; delay < 100; delay += 7)
	{
		TimerWheel *wheel = timer_wheel_new(TICK, 1000);
		Alarm alarm = {0};
		int64_t now = 1000;

		alarm_start(&alarm, wheel, delay);
		assert_true(timer_wheel_is_running(&alarm.timer));
		for (; !alarm.fired; now++)
			timer_wheel_advance(wheel, now);
		assert_in_range(now - 1, 1000 + delay, 1000 + delay + 2 * TICK);
		assert_false(timer_wheel_is_running(&alarm.timer));
		timer_wheel_free(wheel);
	}
}

static void
test_timers_beyond_one_turn_wait_for_theirs(void **state)
{
	TimerWheel *wheel = timer_wheel_new(TICK, 0);
	Alarm near = {0};
	Alarm far = {0};

	alarm_start(&near, wheel, 100);
	alarm_start(&far, wheel, 100 + 3 * 1024 * TICK);
	assert_int_equal(timer_wheel_advance(wheel, 200), 1);
	assert_int_equal(timer_wheel_advance(wheel, 100 + 3 * 1024 * TICK - 1), 0);
	assert_int_equal(far.fired, 0);
	assert_int_equal(timer_wheel_advance(wheel, 200 + 3 * 1024 * TICK), 1);
	assert_int_equal(far.fired, 1);
	timer_wheel_free(wheel);
}

static void
test_a_long_sleep_fires_everything_once(void **state)
{
	TimerWheel *wheel = timer_wheel_new(TICK, 0);
	Alarm alarms[50] = {0};

	for (int i = 0; i < 50; i++)
		alarm_start(&alarms[i], wheel, i * 997);
	assert_int_equal(timer_wheel_advance(wheel, INT64_C(1000000000000)), 50);
	for (int i = 0; i < 50; i++)
		assert_int_equal(alarms[i].fired, 1);
	assert_int_equal(timer_wheel_count(wheel), 0);
	timer_wheel_free(wheel);
}

static void
test_stop_and_restart(void **state)
{
	TimerWheel *wheel = timer_wheel_new(TICK, 0);
	Alarm alarm = {0};

	alarm_start(&alarm, wheel, 50);
	alarm_start(&alarm, wheel, 500);
	assert_int_equal(timer_wheel_count(wheel), 1);
	assert_int_equal(timer_wheel_advance(wheel, 400), 0);
	timer_wheel_stop(wheel, &alarm.timer);
	timer_wheel_stop(wheel, &alarm.timer);
	assert_int_equal(timer_wheel_count(wheel), 0);
	assert_int_equal(timer_wheel_advance(wheel, 4000), 0);
	timer_wheel_free(wheel);
}

static void
test_a_callback_may_stop_another_due_in_the_same_tick(void **state)
{
	TimerWheel *wheel = timer_wheel_new(TICK, 0);
	Alarm second = {0};
	Alarm first = {.other = &second};

	alarm_start(&first, wheel, 50);
	alarm_start(&second, wheel, 50);
	assert_int_equal(timer_wheel_advance(wheel, 100), 1);
	assert_int_equal(second.fired, 0);
	assert_int_equal(timer_wheel_count(wheel), 0);
	timer_wheel_free(wheel);
}

/* A timer started by a callback counts from the present, also when the wheel catches up after a sleep. */
static void
test_a_callback_may_start_itself_again(void **state)
{
	TimerWheel *wheel = timer_wheel_new(TICK, 0);
	Alarm alarm = {.restart_ms = 100};

	alarm_start(&alarm, wheel, 100);
	assert_int_equal(timer_wheel_advance(wheel, 100000), 1);
	assert_int_equal(timer_wheel_advance(wheel, 100090), 0);
	assert_int_equal(timer_wheel_advance(wheel, 100120), 1);
	assert_int_equal(alarm.fired, 2);
	timer_wheel_free(wheel);
}

static void
test_a_callback_may_free_its_owner(void **state)
{
	TimerWheel *wheel = timer_wheel_new(TICK, 0);
	Alarm *alarm = calloc(1, sizeof(*alarm));

	alarm->is_freed = true;
	alarm_start(alarm, wheel, 10);
	assert_int_equal(timer_wheel_advance(wheel, 100), 1);
	timer_wheel_free(wheel);
	timer_wheel_free(NULL);
}

static void
test_time_that_goes_back_is_ignored(void **state)
{
	TimerWheel *wheel = timer_wheel_new(TICK, 1000);
	Alarm alarm = {0};

	timer_wheel_advance(wheel, 2000);
	alarm_start(&alarm, wheel, 10);
	assert_int_equal(timer_wheel_advance(wheel, 500), 0);
	assert_int_equal(timer_wheel_advance(wheel, 1500), 0);
	assert_int_equal(timer_wheel_advance(wheel, 2020), 1);
	timer_wheel_free(wheel);
}

static void
test_free_leaves_running_timers_stopped(void **state)
{
	TimerWheel *wheel = timer_wheel_new(TICK, 0);
	Alarm alarm = {0};

	alarm_start(&alarm, wheel, 50);
	timer_wheel_free(wheel);
	assert_false(timer_wheel_is_running(&alarm.timer));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fires_on_time_never_early),
		cmocka_unit_test(test_timers_beyond_one_turn_wait_for_theirs),
		cmocka_unit_test(test_a_long_sleep_fires_everything_once),
		cmocka_unit_test(test_stop_and_restart),
		cmocka_unit_test(test_a_callback_may_stop_another_due_in_the_same_tick),
		cmocka_unit_test(test_a_callback_may_start_itself_again),
		cmocka_unit_test(test_a_callback_may_free_its_owner),
		cmocka_unit_test(test_time_that_goes_back_is_ignored),
		cmocka_unit_test(test_free_leaves_running_timers_stopped),
	};

	return RUN_TESTS(tests);
}
