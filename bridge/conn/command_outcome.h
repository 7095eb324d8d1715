/*
 * command_outcome.h - what every answered command leads to, whichever door it came in by.
 */
#ifndef COLLAB_CONN_COMMAND_OUTCOME_H
#define COLLAB_CONN_COMMAND_OUTCOME_H

#include <stdint.h>

#include "pg/pg_command.h"

/* received_us: timestamp_monotonic_us() when the command arrived. */
extern void command_outcome_count(const PgCommand *command, const PgCommandResult *result, int64_t received_us);

/* Gives the command's events to their rooms, for everyone there; the sender's own ACK has been registered before. */
extern void command_outcome_feed_rooms(const PgCommandResult *result);

#endif
