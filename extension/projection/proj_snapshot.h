/*
 * proj_snapshot.h: a board's read model as it was at some version, kept so that the past need not be replayed from the
 * beginning.
 */
#ifndef COLLAB_PROJ_SNAPSHOT_H
#define COLLAB_PROJ_SNAPSHOT_H

#include "postgres.h"
#include "utils/uuid.h"

/* Defines collab.snapshot_interval and hooks into event_append. Once, at module start, after the other hook. */
extern void proj_snapshot_start(void);

/* The next version above `after` where one is due; INT_MAX: never. */
extern int proj_snapshot_next_due(int after);

/* Keeps the board's rows, which stand at this version. A board that is too large for it goes without. */
extern void proj_snapshot_take(const pg_uuid_t *board_id, int version);

/* Loads the newest snapshot with version <= upto under the id `target`; returns its version, 0 when there is none. */
extern int proj_snapshot_load(const pg_uuid_t *board_id, const pg_uuid_t *target, int upto);

extern void proj_snapshot_delete(const pg_uuid_t *board_id);

/* The versions of the board's snapshots, ascending. */
extern int *proj_snapshot_versions(const pg_uuid_t *board_id, int *count);
/* Whether the rows under the board's id are those of its snapshot at this version. */
extern bool proj_snapshot_matches(const pg_uuid_t *board_id, int version);

#endif
