/*
 * proj_board_document.c: a list and a whole board as JSON.
 *
 * A board is read in a fixed number of statements, whatever its size. What grows with its tasks is neither sorted nor
 * joined in SQL: rows are taken as they come, each task is written at once, in two pieces around its position, and the
 * pieces are put together in the order of lists and ranks at the end.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"

#include "projection/proj_parts.h"
#include "support/support_json.h"
#include "support/support_jsonb.h"
#include "support/support_schema.h"
#include "support/support_spi.h"

PG_FUNCTION_INFO_V1(collab_board_document);
PG_FUNCTION_INFO_V1(collab_board_state_document);

SPI_STATEMENT(read_board,
			  "SELECT b.name, b.description, b.workspace_id, b.owner_id, b.visibility, b.settings, b.version,"
			  " b.updated_at, b.archived_at,"
			  " ARRAY(SELECT r.user_id FROM collab.board_readers AS r WHERE r.board_id = b.id ORDER BY r.user_id)"
			  " FROM collab.boards AS b WHERE b.id = $1",
			  UUIDOID);
SPI_STATEMENT(read_people,
			  "SELECT coalesce(json_agg(json_build_object('user_id', u.id, 'username', u.name, 'handle', u.handle,"
			  " 'avatar', u.avatar) ORDER BY u.id), '[]')::text FROM collab.users AS u WHERE u.id = ANY ($1)",
			  INT8ARRAYOID);
SPI_STATEMENT(
	read_labels,
	"SELECT id, name, color FROM collab.labels WHERE board_id = $1 AND deleted_at IS NULL ORDER BY created_at, name, id",
	UUIDOID);
SPI_STATEMENT(read_fields,
			  "SELECT id, name, kind, options FROM collab.custom_fields WHERE board_id = $1 AND deleted_at IS NULL"
			  " ORDER BY created_at, name, id",
			  UUIDOID);
SPI_STATEMENT(read_lists,
			  "SELECT id, name, category, wip_limit, version, archived_at, task_count FROM collab.lists"
			  " WHERE board_id = $1 ORDER BY rank, id",
			  UUIDOID);
SPI_STATEMENT(read_list,
			  "SELECT l.id, l.name, l.category, l.wip_limit, l.version, l.archived_at, (SELECT count(*)::int"
			  " FROM collab.lists AS o WHERE o.board_id = l.board_id AND o.archived_at IS NULL"
			  " AND (o.rank, o.id) < (l.rank, l.id)) FROM collab.lists AS l WHERE l.board_id = $1 AND l.id = $2",
			  UUIDOID, UUIDOID);

/* Values of fields that were deleted stay out; only a task that has values looks for them. */
#define TASKS_SQL                                                                                                      \
	"SELECT id, list_id, rank, title, priority, start_date, due_date, completed_at, archived_at, comments_count,"      \
	" attachments_count, version, created_at, updated_at, cover, description, config,"                                 \
	" CASE WHEN custom_fields = '{}' THEN custom_fields ELSE custom_fields - ARRAY(SELECT f.id::text"                  \
	" FROM collab.custom_fields AS f WHERE f.board_id = $1 AND f.deleted_at IS NOT NULL) END"                          \
	" FROM collab.tasks WHERE board_id = $1 AND deleted_at IS NULL"

SPI_STATEMENT(read_tasks, TASKS_SQL " AND archived_at IS NULL", UUIDOID);
SPI_STATEMENT(read_tasks_archived, TASKS_SQL, UUIDOID);

typedef struct BoardList
{
	pg_uuid_t id;
	const char *name;
	const char *category;
	const char *wip_limit;
	const TimestampTz *archived_at;
	int version;
} BoardList;

/* A task that is written: texts[start] … before its position, texts[middle] … after it, up to texts[end]. */
typedef struct WrittenTask
{
	int list;
	bool is_archived;
	int64 rank;
	pg_uuid_t id;
	int start;
	int middle;
	int end;
} WrittenTask;

typedef struct BoardReader
{
	pg_uuid_t board_id;
	DocumentDetail detail;
	bool with_archived;
	BoardList *lists; /* in their order; those that are not shown are not among them */
	IdMap *list_ids;
	int list_count;
	int expected_tasks;
	TaskParts *parts;
	WrittenTask *tasks;
	int count;
	int room;
	StringInfoData texts;
	StringInfoData scratch; /* a task's checklists */
} BoardReader;

/* Lists */

