/*
 * pg_read.c - the read pool.
 *
 * Two queues. Heavy reads (board states, what users ask for) may run long, so none of them goes to
 * the first connection, and no light one (events, heads, readers, users) goes behind one: whatever
 * people ask for, rooms go on. Within that the connection with the fewest reads in flight takes the
 * next one. In flight are at most READ_DEPTH a connection: deeper gains nothing.
 *
 * Owns connections and queue; the reads are their callers'.
 */
#include "pg/pg_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/timestamp.h"
#include "core/log.h"
#include "core/loop.h"
#include "core/metrics.h"
#include "pg/pg_conn.h"
#include "pg/pg_rows.h"

#define READ_DEPTH 4
#define READ_EXPIRE_INTERVAL 0.25

typedef struct ReadConn
{
	PgConn *conn;
	char name[32];
	List in_flight; /* PgRead.link, oldest first */
	int in_flight_count;
	int heavy_count; /* of them */
	PGresult *rows; /* of the oldest, before its Sync */
	bool has_failed;
	char sqlstate[6]; /* why */
	double heard_at; /* loop_now() when it became ready, answered, or was sent something while idle */
} ReadConn;

typedef struct ReadQueue
{
	List reads; /* PgRead.link */
	double served_at; /* loop_now() when last a connection for these was seen to answer */
} ReadQueue;

static struct
{
	ReadConn *conns;
	int conn_count;
	double wait; /* seconds a read waits for a database that is away */
	double patience; /* seconds of silence after which a connection with reads in flight is taken for dead */
	ReadQueue light;
	ReadQueue heavy;
	size_t pending;
	LoopWork send_work;
	ev_timer expire_timer;
} pool;

static const PgStatement read_statements[PG_READ_KIND_COUNT] = {
#define PG_READ(ID, name, WEIGHT, parameters, sql) [PG_READ_##ID] = {name, sql, parameters},
#include "pg/pg_read.def"
};

enum
{
	LIGHT,
	HEAVY
};

static const bool read_is_heavy[PG_READ_KIND_COUNT] = {
#define PG_READ(ID, name, WEIGHT, parameters, sql) [PG_READ_##ID] = WEIGHT == HEAVY,
#include "pg/pg_read.def"
};

static void
read_answer(PgRead *read, const PgReadResult *result)
{
	list_remove(&read->link);
	buffer_free(&read->params);
	pool.pending--;
	read->done(read, result);
}

static void
read_refuse(PgRead *read)
{
	PgReadResult result = {.status = PG_READ_UNAVAILABLE};

	read_answer(read, &result);
}

static void
read_send(ReadConn *reader, PgRead *read)
{
	const char *values[PG_READ_PARAMS_MAX];
	int lengths[PG_READ_PARAMS_MAX];
	int formats[PG_READ_PARAMS_MAX];

	for (int i = 0; i < read->param_count; i++)
	{
		values[i] = read->param_is_null[i] ? NULL : read->params.bytes + read->param_offset[i];
		lengths[i] = (int) read->param_length[i];
		formats[i] = read->param_is_binary[i] ? 1 : 0;
	}
	read->sent_us = timestamp_monotonic_us();
	(void) pg_conn_send(reader->conn, (int) read->kind, &(PgArguments){read->param_count, values, lengths, formats});
}

static List *
pool_queue(const PgRead *read)
{
	return read_is_heavy[read->kind] ? &pool.heavy.reads : &pool.light.reads;
}

/* With a single connection everything shares it. */
static bool
reader_takes(const ReadConn *reader, bool is_heavy)
{
	if (pg_conn_state(reader->conn) != PG_CONN_READY || reader->in_flight_count >= READ_DEPTH)
		return false;
	if (pool.conn_count == 1)
		return true;
	return is_heavy ? reader != &pool.conns[0] : reader->heavy_count == 0;
}

static ReadConn *
pool_least_busy(bool is_heavy)
{
	ReadConn *best = NULL;

	for (int i = 0; i < pool.conn_count; i++)
	{
		ReadConn *reader = &pool.conns[i];

		if (reader_takes(reader, is_heavy) && (best == NULL || reader->in_flight_count < best->in_flight_count))
			best = reader;
	}
	return best;
}

