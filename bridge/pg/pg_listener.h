/*
 * pg_listener.h - the one LISTEN connection of the process.
 *
 * LISTENs to collab:control and to a channel per room. After every (re)connection it listens to all
 * of them again, lets that commit, and only then says `up`: whoever reads from then on misses
 * nothing that is not announced. Between statements it is never in a transaction.
 *
 * Calls upward through the handlers that main registers; hub/ adds and removes channels.
 */
#ifndef COLLAB_PG_LISTENER_H
#define COLLAB_PG_LISTENER_H

#include <stdbool.h>

#include "base/uuid.h"
#include "core/config.h"

typedef struct PgListenerHandlers
{
	/* Every channel is listened to and that is committed: catch every room up now. */
	void (*up)(void);
	/* This board's channel, added while the connection was up, is listened to from now on. */
	void (*listening)(const Uuid *board_id);
	/* A hint: the board may have reached this version. Anyone can forge it. */
	void (*hint)(const Uuid *board_id, int version);
	/* collab:control: catch every room up. */
	void (*control)(void);
} PgListenerHandlers;

/* `handlers` must live as long as the listener. */
void pg_listener_open(const Config *config, const PgListenerHandlers *handlers);
void pg_listener_close(void);

void pg_listener_add(const Uuid *board_id);
void pg_listener_remove(const Uuid *board_id);

void pg_listener_hurry(void);
bool pg_listener_is_up(void);

#endif
