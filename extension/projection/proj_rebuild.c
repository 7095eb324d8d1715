/*
 * proj_rebuild.c: makes an aggregate's read model again from its events, and proves that it was right.
 *
 * verify rebuilds inside a subtransaction that is rolled back: it changes nothing, and compares row by row. Both lock
 * the aggregate against commands meanwhile; verify lets go of it before the next one.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "event/event_stream.h"
#include "projection/projection.h"
#include "support/support_json.h"

PG_FUNCTION_INFO_V1(collab_rebuild);
PG_FUNCTION_INFO_V1(collab_verify);

#define EVENT_PAGE 500

SPI_STATEMENT(find_kind, "SELECT aggregate_type FROM collab.aggregates WHERE id = $1", UUIDOID);
SPI_STATEMENT(read_page,
			  "SELECT event_type, event_data, version, created_at, user_id FROM collab.events"
			  " WHERE aggregate_id = $1 AND version > $2 ORDER BY version LIMIT " CppAsString2(EVENT_PAGE),
			  UUIDOID, INT4OID);

/* One table of the read model: how an aggregate's rows are deleted and listed. */
typedef struct ModelTable
{
	const char *name;
	AggregateKind kind;
	SpiStatement delete_rows;
	SpiStatement list_rows;
} ModelTable;

#define MODEL_TABLE(table, aggregate, key, sort)                                                                       \
	{                                                                                                                  \
		.name = "collab." table, .kind = AGGREGATE_##aggregate,                                                        \
		.delete_rows = {.sql = "DELETE FROM collab." table " WHERE " key " = $1", .argtypes = {UUIDOID}},              \
		.list_rows = {.sql = "SELECT r::text FROM collab." table " AS r WHERE " key " = $1 ORDER BY " sort,            \
					  .argtypes = {UUIDOID}},                                                                          \
	}

/* Children first. */
static ModelTable model_tables[] = {
	MODEL_TABLE("attachments", BOARD, "board_id", "id"),
	MODEL_TABLE("comments", BOARD, "board_id", "id"),
	MODEL_TABLE("checklist_items", BOARD, "board_id", "id"),
	MODEL_TABLE("checklists", BOARD, "board_id", "id"),
	MODEL_TABLE("task_dependencies", BOARD, "board_id", "task_id, blocked_by"),
	MODEL_TABLE("task_labels", BOARD, "board_id", "task_id, label_id"),
	MODEL_TABLE("task_assignees", BOARD, "board_id", "task_id, user_id"),
	MODEL_TABLE("tasks", BOARD, "board_id", "id"),
	MODEL_TABLE("custom_fields", BOARD, "board_id", "id"),
	MODEL_TABLE("labels", BOARD, "board_id", "id"),
	MODEL_TABLE("lists", BOARD, "board_id", "id"),
	MODEL_TABLE("board_members", BOARD, "board_id", "user_id"),
	MODEL_TABLE("boards", BOARD, "id", "id"),
	MODEL_TABLE("invites", WORKSPACE, "workspace_id", "id"),
	MODEL_TABLE("members", WORKSPACE, "workspace_id", "user_id"),
	MODEL_TABLE("workspaces", WORKSPACE, "id", "id"),
};

typedef struct ModelRows
{
	char **rows;
	int count;
} ModelRows;

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

static ProjectedEvent *
take_page(const pg_uuid_t *id, int *count)
{
	ProjectedEvent *events;

	*count = (int) SPI_processed;
	events = palloc(sizeof(ProjectedEvent) * Max(*count, 1));
	for (int i = 0; i < *count; i++)
	{
		events[i].aggregate_id = *id;
		events[i].type = event_type_find(spi_cstring(i, 1));
		events[i].data = DatumGetJsonbPCopy(spi_datum(i, 2));
		events[i].version = spi_int32(i, 3);
		events[i].created_at = spi_timestamptz(i, 4);
		events[i].user_id = spi_int64(i, 5);
	}
	spi_free_rows();
	return events;
}

