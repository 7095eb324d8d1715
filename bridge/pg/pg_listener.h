/*
 * pg_listener.h - the one LISTEN connection of the process.
 *
 * LISTENs to collab:control and to channels of several kinds, each of a board or workspace. After every
 * (re)connection it listens to all of them again, lets that commit, and only then says `up`: whoever
 * reads from then on misses nothing that is not announced. Between statements it is never in a
 * transaction. What is asked for in one turn goes out as one statement.
 *
 * Payloads are hints: every role that can connect can send them, so they are parsed like any bytes
 * from outside and what they say is asked of the database.
 *
 * Calls upward through the handlers that main registers; hub/ and conn/ add and remove channels.
 */
#ifndef COLLAB_PG_LISTENER_H
#define COLLAB_PG_LISTENER_H

#include <stdbool.h>

#include "base/slice.h"
#include "base/uuid.h"
#include "core/config.h"

typedef enum PgChannelKind
{
	PG_CHANNEL_BOARD, /* collab:board:<board>: {board_id, version} */
	PG_CHANNEL_WORKSPACE, /* collab:workspace:<workspace>: {workspace_id, version} or {…, user_id, notification_id} */
	PG_CHANNEL_PRESENCE, /* collab:presence:<board>: {board_id} */
	PG_CHANNEL_NOTIFICATIONS, /* collab:notifications, one for all (id zero): {user_id, notification_id} */
	PG_CHANNEL_LIVE, /* collab:live:<board>: cursors of other bridges */
	PG_CHANNEL_KIND_COUNT
} PgChannelKind;

/* Of one kind; NULL: nobody cares. */
typedef struct PgChannelHandlers
{
	/* This channel, added while the connection was up, is listened to from now on: read what it announces. */
	void (*listening)(const Uuid *id);
	/* A notification; its payload is borrowed. */
	void (*heard)(const Uuid *id, Slice payload);
} PgChannelHandlers;

typedef struct PgListenerHandlers
{
	/* Every channel is listened to and that is committed: catch everything up now. */
	void (*up)(void);
	/* collab:control */
	void (*control)(Slice payload);
	PgChannelHandlers channels[PG_CHANNEL_KIND_COUNT];
} PgListenerHandlers;

/* `handlers` must live as long as the listener. */
void pg_listener_open(const Config *config, const PgListenerHandlers *handlers);
void pg_listener_close(void);

/* Not counted: one user a channel. Adding one that is heard already says `listening` again. */
void pg_listener_add(PgChannelKind kind, const Uuid *id);
void pg_listener_remove(PgChannelKind kind, const Uuid *id);

void pg_listener_hurry(void);
bool pg_listener_is_up(void);

#endif
