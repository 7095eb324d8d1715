/*
 * loop.h - the one event loop of the process.
 *
 * Owns the libev loop, the work put off to the end of the present turn, and memory whose freeing
 * is put off until nothing on the stack can still point to it. There is one loop per process and
 * everything runs in its thread, so the interface has no handle.
 *
 * Called by everyone above base/.
 */
#ifndef BRIDGE_CORE_LOOP_H
#define BRIDGE_CORE_LOOP_H

#include <ev.h>
#include <stdbool.h>

/*
 * A piece of work for the end of this turn of the loop. Embedded in the object it works on, which
 * must outlive it or call loop_work_cancel. Queueing it twice runs it once.
 */
typedef struct LoopWork LoopWork;
struct LoopWork
{
	LoopWork *next;
	LoopWork *prev;
	void (*run)(LoopWork *work);
};

#define LOOP_WORK_INIT(function)                                                                                       \
	{                                                                                                                  \
		.run = (function)                                                                                              \
	}

/* False when libev cannot be initialised. */
bool loop_open(void) __attribute__((warn_unused_result));
void loop_close(void);

/* Turns until loop_stop; what is put off is done before every wait. */
void loop_run(void);
void loop_stop(void);

/* One turn without waiting: tests and the shutdown. */
void loop_turn(void);

struct ev_loop *loop_ev(void);

/* Seconds of a monotonic clock; only differences mean anything. */
double loop_now(void);

/* Grows by one with each turn of the loop: for what may be done once a turn. */
unsigned loop_turn_number(void);

void loop_at_turn_end(LoopWork *work);
void loop_work_cancel(LoopWork *work);

/* Calls release(object) at the end of this turn, after all its work. */
void loop_free_later(void *object, void (*release)(void *object));

#endif
