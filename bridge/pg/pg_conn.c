/*
 * pg_conn.c - one connection to PostgreSQL on the event loop.
 *
 * libpq is used asynchronously throughout. Its descriptor can change between two calls of
 * PQconnectPoll (it tries several hosts), so the watcher is stopped before each and before
 * PQfinish, and set anew afterwards. The pause after a failure doubles from 100 ms to option
 * reconnect_interval, each time shortened at random so that connections do not come back in step.
 *
 * Owns the PGconn, the watcher and the timer. The owners are pg_lane.c, pg_read.c, pg_listener.c.
 */
#include "pg/pg_conn.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/entropy.h"
#include "base/memory.h"
#include "core/log.h"
#include "core/loop.h"
#include "core/metrics.h"
#include "pg/pg_address.h"

#define CONN_BACKOFF_FIRST 0.1
#define CONN_CONNECT_TIMEOUT 5.0
#define CONN_REASON_SIZE 256
#define CONN_OPTIONS_SIZE 128

struct PgConn
{
	PgConnOptions options;
	const PgConnHandlers *handlers;
	void *owner;
	PGconn *handle; /* NULL while DOWN and BACKOFF */
	PgConnState state;
	ev_io io;
	ev_timer timer; /* connect time-out while CONNECTING and PREPARING, pause while BACKOFF */
	double pause; /* the next one, seconds */
	double pause_max; /* seconds */
	unsigned outstanding; /* units sent whose last result has not come */
	bool was_ready; /* ever: a later READY counts as a reconnect */
	bool failure_logged; /* only the first failed attempt of an outage is a log line */
};

/* from → set of allowed targets; the table of the header. */
static const unsigned conn_transitions[] = {
	[PG_CONN_DOWN] = 1u << PG_CONN_CONNECTING,
	[PG_CONN_CONNECTING] = 1u << PG_CONN_PREPARING | 1u << PG_CONN_READY | 1u << PG_CONN_BACKOFF | 1u << PG_CONN_DOWN,
	[PG_CONN_PREPARING] = 1u << PG_CONN_READY | 1u << PG_CONN_BACKOFF | 1u << PG_CONN_DOWN,
	[PG_CONN_READY] = 1u << PG_CONN_BACKOFF | 1u << PG_CONN_DOWN,
	[PG_CONN_BACKOFF] = 1u << PG_CONN_CONNECTING | 1u << PG_CONN_DOWN,
};

static const char *const conn_state_names[] = {
	[PG_CONN_DOWN] = "down",   [PG_CONN_CONNECTING] = "connecting", [PG_CONN_PREPARING] = "preparing",
	[PG_CONN_READY] = "ready", [PG_CONN_BACKOFF] = "backoff",
};

static void (*conn_observer)(void);

static void conn_connect(PgConn *conn);
static void conn_poll(PgConn *conn);

static void
conn_set_state(PgConn *conn, PgConnState state)
{
	assert(conn_transitions[conn->state] & 1u << state);
	if (conn->state == PG_CONN_READY)
		metrics_add(METRIC_DATABASE_CONNECTIONS, -1);
	if (state == PG_CONN_READY)
		metrics_add(METRIC_DATABASE_CONNECTIONS, 1);
	conn->state = state;
}

static void
conn_watch(PgConn *conn, int events)
{
	int descriptor = PQsocket(conn->handle);

	if (ev_is_active(&conn->io) && conn->io.fd == descriptor && (conn->io.events & 3) == events)
		return;
	ev_io_stop(loop_ev(), &conn->io);
	ev_io_set(&conn->io, descriptor, events);
	ev_io_start(loop_ev(), &conn->io);
}

static void
conn_start_timer(PgConn *conn, double seconds)
{
	ev_timer_stop(loop_ev(), &conn->timer);
	ev_timer_set(&conn->timer, seconds, 0.0);
	ev_timer_start(loop_ev(), &conn->timer);
}

static void
conn_drop_handle(PgConn *conn)
{
	ev_io_stop(loop_ev(), &conn->io);
	ev_timer_stop(loop_ev(), &conn->timer);
	if (conn->handle != NULL)
		PQfinish(conn->handle);
	conn->handle = NULL;
	conn->outstanding = 0;
}

