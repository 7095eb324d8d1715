/*
 * proj_document.c: builds the documents of the read model as JSON text.
 *
 * A board is read in a fixed number of statements, whatever its size: one each for the board, its labels, members,
 * lists, tasks, and what hangs on tasks. What hangs on tasks comes ordered by task id and is matched by binary search.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"

#include "projection/proj_document.h"
#include "support/support_json.h"
#include "support/support_spi.h"

PG_FUNCTION_INFO_V1(collab_board_document);

#define TASK_COLUMNS                                                                                                   \
	"t.id, t.list_id, t.title, t.description, t.priority, t.start_date, t.due_date, t.completed_at, t.archived_at,"    \
	" l.category, t.config, t.comments_count, t.version, t.created_at, t.updated_at, t.cover, t.custom_fields,"        \
	" t.attachments_count"
#define TASK_TABLES                                                                                                    \
	" FROM collab.tasks AS t JOIN collab.lists AS l ON l.board_id = t.board_id AND l.id = t.list_id"                   \
	" WHERE t.board_id = $1 AND t.deleted_at IS NULL"
#define CHECKLIST_JSON                                                                                                 \
	"jsonb_build_object('id', c.id, 'name', c.name, 'position', row_number() OVER (PARTITION BY c.task_id"             \
	" ORDER BY c.rank, c.id) - 1, 'items', coalesce((SELECT jsonb_agg(jsonb_build_object('id', i.id, 'text', i.text,"  \
	" 'checked', i.checked, 'due_date', to_char(i.due_date AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'),"     \
	" 'assigned_to', i.assigned_to, 'position', i.position) ORDER BY i.position)"                                      \
	" FROM (SELECT x.*, row_number() OVER (ORDER BY x.rank, x.id) - 1 AS position FROM collab.checklist_items AS x"    \
	" WHERE x.board_id = c.board_id AND x.checklist_id = c.id AND x.deleted_at IS NULL) AS i), '[]'))"
#define COUNT_COLUMNS                                                                                                    \
	"SELECT c.task_id, count(*)::int, (count(*) FILTER (WHERE i.checked))::int"                                          \
	" FROM collab.checklists AS c JOIN collab.checklist_items AS i ON i.board_id = c.board_id AND i.checklist_id = c.id" \
	" WHERE c.board_id = $1 AND c.deleted_at IS NULL AND i.deleted_at IS NULL"

SPI_STATEMENT(read_task, "SELECT " TASK_COLUMNS TASK_TABLES " AND t.id = $2", UUIDOID, UUIDOID);
SPI_STATEMENT(read_task_position,
			  "SELECT count(*)::int FROM collab.tasks AS t JOIN collab.tasks AS o ON o.board_id = t.board_id"
			  " AND o.list_id = t.list_id AND o.archived_at IS NULL AND o.deleted_at IS NULL"
			  " AND (o.rank, o.id) < (t.rank, t.id) WHERE t.board_id = $1 AND t.id = $2",
			  UUIDOID, UUIDOID);
SPI_STATEMENT(read_task_labels,
			  "SELECT tl.task_id, l.id, l.name, l.color FROM collab.task_labels AS tl"
			  " JOIN collab.labels AS l ON l.board_id = tl.board_id AND l.id = tl.label_id"
			  " WHERE tl.board_id = $1 AND tl.task_id = $2 ORDER BY tl.ordinal",
			  UUIDOID, UUIDOID);
SPI_STATEMENT(
	read_task_assignees,
	"SELECT task_id, user_id FROM collab.task_assignees WHERE board_id = $1 AND task_id = $2 ORDER BY ordinal", UUIDOID,
	UUIDOID);
SPI_STATEMENT(read_task_items, COUNT_COLUMNS " AND c.task_id = $2 GROUP BY c.task_id", UUIDOID, UUIDOID);
SPI_STATEMENT(
	read_task_checklists,
	"SELECT task_id, jsonb_agg(document ORDER BY rank, id) FROM (SELECT c.task_id, c.rank, c.id,"
	" " CHECKLIST_JSON
	" AS document FROM collab.checklists AS c WHERE c.board_id = $1 AND c.task_id = $2 AND c.deleted_at IS NULL) AS d"
	" GROUP BY task_id",
	UUIDOID, UUIDOID);

SPI_STATEMENT(
	read_board,
	"SELECT b.name, b.description, b.workspace_id, b.owner_id, b.visibility, b.settings, b.version, b.updated_at,"
	" (SELECT coalesce(json_agg(m.user_id ORDER BY m.user_id), '[]')::text FROM collab.members AS m"
	" WHERE m.workspace_id = b.workspace_id),"
	" (SELECT coalesce(json_agg(json_build_object('user_id', u.id, 'username', u.name, 'handle', u.handle,"
	" 'avatar', u.avatar) ORDER BY u.id), '[]')::text FROM collab.users AS u WHERE u.id IN"
	" (SELECT m.user_id FROM collab.members AS m WHERE m.workspace_id = b.workspace_id"
	" UNION SELECT a.user_id FROM collab.task_assignees AS a WHERE a.board_id = b.id))"
	" FROM collab.boards AS b WHERE b.id = $1",
	UUIDOID);
SPI_STATEMENT(
	read_labels,
	"SELECT id, name, color FROM collab.labels WHERE board_id = $1 AND deleted_at IS NULL ORDER BY created_at, name, id",
	UUIDOID);
SPI_STATEMENT(read_lists,
			  "SELECT id, name, category, wip_limit, version FROM collab.lists"
			  " WHERE board_id = $1 AND archived_at IS NULL ORDER BY rank, id",
			  UUIDOID);
SPI_STATEMENT(read_list,
			  "SELECT l.id, l.name, l.category, l.wip_limit, l.version, (SELECT count(*)::int FROM collab.lists AS o"
			  " WHERE o.board_id = l.board_id AND o.archived_at IS NULL AND (o.rank, o.id) < (l.rank, l.id))"
			  " FROM collab.lists AS l WHERE l.board_id = $1 AND l.id = $2",
			  UUIDOID, UUIDOID);
SPI_STATEMENT(read_tasks,
			  "SELECT " TASK_COLUMNS TASK_TABLES " AND t.archived_at IS NULL AND l.archived_at IS NULL"
			  " ORDER BY l.rank, l.id, t.rank, t.id",
			  UUIDOID);
SPI_STATEMENT(read_all_task_labels,
			  "SELECT tl.task_id, l.id, l.name, l.color FROM collab.task_labels AS tl"
			  " JOIN collab.labels AS l ON l.board_id = tl.board_id AND l.id = tl.label_id"
			  " WHERE tl.board_id = $1 ORDER BY tl.task_id, tl.ordinal",
			  UUIDOID);
SPI_STATEMENT(read_all_task_assignees,
			  "SELECT task_id, user_id FROM collab.task_assignees WHERE board_id = $1 ORDER BY task_id, ordinal",
			  UUIDOID);
SPI_STATEMENT(read_all_task_items, COUNT_COLUMNS " GROUP BY c.task_id ORDER BY c.task_id", UUIDOID);
SPI_STATEMENT(read_all_task_checklists,
			  "SELECT task_id, jsonb_agg(document ORDER BY rank, id) FROM (SELECT c.task_id, c.rank, c.id,"
			  " " CHECKLIST_JSON
			  " AS document FROM collab.checklists AS c WHERE c.board_id = $1 AND c.deleted_at IS NULL) AS d"
			  " GROUP BY task_id ORDER BY task_id",
			  UUIDOID);

typedef struct BoardReader
{
	TaskDocument *tasks; /* in the order of lists and ranks */
	TaskDocument **by_id; /* the same, ordered by id */
	int count;
} BoardReader;

