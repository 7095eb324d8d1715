/*
 * event_stream.h: one aggregate's stream: its lock, its version, its newest event.
 */
#ifndef COLLAB_EVENT_STREAM_H
#define COLLAB_EVENT_STREAM_H

#include "postgres.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "event/event_types.h"

typedef struct Stream
{
	AggregateKind kind;
	pg_uuid_t id;
	pg_uuid_t workspace_id; /* the workspace whose members may act here; its own id for a workspace */
	bool exists; /* false until the first event of a new aggregate */
	int version;
	int64 acl_version; /* how often rights were changed by this stream's own events */
	int64 event_id;
	TimestampTz event_at;
} Stream;

/*
 * Locks, always in this order: the rights of workspaces by id, workspaces by id, boards by id. A transaction keeps
 * them to its end.
 */

/* Shared for a command that relies on the workspace's rights, exclusive for one that changes them. */
extern void stream_lock_rights(const pg_uuid_t *workspace_id, bool exclusive);
/* For an aggregate that may not exist yet: whoever creates the same id waits here. */
extern void stream_lock_creation(const pg_uuid_t *id);
/* Locks the aggregate's row and reads it; exists tells whether there is one. kind and id are set by the caller. */
extern void stream_lock(Stream *stream);

/* Reads, without a lock, which workspace a board belongs to (that never changes). False: no such board. */
extern bool stream_find_workspace(const pg_uuid_t *board_id, pg_uuid_t *workspace_id);

/* Writes version, rights version and newest event back to the row, or makes the row. */
extern void stream_store(Stream *stream, bool is_new);

#endif