static void
put_list_head(StringInfo out, const BoardList *list, int position)
{
	json_begin(out, '{');
	json_add_uuid(out, "id", &list->id);
	json_add_string(out, "name", list->name);
	json_add_int(out, "position", position);
	json_add_string(out, "category", list->category);
	json_add_raw(out, "wip_limit", list->wip_limit);
	json_add_int(out, "version", list->version);
	if (list->archived_at != NULL)
		proj_put_time(out, "archived_at", list->archived_at);
}

static void
take_list(uint64 row, BoardList *list)
{
	list->id = spi_uuid(row, 1);
	list->name = spi_cstring(row, 2);
	list->category = spi_cstring(row, 3);
	list->wip_limit = spi_cstring(row, 4);
	list->version = spi_int32(row, 5);
	list->archived_at = NULL;
	if (!spi_is_null(row, 6))
	{
		TimestampTz *archived_at = palloc(sizeof(TimestampTz));

		*archived_at = spi_timestamptz(row, 6);
		list->archived_at = archived_at;
	}
}

char *
proj_list_text(const pg_uuid_t *board_id, const pg_uuid_t *list_id)
{
	Datum values[] = {UUIDPGetDatum(board_id), UUIDPGetDatum(list_id)};
	BoardList list;
	StringInfoData out;

	if (spi_run(&read_list, values, NULL) == 0)
		return NULL;
	take_list(0, &list);
	initStringInfo(&out);
	put_list_head(&out, &list, spi_int32(0, 7));
	json_end(&out, '}');
	return out.data;
}

static void
read_board_lists(BoardReader *reader)
{
	Datum values[] = {UUIDPGetDatum(&reader->board_id)};
	uint64 count = spi_read(&read_lists, values, NULL);

	reader->lists = palloc(sizeof(BoardList) * Max(count, 1));
	reader->list_ids = id_map_new((uint32) count);
	for (uint64 row = 0; row < count; row++)
	{
		if (!reader->with_archived && !spi_is_null(row, 6))
			continue;
		take_list(row, &reader->lists[reader->list_count++]);
		(void) id_map_put(reader->list_ids, &reader->lists[reader->list_count - 1].id);
		reader->expected_tasks += spi_int32(row, 7);
	}
	spi_free_rows();
}

/* Tasks */

static const TimestampTz *
row_time(const SpiRow *row, int column, TimestampTz *time)
{
	if (row->nulls[column])
		return NULL;
	*time = DatumGetTimestampTz(row->values[column]);
	return time;
}

static const char *
row_json(const SpiRow *row, int column)
{
	Jsonb *value;

	if (row->nulls[column])
		return NULL;
	value = DatumGetJsonbP(row->values[column]);
	if (JB_ROOT_IS_OBJECT(value) && JB_ROOT_COUNT(value) == 0)
		return "{}";
	return JsonbToCString(NULL, &value->root, VARSIZE(value));
}

static void
write_task(BoardReader *reader, const SpiRow *row, int list)
{
	TimestampTz times[4];
	TaskDocument task = {
		.board_id = reader->board_id,
		.id = *DatumGetUUIDP(row->values[0]),
		.list_id = reader->lists[list].id,
		.title = TextDatumGetCString(row->values[3]),
		.priority = row->nulls[4] ? NULL : TextDatumGetCString(row->values[4]),
		.start_date = row_time(row, 5, &times[0]),
		.due_date = row_time(row, 6, &times[1]),
		.completed_at = row_time(row, 7, &times[2]),
		.archived_at = row_time(row, 8, &times[3]),
		.status = reader->lists[list].category,
		.comments_count = DatumGetInt32(row->values[9]),
		.attachments_count = DatumGetInt32(row->values[10]),
		.version = DatumGetInt32(row->values[11]),
		.created_at = DatumGetTimestampTz(row->values[12]),
		.updated_at = DatumGetTimestampTz(row->values[13]),
		.cover = row_json(row, 14),
	};
	WrittenTask *written = &reader->tasks[reader->count++];

	if (reader->detail == DETAIL_FULL)
	{
		task.description = TextDatumGetCString(row->values[15]);
		task.config = row_json(row, 16);
		task.custom_fields = row_json(row, 17);
	}
	proj_parts_of(reader->parts, &task, &reader->scratch);
	*written = (WrittenTask){.list = list, .is_archived = task.archived_at != NULL, .id = task.id};
	written->rank = DatumGetInt64(row->values[2]);
	written->start = reader->texts.len;
	proj_put_task_before_position(&reader->texts, &task);
	appendStringInfoChar(&reader->texts, '\0');
	written->middle = reader->texts.len;
	proj_put_task_after_position(&reader->texts, &task, reader->detail);
	appendStringInfoChar(&reader->texts, '\0');
	written->end = reader->texts.len;
}