/* Writing */

void
proj_put_label(StringInfo out, const LabelDocument *label)
{
	json_begin(out, '{');
	json_key(out, "id");
	json_put_uuid(out, &label->id);
	json_key(out, "name");
	json_put_string(out, label->name);
	json_key(out, "color");
	json_put_string(out, label->color);
	json_end(out, '}');
}

void
proj_put_labels(StringInfo out, const LabelDocument *labels, int count)
{
	json_begin(out, '[');
	for (int i = 0; i < count; i++)
		proj_put_label(out, &labels[i]);
	json_end(out, ']');
}

static void
put_optional_time(StringInfo out, const char *key, const TimestampTz *value)
{
	json_key(out, key);
	if (value != NULL)
		json_put_time(out, *value);
	else
		json_put_raw(out, NULL);
}

static void
put_assignees(StringInfo out, const TaskDocument *task)
{
	json_key(out, "assigned_to");
	if (task->assignee_count > 0)
		json_put_int(out, task->assignees[0]);
	else
		json_put_raw(out, NULL);
	json_key(out, "assignees");
	json_begin(out, '[');
	for (int i = 0; i < task->assignee_count; i++)
		json_put_int(out, task->assignees[i]);
	json_end(out, ']');
}

static void
put_counts(StringInfo out, const TaskDocument *task)
{
	json_key(out, "checklist_counts");
	json_begin(out, '{');
	json_key(out, "total");
	json_put_int(out, task->items_total);
	json_key(out, "checked");
	json_put_int(out, task->items_checked);
	json_end(out, '}');
	json_key(out, "comments_count");
	json_put_int(out, task->comments_count);
	json_key(out, "attachments_count");
	json_put_int(out, task->attachments_count);
	json_key(out, "blocked_by");
	json_begin(out, '[');
	for (int i = 0; i < task->blocked_by_count; i++)
		json_put_uuid(out, &task->blocked_by[i]);
	json_end(out, ']');
}

