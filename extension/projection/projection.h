/*
 * projection.h: what an event does to the read model.
 *
 * Each projection function gets the event and runs statements that see it as
 *   $1 aggregate_id uuid, $2 event_data jsonb, $3 version int, $4 created_at timestamptz, $5 user_id bigint
 * It depends on nothing but the event and the rows of the same aggregate, so that a replay gives the same rows.
 */
#ifndef COLLAB_PROJECTION_H
#define COLLAB_PROJECTION_H

#include "postgres.h"
#include "catalog/pg_type.h"
#include "utils/jsonb.h"

#include "event/event_types.h"
#include "support/support_spi.h"

typedef struct ProjectedEvent
{
	EventType type;
	pg_uuid_t aggregate_id;
	Jsonb *data;
	int version;
	TimestampTz created_at;
	int64 user_id;
} ProjectedEvent;

/* In statements: when it happened; what is imported happened elsewhere before. */
#define EVENT_TIME "coalesce(($2->>'occurred_at')::timestamptz, $4)"

#define PROJECTION_STATEMENT(name, sql) SPI_STATEMENT(name, sql, UUIDOID, JSONBOID, INT4OID, TIMESTAMPTZOID, INT8OID)

/* Runs a PROJECTION_STATEMENT for the event; returns the number of rows. */
extern uint64 proj_run(SpiStatement *statement, const ProjectedEvent *event);
/* True when event_data has a non-empty array or object at path[0] → path[1] (path[1] may be NULL). */
extern bool proj_has(const ProjectedEvent *event, const char *outer, const char *inner);

/* Part of an import: counts are made once, at its end (BoardImported), not a row's thousand times in one transaction. */
extern bool proj_is_imported(const ProjectedEvent *event);

/* Runs the event's projection function. */
extern void proj_apply(const ProjectedEvent *event);
/* Tells the people concerned; only when the event happens, never in a replay (proj_notification.c). */
extern void proj_notify(const ProjectedEvent *event);
/* After the last event of a command: the aggregate's own version and time of change. */
extern void proj_touch(const ProjectedEvent *event);

#define EVENT(name, aggregate, projection, schema_version) extern void projection(const ProjectedEvent *event);
#include "event/event_types.def"
#undef EVENT

#endif
