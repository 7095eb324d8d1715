/*
 * pg_lane.h - one lane of the command pool: a connection, its batch in flight, its queue.
 *
 *   submit ──► queue ──(end of turn, nothing in flight)──► batch ──► execute_batch … Sync
 *                ▲                                           │
 *                └── failed batch (alone) · lost connection ─┘──► results ──► PgCommand.done
 *
 * Used by pg_command.c only.
 */
#ifndef COLLAB_PG_LANE_H
#define COLLAB_PG_LANE_H

#include "core/config.h"
#include "pg/pg_command.h"

typedef struct PgLane PgLane;

/* `finished` is called after each command's `done`, so that the pool can send what waited for it. */
typedef void (*PgLaneFinished)(PgCommandStream *stream);

/* batch_size 1 for the bulk lane. */
PgLane *pg_lane_new(const Config *config, int number, size_t batch_size, PgLaneFinished finished) MUST_CHECK;
void pg_lane_free(PgLane *lane);

/* Closes the connection; what was in flight goes back to the queue. */
void pg_lane_stop(PgLane *lane);

void pg_lane_submit(PgLane *lane, PgCommand *command);
void pg_lane_hurry(PgLane *lane);
bool pg_lane_is_up(const PgLane *lane);

/* Refuses what has waited in the queue since before `deadline` (loop_now). */
void pg_lane_expire(PgLane *lane, double deadline);

#endif