/* Between half of the pause and all of it. */
static double
conn_next_pause(PgConn *conn)
{
	double pause = conn->pause;

	conn->pause = pause * 2 < conn->pause_max ? pause * 2 : conn->pause_max;
	return pause * (0.5 + (double) entropy_below(1000) / 2000.0);
}

static void
conn_log_failure(PgConn *conn, const char *reason)
{
	char line[CONN_REASON_SIZE];
	size_t length;

	if (conn->failure_logged)
		return;
	conn->failure_logged = true;
	length = strcspn(reason, "\n");
	if (length >= sizeof(line))
		length = sizeof(line) - 1;
	memcpy(line, reason, length);
	line[length] = '\0';
	log_warning(conn->state == PG_CONN_READY ? "database_connection_lost" : "database_unreachable",
				LOG_TEXT("connection", conn->options.name), LOG_TEXT("reason", line));
}

void
pg_conn_fail(PgConn *conn, const char *reason)
{
	bool was_usable = conn->state == PG_CONN_READY;

	if (conn->state == PG_CONN_DOWN || conn->state == PG_CONN_BACKOFF)
		return;
	conn_log_failure(conn, reason);
	conn_drop_handle(conn);
	conn_set_state(conn, PG_CONN_BACKOFF);
	pg_address_refresh(conn->options.address);
	conn_start_timer(conn, conn_next_pause(conn));
	if (was_usable)
		conn->handlers->lost(conn, conn->owner);
}

static void
conn_fail_with_handle(PgConn *conn)
{
	char reason[CONN_REASON_SIZE];

	strncpy(reason, PQerrorMessage(conn->handle), sizeof(reason) - 1);
	reason[sizeof(reason) - 1] = '\0';
	pg_conn_fail(conn, reason[0] != '\0' ? reason : "connection closed");
}

static void
conn_become_ready(PgConn *conn)
{
	ev_timer_stop(loop_ev(), &conn->timer);
	conn_set_state(conn, PG_CONN_READY);
	conn->pause = CONN_BACKOFF_FIRST;
	if (conn->was_ready)
	{
		metrics_add(METRIC_DATABASE_RECONNECTS, 1);
		log_info("database_reconnected", LOG_TEXT("connection", conn->options.name));
	}
	conn->was_ready = true;
	conn->failure_logged = false;
	conn->handlers->ready(conn, conn->owner);
	if (conn_observer != NULL)
		conn_observer();
}

void
pg_conn_set_observer(void (*observer)(void))
{
	conn_observer = observer;
}

/* Flushes what libpq holds; watches for writability only while something is left. */
static bool
conn_flush(PgConn *conn)
{
	int left = PQflush(conn->handle);

	if (left < 0)
	{
		conn_fail_with_handle(conn);
		return false;
	}
	conn_watch(conn, left > 0 ? EV_READ | EV_WRITE : EV_READ);
	return true;
}

bool
pg_conn_sent(PgConn *conn)
{
	conn->outstanding++;
	return conn_flush(conn);
}

/* Until the Sync all is one transaction, and with it the settings end. */
static bool
conn_send_settings(PgConn *conn)
{
	for (int i = 0; i < conn->options.setting_count; i++)
	{
		char number[24];
		const char *values[2] = {conn->options.settings[i].name, number};

		snprintf(number, sizeof(number), "%lld", (long long) conn->options.settings[i].milliseconds);
		if (PQsendQueryParams(conn->handle, "SELECT pg_catalog.set_config($1, $2, true)", 2, NULL, values, NULL, NULL,
							  0) != 1)
			return false;
	}
	return true;
}

static bool
conn_send_statement(PgConn *conn, int number, const PgArguments *arguments)
{
	const PgStatement *statement = &conn->options.statements[number];

	if (!conn->options.is_pooled)
		return PQsendQueryPrepared(conn->handle, statement->name, arguments->count, arguments->values,
								   arguments->lengths, arguments->formats, 0) == 1;
	return conn_send_settings(conn) &&
		   PQsendQueryParams(conn->handle, statement->sql, arguments->count, NULL, arguments->values,
							 arguments->lengths, arguments->formats, 0) == 1;
}

bool
pg_conn_send(PgConn *conn, int statement, const PgArguments *arguments)
{
	assert(conn->state == PG_CONN_READY && statement < conn->options.statement_count);
	if (conn_send_statement(conn, statement, arguments) && PQpipelineSync(conn->handle) == 1)
		return pg_conn_sent(conn);
	conn_fail_with_handle(conn);
	return false;
}