static void
pool_send_from(List *queue, bool is_heavy)
{
	ReadConn *reader;

	while (!list_is_empty(queue) && (reader = pool_least_busy(is_heavy)) != NULL)
	{
		PgRead *read = CONTAINER_OF(list_take_first(queue), PgRead, link);

		if (reader->in_flight_count == 0)
			reader->heard_at = loop_now();
		list_append(&reader->in_flight, &read->link);
		reader->in_flight_count++;
		reader->heavy_count += is_heavy;
		read_send(reader, read);
	}
}

static void
pool_send(void)
{
	pool_send_from(&pool.light.reads, false);
	pool_send_from(&pool.heavy.reads, true);
}

static void
pool_run_send(LoopWork *work)
{
	(void) work;
	pool_send();
}

void
pg_read_submit(PgRead *read)
{
	pool.pending++;
	read->accepted_at = loop_now();
	list_append(pool_queue(read), &read->link);
	loop_at_turn_end(&pool.send_work);
}

static void
reader_finish_read(ReadConn *reader)
{
	PgRead *read = CONTAINER_OF(list_take_first(&reader->in_flight), PgRead, link);
	PGresult *rows = reader->rows;
	PgReadResult result = {.status = PG_READ_FAILED};

	metrics_observe(HISTOGRAM_DATABASE_SECONDS, (double) (timestamp_monotonic_us() - read->sent_us) / 1e6);
	reader->heard_at = loop_now();
	reader->in_flight_count--;
	reader->heavy_count -= read_is_heavy[read->kind];
	if (!reader->has_failed && rows != NULL)
		result = (PgReadResult){.status = PG_READ_OK, .row_count = PQntuples(rows), .rows = rows};
	else
		memcpy(result.sqlstate, reader->sqlstate, sizeof(result.sqlstate));
	reader->rows = NULL;
	reader->has_failed = false;
	read_answer(read, &result);
	PQclear(rows);
	loop_at_turn_end(&pool.send_work);
}

static void
reader_take_error(ReadConn *reader, const PGresult *result)
{
	PgRead *read = CONTAINER_OF(list_first(&reader->in_flight), PgRead, link);

	reader->has_failed = true;
	snprintf(reader->sqlstate, sizeof(reader->sqlstate), "%s", PQresultErrorField(result, PG_DIAG_SQLSTATE));
	log_warning("read_failed", LOG_TEXT("read", read_statements[read->kind].name),
				LOG_TEXT("sqlstate", PQresultErrorField(result, PG_DIAG_SQLSTATE)),
				LOG_TEXT("message", PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY)));
}

static void
on_reader_result(PgConn *conn, void *owner, PGresult *result)
{
	ReadConn *reader = owner;
	char reason[256];

	switch (PQresultStatus(result))
	{
		case PGRES_TUPLES_OK:
			PQclear(reader->rows);
			reader->rows = result;
			return;
		case PGRES_PIPELINE_SYNC:
			PQclear(result);
			reader_finish_read(reader);
			return;
		case PGRES_PIPELINE_ABORTED:
			reader->has_failed = true;
			break;
		default:
			if (!pg_error_is_connection(result))
			{
				reader_take_error(reader, result);
				break;
			}
			snprintf(reason, sizeof(reason), "%s", PQresultErrorMessage(result));
			PQclear(result);
			pg_conn_fail(conn, reason);
			return;
	}
	PQclear(result);
}

static void
on_reader_ready(PgConn *conn, void *owner)
{
	ReadConn *reader = owner;

	(void) conn;
	reader->heard_at = loop_now();
	loop_at_turn_end(&pool.send_work);
}

/* All reads can be repeated: back to the heads of their queues, the newest first. */
static void
reader_requeue(ReadConn *reader)
{
	while (!list_is_empty(&reader->in_flight))
	{
		PgRead *read = CONTAINER_OF(list_last(&reader->in_flight), PgRead, link);

		list_remove(&read->link);
		list_prepend(pool_queue(read), &read->link);
	}
	PQclear(reader->rows);
	reader->rows = NULL;
	reader->has_failed = false;
	reader->in_flight_count = 0;
	reader->heavy_count = 0;
	loop_at_turn_end(&pool.send_work);
}

static void
on_reader_lost(PgConn *conn, void *owner)
{
	(void) conn;
	reader_requeue(owner);
}

static const PgConnHandlers reader_handlers = {
	.ready = on_reader_ready,
	.lost = on_reader_lost,
	.result = on_reader_result,
};

