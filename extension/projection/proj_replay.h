/*
 * proj_replay.h: an aggregate's events carried out once more.
 */
#ifndef COLLAB_PROJ_REPLAY_H
#define COLLAB_PROJ_REPLAY_H

#include "postgres.h"
#include "utils/uuid.h"

/*
 * Runs the projections of the events with after < version <= upto, upcast, on the rows of the aggregate `target`: the
 * same as source for a rebuild, an id of its own for a look into the past. Those rows must stand at version `after`.
 */
extern void proj_replay(const pg_uuid_t *source, const pg_uuid_t *target, int after, int upto);

#endif
