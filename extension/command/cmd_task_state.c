/*
 * cmd_task_state.c: completes and reopens tasks, takes them into the archive and out of it.
 *
 * A completed task has completed_at, and stands in a list of the category done where the board has one.
 */
#include "postgres.h"

#include "command/cmd_task.h"
#include "support/support_json.h"
#include "support/support_time.h"

static bool
check_not_archived(Command *command)
{
	return command->task.archived_at == NULL || command_refuse(command, REFUSAL_RULE, "Restore it first.",
															   "the task \"%s\" is archived", command->task.title);
}

/* Where an UNDO brings it back to. */
static void
put_before(StringInfo out, const Command *command)
{
	const TaskDocument *task = &command->task;

	json_key(out, "before");
	json_begin(out, '{');
	json_add_string(out, "completed_at", task->completed_at ? time_text(*task->completed_at) : NULL);
	json_add_int(out, "position", place_index_of(&command->stream_id, &task->list_id, &task->id, &task->id));
	json_end(out, '}');
}

static char *
completion_json(const Command *command, const TaskTarget *target, const TimestampTz *completed_at)
{
	StringInfoData out;

	initStringInfo(&out);
	json_begin(&out, '{');
	json_add_uuid(&out, "task_id", &command->entity_id);
	json_add_string(&out, "completed_at", completed_at ? time_text(*completed_at) : NULL);
	json_add_string(&out, "status", target->changes_list ? target->list.category : command->task.status);
	if (target->changes_list)
		task_put_target(&out, command, target);
	put_before(&out, command);
	json_end(&out, '}');
	return out.data;
}

/* To the end of the first allowed list of the category. */
static bool
find_target(Command *command, const char *category, TaskTarget *target)
{
	if (!task_find_list(command, category, &target->list))
		return false;
	target->changes_list = !uuid_equal(&target->list.id, &command->task.list_id);
	if (target->changes_list)
		task_place(command, PG_INT32_MAX, target);
	return true;
}

bool
cmd_complete_task(Command *command)
{
	TaskTarget target = {.changes_list = false};

	if (command->task.completed_at != NULL)
		return true;
	if (!check_not_archived(command) || !task_check_blockers(command))
		return false;
	if (task_has_list(command, "done") && !find_target(command, "done", &target))
		return false;
	return command_add_event(command, EVENT_TaskCompleted, completion_json(command, &target, &command->now));
}

/* Out of a done list: to a list of the category todo, or else doing. A board that has neither keeps it where it is. */
static bool
find_open_target(Command *command, TaskTarget *target)
{
	static const char *const categories[] = {"todo", "doing"};

	for (int i = 0; i < (int) lengthof(categories); i++)
	{
		if (!task_has_list(command, categories[i]))
			continue;
		command->outcome = OUTCOME_PENDING;
		if (find_target(command, categories[i], target))
			return true;
	}
	return command->outcome == OUTCOME_PENDING;
}

bool
cmd_reopen_task(Command *command)
{
	TaskTarget target = {.changes_list = false};

	if (command->task.completed_at == NULL)
		return true;
	if (!check_not_archived(command))
		return false;
	if (strcmp(command->task.status, "done") == 0 && !find_open_target(command, &target))
		return false;
	return command_add_event(command, EVENT_TaskReopened, completion_json(command, &target, NULL));
}

static void
put_task_and_list(StringInfo out, const Command *command)
{
	json_add_uuid(out, "task_id", &command->entity_id);
	json_add_uuid(out, "list_id", &command->task.list_id);
}

bool
cmd_archive_task(Command *command)
{
	StringInfoData out;

	if (command->task.archived_at != NULL)
		return true;
	initStringInfo(&out);
	json_begin(&out, '{');
	put_task_and_list(&out, command);
	json_end(&out, '}');
	return command_add_event(command, EVENT_TaskArchived, out.data);
}

bool
task_add_restored(Command *command, const TaskTarget *target, bool is_completed, bool was_deleted)
{
	StringInfoData out;

	initStringInfo(&out);
	json_begin(&out, '{');
	put_task_and_list(&out, command);
	if (was_deleted)
		json_add_bool(&out, "was_deleted", true);
	json_add_int(&out, "new_position", target->placement.position);
	json_add_raw(&out, "ranks", target->placement.ranks);
	if (!is_completed && strcmp(target->list.category, "done") == 0)
		json_add_time(&out, "completed_at", command->now);
	json_end(&out, '}');
	return command_add_event(command, EVENT_TaskRestored, out.data);
}

bool
cmd_restore_task(Command *command)
{
	TaskTarget target = {.changes_list = false};

	if (command->task.archived_at == NULL)
		return true;
	if (!command_read_list(command, &command->task.list_id, &target.list))
		return false;
	if (target.list.is_archived)
		return command_refuse(command, REFUSAL_RULE, "Restore the list first.",
							  "the list \"%s\" of the task is archived", target.list.name);
	if (!task_check_limit(command) || !task_check_list(command, &command->task.list_id, false, &target.list))
		return false;
	task_place(command, PG_INT32_MAX, &target);
	return task_add_restored(command, &target, command->task.completed_at != NULL, false);
}

bool
cmd_delete_task(Command *command)
{
	StringInfoData out;

	initStringInfo(&out);
	json_begin(&out, '{');
	put_task_and_list(&out, command);
	if (command->task.archived_at != NULL)
		json_add_bool(&out, "was_archived", true);
	json_end(&out, '}');
	return command_add_event(command, EVENT_TaskDeleted, out.data);
}
