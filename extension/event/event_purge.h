/*
 * event_purge.h: the one way out of the event log.
 */
#ifndef COLLAB_EVENT_PURGE_H
#define COLLAB_EVENT_PURGE_H

#include "postgres.h"
#include "utils/uuid.h"

/* Deletes an aggregate's events and its row, which the caller has locked. Durable at commit. Returns how many events. */
extern int64 event_purge(const pg_uuid_t *id);

/* True while event_purge deletes: what the guard of collab.events goes by. */
extern bool event_purge_is_running(void);

#endif