/* All of the owner's statements in one pipeline, so that set-up is one round trip. */
static void
conn_prepare_statements(PgConn *conn)
{
	conn_set_state(conn, PG_CONN_PREPARING);
	for (int i = 0; i < conn->options.statement_count; i++)
	{
		const PgStatement *statement = &conn->options.statements[i];

		if (PQsendPrepare(conn->handle, statement->name, statement->sql, statement->param_count, NULL) != 1)
		{
			conn_fail_with_handle(conn);
			return;
		}
	}
	if (PQpipelineSync(conn->handle) != 1)
	{
		conn_fail_with_handle(conn);
		return;
	}
	pg_conn_sent(conn);
}

static void
conn_on_connected(PgConn *conn)
{
	if (PQsetnonblocking(conn->handle, 1) != 0 ||
		(conn->options.is_pipelined && PQenterPipelineMode(conn->handle) != 1))
	{
		conn_fail_with_handle(conn);
		return;
	}
	conn_watch(conn, EV_READ);
	if (conn->options.statement_count > 0 && !conn->options.is_pooled)
		conn_prepare_statements(conn);
	else
		conn_become_ready(conn);
}

static void
conn_poll(PgConn *conn)
{
	ev_io_stop(loop_ev(), &conn->io);
	switch (PQconnectPoll(conn->handle))
	{
		case PGRES_POLLING_READING:
			conn_watch(conn, EV_READ);
			break;
		case PGRES_POLLING_WRITING:
			conn_watch(conn, EV_WRITE);
			break;
		case PGRES_POLLING_OK:
			conn_on_connected(conn);
			break;
		default:
			conn_fail_with_handle(conn);
			break;
	}
}

static void
conn_ignore_notice(void *owner, const char *message)
{
	(void) owner;
	(void) message;
}

/* A pooler refuses options at the start, and would lose them: see conn_send_settings. */
static void
conn_write_options(const PgConn *conn, char *text, size_t size)
{
	size_t length = 0;

	text[0] = '\0';
	for (int i = 0; i < conn->options.setting_count && !conn->options.is_pooled && length < size; i++)
		length += (size_t) snprintf(text + length, size - length, "%s-c %s=%lld", i > 0 ? " " : "",
									conn->options.settings[i].name, (long long) conn->options.settings[i].milliseconds);
}

static void
conn_connect(PgConn *conn)
{
	char server_options[CONN_OPTIONS_SIZE];
	const PgAddressUse use = {
		.kind = conn->options.address,
		.application_name = conn->options.name,
		.server_options = server_options,
	};
	const char *const *keywords;
	const char *const *values;

	conn_set_state(conn, PG_CONN_CONNECTING);
	conn_write_options(conn, server_options, sizeof(server_options));
	pg_address_params(&use, &keywords, &values);
	conn->handle = PQconnectStartParams(keywords, values, 0);
	if (conn->handle == NULL)
		abort(); /* out of memory */
	if (PQstatus(conn->handle) == CONNECTION_BAD)
	{
		conn_fail_with_handle(conn);
		return;
	}
	PQsetNoticeProcessor(conn->handle, conn_ignore_notice, NULL);
	conn_start_timer(conn, CONN_CONNECT_TIMEOUT);
	conn_watch(conn, EV_WRITE);
}

/* A result of the set-up: the first error ends the attempt. */
static void
conn_take_preparation(PgConn *conn, PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);
	char reason[CONN_REASON_SIZE];

	if (status == PGRES_COMMAND_OK)
	{
		PQclear(result);
		return;
	}
	if (status == PGRES_PIPELINE_SYNC)
	{
		PQclear(result);
		conn_become_ready(conn);
		return;
	}
	strncpy(reason, PQresultErrorMessage(result), sizeof(reason) - 1);
	reason[sizeof(reason) - 1] = '\0';
	PQclear(result);
	pg_conn_fail(conn, reason);
}

static void
conn_take_result(PgConn *conn, PGresult *result)
{
	if (PQresultStatus(result) == PGRES_PIPELINE_SYNC)
		conn->outstanding--;
	if (conn->state == PG_CONN_PREPARING)
		conn_take_preparation(conn, result);
	else
		conn->handlers->result(conn, conn->owner, result);
}

