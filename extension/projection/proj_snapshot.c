/*
 * proj_snapshot.c: snapshots of boards: when they are taken, and their table.
 *
 * One is taken in the transaction that takes the board's version past a multiple of collab.snapshot_interval, after its
 * last event was projected. They are derived: without them everything is the same, but for the time it takes.
 */
#include "postgres.h"

#include <limits.h>

#include "catalog/pg_type.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "event/event_append.h"
#include "projection/proj_model.h"
#include "projection/proj_snapshot.h"
#include "support/support_json.h"
#include "support/support_spi.h"
#include "support/support_subxact.h"

static int snapshot_interval = 200;
static EventAppendedHook previous_hook = NULL;

SPI_STATEMENT(insert_snapshot,
			  "INSERT INTO collab.snapshots (board_id, version, state) VALUES ($1, $2, $3)"
			  " ON CONFLICT (board_id, version) DO NOTHING",
			  UUIDOID, INT4OID, JSONBOID);
SPI_STATEMENT(find_snapshot,
			  "SELECT version, state FROM collab.snapshots WHERE board_id = $1 AND version <= $2"
			  " ORDER BY version DESC LIMIT 1",
			  UUIDOID, INT4OID);
SPI_STATEMENT(read_snapshot, "SELECT state = $3 FROM collab.snapshots WHERE board_id = $1 AND version = $2", UUIDOID,
			  INT4OID, JSONBOID);
SPI_STATEMENT(list_snapshots, "SELECT version FROM collab.snapshots WHERE board_id = $1 ORDER BY version", UUIDOID);
SPI_STATEMENT(delete_snapshots, "DELETE FROM collab.snapshots WHERE board_id = $1", UUIDOID);

/* Whether one is due somewhere in after < version <= upto. */
static bool
is_due(int after, int upto)
{
	return snapshot_interval > 0 && after / snapshot_interval != upto / snapshot_interval;
}

int
proj_snapshot_next_due(int after)
{
	if (snapshot_interval == 0 || after > INT_MAX - snapshot_interval)
		return INT_MAX;
	return (after / snapshot_interval + 1) * snapshot_interval;
}

static void
take(const pg_uuid_t *board_id, int version)
{
	Datum values[] = {UUIDPGetDatum(board_id), Int32GetDatum(version), JsonbPGetDatum(proj_model_save(board_id))};

	(void) spi_run(&insert_snapshot, values, NULL);
}

/* A board's content may be more than one jsonb can hold: that is no reason to refuse the command. */
static bool
is_too_large(int sqlstate)
{
	return ERRCODE_TO_CATEGORY(sqlstate) == ERRCODE_PROGRAM_LIMIT_EXCEEDED || sqlstate == ERRCODE_OUT_OF_MEMORY;
}

typedef struct Taking
{
	const pg_uuid_t *board_id;
	int version;
	MemoryContext memory;
} Taking;

static bool
take_in_memory(void *state)
{
	Taking *taking = state;

	MemoryContextSwitchTo(taking->memory);
	take(taking->board_id, taking->version);
	return true;
}

void
proj_snapshot_take(const pg_uuid_t *board_id, int version)
{
	Taking taking = {board_id, version,
					 AllocSetContextCreate(CurrentMemoryContext, "collab snapshot", ALLOCSET_DEFAULT_SIZES)};
	ErrorData *error = subxact_run(take_in_memory, &taking);

	if (error != NULL && !is_too_large(error->sqlerrcode))
		ReThrowError(error);
	if (error != NULL)
		ereport(LOG, (errmsg("board %s is too large for a snapshot at version %d: %s", uuid_text(board_id), version,
							 error->message)));
	MemoryContextDelete(taking.memory);
}

int
proj_snapshot_load(const pg_uuid_t *board_id, const pg_uuid_t *target, int upto)
{
	Datum values[] = {UUIDPGetDatum(board_id), Int32GetDatum(upto)};
	Jsonb *state;
	int version;

	if (spi_run(&find_snapshot, values, NULL) == 0)
		return 0;
	version = spi_int32(0, 1);
	state = DatumGetJsonbPCopy(spi_datum(0, 2));
	spi_free_rows();
	proj_model_load(target, state);
	pfree(state);
	return version;
}

void
proj_snapshot_delete(const pg_uuid_t *board_id)
{
	Datum values[] = {UUIDPGetDatum(board_id)};

	(void) spi_run(&delete_snapshots, values, NULL);
}

int *
proj_snapshot_versions(const pg_uuid_t *board_id, int *count)
{
	Datum values[] = {UUIDPGetDatum(board_id)};
	int *versions;

	*count = (int) spi_run(&list_snapshots, values, NULL);
	versions = palloc(sizeof(int) * Max(*count, 1));
	for (int i = 0; i < *count; i++)
		versions[i] = spi_int32(i, 1);
	spi_free_rows();
	return versions;
}

bool
proj_snapshot_matches(const pg_uuid_t *board_id, int version)
{
	Datum values[] = {UUIDPGetDatum(board_id), Int32GetDatum(version), JsonbPGetDatum(proj_model_save(board_id))};
	bool matches = spi_run(&read_snapshot, values, NULL) == 1 && spi_bool(0, 1);

	spi_free_rows();
	return matches;
}

static void
take_when_due(const Stream *stream, int count)
{
	if (previous_hook != NULL)
		previous_hook(stream, count);
	if (stream->kind == AGGREGATE_BOARD && is_due(stream->version - count, stream->version))
		proj_snapshot_take(&stream->id, stream->version);
}

void
proj_snapshot_start(void)
{
	DefineCustomIntVariable("collab.snapshot_interval", "Events of a board between two snapshots of it.",
							"Snapshots make collab.board_at fast. 0 takes none.", &snapshot_interval, 200, 0, 1000000,
							PGC_SUSET, 0, NULL, NULL, NULL);
	previous_hook = event_appended_hook;
	event_appended_hook = take_when_due;
}
