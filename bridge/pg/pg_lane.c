/*
 * pg_lane.c - one lane of the command pool: a connection, its batch in flight, its queue.
 *
 * A batch is one execute_batch and one Sync. Its rows are kept until the Sync is answered: a query
 * result is not a commit, and only then are they handed out, in the order of the batch. A batch is
 * never cancelled.
 *
 * Owns the connection, the queue, the batch and the rows. Called by pg_command.c and pg_conn.c.
 */
#include "pg/pg_lane.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/timestamp.h"
#include "core/log.h"
#include "core/loop.h"
#include "core/metrics.h"
#include "pg/pg_conn.h"
#include "pg/pg_rows.h"

/* Bytes of command text in one batch; a single larger command still goes, alone. */
#define LANE_BATCH_BYTES (1024 * 1024)

enum
{
	COLUMN_COMMAND,
	COLUMN_KIND,
	COLUMN_CODE,
	COLUMN_AGGREGATE_ID,
	COLUMN_AGGREGATE_TYPE,
	COLUMN_VERSION,
	COLUMN_EVENT,
	COLUMN_ACL_VERSION,
	COLUMN_BODY,
	COLUMN_COUNT
};

struct PgLane
{
	PgConn *conn;
	char name[32];
	size_t batch_size;
	PgLaneFinished finished;
	List queue; /* PgCommand.link */
	List batch; /* in flight, in the order of the arrays */
	size_t batch_count;
	int64_t sent_us; /* timestamp_monotonic_us() of the batch in flight */
	PGresult *rows; /* of the batch, not yet committed */
	bool has_failed; /* an error came for the batch */
	bool is_permanent; /* that error would come again on this connection */
	LoopWork send_work;
	Buffer users; /* the three parameters, kept for their memory */
	Buffer ids;
	Buffer texts;
	PgEvent *events; /* of the command being answered */
	size_t event_capacity;
};

static const PgStatement lane_statements[] = {
	{"execute_batch",
	 "SELECT command, kind, code, aggregate_id, aggregate_type, version, event, acl_version, body "
	 "FROM collab.execute_batch($1::bigint[], $2::uuid[], $3::text[])",
	 3},
};

static void
lane_answer(PgLane *lane, PgCommand *command, const PgCommandResult *result)
{
	PgCommandStream *stream = command->stream;

	list_remove(&command->link);
	command->done(command, result);
	lane->finished(stream);
}

static void
lane_refuse(PgLane *lane, PgCommand *command)
{
	PgCommandResult result = {.status = PG_COMMAND_UNAVAILABLE};

	lane_answer(lane, command, &result);
}

/* Moves the head of the queue into the batch, as far as count and bytes allow. */
static void
lane_fill_batch(PgLane *lane)
{
	size_t bytes = 0;

	lane->batch_count = 0;
	LIST_FOR_EACH (&lane->queue, PgCommand, link, command)
	{
		if (lane->batch_count > 0 && (lane->batch_count >= lane->batch_size || command->goes_alone ||
									  bytes + command->text.length > LANE_BATCH_BYTES))
			return;
		list_remove(&command->link);
		list_append(&lane->batch, &command->link);
		lane->batch_count++;
		bytes += command->text.length;
		if (command->goes_alone)
			return;
	}
}

static void
lane_encode_batch(PgLane *lane)
{
	buffer_clear(&lane->users);
	buffer_clear(&lane->ids);
	buffer_clear(&lane->texts);
	pg_array_begin(&lane->users, PG_OID_INT8, lane->batch_count);
	pg_array_begin(&lane->ids, PG_OID_UUID, lane->batch_count);
	pg_array_begin(&lane->texts, PG_OID_TEXT, lane->batch_count);
	LIST_FOR_EACH (&lane->batch, PgCommand, link, command)
	{
		pg_array_add_integer(&lane->users, command->user_id);
		pg_array_add_bytes(&lane->ids, command->command_id.bytes, sizeof(command->command_id.bytes));
		pg_array_add_bytes(&lane->texts, command->text.bytes, command->text.length);
	}
}

static void
lane_send_batch(PgLane *lane)
{
	const char *values[3] = {lane->users.bytes, lane->ids.bytes, lane->texts.bytes};
	const int lengths[3] = {(int) lane->users.length, (int) lane->ids.length, (int) lane->texts.length};
	const int formats[3] = {1, 1, 1};

	(void) pg_conn_send(lane->conn, 0, &(PgArguments){3, values, lengths, formats});
}

static void
lane_send(PgLane *lane)
{
	if (lane->batch_count > 0 || list_is_empty(&lane->queue) || pg_conn_state(lane->conn) != PG_CONN_READY)
		return;
	lane_fill_batch(lane);
	lane_encode_batch(lane);
	lane->sent_us = timestamp_monotonic_us();
	metrics_observe(HISTOGRAM_BATCH_COMMANDS, (double) lane->batch_count);
	lane_send_batch(lane);
}

static void
lane_run_send(LoopWork *work)
{
	lane_send(CONTAINER_OF(work, PgLane, send_work));
}

