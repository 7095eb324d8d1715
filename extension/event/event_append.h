/*
 * event_append.h: the only way into the event log.
 */
#ifndef COLLAB_EVENT_APPEND_H
#define COLLAB_EVENT_APPEND_H

#include "postgres.h"
#include "utils/jsonb.h"

#include "event/event_stream.h"

/* Who caused a command's events, and under which id. */
typedef struct EventOrigin
{
	int64 user_id;
	const pg_uuid_t *command_id; /* NULL when the command had none */
	const bytea *command_hash; /* NULL exactly when command_id is */
	int64 workspace_rights; /* rights version of the board's workspace; 0 for a workspace's own events */
} EventOrigin;

typedef struct Event
{
	EventType type;
	Jsonb *data;
	TimestampTz created_at;
	bool changes_rights;
	/* set by event_append */
	int64 id;
	int version;
	int64 acl_version;
} Event;

/*
 * Appends the events to a stream that the caller has locked, each with the next version; the projection trigger runs
 * with each; command_id goes on the first. The transaction becomes durable at commit even where synchronous_commit
 * is off.
 */
extern void event_append(Stream *stream, Event *events, int count, const EventOrigin *origin);

/* True while event_append inserts: what the triggers of collab.events go by. */
extern bool event_append_is_running(void);
/* Told by the projection trigger: without it an append fails. */
extern void event_append_note_projected(void);
/* True while the last event of an event_append call is inserted. */
extern bool event_append_is_last(void);

/*
 * Called after each event_append of `count` events, the stream at its new version. Set at module start; who comes later
 * calls the one he found.
 */
typedef void (*EventAppendedHook)(const Stream *stream, int count);
extern EventAppendedHook event_appended_hook;

#endif