static void
put_body(StringInfo out, const TaskDocument *task)
{
	json_key(out, "description");
	json_put_string(out, task->description);
	json_key(out, "config");
	json_put_raw(out, task->config);
	json_key(out, "custom_fields");
	json_put_raw(out, task->custom_fields ? task->custom_fields : "{}");
	if (task->checklists != NULL)
	{
		json_key(out, "checklists");
		json_put_raw(out, task->checklists);
	}
}

void
proj_put_task(StringInfo out, const TaskDocument *task, DocumentDetail detail)
{
	json_begin(out, '{');
	json_key(out, "id");
	json_put_uuid(out, &task->id);
	json_key(out, "board_id");
	json_put_uuid(out, &task->board_id);
	json_key(out, "list_id");
	json_put_uuid(out, &task->list_id);
	json_key(out, "title");
	json_put_string(out, task->title);
	put_assignees(out, task);
	json_key(out, "priority");
	json_put_string(out, task->priority);
	put_optional_time(out, "start_date", task->start_date);
	put_optional_time(out, "due_date", task->due_date);
	json_key(out, "status");
	json_put_string(out, task->status);
	put_optional_time(out, "completed_at", task->completed_at);
	if (task->archived_at != NULL)
		put_optional_time(out, "archived_at", task->archived_at);
	json_key(out, "position");
	json_put_int(out, task->position);
	json_key(out, "labels");
	proj_put_labels(out, task->labels, task->label_count);
	json_key(out, "cover");
	json_put_raw(out, task->cover);
	put_counts(out, task);
	if (detail == DETAIL_FULL)
		put_body(out, task);
	json_key(out, "version");
	json_put_int(out, task->version);
	json_key(out, "created_at");
	json_put_time(out, task->created_at);
	json_key(out, "updated_at");
	json_put_time(out, task->updated_at);
	json_end(out, '}');
}

/* Reading: the rows of the last statement */

static const TimestampTz *
optional_time(uint64 row, int column)
{
	TimestampTz *value;

	if (spi_is_null(row, column))
		return NULL;
	value = palloc(sizeof(TimestampTz));
	*value = spi_timestamptz(row, column);
	return value;
}

static void
take_task(uint64 row, const pg_uuid_t *board_id, TaskDocument *task)
{
	memset(task, 0, sizeof(*task));
	task->board_id = *board_id;
	task->id = spi_uuid(row, 1);
	task->list_id = spi_uuid(row, 2);
	task->title = spi_cstring(row, 3);
	task->description = spi_cstring(row, 4);
	task->priority = spi_cstring(row, 5);
	task->start_date = optional_time(row, 6);
	task->due_date = optional_time(row, 7);
	task->completed_at = optional_time(row, 8);
	task->archived_at = optional_time(row, 9);
	task->status = spi_cstring(row, 10);
	task->config = spi_cstring(row, 11);
	task->comments_count = spi_int32(row, 12);
	task->version = spi_int32(row, 13);
	task->created_at = spi_timestamptz(row, 14);
	task->updated_at = spi_timestamptz(row, 15);
	task->cover = spi_cstring(row, 16);
	task->custom_fields = spi_cstring(row, 17);
	task->attachments_count = spi_int32(row, 18);
}