static void
lane_forget_rows(PgLane *lane)
{
	PQclear(lane->rows);
	lane->rows = NULL;
	lane->has_failed = false;
	lane->is_permanent = false;
	lane->batch_count = 0;
}

/* Back to the head of the queue, in their order. */
static void
lane_requeue_batch(PgLane *lane)
{
	list_move_all(&lane->batch, &lane->queue);
	list_move_all(&lane->queue, &lane->batch);
	lane_forget_rows(lane);
}

static PgCommandStatus
lane_status(const PGresult *rows, int row)
{
	Slice kind = pg_rows_slice(rows, row, COLUMN_KIND);
	Slice code = pg_rows_slice(rows, row, COLUMN_CODE);

	if (slice_equals_text(kind, "conflict"))
		return PG_COMMAND_CONFLICT;
	if (!slice_equals_text(kind, "ack"))
		return PG_COMMAND_ERROR;
	if (slice_equals_text(code, "unchanged"))
		return PG_COMMAND_UNCHANGED;
	if (slice_equals_text(code, "replayed"))
		return PG_COMMAND_REPLAYED;
	return PG_COMMAND_ACK;
}

static void
lane_read_event(const PGresult *rows, int row, PgEvent *event)
{
	if (!pg_rows_uuid(rows, row, COLUMN_AGGREGATE_ID, &event->aggregate_id))
		event->aggregate_id = (Uuid){{0}};
	event->is_board = slice_equals_text(pg_rows_slice(rows, row, COLUMN_AGGREGATE_TYPE), "board");
	event->version = (int) pg_rows_integer(rows, row, COLUMN_VERSION);
	event->acl_version = pg_rows_integer(rows, row, COLUMN_ACL_VERSION);
	event->mark = PQgetvalue(rows, row, COLUMN_EVENT);
	event->body = pg_rows_slice(rows, row, COLUMN_BODY);
}

/* The event rows that follow `row`; returns the row after them. */
static int
lane_read_events(PgLane *lane, int row, size_t *count)
{
	*count = 0;
	for (; row < PQntuples(lane->rows); row++)
	{
		if (!slice_equals_text(pg_rows_slice(lane->rows, row, COLUMN_KIND), "event"))
			break;
		if (*count == lane->event_capacity)
		{
			lane->event_capacity = lane->event_capacity * 2 + 16;
			lane->events = memory_resize(lane->events, lane->event_capacity * sizeof(PgEvent));
		}
		lane_read_event(lane->rows, row, &lane->events[(*count)++]);
	}
	return row;
}

/* Answers one command from the rows at *row; false when the rows do not fit the batch. */
static bool
lane_answer_next(PgLane *lane, int number, int *row)
{
	PgCommand *command = CONTAINER_OF(list_first(&lane->batch), PgCommand, link);
	PgCommandResult result = {.status = PG_COMMAND_ERROR};

	if (*row >= PQntuples(lane->rows) || pg_rows_integer(lane->rows, *row, COLUMN_COMMAND) != number)
		return false;
	result.status = lane_status(lane->rows, *row);
	result.body = pg_rows_slice(lane->rows, *row, COLUMN_BODY);
	result.has_aggregate = pg_rows_uuid(lane->rows, *row, COLUMN_AGGREGATE_ID, &result.aggregate_id);
	result.version = (int) pg_rows_integer(lane->rows, *row, COLUMN_VERSION);
	result.acl_version = pg_rows_integer(lane->rows, *row, COLUMN_ACL_VERSION);
	*row = lane_read_events(lane, *row + 1, &result.event_count);
	result.events = lane->events;
	lane_answer(lane, command, &result);
	return true;
}

static void
lane_answer_batch(PgLane *lane)
{
	int row = 0;
	int number = 1;

	while (!list_is_empty(&lane->batch) && lane_answer_next(lane, number, &row))
		number++;
	if (list_is_empty(&lane->batch))
		return;
	log_error("batch_answer_incomplete", LOG_TEXT("connection", lane->name));
	while (!list_is_empty(&lane->batch))
		lane_refuse(lane, CONTAINER_OF(list_first(&lane->batch), PgCommand, link));
}

/* Rolled back as a whole, so nothing of it is in doubt. */
static void
lane_retry_batch(PgLane *lane)
{
	bool was_alone = lane->batch_count == 1;
	bool is_permanent = lane->is_permanent;

	if (was_alone)
	{
		PgCommand *command = CONTAINER_OF(list_first(&lane->batch), PgCommand, link);

		if (command->goes_alone)
		{
			lane_forget_rows(lane);
			lane_refuse(lane, command);
			return;
		}
	}
	LIST_FOR_EACH (&lane->batch, PgCommand, link, command)
	{
		command->goes_alone = true;
		metrics_add(METRIC_BATCH_RETRIES, 1);
	}
	lane_requeue_batch(lane);
	if (is_permanent)
		pg_conn_fail(lane->conn, "the prepared statement no longer fits the database");
}