static void
take_task(const SpiRow *row, void *context)
{
	BoardReader *reader = context;
	int list = id_map_find(reader->list_ids, DatumGetUUIDP(row->values[1]));

	if (list < 0)
		return; /* in an archived list */
	if (reader->count == reader->room)
	{
		reader->room *= 2;
		reader->tasks = repalloc_huge(reader->tasks, sizeof(WrittenTask) * reader->room);
	}
	write_task(reader, row, list);
}

static int
compare_tasks(const void *left, const void *right)
{
	const WrittenTask *a = left;
	const WrittenTask *b = right;

	if (a->list != b->list)
		return a->list < b->list ? -1 : 1;
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	return memcmp(a->id.data, b->id.data, UUID_LEN);
}

static void
read_board_tasks(BoardReader *reader)
{
	Datum values[] = {UUIDPGetDatum(&reader->board_id)};

	reader->room = Max(reader->expected_tasks, 8);
	reader->tasks = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(WrittenTask) * reader->room);
	initStringInfo(&reader->texts);
	initStringInfo(&reader->scratch);
	spi_each(reader->with_archived ? &read_tasks_archived : &read_tasks, values, true, take_task, reader);
	qsort(reader->tasks, reader->count, sizeof(WrittenTask), compare_tasks);
}

static void
put_list_tasks(StringInfo out, const BoardReader *reader, int list, int *next)
{
	int position = 0;

	json_key(out, "tasks");
	json_begin(out, '[');
	for (; *next < reader->count && reader->tasks[*next].list == list; (*next)++)
	{
		const WrittenTask *task = &reader->tasks[*next];

		if (out->data[out->len - 1] != '[')
			appendStringInfoCharMacro(out, ',');
		appendBinaryStringInfo(out, reader->texts.data + task->start, task->middle - task->start - 1);
		json_put_int(out, position);
		appendStringInfoCharMacro(out, ',');
		appendBinaryStringInfo(out, reader->texts.data + task->middle, task->end - task->middle - 1);
		position += task->is_archived ? 0 : 1;
	}
	json_end(out, ']');
}

static void
put_board_lists(StringInfo out, const BoardReader *reader)
{
	int next = 0;
	int position = 0;

	json_key(out, "lists");
	json_begin(out, '[');
	for (int i = 0; i < reader->list_count; i++)
	{
		put_list_head(out, &reader->lists[i], position);
		put_list_tasks(out, reader, i, &next);
		json_end(out, '}');
		position += reader->lists[i].archived_at == NULL ? 1 : 0;
	}
	json_end(out, ']');
}

/* Boards */

static void
put_people(StringInfo out, const TaskParts *parts, ArrayType *members)
{
	uint32 count;
	int64 *users = proj_parts_users(parts, &count);
	Datum *ids;
	Datum *member_ids;
	int member_count;
	Datum values[1];

	deconstruct_array(members, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &member_ids, NULL,
					  &member_count);
	json_key(out, "members");
	json_begin(out, '[');
	for (int i = 0; i < member_count; i++)
		json_put_int(out, DatumGetInt64(member_ids[i]));
	json_end(out, ']');
	ids = palloc(sizeof(Datum) * (count + member_count));
	memcpy(ids, member_ids, sizeof(Datum) * member_count);
	for (uint32 i = 0; i < count; i++)
		ids[member_count + i] = Int64GetDatum(users[i]);
	values[0] = PointerGetDatum(
		construct_array(ids, member_count + (int) count, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	(void) spi_read(&read_people, values, NULL);
	json_add_raw(out, "people", spi_cstring(0, 1));
}

static bool
put_board_head(StringInfo out, const BoardReader *reader)
{
	Datum values[] = {UUIDPGetDatum(&reader->board_id)};
	TimestampTz archived_at = 0;
	pg_uuid_t workspace_id;
	bool is_archived;

	if (spi_read(&read_board, values, NULL) == 0)
		return false;
	workspace_id = spi_uuid(0, 3);
	is_archived = !spi_is_null(0, 9);
	if (is_archived)
		archived_at = spi_timestamptz(0, 9);
	json_begin(out, '{');
	json_add_uuid(out, "id", &reader->board_id);
	json_add_string(out, "name", spi_cstring(0, 1));
	json_add_string(out, "description", spi_cstring(0, 2));
	json_add_uuid(out, "workspace_id", &workspace_id);
	json_add_int(out, "owner_id", spi_int64(0, 4));
	json_add_string(out, "visibility", spi_cstring(0, 5));
	json_add_raw(out, "settings", spi_cstring(0, 6));
	json_add_int(out, "version", spi_int32(0, 7));
	json_add_time(out, "updated_at", spi_timestamptz(0, 8));
	proj_put_time(out, "archived_at", is_archived ? &archived_at : NULL);
	put_people(out, reader->parts, DatumGetArrayTypePCopy(spi_datum(0, 10)));
	return true;
}

static void
put_board_labels(StringInfo out, const pg_uuid_t *board_id)
{
	Datum values[] = {UUIDPGetDatum(board_id)};

	(void) spi_read(&read_labels, values, NULL);
	json_key(out, "labels");
	json_begin(out, '[');
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		LabelDocument label = {spi_uuid(row, 1), spi_cstring(row, 2), spi_cstring(row, 3)};

		proj_put_label(out, &label);
	}
	json_end(out, ']');
}

static void
put_board_fields(StringInfo out, const pg_uuid_t *board_id)
{
	Datum values[] = {UUIDPGetDatum(board_id)};

	(void) spi_read(&read_fields, values, NULL);
	json_key(out, "custom_fields");
	json_begin(out, '[');
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		pg_uuid_t id = spi_uuid(row, 1);

		json_begin(out, '{');
		json_add_uuid(out, "id", &id);
		json_add_string(out, "name", spi_cstring(row, 2));
		json_add_string(out, "kind", spi_cstring(row, 3));
		json_add_raw(out, "options", spi_cstring(row, 4));
		json_end(out, '}');
	}
	json_end(out, ']');
}

