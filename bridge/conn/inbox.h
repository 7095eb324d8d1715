/*
 * inbox.h - notifications on their way to the people who are connected.
 *
 *   WELCOME ──► undelivered ones, oldest first, at most 50 ──► the path's board or workspace, and so on
 *                                       live ones, to every connection of their addressee
 *
 * A notification announced on collab:notifications is read from the database and goes to every
 * connection of the user it belongs to, whatever these have joined; once it is queued it is marked
 * as delivered.
 *
 * Called by session*.c (connections come and go) and main.c (announcements).
 */
#ifndef COLLAB_CONN_INBOX_H
#define COLLAB_CONN_INBOX_H

#include <stdint.h>

#include "base/slice.h"

typedef struct Session Session;

void inbox_hub_open(void);
void inbox_hub_close(void);

/* The user is known and WELCOME is sent. session_begin follows, with the undelivered ones in front. */
void inbox_enter(Session *session);
void inbox_leave(Session *session); /* twice is once */

/* What the listener says; registered by main. Anyone can forge it. */
void inbox_on_heard(Slice payload);
/* The listener was away, or hears the channel now: asks for everybody. */
void inbox_catch_up(void);

#endif
