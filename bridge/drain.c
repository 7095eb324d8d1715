/*
 * drain.c - SIGTERM: what was accepted is finished, clients are told when to come back, the loop ends.
 *
 * Two phases.  Until every accepted command and request is answered, at most option drain_timeout: no new connections, new commands
 * are refused.  Then SERVER_SHUTDOWN and close 1001 for everyone, and a short while for their own close frames, and for the
 * database to hear that this bridge is gone.  A command
 * that is not answered by then may still be carried out: its client repeats it elsewhere under its id.
 *
 * Called by main.c.
 */
#include "drain.h"

#include "conn/session.h"
#include "core/log.h"
#include "core/loop.h"
#include "core/supervisor.h"
#include "door/door.h"
#include "hub/presence_store.h"
#include "pg/pg_command.h"

#define DRAIN_LOOK_INTERVAL 0.02
/* After the close frames: how long clients may take to answer them. */
#define DRAIN_CLOSE_SECONDS 2.0
/* After that: how long the database may take to hear that this bridge is gone. */
#define DRAIN_PRESENCE_SECONDS 1.0

static struct
{
	ev_timer timer;
	double began; /* loop_now; 0: not draining */
	double deadline; /* of the present phase */
	bool has_said_goodbye;
} draining;

static void
drain_say_goodbye(void)
{
	log_info("drained", LOG_INTEGER("connections", (int64_t) session_count()),
			 LOG_INTEGER("unanswered", (int64_t) pg_command_pending()),
			 LOG_SECONDS("seconds", loop_now() - draining.began));
	draining.has_said_goodbye = true;
	draining.deadline = loop_now() + DRAIN_CLOSE_SECONDS;
	session_drain_end();
}

/* Everybody has left, or had the time: the other bridges are told at once, if the database is there. */
static bool
drain_is_over(bool is_late)
{
	if ((session_count() > 0 || door_busy() > 0) && !is_late)
		return false;
	presence_store_end();
	return presence_store_has_ended() || loop_now() >= draining.deadline + DRAIN_PRESENCE_SECONDS;
}

static void
on_drain_timer(struct ev_loop *ev, ev_timer *watcher, int events)
{
	bool is_late = loop_now() >= draining.deadline;

	if (!draining.has_said_goodbye)
	{
		if ((pg_command_pending() == 0 && door_busy() == 0) || is_late)
			drain_say_goodbye();
	}
	else if (drain_is_over(is_late))
		loop_stop();
}

void
drain(const Config *config)
{
	if (draining.began != 0)
	{
		log_warning("not_waiting", LOG_INTEGER("connections", (int64_t) session_count()),
					LOG_INTEGER("unanswered", (int64_t) pg_command_pending()));
		loop_stop();
		return;
	}
	log_info("shutting_down", LOG_INTEGER("connections", (int64_t) session_count()),
			 LOG_INTEGER("commands", (int64_t) pg_command_pending()));
	supervisor_stopping();
	draining.began = loop_now();
	draining.deadline = draining.began + (double) config->drain_timeout / 1000.0;
	door_stop_accepting();
	session_drain_begin();
	ev_timer_init(&draining.timer, on_drain_timer, 0.0, DRAIN_LOOK_INTERVAL);
	ev_timer_start(loop_ev(), &draining.timer);
}
