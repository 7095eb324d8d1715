/*
 * pg_conn.h - one connection to PostgreSQL on the event loop.
 *
 * Owns the libpq handle, its descriptor's watcher and the back-off after a loss. Does not know
 * what is asked over it: its owner (lane, reader, listener) sends when it is READY and gets every
 * result through the handlers below.
 *
 *   from         to           when
 *   ----------   ----------   ---------------------------------------------------------------
 *   DOWN         CONNECTING   pg_conn_open
 *   CONNECTING   PREPARING    libpq says connected; the owner's statements are being prepared
 *   CONNECTING   READY        the same, the owner has no statements
 *   PREPARING    READY        every statement is prepared
 *   CONNECTING   BACKOFF      refused, timed out
 *   PREPARING    BACKOFF      a statement was refused (extension missing or older), connection lost
 *   READY        BACKOFF      connection lost, or pg_conn_fail
 *   BACKOFF      CONNECTING   the delay is over, or pg_conn_hurry
 *   any          DOWN         pg_conn_close
 */
#ifndef BRIDGE_PG_CONN_H
#define BRIDGE_PG_CONN_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pg/pg_address.h"

typedef enum PgConnState
{
	PG_CONN_DOWN,
	PG_CONN_CONNECTING,
	PG_CONN_PREPARING,
	PG_CONN_READY,
	PG_CONN_BACKOFF
} PgConnState;

typedef struct PgConn PgConn;

typedef struct PgStatement
{
	const char *name;
	const char *sql;
	int param_count;
} PgStatement;

/* In the order of option pool_mode. */
typedef enum PgPoolMode
{
	PG_POOL_MODE_SESSION,
	PG_POOL_MODE_TRANSACTION
} PgPoolMode;

/* A time-out of the server's for everything sent. */
typedef struct PgSetting
{
	const char *name;
	int64_t milliseconds;
} PgSetting;

#define PG_SETTINGS_MAX 2

/* Arguments of a statement, as PQsendQueryPrepared takes them. */
typedef struct PgArguments
{
	int count;
	const char *const *values;
	const int *lengths;
	const int *formats;
} PgArguments;

/* All are called from the loop; `owner` is the pointer given to pg_conn_new. */
typedef struct PgConnHandlers
{
	/* The connection can be used. */
	void (*ready)(PgConn *conn, void *owner);
	/* What was sent and not answered is in doubt. Called only after ready. */
	void (*lost)(PgConn *conn, void *owner);
	/* One result of what was sent, PGRES_PIPELINE_SYNC included; the owner frees it. */
	void (*result)(PgConn *conn, void *owner, PGresult *result);
	/* Without pipeline: no further result belongs to the last query. May be NULL. */
	void (*finished)(PgConn *conn, void *owner);
	/* A notification; freed by the caller. May be NULL. */
	void (*notified)(PgConn *conn, void *owner, const PGnotify *notification);
} PgConnHandlers;

typedef struct PgConnOptions
{
	const char *name; /* in the log and in application_name */
	PgAddressKind address;
	bool is_pooled; /* by transactions: each unit may meet another session, so nothing is kept in one */
	PgSetting settings[PG_SETTINGS_MAX];
	int setting_count;
	double pause_max; /* seconds: longest pause between two attempts */
	const PgStatement *statements;
	int statement_count;
	bool is_pipelined;
} PgConnOptions;

/*
 *                   ordinary connection             pooled
 *   statements      prepared when it is made        parsed each time, unnamed
 *   settings        given when it is made           set in each unit's transaction
 */

/* Nothing of the arguments is copied but the options struct itself: strings must outlive it. */
PgConn *pg_conn_new(const PgConnOptions *options, const PgConnHandlers *handlers, void *owner);
void pg_conn_free(PgConn *conn);

void pg_conn_open(PgConn *conn);
void pg_conn_close(PgConn *conn);

PgConnState pg_conn_state(const PgConn *conn);
const char *pg_conn_state_name(PgConnState state);
const char *pg_conn_name(const PgConn *conn);

/*
 * Sends one of the statements and a Sync, as a unit; only while READY. Its rows come before the Sync's
 * result; pooled, the rows of its settings come before them. False when the connection was lost in it
 * (`lost` has been called).
 */
bool pg_conn_send(PgConn *conn, int statement, const PgArguments *arguments);

/* The libpq handle, only while READY, only for PQsend… calls followed by pg_conn_sent. */
PGconn *pg_conn_handle(PgConn *conn);

/*
 * Says that one unit was sent: in a pipeline up to its Sync, otherwise one query. Flushes. False
 * when the connection was lost in it (`lost` has been called).
 */
bool pg_conn_sent(PgConn *conn);

/* Gives the connection up, as if it had been lost. */
void pg_conn_fail(PgConn *conn, const char *reason);

/* Ends a back-off early: another connection has just succeeded. */
void pg_conn_hurry(PgConn *conn);

/* Called whenever any connection becomes READY: the server is there, the others may hurry. */
void pg_conn_set_observer(void (*observer)(void));

/*
 * Whether this error means that the connection, not the statement, is at fault (shutdown,
 * termination, crash): what was sent is in doubt and must be asked again.
 */
bool pg_error_is_connection(const PGresult *result);

#endif