static void
apply_all(const pg_uuid_t *id)
{
	int version = 0;
	int count;
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext page = AllocSetContextCreate(caller, "collab rebuild page", ALLOCSET_DEFAULT_SIZES);

	do
	{
		Datum values[] = {UUIDPGetDatum(id), Int32GetDatum(version)};
		ProjectedEvent *events;

		MemoryContextSwitchTo(page);
		(void) spi_run(&read_page, values, NULL);
		events = take_page(id, &count);
		for (int i = 0; i < count; i++)
			proj_apply(&events[i]);
		if (count > 0)
		{
			version = events[count - 1].version;
			proj_touch(&events[count - 1]);
		}
		MemoryContextSwitchTo(caller);
		MemoryContextReset(page);
	} while (count == EVENT_PAGE);
	MemoryContextDelete(page);
}

static void
rebuild(const Stream *stream)
{
	Datum values[] = {UUIDPGetDatum(&stream->id)};

	for (int i = 0; i < (int) lengthof(model_tables); i++)
	{
		if (model_tables[i].kind == stream->kind)
			(void) spi_run(&model_tables[i].delete_rows, values, NULL);
	}
	apply_all(&stream->id);
}

/* collab.rebuild(aggregate_id uuid) RETURNS int: the version it was rebuilt to */
Datum
collab_rebuild(PG_FUNCTION_ARGS)
{
	Stream stream;

	SPI_connect();
	lock_aggregate(PG_GETARG_UUID_P(0), &stream);
	rebuild(&stream);
	SPI_finish();
	PG_RETURN_INT32(stream.version);
}

/* Verification */

/* In the caller's memory: the rows outlive the subtransaction. */
static void
list_all(const Stream *stream, ModelRows *all)
{
	Datum values[] = {UUIDPGetDatum(&stream->id)};

	for (int t = 0; t < (int) lengthof(model_tables); t++)
	{
		if (model_tables[t].kind != stream->kind)
			continue;
		all[t].count = (int) spi_run(&model_tables[t].list_rows, values, NULL);
		all[t].rows = palloc(sizeof(char *) * Max(all[t].count, 1));
		for (int row = 0; row < all[t].count; row++)
			all[t].rows[row] = spi_cstring(row, 1);
		spi_free_rows();
	}
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

/*
 * In a subtransaction that is rolled back: the rows are as they were, and the lock is gone again. Returns why the log
 * cannot be replayed, or NULL.
 */
static char *
list_live_and_rebuilt(const pg_uuid_t *id, ModelRows *live, ModelRows *rebuilt)
{
	MemoryContext caller = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData *volatile error = NULL;
	volatile bool is_rebuilding = false;
	Stream stream;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(caller);
	PG_TRY();
	{
		lock_aggregate(id, &stream);
		list_all(&stream, live);
		is_rebuilding = true;
		rebuild(&stream);
		list_all(&stream, rebuilt);
	}
	PG_CATCH();
	{
		/* a caller that catches the error must find its own level, not this one */
		MemoryContextSwitchTo(caller);
		error = CopyErrorData();
		FlushErrorState();
	}
	PG_END_TRY();
	RollbackAndReleaseCurrentSubTransaction();
	MemoryContextSwitchTo(caller);
	CurrentResourceOwner = owner;
	if (error != NULL && (!is_rebuilding || is_outside_cause(error->sqlerrcode)))
		ReThrowError(error);
	return error == NULL ? NULL : psprintf("cannot be rebuilt: %s", error->message);
}

static const char *
row_or_nothing(const ModelRows *rows, int row)
{
	return row < rows->count ? rows->rows[row] : "(no row)";
}

static char *
first_difference(const ModelRows *live, const ModelRows *rebuilt)
{
	for (int t = 0; t < (int) lengthof(model_tables); t++)
	{
		for (int row = 0; row < Max(live[t].count, rebuilt[t].count); row++)
		{
			const char *left = row_or_nothing(&live[t], row);
			const char *right = row_or_nothing(&rebuilt[t], row);

			if (strcmp(left, right) != 0)
				return psprintf("%s is %s, rebuilt it is %s", model_tables[t].name, left, right);
		}
	}
	return NULL;
}

/* collab.verify_aggregate(aggregate_id uuid) RETURNS text: the first difference, or null */
Datum
collab_verify(PG_FUNCTION_ARGS)
{
	ModelRows live[lengthof(model_tables)] = {{0}};
	ModelRows rebuilt[lengthof(model_tables)] = {{0}};
	MemoryContext caller = CurrentMemoryContext;
	char *difference;
	text *result = NULL;

	SPI_connect();
	difference = list_live_and_rebuilt(PG_GETARG_UUID_P(0), live, rebuilt);
	if (difference == NULL)
		difference = first_difference(live, rebuilt);
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