static void
conn_finish_query(PgConn *conn)
{
	if (conn->options.is_pipelined)
		return; /* a NULL only separates two queries of a pipeline */
	conn->outstanding--;
	if (conn->handlers->finished != NULL)
		conn->handlers->finished(conn, conn->owner);
}

/* Handlers may fail or close the connection: the handle is looked at anew after each. */
static void
conn_take_results(PgConn *conn)
{
	PGconn *handle = conn->handle;

	while (conn->handle == handle && handle != NULL && conn->outstanding > 0 && !PQisBusy(handle))
	{
		PGresult *result = PQgetResult(handle);

		if (result != NULL)
			conn_take_result(conn, result);
		else if (PQstatus(handle) == CONNECTION_BAD)
			break; /* only NULLs would follow, for ever */
		else
			conn_finish_query(conn);
	}
}

static void
conn_take_notifications(PgConn *conn)
{
	PGconn *handle = conn->handle;
	PGnotify *notification;

	while (conn->handle == handle && handle != NULL && (notification = PQnotifies(handle)) != NULL)
	{
		if (conn->handlers->notified != NULL)
			conn->handlers->notified(conn, conn->owner, notification);
		PQfreemem(notification);
	}
}

static void
conn_serve(PgConn *conn, int events)
{
	if (events & EV_READ)
	{
		int is_alive = PQconsumeInput(conn->handle);

		/* Results that came before the end of the connection still count. */
		conn_take_results(conn);
		if (conn->handle == NULL)
			return;
		conn_take_notifications(conn);
		if (conn->handle == NULL)
			return;
		if (!is_alive || PQstatus(conn->handle) == CONNECTION_BAD)
		{
			conn_fail_with_handle(conn);
			return;
		}
	}
	(void) conn_flush(conn);
}

static void
on_conn_io(struct ev_loop *ev, ev_io *watcher, int events)
{
	PgConn *conn = CONTAINER_OF(watcher, PgConn, io);

	(void) ev;
	if (conn->state == PG_CONN_CONNECTING)
		conn_poll(conn);
	else
		conn_serve(conn, events);
}

static void
on_conn_timer(struct ev_loop *ev, ev_timer *watcher, int events)
{
	PgConn *conn = CONTAINER_OF(watcher, PgConn, timer);

	(void) ev;
	(void) events;
	if (conn->state == PG_CONN_BACKOFF)
		conn_connect(conn);
	else
		pg_conn_fail(conn, "timed out while connecting");
}

PgConn *
pg_conn_new(const PgConnOptions *options, const PgConnHandlers *handlers, void *owner)
{
	PgConn *conn = memory_alloc(sizeof(*conn));

	conn->options = *options;
	conn->handlers = handlers;
	conn->owner = owner;
	conn->pause = CONN_BACKOFF_FIRST;
	conn->pause_max = options->pause_max;
	ev_init(&conn->io, on_conn_io);
	ev_init(&conn->timer, on_conn_timer);
	return conn;
}

void
pg_conn_free(PgConn *conn)
{
	if (conn == NULL)
		return;
	pg_conn_close(conn);
	free(conn);
}

void
pg_conn_open(PgConn *conn)
{
	if (conn->state == PG_CONN_DOWN)
		conn_connect(conn);
}

void
pg_conn_close(PgConn *conn)
{
	if (conn->state == PG_CONN_DOWN)
		return;
	conn_drop_handle(conn);
	conn_set_state(conn, PG_CONN_DOWN);
}

PgConnState
pg_conn_state(const PgConn *conn)
{
	return conn->state;
}

const char *
pg_conn_state_name(PgConnState state)
{
	return conn_state_names[state];
}

const char *
pg_conn_name(const PgConn *conn)
{
	return conn->options.name;
}

PGconn *
pg_conn_handle(PgConn *conn)
{
	assert(conn->state == PG_CONN_READY);
	return conn->handle;
}

void
pg_conn_hurry(PgConn *conn)
{
	if (conn->state == PG_CONN_BACKOFF)
		conn_start_timer(conn, 0.0);
}

bool
pg_error_is_connection(const PGresult *result)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);

	if (state == NULL)
		return true; /* made by libpq itself: the connection broke */
	if (strncmp(state, "08", 2) == 0 || strncmp(state, "57P", 3) == 0)
		return true;
	return severity != NULL && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0);
}
