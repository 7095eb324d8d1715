/*
 * support_spi.h: prepared statements that live as long as the backend, and readers for their rows.
 *
 * A statement is declared once, beside its use, with SPI_STATEMENT. It is prepared at first use and replanned by
 * PostgreSQL when the tables change (also after DROP and CREATE EXTENSION). Callers are inside SPI_connect.
 */
#ifndef COLLAB_SUPPORT_SPI_H
#define COLLAB_SUPPORT_SPI_H

#include "postgres.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "nodes/execnodes.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#define SPI_STATEMENT_MAX_ARGS 16

typedef struct SpiStatement
{
	const char *sql;
	Oid argtypes[SPI_STATEMENT_MAX_ARGS]; /* ends at the first InvalidOid */
	SPIPlanPtr plan; /* kept for the life of the backend */
} SpiStatement;

#define SPI_STATEMENT(name, text, ...) static SpiStatement name = {.sql = (text), .argtypes = {__VA_ARGS__}}

/* Runs with a snapshot taken now; what other transactions committed meanwhile is seen. nulls: as SPI's, or NULL. */
extern uint64 spi_run(SpiStatement *statement, Datum *values, const char *nulls);
/* Runs under the active snapshot, for state and event readers. */
extern uint64 spi_read(SpiStatement *statement, Datum *values, const char *nulls);
/* Frees the rows of the last statement before the connection ends; for loops. */
extern void spi_free_rows(void);

/* Readers of the last statement's rows; column counts from 1. All but spi_is_null need a non-null value. */
extern bool spi_is_null(uint64 row, int column);
extern Datum spi_datum(uint64 row, int column);
extern pg_uuid_t spi_uuid(uint64 row, int column);
extern int32 spi_int32(uint64 row, int column);
extern int64 spi_int64(uint64 row, int column);
extern bool spi_bool(uint64 row, int column);
extern TimestampTz spi_timestamptz(uint64 row, int column);
/* Copied into the current memory context; null gives NULL. Works for text, enum and jsonb alike (output function). */
extern char *spi_cstring(uint64 row, int column);

/* One row of spi_each: valid until the function returns. Columns count from 0 here, as in the arrays. */
typedef struct SpiRow
{
	const Datum *values;
	const bool *nulls;
} SpiRow;

typedef void (*SpiRowFunction)(const SpiRow *row, void *context);

/*
 * Runs the statement under the active snapshot (is_read) or with one taken now, and hands over each row as it comes,
 * without copying it. The function runs in a memory context that is emptied before each row; what it appends to a
 * StringInfo or repallocs stays where that was made. It must not run statements.
 */
extern void spi_each(SpiStatement *statement, Datum *values, bool is_read, SpiRowFunction take, void *context);

/* For a set-returning function: an empty tuplestore of its result type, filled with tuplestore_putvalues. */
extern ReturnSetInfo *spi_begin_rows(FunctionCallInfo fcinfo);

#endif
