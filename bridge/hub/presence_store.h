/*
 * presence_store.h - tells the database who is connected here and on which board.
 *
 * What is wanted is kept beside what was said; the difference goes out in one call, and one call is in
 * flight at a time, however slow the database: a connection that comes and goes meanwhile is never
 * said at all. Nobody waits for it. Every presence_interval the bridge says that it is alive and names
 * its connections; those the database does not know (it has crashed, or this bridge was taken for
 * dead) are said anew.
 *
 * Called by conn/ (connections), presence.c (boards) and main.c.
 */
#ifndef COLLAB_HUB_PRESENCE_STORE_H
#define COLLAB_HUB_PRESENCE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/uuid.h"
#include "core/config.h"

typedef struct PresenceStoreHandlers
{
	/* The database has heard that this bridge is alive. */
	void (*alive)(void);
	/* It has refused a connection: its user may be deactivated. */
	void (*refused)(void);
} PresenceStoreHandlers;

/* `name` is for people: host and address; copied. */
void presence_store_open(const Config *config, const char *name, const PresenceStoreHandlers *handlers);
void presence_store_configure(const Config *config); /* after a reload */
void presence_store_close(void);
bool presence_store_is_open(void);

/* Made at random when the process starts. */
const Uuid *presence_store_bridge_id(void);

/* Unknown ones are ignored; twice is once. */
void presence_store_connect(const Uuid *connection_id, int64_t user_id);
void presence_store_disconnect(const Uuid *connection_id);
void presence_store_enter(const Uuid *connection_id, const Uuid *board_id);
void presence_store_leave(const Uuid *connection_id, const Uuid *board_id);

/* The database is back: says that this bridge is alive, now. */
void presence_store_resume(void);

/* The bridge ends: says so, and nothing after it. */
void presence_store_end(void);
bool presence_store_has_ended(void); /* that was heard, or cannot be */

#endif
