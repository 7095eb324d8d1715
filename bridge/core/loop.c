/*
 * loop.c - the one event loop of the process.
 *
 * A turn is: wait for descriptors and timers, run their callbacks, then, in the prepare watcher
 * just before the next wait, run the work put off by those callbacks, then free what they gave up.
 * So everything that became pending in a turn leaves together (one write per client), and nothing
 * reachable from a callback is freed inside it.
 *
 * Owns the libev loop and both queues. Knows nothing of sockets, clients or the database.
 */
#include "core/loop.h"

#include <stdlib.h>
#include <time.h>

typedef struct LateFree
{
	struct LateFree *next;
	void *object;
	void (*release)(void *object);
} LateFree;

static struct
{
	struct ev_loop *ev;
	ev_prepare turn_end;
	LoopWork work; /* ring head: next is the oldest */
	LateFree *late_frees;
	bool is_open;
} loop;

static void
work_unlink(LoopWork *work)
{
	work->prev->next = work->next;
	work->next->prev = work->prev;
	work->next = work->prev = NULL;
}

/* Work may queue more work: it all runs in this turn. */
static void
loop_run_work(void)
{
	while (loop.work.next != &loop.work)
	{
		LoopWork *work = loop.work.next;

		work_unlink(work);
		work->run(work);
	}
}

static void
loop_run_frees(void)
{
	while (loop.late_frees != NULL)
	{
		LateFree *late = loop.late_frees;

		loop.late_frees = late->next;
		late->release(late->object);
		free(late);
	}
}

/* A release may put off work (a room that lost its last member), so both are emptied. */
static void
loop_end_turn(void)
{
	do
	{
		loop_run_work();
		loop_run_frees();
	} while (loop.work.next != &loop.work);
}

static void
on_turn_end(struct ev_loop *ev, ev_prepare *watcher, int events)
{
	(void) ev;
	(void) watcher;
	(void) events;
	loop_end_turn();
}

bool
loop_open(void)
{
	loop.ev = ev_default_loop(EVFLAG_AUTO);
	if (loop.ev == NULL)
		return false;
	loop.work.next = loop.work.prev = &loop.work;
	loop.late_frees = NULL;
	ev_prepare_init(&loop.turn_end, on_turn_end);
	/* Lowest priority: other prepare watchers (libwebsockets has one) come first. */
	ev_set_priority(&loop.turn_end, EV_MINPRI);
	ev_prepare_start(loop.ev, &loop.turn_end);
	loop.is_open = true;
	return true;
}

void
loop_close(void)
{
	if (!loop.is_open)
		return;
	loop_end_turn();
	ev_prepare_stop(loop.ev, &loop.turn_end);
	ev_loop_destroy(loop.ev);
	loop.ev = NULL;
	loop.is_open = false;
}

void
loop_run(void)
{
	ev_run(loop.ev, 0);
}

void
loop_stop(void)
{
	ev_break(loop.ev, EVBREAK_ALL);
}

void
loop_turn(void)
{
	ev_run(loop.ev, EVRUN_NOWAIT);
	loop_end_turn();
}

struct ev_loop *
loop_ev(void)
{
	return loop.ev;
}

double
loop_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

unsigned
loop_turn_number(void)
{
	return ev_iteration(loop.ev);
}

void
loop_at_turn_end(LoopWork *work)
{
	if (work->next != NULL)
		return;
	work->prev = loop.work.prev;
	work->next = &loop.work;
	work->prev->next = work;
	loop.work.prev = work;
}

void
loop_work_cancel(LoopWork *work)
{
	if (work->next != NULL)
		work_unlink(work);
}

void
loop_free_later(void *object, void (*release)(void *object))
{
	LateFree *late = malloc(sizeof(*late));

	if (late == NULL)
		abort(); /* nothing can be freed safely any more */
	late->object = object;
	late->release = release;
	late->next = loop.late_frees;
	loop.late_frees = late;
}
