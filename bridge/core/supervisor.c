/*
 * supervisor.c - what the service manager is told: systemd, or whoever set NOTIFY_SOCKET.
 *
 * Owns the watchdog's timer and the last status line.  The watchdog is a timer of the loop and of nothing else: a loop
 * that hangs is not alive, however well its process is.  Called by main.c.
 */
#include "core/supervisor.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "core/loop.h"

#define SUPERVISOR_STATUS_SIZE 256

static struct
{
	ev_timer watchdog;
	bool is_watched;
	char status[SUPERVISOR_STATUS_SIZE];
} supervisor;

static void
on_watchdog(struct ev_loop *ev, ev_timer *watcher, int events)
{
	(void) sd_notify(0, "WATCHDOG=1");
}

static void
supervisor_start_watchdog(void)
{
	uint64_t period_us = 0;
	double interval;

	if (supervisor.is_watched || sd_watchdog_enabled(0, &period_us) <= 0)
		return;
	interval = (double) period_us / 2e6;
	ev_timer_init(&supervisor.watchdog, on_watchdog, 0.0, interval);
	ev_timer_start(loop_ev(), &supervisor.watchdog);
	supervisor.is_watched = true;
}

void
supervisor_ready(void)
{
	(void) sd_notify(0, "READY=1");
	supervisor_start_watchdog();
}

/* The time tells a manager of Type=notify-reload that this answers its own request. */
void
supervisor_reloading(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	(void) sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu",
					  (unsigned long long) now.tv_sec * 1000000u + (unsigned long long) now.tv_nsec / 1000u);
}

void
supervisor_reloaded(void)
{
	(void) sd_notify(0, "READY=1");
}

void
supervisor_stopping(void)
{
	(void) sd_notify(0, "STOPPING=1");
}

void
supervisor_status(const char *line)
{
	if (strncmp(line, supervisor.status, sizeof(supervisor.status) - 1) == 0)
		return;
	snprintf(supervisor.status, sizeof(supervisor.status), "%s", line);
	(void) sd_notifyf(0, "STATUS=%s", supervisor.status);
}

void
supervisor_close(void)
{
	if (supervisor.is_watched)
		ev_timer_stop(loop_ev(), &supervisor.watchdog);
	supervisor.is_watched = false;
	supervisor.status[0] = '\0';
}
