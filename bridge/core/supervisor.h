/*
 * supervisor.h - what the service manager is told: systemd, or whoever set NOTIFY_SOCKET.
 *
 * Without that variable every call does nothing. See sd_notify(3) for the words.
 */
#ifndef COLLAB_CORE_SUPERVISOR_H
#define COLLAB_CORE_SUPERVISOR_H

/* READY=1, and from then on WATCHDOG=1 twice in each period that WATCHDOG_USEC asks for, as long as the loop turns. */
extern void supervisor_ready(void);
extern void supervisor_reloading(void); /* supervisor_reloaded follows, whatever came of it */
extern void supervisor_reloaded(void);
extern void supervisor_stopping(void); /* the watchdog goes on */
extern void supervisor_close(void);

/* One line for people, sent when it differs from the last one. */
extern void supervisor_status(const char *line);

#endif
