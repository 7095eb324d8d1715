/*
 * proj_task_document.c: a task as JSON: the one writer of its document, for events, conflicts and boards, and the
 * reader of one task. Boards are read in proj_board_document.c.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"

#include "errors.h"
#include "projection/proj_parts.h"
#include "projection/proj_document.h"
#include "support/support_json.h"
#include "support/support_spi.h"
#include "support/support_time.h"

PG_FUNCTION_INFO_V1(collab_task_document);
PG_FUNCTION_INFO_V1(collab_time_text);
PG_FUNCTION_INFO_V1(collab_filter_time);

/* Values of fields that were deleted stay out; only a task that has values looks for them. */
SPI_STATEMENT(read_task,
			  "SELECT t.id, t.list_id, t.title, t.description, t.priority, t.start_date, t.due_date, t.completed_at,"
			  " t.archived_at, l.category, t.config, t.comments_count, t.version, t.created_at, t.updated_at, t.cover,"
			  " CASE WHEN t.custom_fields = '{}' THEN t.custom_fields ELSE t.custom_fields - ARRAY(SELECT f.id::text"
			  " FROM collab.custom_fields AS f WHERE f.board_id = $1 AND f.deleted_at IS NOT NULL) END,"
			  " t.attachments_count"
			  " FROM collab.tasks AS t JOIN collab.lists AS l ON l.board_id = t.board_id AND l.id = t.list_id"
			  " WHERE t.board_id = $1 AND t.id = $2 AND t.deleted_at IS NULL",
			  UUIDOID, UUIDOID);
SPI_STATEMENT(read_task_position,
			  "SELECT count(*)::int FROM collab.tasks AS t JOIN collab.tasks AS o ON o.board_id = t.board_id"
			  " AND o.list_id = t.list_id AND o.archived_at IS NULL AND o.deleted_at IS NULL"
			  " AND (o.rank, o.id) < (t.rank, t.id) WHERE t.board_id = $1 AND t.id = $2",
			  UUIDOID, UUIDOID);
SPI_STATEMENT(find_task, "SELECT board_id FROM collab.tasks WHERE id = $1 AND deleted_at IS NULL", UUIDOID);

/* Writing */

void
proj_put_label(StringInfo out, const LabelDocument *label)
{
	json_begin(out, '{');
	json_add_uuid(out, "id", &label->id);
	json_add_string(out, "name", label->name);
	json_add_string(out, "color", label->color);
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

void
proj_put_time(StringInfo out, const char *key, const TimestampTz *value)
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
	json_add_int(out, "total", task->items_total);
	json_add_int(out, "checked", task->items_checked);
	json_end(out, '}');
	json_add_int(out, "comments_count", task->comments_count);
	json_add_int(out, "attachments_count", task->attachments_count);
	json_key(out, "blocked_by");
	json_begin(out, '[');
	for (int i = 0; i < task->blocked_by_count; i++)
		json_put_uuid(out, &task->blocked_by[i]);
	json_end(out, ']');
}

static void
put_body(StringInfo out, const TaskDocument *task)
{
	json_add_string(out, "description", task->description);
	json_add_raw(out, "config", task->config);
	json_add_raw(out, "custom_fields", task->custom_fields ? task->custom_fields : "{}");
	if (task->checklists != NULL)
		json_add_raw(out, "checklists", task->checklists);
}

void
proj_put_task_before_position(StringInfo out, const TaskDocument *task)
{
	json_begin(out, '{');
	json_add_uuid(out, "id", &task->id);
	json_add_uuid(out, "board_id", &task->board_id);
	json_add_uuid(out, "list_id", &task->list_id);
	json_add_string(out, "title", task->title);
	put_assignees(out, task);
	json_add_string(out, "priority", task->priority);
	proj_put_time(out, "start_date", task->start_date);
	proj_put_time(out, "due_date", task->due_date);
	json_add_string(out, "status", task->status);
	proj_put_time(out, "completed_at", task->completed_at);
	if (task->archived_at != NULL)
		proj_put_time(out, "archived_at", task->archived_at);
	json_key(out, "position");
}