static void
lane_finish_batch(PgLane *lane)
{
	metrics_observe(HISTOGRAM_DATABASE_SECONDS, (double) (timestamp_monotonic_us() - lane->sent_us) / 1e6);
	if (lane->has_failed || lane->rows == NULL)
		lane_retry_batch(lane);
	else
	{
		lane_answer_batch(lane);
		lane_forget_rows(lane);
	}
	lane_send(lane);
}

/* The extension was replaced under a prepared statement: only a new connection helps. */
static bool
lane_error_is_permanent(const char *state)
{
	static const char *const states[] = {"26000", "0A000", "42883", "3F000", "42501"};

	for (size_t i = 0; i < LENGTH_OF(states); i++)
		if (strcmp(state, states[i]) == 0)
			return true;
	return false;
}

static void
lane_take_error(PgLane *lane, const PGresult *result)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	lane->has_failed = true;
	if (state == NULL)
		return; /* skipped, because something before it in the pipeline failed */
	lane->is_permanent = lane_error_is_permanent(state);
	log_warning("batch_failed", LOG_TEXT("connection", lane->name), LOG_TEXT("sqlstate", state),
				LOG_TEXT("message", PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY)),
				LOG_INTEGER("commands", (int64_t) lane->batch_count));
}

static void
on_lane_result(PgConn *conn, void *owner, PGresult *result)
{
	PgLane *lane = owner;

	switch (PQresultStatus(result))
	{
		case PGRES_TUPLES_OK:
			PQclear(lane->rows);
			lane->rows = result;
			return;
		case PGRES_PIPELINE_SYNC:
			PQclear(result);
			lane_finish_batch(lane);
			return;
		case PGRES_PIPELINE_ABORTED:
			lane->has_failed = true;
			break;
		default:
			if (pg_error_is_connection(result))
			{
				char reason[256];

				snprintf(reason, sizeof(reason), "%s", PQresultErrorMessage(result));
				PQclear(result);
				pg_conn_fail(conn, reason);
				return;
			}
			lane_take_error(lane, result);
			break;
	}
	PQclear(result);
}

static void
on_lane_ready(PgConn *conn, void *owner)
{
	(void) conn;
	lane_send(owner);
}

/* What was in flight is in doubt: the same ids again, the database knows which it has done. */
static void
on_lane_lost(PgConn *conn, void *owner)
{
	PgLane *lane = owner;

	(void) conn;
	lane_requeue_batch(lane);
}

static const PgConnHandlers lane_handlers = {
	.ready = on_lane_ready,
	.lost = on_lane_lost,
	.result = on_lane_result,
};

PgLane *
pg_lane_new(const Config *config, int number, size_t batch_size, PgLaneFinished finished)
{
	PgLane *lane = memory_alloc(sizeof(*lane));
	PgConnOptions options = {
		.name = lane->name,
		.address = PG_ADDRESS_POOL,
		.is_pooled = config->pool_mode == PG_POOL_MODE_TRANSACTION,
		.settings = {{"lock_timeout", config->lock_timeout}},
		.setting_count = 1,
		.pause_max = (double) config->reconnect_interval / 1000.0,
		.statements = lane_statements,
		.statement_count = LENGTH_OF(lane_statements),
		.is_pipelined = true,
	};

	snprintf(lane->name, sizeof(lane->name), "collab-bridge command %d", number);
	list_init(&lane->queue);
	list_init(&lane->batch);
	lane->batch_size = batch_size;
	lane->finished = finished;
	lane->send_work.run = lane_run_send;
	lane->conn = pg_conn_new(&options, &lane_handlers, lane);
	pg_conn_open(lane->conn);
	return lane;
}

void
pg_lane_free(PgLane *lane)
{
	if (lane == NULL)
		return;
	pg_conn_free(lane->conn);
	loop_work_cancel(&lane->send_work);
	PQclear(lane->rows);
	buffer_free(&lane->users);
	buffer_free(&lane->ids);
	buffer_free(&lane->texts);
	free(lane->events);
	free(lane);
}

void
pg_lane_stop(PgLane *lane)
{
	pg_conn_close(lane->conn);
	lane_requeue_batch(lane);
}

/* At the end of the turn: all commands of one turn share a batch. */
void
pg_lane_submit(PgLane *lane, PgCommand *command)
{
	list_append(&lane->queue, &command->link);
	loop_at_turn_end(&lane->send_work);
}

void
pg_lane_hurry(PgLane *lane)
{
	pg_conn_hurry(lane->conn);
}

bool
pg_lane_is_up(const PgLane *lane)
{
	return pg_conn_state(lane->conn) == PG_CONN_READY;
}

void
pg_lane_expire(PgLane *lane, double deadline)
{
	List late;

	list_init(&late);
	LIST_FOR_EACH (&lane->queue, PgCommand, link, command)
	{
		if (command->accepted_at > deadline)
			continue;
		list_remove(&command->link);
		list_append(&late, &command->link);
	}
	/* Answers may submit more: the queue is not being walked any longer. */
	while (!list_is_empty(&late))
		lane_refuse(lane, CONTAINER_OF(list_first(&late), PgCommand, link));
}