static void
queue_expire(List *queue, double deadline)
{
	List late;

	list_init(&late);
	LIST_FOR_EACH (queue, PgRead, link, read)
	{
		if (read->accepted_at > deadline)
			continue;
		list_remove(&read->link);
		list_append(&late, &read->link);
	}
	while (!list_is_empty(&late))
		read_refuse(CONTAINER_OF(list_first(&late), PgRead, link));
}

static bool
reader_answers(const ReadConn *reader)
{
	return pg_conn_state(reader->conn) == PG_CONN_READY &&
		   (reader->in_flight_count == 0 || loop_now() - reader->heard_at < pool.patience);
}

/* Heavy reads go to all connections but the first, light ones always to that. */
static bool
pool_serves(bool is_heavy)
{
	if (!is_heavy || pool.conn_count == 1)
		return reader_answers(&pool.conns[0]);
	for (int i = 1; i < pool.conn_count; i++)
		if (reader_answers(&pool.conns[i]))
			return true;
	return false;
}

/* Waiting behind others is not waiting for a database that is away: only then are reads given up. */
static void
pool_check(ReadQueue *queue, bool is_heavy)
{
	double deadline = loop_now() - pool.wait;

	if (pool_serves(is_heavy))
		queue->served_at = loop_now();
	else if (queue->served_at <= deadline)
		queue_expire(&queue->reads, deadline);
}

static void
on_read_expire(struct ev_loop *ev, ev_timer *watcher, int events)
{
	(void) ev;
	(void) watcher;
	(void) events;
	pool_check(&pool.light, false);
	pool_check(&pool.heavy, true);
}

static void
reader_open(ReadConn *reader, const Config *config, int number)
{
	PgConnOptions options = {
		.name = reader->name,
		.address = PG_ADDRESS_POOL,
		.is_pooled = config->pool_mode == PG_POOL_MODE_TRANSACTION,
		.settings = {{"statement_timeout", config->read_timeout}, {"lock_timeout", config->lock_timeout}},
		.setting_count = 2,
		.pause_max = (double) config->reconnect_interval / 1000.0,
		.statements = read_statements,
		.statement_count = LENGTH_OF(read_statements),
		.is_pipelined = true,
	};

	snprintf(reader->name, sizeof(reader->name), "collab-bridge read %d", number);
	list_init(&reader->in_flight);
	reader->conn = pg_conn_new(&options, &reader_handlers, reader);
	pg_conn_open(reader->conn);
}

void
pg_read_configure(const Config *config)
{
	pool.wait = (double) config->database_wait / 1000.0;
}

void
pg_read_open(const Config *config)
{
	pool.conn_count = (int) config->read_pool_size;
	pg_read_configure(config);
	pool.conns = memory_alloc(sizeof(ReadConn) * (size_t) pool.conn_count);
	pool.send_work.run = pool_run_send;
	pool.patience = (double) config->read_timeout / 1000.0 + pool.wait;
	list_init(&pool.light.reads);
	list_init(&pool.heavy.reads);
	for (int i = 0; i < pool.conn_count; i++)
		reader_open(&pool.conns[i], config, i + 1);
	ev_timer_init(&pool.expire_timer, on_read_expire, READ_EXPIRE_INTERVAL, READ_EXPIRE_INTERVAL);
	ev_timer_start(loop_ev(), &pool.expire_timer);
}

void
pg_read_close(void)
{
	if (pool.conns == NULL)
		return;
	ev_timer_stop(loop_ev(), &pool.expire_timer);
	for (int i = 0; i < pool.conn_count; i++)
	{
		pg_conn_free(pool.conns[i].conn);
		reader_requeue(&pool.conns[i]);
	}
	pool.conn_count = 0;
	while (pool.pending > 0)
	{
		queue_expire(&pool.light.reads, loop_now());
		queue_expire(&pool.heavy.reads, loop_now());
	}
	loop_work_cancel(&pool.send_work);
	free(pool.conns);
	pool.conns = NULL;
}

void
pg_read_hurry(void)
{
	for (int i = 0; i < pool.conn_count; i++)
		pg_conn_hurry(pool.conns[i].conn);
}

bool
pg_read_is_up(void)
{
	for (int i = 0; i < pool.conn_count; i++)
		if (pg_conn_state(pool.conns[i].conn) == PG_CONN_READY)
			return true;
	return false;
}

size_t
pg_read_pending(void)
{
	return pool.pending;
}