void
proj_put_task_after_position(StringInfo out, const TaskDocument *task, DocumentDetail detail)
{
	json_key(out, "labels");
	proj_put_labels(out, task->labels, task->label_count);
	json_add_raw(out, "cover", task->cover);
	put_counts(out, task);
	if (detail == DETAIL_FULL)
		put_body(out, task);
	json_add_int(out, "version", task->version);
	json_add_time(out, "created_at", task->created_at);
	json_add_time(out, "updated_at", task->updated_at);
	json_end(out, '}');
}

void
proj_put_task(StringInfo out, const TaskDocument *task, DocumentDetail detail)
{
	proj_put_task_before_position(out, task);
	json_put_int(out, task->position);
	proj_put_task_after_position(out, task, detail);
}

/* Reading */

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

static uint64
run(SpiStatement *statement, Datum *values, bool is_read)
{
	return is_read ? spi_read(statement, values, NULL) : spi_run(statement, values, NULL);
}

static bool
read_own_row(const pg_uuid_t *board_id, const pg_uuid_t *task_id, bool is_read, TaskDocument *task)
{
	Datum values[] = {UUIDPGetDatum(board_id), UUIDPGetDatum(task_id)};

	if (run(&read_task, values, is_read) == 0)
		return false;
	take_task(0, board_id, task);
	return true;
}

static void
read_parts(TaskDocument *task, DocumentDetail detail, bool is_read)
{
	Datum values[] = {UUIDPGetDatum(&task->board_id), UUIDPGetDatum(&task->id)};
	TaskParts *parts = proj_parts_read(&task->board_id, &task->id, detail, 1, is_read);

	proj_parts_of(parts, task, makeStringInfo());
	(void) run(&read_task_position, values, is_read);
	task->position = spi_int32(0, 1);
}

bool
proj_read_task(const pg_uuid_t *board_id, const pg_uuid_t *task_id, TaskDocument *task)
{
	return read_own_row(board_id, task_id, false, task);
}

void
proj_read_task_parts(TaskDocument *task)
{
	read_parts(task, DETAIL_FULL, false);
}

DocumentDetail
proj_detail_of(const char *name)
{
	if (strcmp(name, "full") == 0)
		return DETAIL_FULL;
	if (strcmp(name, "cards") != 0)
		ereport(ERROR, (errcode(MAKE_SQLSTATE('T', 'B', '0', '0', '4')),
						errmsg("detail must be \"full\" or \"cards\", not \"%s\"", name)));
	return DETAIL_CARDS;
}

/* collab.task_document(task_id uuid, detail text) RETURNS text: null when there is no such task */
Datum
collab_task_document(PG_FUNCTION_ARGS)
{
	Datum task_id[] = {PG_GETARG_DATUM(0)};
	DocumentDetail detail = proj_detail_of(text_to_cstring(PG_GETARG_TEXT_PP(1)));
	MemoryContext caller = CurrentMemoryContext;
	StringInfoData out;
	text *result = NULL;

	SPI_connect();
	if (spi_read(&find_task, task_id, NULL) > 0)
	{
		pg_uuid_t board_id = spi_uuid(0, 1);
		TaskDocument task;

		if (read_own_row(&board_id, DatumGetUUIDP(task_id[0]), true, &task))
		{
			read_parts(&task, detail, true);
			initStringInfo(&out);
			proj_put_task(&out, &task, detail);
			MemoryContextSwitchTo(caller);
			result = cstring_to_text_with_len(out.data, out.len);
		}
	}
	SPI_finish();
	if (result == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(result);
}

/* collab.time_text(value timestamptz) RETURNS text */
Datum
collab_time_text(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(time_text(PG_GETARG_TIMESTAMPTZ(0))));
}

/* collab.filter_time(value jsonb) RETURNS timestamptz: null when it is not a string with a time */
Datum
collab_filter_time(PG_FUNCTION_ARGS)
{
	Jsonb *value = PG_GETARG_JSONB_P(0);
	JsonbValue scalar;
	TimestampTz time;

	if (!JB_ROOT_IS_SCALAR(value) || !JsonbExtractScalar(&value->root, &scalar) || scalar.type != jbvString ||
		!time_parse(json_string(&scalar), &time))
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMPTZ(time);
}
