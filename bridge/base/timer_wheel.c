/*
 * timer_wheel.c - very many time-outs at O(1) each.
 *
 * Owns the slots.  A slot's due timers are moved to a list of their own before any fires, so callbacks may start
 * and stop whatever they like: a timer started by a callback is never due in the tick that fires it.  The timers
 * are their owners'.  Called by the loop's periodic timer and by whoever times something.
 */
#include "base/timer_wheel.h"

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"

#define TIMER_WHEEL_SLOTS 1024 /* a power of two */

struct TimerWheel
{
	int64_t tick_ms;
	int64_t start_ms; /* monotonic time of tick 0 */
	uint64_t current; /* last tick that was fired */
	uint64_t target; /* tick of the time last told; ahead of `current` only inside timer_wheel_advance() */
	size_t count; /* timers running */
	List due; /* timers of the tick being fired */
	List slots[TIMER_WHEEL_SLOTS];
};

TimerWheel *
timer_wheel_new(int64_t tick_ms, int64_t now_ms)
{
	TimerWheel *wheel = memory_alloc(sizeof(*wheel));

	assert(tick_ms > 0);
	wheel->tick_ms = tick_ms;
	wheel->start_ms = now_ms;
	list_init(&wheel->due);
	for (int i = 0; i < TIMER_WHEEL_SLOTS; i++)
		list_init(&wheel->slots[i]);
	return wheel;
}

void
timer_wheel_free(TimerWheel *wheel)
{
	if (wheel == NULL)
		return;
	for (int i = 0; i < TIMER_WHEEL_SLOTS; i++)
		while (list_take_first(&wheel->slots[i]))
			;
	while (list_take_first(&wheel->due))
		;
	free(wheel);
}

/* Rounded up, and one more because the present is somewhere inside the current tick: never early. */
void
timer_wheel_start(TimerWheel *wheel, WheelTimer *timer, int64_t delay_ms, WheelTimerCallback callback)
{
	uint64_t tick_ms = (uint64_t) wheel->tick_ms;
	uint64_t ticks = delay_ms > 0 ? ((uint64_t) delay_ms + tick_ms - 1) / tick_ms : 0;

	timer_wheel_stop(wheel, timer);
	timer->callback = callback;
	timer->due_tick = wheel->target + ticks + 1;
	list_append(&wheel->slots[timer->due_tick & (TIMER_WHEEL_SLOTS - 1)], &timer->link);
	wheel->count++;
}

void
timer_wheel_stop(TimerWheel *wheel, WheelTimer *timer)
{
	if (!list_link_is_listed(&timer->link))
		return;
	list_remove(&timer->link);
	wheel->count--;
}

bool
timer_wheel_is_running(const WheelTimer *timer)
{
	return list_link_is_listed(&timer->link);
}

size_t
timer_wheel_count(const TimerWheel *wheel)
{
	return wheel->count;
}

static size_t
timer_wheel_fire_due(TimerWheel *wheel)
{
	size_t fired = 0;
	ListLink *link;

	while ((link = list_take_first(&wheel->due)) != NULL)
	{
		WheelTimer *timer = CONTAINER_OF(link, WheelTimer, link);

		wheel->count--;
		fired++;
		timer->callback(timer);
	}
	return fired;
}

/* A slot also holds timers of later turns, and after a long sleep those of ticks that were skipped. */
static void
timer_wheel_collect_due(TimerWheel *wheel)
{
	LIST_FOR_EACH (&wheel->slots[wheel->current & (TIMER_WHEEL_SLOTS - 1)], WheelTimer, link, timer)
	{
		if (timer->due_tick > wheel->current)
			continue;
		list_remove(&timer->link);
		list_append(&wheel->due, &timer->link);
	}
}

size_t
timer_wheel_advance(TimerWheel *wheel, int64_t now_ms)
{
	size_t fired = 0;
	uint64_t tick;

	if (now_ms < wheel->start_ms)
		return 0;
	tick = (uint64_t) (now_ms - wheel->start_ms) / (uint64_t) wheel->tick_ms;
	if (tick <= wheel->target)
		return 0;
	wheel->target = tick;
	/* After a long sleep one turn of the wheel sees every slot; the ticks before it can be skipped. */
	if (wheel->target > wheel->current + TIMER_WHEEL_SLOTS)
		wheel->current = wheel->target - TIMER_WHEEL_SLOTS;
	while (wheel->current < wheel->target)
	{
		wheel->current++;
		timer_wheel_collect_due(wheel);
		fired += timer_wheel_fire_due(wheel);
	}
	return fired;
}
