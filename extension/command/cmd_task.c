/*
 * cmd_task.c: creates tasks. Moving is in cmd_task_move.c, updating in cmd_task_update.c, completing, archiving and
 * deleting in cmd_task_state.c.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/guc.h"

#include "command/cmd_task.h"
#include "support/support_json.h"
#include "support/support_patch.h"
#include "support/support_spi.h"

SPI_STATEMENT(first_list,
			  "SELECT id FROM collab.lists WHERE board_id = $1 AND archived_at IS NULL ORDER BY rank, id LIMIT 1",
			  UUIDOID);
SPI_STATEMENT(count_open_tasks, "SELECT coalesce(sum(task_count), 0)::int FROM collab.lists WHERE board_id = $1",
			  UUIDOID);

static int task_limit = 10000;

void
cmd_task_start(void)
{
	DefineCustomIntVariable("collab.task_limit", "Open tasks that a board may have.", NULL, &task_limit, 10000, 1,
							10000000, PGC_SUSET, 0, NULL, NULL, NULL);
}

bool
task_check_limit(Command *command)
{
	Datum values[] = {UUIDPGetDatum(&command->stream_id)};

	(void) spi_run(&count_open_tasks, values, NULL);
	if (spi_int32(0, 1) < task_limit)
		return true;
	return command_refuse(command, REFUSAL_LIMIT,
						  "Archive tasks that are done; the setting collab.task_limit changes the limit.",
						  "the board has %d open tasks, its limit is %d", spi_int32(0, 1), task_limit);
}

bool
task_check_count(Command *command, int open_tasks)
{
	return open_tasks <= task_limit ||
		   command_refuse(command, REFUSAL_LIMIT, "The setting collab.task_limit changes the limit.",
						  "the board would have %d open tasks, its limit is %d", open_tasks, task_limit);
}

static const TimestampTz *
optional_time(JsonbContainer *object, const char *name)
{
	TimestampTz *time = palloc(sizeof(TimestampTz));

	return field_time(object, name, time) ? time : NULL;
}

/* The document of the task as it will be, from the command's fields. */
static bool
fill_task(Command *command, const ListRow *list, TaskDocument *task)
{
	char *description = field_text(command->payload, "description");
	char *config = json_is_null(json_get(command->payload, "config")) ? NULL : field_json(command->payload, "config");

	task->id = command->entity_id;
	task->board_id = command->stream_id;
	task->list_id = list->id;
	task->title = field_text(command->payload, "title");
	task->description = description ? description : "";
	task->priority = field_word(command->payload, "priority");
	task->start_date = optional_time(command->payload, "start_date");
	task->due_date = optional_time(command->payload, "due_date");
	task->status = list->category;
	task->completed_at = strcmp(list->category, "done") == 0 ? &command->now : NULL;
	/* as a merge patch leaves it: without nulls, which an UNDO by a patch could not bring back */
	task->config = config ? patch_json_text("{}", config) : "{}";
	task->checklists = "[]";
	task->version = command_next_version(command);
	task->created_at = task->updated_at = command->now;
	if (!json_is_null(json_get(command->payload, "assignees")) &&
		!task_resolve_assignees(command, command->payload, "assignees", unconstify(int64 **, &task->assignees),
								&task->assignee_count))
		return false;
	return json_is_null(json_get(command->payload, "labels")) ||
		   task_resolve_labels(command, command->payload, unconstify(LabelDocument **, &task->labels),
							   &task->label_count);
}

/* The list that is named, or the board's first. */
static bool
wanted_list(Command *command, pg_uuid_t *list_id)
{
	Datum values[] = {UUIDPGetDatum(&command->stream_id)};

	if (field_uuid(command->payload, "list_id", list_id))
		return true;
	if (spi_run(&first_list, values, NULL) == 0)
		return command_refuse(command, REFUSAL_RULE, "Create a list first.", "the board has no list");
	*list_id = spi_uuid(0, 1);
	return true;
}

bool
cmd_create_task(Command *command)
{
	int64 index = PG_INT32_MAX;
	TaskTarget target = {.changes_list = true};
	TaskDocument task = {0};
	pg_uuid_t list_id;
	StringInfoData out;

	(void) field_int64(command->payload, "position", &index);
	command->entity_id = command_new_id();
	if (!wanted_list(command, &list_id) || !task_check_limit(command) ||
		!task_check_list(command, &list_id, false, &target.list) || !fill_task(command, &target.list, &task))
		return false;
	task_place(command, index, &target);
	task.position = target.placement.position;
	initStringInfo(&out);
	json_begin(&out, '{');
	json_key(&out, "task");
	proj_put_task(&out, &task, DETAIL_FULL);
	json_add_uuid(&out, "list_id", &task.list_id);
	json_add_raw(&out, "ranks", target.placement.ranks);
	json_end(&out, '}');
	return command_add_event(command, EVENT_TaskCreated, out.data);
}
