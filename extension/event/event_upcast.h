/*
 * event_upcast.h: events of earlier versions, read as if they were written today.
 */
#ifndef COLLAB_EVENT_UPCAST_H
#define COLLAB_EVENT_UPCAST_H

#include "postgres.h"
#include "utils/jsonb.h"

#include "event/event_types.h"

/*
 * The event's data in the shape of the type's current schema version: the same jsonb when it has it already, otherwise
 * a new one in the current memory context. Raises when the version is later than this library's.
 */
extern Jsonb *event_upcast(EventType type, int schema_version, Jsonb *data);

#endif
