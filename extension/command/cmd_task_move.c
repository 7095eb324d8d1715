/*
 * cmd_task_move.c: moves a task inside its list or to another. Whether it may go there is said by cmd_task_rule.c.
 */
#include "postgres.h"

#include "command/cmd_task.h"
#include "support/support_json.h"
#include "support/support_time.h"

void
task_place(Command *command, int64 index, TaskTarget *target)
{
	bool counts_itself = !target->changes_list && command->task.archived_at == NULL;

	place_task(&command->stream_id, &target->list.id, &command->entity_id,
			   target->list.task_count - (counts_itself ? 1 : 0), index, &target->placement);
}

const TimestampTz *
task_completed_at(const Command *command, const TaskTarget *target)
{
	if (!target->changes_list)
		return command->task.completed_at;
	if (strcmp(target->list.category, "done") != 0)
		return strcmp(command->task.status, "done") == 0 ? NULL : command->task.completed_at;
	return command->task.completed_at != NULL ? command->task.completed_at : &command->now;
}

/* The index that before_task_id or after_task_id means. */
static bool
index_beside(Command *command, const char *field, const pg_uuid_t *list_id, int64 *index)
{
	pg_uuid_t neighbour;
	int found;

	(void) field_uuid(command->payload, field, &neighbour);
	if (uuid_equal(&neighbour, &command->entity_id))
		return command_refuse(command, REFUSAL_INVALID, NULL, "%s must name another task", field);
	found = place_index_of(&command->stream_id, list_id, &neighbour, &command->entity_id);
	if (found < 0)
		return command_refuse(command, REFUSAL_INVALID, NULL, "%s must name a task of the list it is moved to", field);
	*index = strcmp(field, "after_task_id") == 0 ? found + 1 : found;
	return true;
}

static bool
wanted_index(Command *command, const pg_uuid_t *list_id, int64 *index)
{
	static const char *const fields[] = {"new_position", "before_task_id", "after_task_id"};
	int given = 0;

	*index = PG_INT32_MAX;
	for (int i = 0; i < (int) lengthof(fields); i++)
		given += json_is_null(json_get(command->payload, fields[i])) ? 0 : 1;
	if (given > 1)
		return command_refuse(command, REFUSAL_INVALID, NULL,
							  "only one of new_position, before_task_id and after_task_id may be given");
	if (!json_is_null(json_get(command->payload, "before_task_id")))
		return index_beside(command, "before_task_id", list_id, index);
	if (!json_is_null(json_get(command->payload, "after_task_id")))
		return index_beside(command, "after_task_id", list_id, index);
	(void) field_int64(command->payload, "new_position", index);
	return true;
}

void
task_put_target(StringInfo out, const Command *command, const TaskTarget *target)
{
	json_add_uuid(out, "from_list_id", &command->task.list_id);
	json_add_uuid(out, "to_list_id", &target->list.id);
	json_add_int(out, "new_position", target->placement.position);
	json_add_raw(out, "ranks", target->placement.ranks);
}

static void
put_before(StringInfo out, const TaskDocument *task, int position)
{
	json_key(out, "before");
	json_begin(out, '{');
	json_add_uuid(out, "list_id", &task->list_id);
	json_add_int(out, "position", position);
	json_add_string(out, "completed_at", task->completed_at ? time_text(*task->completed_at) : NULL);
	json_end(out, '}');
}

static char *
moved_json(const Command *command, const TaskTarget *target, int position_before)
{
	const TimestampTz *completed_at = task_completed_at(command, target);
	StringInfoData out;

	initStringInfo(&out);
	json_begin(&out, '{');
	json_add_uuid(&out, "task_id", &command->entity_id);
	task_put_target(&out, command, target);
	json_add_string(&out, "status", target->list.category);
	json_add_string(&out, "completed_at", completed_at ? time_text(*completed_at) : NULL);
	put_before(&out, &command->task, position_before);
	json_end(&out, '}');
	return out.data;
}

bool
cmd_move_task(Command *command)
{
	TaskTarget target;
	pg_uuid_t list_id;
	pg_uuid_t from_list_id;
	int64 index;
	int position;

	if (command->task.archived_at != NULL)
		return command_refuse(command, REFUSAL_RULE, "Restore it first.", "the task \"%s\" is archived",
							  command->task.title);
	if (field_uuid(command->payload, "from_list_id", &from_list_id) &&
		!uuid_equal(&from_list_id, &command->task.list_id) && !command->has_expected_version)
		return command_refuse(command, REFUSAL_RULE, "Look where it is now.",
							  "the task is not in the list from_list_id");
	(void) field_uuid(command->payload, "to_list_id", &list_id);
	target.changes_list = !uuid_equal(&list_id, &command->task.list_id);
	if (!task_check_list(command, &list_id, !target.changes_list, &target.list) ||
		!wanted_index(command, &list_id, &index))
		return false;
	task_place(command, index, &target);
	position = place_index_of(&command->stream_id, &command->task.list_id, &command->entity_id, &command->entity_id);
	if (!target.changes_list && target.placement.position == position)
		return true;
	return command_add_event(command, EVENT_TaskMoved, moved_json(command, &target, position));
}