/* The row belongs to the same task as the one before, or starts the next one's. */
static TaskDocument *
owner_of_row(BoardReader *reader, uint64 row)
{
	pg_uuid_t id = spi_uuid(row, 1);
	int low = 0;
	int high = reader->count - 1;

	while (low <= high)
	{
		int middle = low + (high - low) / 2;
		int order = memcmp(reader->by_id[middle]->id.data, id.data, UUID_LEN);

		if (order == 0)
			return reader->by_id[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle - 1;
	}
	return NULL; /* archived, deleted or in an archived list */
}

static void
take_labels(BoardReader *reader)
{
	LabelDocument *labels = palloc(sizeof(LabelDocument) * Max(SPI_processed, 1));

	for (uint64 row = 0; row < SPI_processed; row++)
	{
		TaskDocument *task = owner_of_row(reader, row);

		if (task == NULL)
			continue;
		labels[row].id = spi_uuid(row, 2);
		labels[row].name = spi_cstring(row, 3);
		labels[row].color = spi_cstring(row, 4);
		if (task->label_count++ == 0)
			task->labels = &labels[row];
	}
}

static void
take_assignees(BoardReader *reader)
{
	int64 *assignees = palloc(sizeof(int64) * Max(SPI_processed, 1));

	for (uint64 row = 0; row < SPI_processed; row++)
	{
		TaskDocument *task = owner_of_row(reader, row);

		if (task == NULL)
			continue;
		assignees[row] = spi_int64(row, 2);
		if (task->assignee_count++ == 0)
			task->assignees = &assignees[row];
	}
}

static void
take_items(BoardReader *reader)
{
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		TaskDocument *task = owner_of_row(reader, row);

		if (task == NULL)
			continue;
		task->items_total = spi_int32(row, 2);
		task->items_checked = spi_int32(row, 3);
	}
}

static void
take_checklists(BoardReader *reader)
{
	for (int i = 0; i < reader->count; i++)
		reader->tasks[i].checklists = "[]";
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		TaskDocument *task = owner_of_row(reader, row);

		if (task != NULL)
			task->checklists = spi_cstring(row, 2);
	}
}

bool
proj_read_task(const pg_uuid_t *board_id, const pg_uuid_t *task_id, TaskDocument *task)
{
	Datum values[] = {UUIDPGetDatum(board_id), UUIDPGetDatum(task_id)};

	if (spi_run(&read_task, values, NULL) == 0)
		return false;
	take_task(0, board_id, task);
	return true;
}

void
proj_read_task_parts(TaskDocument *task)
{
	Datum values[] = {UUIDPGetDatum(&task->board_id), UUIDPGetDatum(&task->id)};
	BoardReader reader = {.tasks = task, .by_id = &task, .count = 1};

	(void) spi_run(&read_task_position, values, NULL);
	task->position = spi_int32(0, 1);
	(void) spi_run(&read_task_labels, values, NULL);
	take_labels(&reader);
	(void) spi_run(&read_task_assignees, values, NULL);
	take_assignees(&reader);
	(void) spi_run(&read_task_items, values, NULL);
	take_items(&reader);
	(void) spi_run(&read_task_checklists, values, NULL);
	take_checklists(&reader);
}

/* Lists and boards */

static void
put_list_head(StringInfo out, uint64 row, int position)
{
	pg_uuid_t id = spi_uuid(row, 1);

	json_begin(out, '{');
	json_key(out, "id");
	json_put_uuid(out, &id);
	json_key(out, "name");
	json_put_string(out, spi_cstring(row, 2));
	json_key(out, "position");
	json_put_int(out, position);
	json_key(out, "category");
	json_put_string(out, spi_cstring(row, 3));
	json_key(out, "wip_limit");
	json_put_raw(out, spi_cstring(row, 4));
	json_key(out, "version");
	json_put_int(out, spi_int32(row, 5));
}

char *
proj_list_text(const pg_uuid_t *board_id, const pg_uuid_t *list_id)
{
	Datum values[] = {UUIDPGetDatum(board_id), UUIDPGetDatum(list_id)};
	StringInfoData out;

	if (spi_run(&read_list, values, NULL) == 0)
		return NULL;
	initStringInfo(&out);
	put_list_head(&out, 0, spi_int32(0, 6));
	json_end(&out, '}');
	return out.data;
}

static int
compare_task_ids(const void *a, const void *b)
{
	const TaskDocument *left = *(TaskDocument *const *) a;
	const TaskDocument *right = *(TaskDocument *const *) b;

	return memcmp(left->id.data, right->id.data, UUID_LEN);
}

