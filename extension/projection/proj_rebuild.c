/*
 * proj_rebuild.c: makes an aggregate's read model again from its events, and proves that it was right.
 *
 * verify rebuilds inside a subtransaction that is rolled back: it changes nothing, and compares row by row. Both lock
 * the aggregate against commands meanwhile; verify lets go of it before the next one.
 */
#include "postgres.h"

#include <limits.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"

#include "event/event_stream.h"
#include "projection/proj_model.h"
#include "projection/proj_replay.h"
#include "projection/proj_snapshot.h"
#include "support/support_json.h"
#include "support/support_schema.h"
#include "support/support_spi.h"
#include "support/support_subxact.h"

PG_FUNCTION_INFO_V1(collab_rebuild);
PG_FUNCTION_INFO_V1(collab_verify);

SPI_STATEMENT(find_kind, "SELECT aggregate_type FROM collab.aggregates WHERE id = $1", UUIDOID);

/* What verify found. */
typedef struct Comparison
{
	const pg_uuid_t *id;
	bool is_rebuilding; /* an error from here on is about the log */
	ModelRows *live;
	ModelRows *rebuilt;
	int tables;
	char *problem; /* found before the rows could be compared */
} Comparison;

static void
lock_aggregate(const pg_uuid_t *id, Stream *stream)
{
	Datum values[] = {UUIDPGetDatum(id)};

	if (spi_run(&find_kind, values, NULL) == 0)
		ereport(ERROR,
				(errcode(MAKE_SQLSTATE('T', 'B', '0', '0', '2')), errmsg("no board or workspace %s", uuid_text(id))));
	stream->id = *id;
	stream->kind = strcmp(spi_cstring(0, 1), "board") == 0 ? AGGREGATE_BOARD : AGGREGATE_WORKSPACE;
	stream_lock(stream);
}

/* From the first event on, with snapshots on the way. */
static void
rebuild(const Stream *stream)
{
	int version = 0;

	proj_model_delete(stream->kind, &stream->id);
	if (stream->kind == AGGREGATE_BOARD)
		proj_snapshot_delete(&stream->id);
	while (version < stream->version)
	{
		int next = stream->kind == AGGREGATE_BOARD ? proj_snapshot_next_due(version) : INT_MAX;
		int upto = Min(next, stream->version);

		proj_replay(&stream->id, &stream->id, version, upto);
		if (upto == next)
			proj_snapshot_take(&stream->id, upto);
		version = upto;
	}
}

/* collab.rebuild(aggregate_id uuid) RETURNS int: the version it was rebuilt to */
Datum
collab_rebuild(PG_FUNCTION_ARGS)
{
	Stream stream;

	schema_check();
	SPI_connect();
	lock_aggregate(PG_GETARG_UUID_P(0), &stream);
	rebuild(&stream);
	SPI_finish();
	PG_RETURN_INT32(stream.version);
}

/* Verification */

/* The same, but the snapshots that are there are compared on the way. */
static void
rebuild_and_compare(const Stream *stream, Comparison *found)
{
	int version = 0;
	int count = 0;
	int *stops = stream->kind == AGGREGATE_BOARD ? proj_snapshot_versions(&stream->id, &count) : NULL;

	proj_model_delete(stream->kind, &stream->id);
	for (int i = 0; i < count && stops[i] <= stream->version; i++)
	{
		proj_replay(&stream->id, &stream->id, version, stops[i]);
		version = stops[i];
		if (found->problem == NULL && !proj_snapshot_matches(&stream->id, version))
			found->problem = psprintf("the snapshot at version %d is not what the events make", version);
	}
	if (found->problem == NULL && count > 0 && stops[count - 1] > stream->version)
		found->problem =
			psprintf("there is a snapshot at version %d, the last event has %d", stops[count - 1], stream->version);
	proj_replay(&stream->id, &stream->id, version, INT_MAX);
}

/* Errors that say nothing about the log: cancelled, out of resources, a lock not had, a deadlock. */
static bool
is_outside_cause(int sqlstate)
{
	int category = ERRCODE_TO_CATEGORY(sqlstate);

	return category == ERRCODE_OPERATOR_INTERVENTION || category == ERRCODE_INSUFFICIENT_RESOURCES ||
		   category == ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE || category == ERRCODE_TRANSACTION_ROLLBACK ||
		   category == ERRCODE_SYSTEM_ERROR;
}

/* Rolled back always: the rows are as they were, and the lock is gone again. */
static bool
compare_rebuilt(void *state)
{
	Comparison *found = state;
	Stream stream;

	lock_aggregate(found->id, &stream);
	found->live = proj_model_list(stream.kind, found->id, &found->tables);
	found->is_rebuilding = true;
	rebuild_and_compare(&stream, found);
	found->rebuilt = proj_model_list(stream.kind, found->id, &found->tables);
	return false;
}

/* What was found is in the caller's memory; a log that cannot be replayed is a finding, too. */
static void
compare_with_events(Comparison *found)
{
	ErrorData *error = subxact_run(compare_rebuilt, found);

	if (error == NULL)
		return;
	if (!found->is_rebuilding || is_outside_cause(error->sqlerrcode))
		ReThrowError(error);
	found->problem = psprintf("cannot be rebuilt: %s", error->message);
	found->tables = 0;
}

static const char *
row_or_nothing(const ModelRows *rows, int row)
{
	return row < rows->count ? rows->rows[row] : "(no row)";
}

static char *
first_difference(const Comparison *found)
{
	for (int t = 0; t < found->tables; t++)
	{
		const ModelRows *live = &found->live[t];
		const ModelRows *rebuilt = &found->rebuilt[t];

		for (int row = 0; row < Max(live->count, rebuilt->count); row++)
		{
			const char *left = row_or_nothing(live, row);
			const char *right = row_or_nothing(rebuilt, row);

			if (strcmp(left, right) != 0)
				return psprintf("%s is %s, rebuilt it is %s", live->table, left, right);
		}
	}
	return found->problem;
}

/* collab.verify_aggregate(aggregate_id uuid) RETURNS text: the first difference, or null */
Datum
collab_verify(PG_FUNCTION_ARGS)
{
	Comparison found = {.id = PG_GETARG_UUID_P(0)};
	MemoryContext caller = CurrentMemoryContext;
	char *difference;
	text *result = NULL;

	schema_check();
	SPI_connect();
	compare_with_events(&found);
	difference = first_difference(&found);
	if (difference != NULL)
	{
		MemoryContextSwitchTo(caller);
		result = cstring_to_text(difference);
	}
	SPI_finish();
	if (result == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(result);
}