char *
proj_board_text(const pg_uuid_t *board_id, DocumentDetail detail, bool with_archived)
{
	BoardReader reader = {.board_id = *board_id, .detail = detail, .with_archived = with_archived};
	StringInfoData out;

	initStringInfo(&out);
	read_board_lists(&reader);
	reader.parts = proj_parts_read(board_id, NULL, detail, (uint32) Max(reader.expected_tasks, 0), true);
	if (!put_board_head(&out, &reader))
		return NULL;
	put_board_labels(&out, board_id);
	put_board_fields(&out, board_id);
	read_board_tasks(&reader);
	enlargeStringInfo(&out, reader.texts.len + 16 * reader.count);
	put_board_lists(&out, &reader);
	json_end(&out, '}');
	return out.data;
}

/* NULL when there is no such board; in the SPI connection's memory. */
static char *
board_text_of(FunctionCallInfo fcinfo)
{
	return proj_board_text(PG_GETARG_UUID_P(0), proj_detail_of(text_to_cstring(PG_GETARG_TEXT_PP(1))),
						   PG_GETARG_BOOL(2));
}

/* collab.board_document(board_id uuid, detail text, archived boolean) RETURNS text: null when there is no such board */
Datum
collab_board_document(PG_FUNCTION_ARGS)
{
	MemoryContext caller = CurrentMemoryContext;
	text *result = NULL;
	char *document;

	schema_check(); /* first of all: 0.1 declared it with fewer arguments */
	SPI_connect();
	document = board_text_of(fcinfo);
	if (document != NULL)
	{
		MemoryContextSwitchTo(caller);
		result = cstring_to_text(document);
	}
	SPI_finish();
	if (result == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(result);
}

Jsonb *
proj_board_state(const char *document, int version, const char *event)
{
	StringInfoData out;

	initStringInfo(&out);
	json_begin(&out, '{');
	json_add_raw(&out, "board", document);
	json_add_int(&out, "version", version);
	json_add_string(&out, "event", event);
	json_end(&out, '}');
	return jsonb_of_own_text(out.data);
}

/*
 * collab.board_state_document(board_id uuid, detail text, archived boolean, version int, event text) RETURNS jsonb: the
 * same with the head it has, as collab.board_state gives it.
 */
Datum
collab_board_state_document(PG_FUNCTION_ARGS)
{
	MemoryContext caller = CurrentMemoryContext;
	Jsonb *result = NULL;
	char *document;

	SPI_connect();
	document = board_text_of(fcinfo);
	if (document != NULL)
	{
		MemoryContextSwitchTo(caller);
		result = proj_board_state(document, PG_GETARG_INT32(3), text_to_cstring(PG_GETARG_TEXT_PP(4)));
	}
	SPI_finish();
	if (result == NULL)
		PG_RETURN_NULL();
	PG_RETURN_JSONB_P(result);
}