static void
read_board_tasks(BoardReader *reader, const pg_uuid_t *board_id, DocumentDetail detail)
{
	Datum values[] = {UUIDPGetDatum(board_id)};

	reader->count = (int) spi_read(&read_tasks, values, NULL);
	reader->tasks = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(TaskDocument) * Max(reader->count, 1));
	reader->by_id = palloc(sizeof(TaskDocument *) * Max(reader->count, 1));
	for (int i = 0; i < reader->count; i++)
	{
		TaskDocument *task = &reader->tasks[i];

		take_task(i, board_id, task);
		if (i > 0 && uuid_equal(&task->list_id, &task[-1].list_id))
			task->position = task[-1].position + 1;
		reader->by_id[i] = task;
	}
	qsort(reader->by_id, reader->count, sizeof(TaskDocument *), compare_task_ids);
	(void) spi_read(&read_all_task_labels, values, NULL);
	take_labels(reader);
	(void) spi_read(&read_all_task_assignees, values, NULL);
	take_assignees(reader);
	(void) spi_read(&read_all_task_items, values, NULL);
	take_items(reader);
	if (detail == DETAIL_FULL)
	{
		(void) spi_read(&read_all_task_checklists, values, NULL);
		take_checklists(reader);
	}
}

static bool
put_board_head(StringInfo out, const pg_uuid_t *board_id)
{
	Datum values[] = {UUIDPGetDatum(board_id)};
	pg_uuid_t workspace_id;

	if (spi_read(&read_board, values, NULL) == 0)
		return false;
	workspace_id = spi_uuid(0, 3);
	json_begin(out, '{');
	json_key(out, "id");
	json_put_uuid(out, board_id);
	json_key(out, "name");
	json_put_string(out, spi_cstring(0, 1));
	json_key(out, "description");
	json_put_string(out, spi_cstring(0, 2));
	json_key(out, "workspace_id");
	json_put_uuid(out, &workspace_id);
	json_key(out, "owner_id");
	json_put_int(out, spi_int64(0, 4));
	json_key(out, "visibility");
	json_put_string(out, spi_cstring(0, 5));
	json_key(out, "settings");
	json_put_raw(out, spi_cstring(0, 6));
	json_key(out, "version");
	json_put_int(out, spi_int32(0, 7));
	json_key(out, "updated_at");
	json_put_time(out, spi_timestamptz(0, 8));
	json_key(out, "members");
	json_put_raw(out, spi_cstring(0, 9));
	json_key(out, "people");
	json_put_raw(out, spi_cstring(0, 10));
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
put_board_lists(StringInfo out, const pg_uuid_t *board_id, const BoardReader *reader, DocumentDetail detail)
{
	Datum values[] = {UUIDPGetDatum(board_id)};
	int next = 0;

	(void) spi_read(&read_lists, values, NULL);
	json_key(out, "lists");
	json_begin(out, '[');
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		pg_uuid_t list_id = spi_uuid(row, 1);

		put_list_head(out, row, (int) row);
		json_key(out, "tasks");
		json_begin(out, '[');
		for (; next < reader->count && uuid_equal(&reader->tasks[next].list_id, &list_id); next++)
			proj_put_task(out, &reader->tasks[next], detail);
		json_end(out, ']');
		json_end(out, '}');
	}
	json_end(out, ']');
}

char *
proj_board_text(const pg_uuid_t *board_id, DocumentDetail detail)
{
	StringInfoData out;
	BoardReader reader;

	initStringInfo(&out);
	if (!put_board_head(&out, board_id))
		return NULL;
	put_board_labels(&out, board_id);
	read_board_tasks(&reader, board_id, detail);
	put_board_lists(&out, board_id, &reader, detail);
	json_end(&out, '}');
	return out.data;
}

/* collab.board_document(board_id uuid, detail text) RETURNS text: null when there is no such board */
Datum
collab_board_document(PG_FUNCTION_ARGS)
{
	pg_uuid_t *board_id = PG_GETARG_UUID_P(0);
	char *detail = text_to_cstring(PG_GETARG_TEXT_PP(1));
	MemoryContext caller = CurrentMemoryContext;
	text *result = NULL;
	char *document;

	if (strcmp(detail, "full") != 0 && strcmp(detail, "cards") != 0)
		ereport(ERROR, (errcode(MAKE_SQLSTATE('T', 'B', '0', '0', '4')),
						errmsg("detail must be \"full\" or \"cards\", not \"%s\"", detail)));
	SPI_connect();
	document = proj_board_text(board_id, strcmp(detail, "full") == 0 ? DETAIL_FULL : DETAIL_CARDS);
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
