/*
 * timer_wheel.h - very many time-outs at O(1) each.
 *
 * A wheel of slots, one per tick; a timer whose time is further away than one turn stays in its slot and is
 * looked at once a turn.  The wheel has no clock and no loop: whoever owns it calls timer_wheel_advance() with
 * the monotonic time, from one periodic timer of the loop.  Delays count from the time last told, so a timer
 * fires up to two ticks late and never early while the wheel is advanced every tick.
 *
 * Timers live inside what they time.  A callback may start, stop or free any timer, its own included.
 */
#ifndef COLLAB_BASE_TIMER_WHEEL_H
#define COLLAB_BASE_TIMER_WHEEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/list.h"

typedef struct WheelTimer WheelTimer;
typedef void (*WheelTimerCallback)(WheelTimer *timer);

struct WheelTimer
{
	ListLink link; /* in a slot while it runs */
	uint64_t due_tick; /* absolute, in ticks since the wheel was made */
	WheelTimerCallback callback; /* use CONTAINER_OF to find the owner */
};

typedef struct TimerWheel TimerWheel;

extern TimerWheel *timer_wheel_new(int64_t tick_ms, int64_t now_ms) MUST_CHECK;
extern void timer_wheel_free(TimerWheel *wheel); /* stops the timers still running; NULL is fine */

extern void timer_wheel_start(TimerWheel *wheel, WheelTimer *timer, int64_t delay_ms, WheelTimerCallback callback);
extern void timer_wheel_stop(TimerWheel *wheel, WheelTimer *timer); /* fine when it does not run */
extern bool timer_wheel_is_running(const WheelTimer *timer);
extern size_t timer_wheel_count(const TimerWheel *wheel);

/* Fires everything due up to now_ms (monotonic; going backwards does nothing) and returns how many. */
extern size_t timer_wheel_advance(TimerWheel *wheel, int64_t now_ms);

#endif
