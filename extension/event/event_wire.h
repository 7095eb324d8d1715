/*
 * event_wire.h: an event as it goes over the wire.
 */
#ifndef COLLAB_EVENT_WIRE_H
#define COLLAB_EVENT_WIRE_H

#include "postgres.h"
#include "utils/jsonb.h"

#include "event/event_stream.h"

typedef struct EventView
{
	AggregateKind kind;
	pg_uuid_t aggregate_id;
	int version;
	int64 id;
	TimestampTz created_at;
	int64 user_id;
	const char *username;
	EventType type;
	const pg_uuid_t *command_id; /* NULL when there was none */
	const Jsonb *data;
} EventView;

/* {"type": "TASK_MOVED", "payload": {…}}: the board dialect's message, complete. */
extern char *event_wire_text(const EventView *view);

/* The opaque mark a client resumes from: which event, of which history. */
extern char *event_mark(int64 id, TimestampTz created_at);

#endif
