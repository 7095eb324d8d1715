/*
 * pg_command.h - the command pool: commands of clients to collab.execute_batch and back.
 *
 * pool_size lanes, each one pipelined connection with at most one batch in flight, and one more lane
 * for bulk commands (imports), which go one at a time so that none stands in front of a move. A
 * command goes to the lane chosen by the hash of its board. What arrives while a batch is in flight
 * goes as the next one.
 *
 * A result counts only when the batch's Sync has been answered without an error. The commands of a
 * batch that failed are sent again alone, once each; those in flight when a connection is lost are
 * sent again under the same command id. Whoever waits longer than option database_wait without
 * being sent gets PG_COMMAND_UNAVAILABLE.
 *
 * Called by conn/. Owns nothing of the command's content.
 */
#ifndef COLLAB_PG_COMMAND_H
#define COLLAB_PG_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/list.h"
#include "base/slice.h"
#include "base/uuid.h"
#include "core/config.h"

typedef enum PgCommandStatus
{
	PG_COMMAND_ACK,
	PG_COMMAND_UNCHANGED, /* ACK with changed: false */
	PG_COMMAND_REPLAYED, /* ACK with replayed: true */
	PG_COMMAND_CONFLICT,
	PG_COMMAND_ERROR,
	PG_COMMAND_UNAVAILABLE /* not carried out as far as is known; no body */
} PgCommandStatus;

/* One event row, valid during the callback only. */
typedef struct PgEvent
{
	Uuid aggregate_id;
	bool is_board; /* otherwise a workspace */
	int version;
	int64_t acl_version;
	const char *mark; /* opaque, for resuming */
	Slice body; /* the whole wire message */
} PgEvent;

typedef struct PgCommandResult
{
	PgCommandStatus status;
	Slice body; /* of the ack, conflict or error row */
	Uuid aggregate_id; /* acks: the main aggregate and its newest version */
	bool has_aggregate;
	int version;
	int64_t acl_version; /* acks: 0 when unknown */
	const PgEvent *events;
	size_t event_count;
} PgCommandResult;

typedef struct PgCommand PgCommand;

/*
 * Keeps one client's commands in order: one whose lane differs from that of the client's command
 * still in flight waits for it. All zero but `waiting` is a fresh one; must outlive its commands.
 */
typedef struct PgCommandStream
{
	List waiting; /* PgCommand.link */
	int lane; /* of those in flight */
	unsigned in_flight;
} PgCommandStream;

struct PgCommand
{
	/* set by the caller; texts are borrowed until done */
	PgCommandStream *stream;
	int64_t user_id;
	Uuid command_id;
	const char *type; /* its name in the table of commands, for the count; constant; NULL: another */
	Slice text;
	bool has_routing_key;
	Uuid routing_key;
	bool is_bulk;
	void (*done)(PgCommand *command, const PgCommandResult *result);

	/* the pool's */
	ListLink link; /* in the stream's waiting, a lane's queue or a lane's batch */
	int lane;
	double accepted_at; /* loop_now */
	bool goes_alone; /* its batch failed */
};

void pg_command_open(const Config *config);
void pg_command_configure(const Config *config); /* after a reload */
void pg_command_close(void); /* answers what is pending with PG_COMMAND_UNAVAILABLE */

void pg_command_stream_init(PgCommandStream *stream);
bool pg_command_stream_is_idle(const PgCommandStream *stream);

/* `done` is always called exactly once, never from within this call. */
void pg_command_submit(PgCommand *command);

/* Ends the back-off of every lane. */
void pg_command_hurry(void);

bool pg_command_is_up(void); /* at least one lane is connected */
size_t pg_command_pending(void);

#endif
