/*
 * cmd_task_assign.c: assigns people to a task one by one. All at once is UPDATE_TASK's assignees.
 */
#include "postgres.h"

#include "command/cmd_task.h"
#include "support/support_json.h"

static int
index_of(const TaskDocument *task, int64 user_id)
{
	for (int i = 0; i < task->assignee_count; i++)
	{
		if (task->assignees[i] == user_id)
			return i;
	}
	return -1;
}

/* The assignees afterwards: without `left`, then `added`; either may be 0. */
static char *
assignment_json(const Command *command, int64 left, int64 added)
{
	const TaskDocument *task = &command->task;
	StringInfoData out;

	initStringInfo(&out);
	json_begin(&out, '{');
	json_add_uuid(&out, "task_id", &command->entity_id);
	json_add_int(&out, "assignee_id", left != 0 ? left : added);
	json_key(&out, "assignees");
	json_begin(&out, '[');
	for (int i = 0; i < task->assignee_count; i++)
	{
		if (task->assignees[i] != left)
			json_put_int(&out, task->assignees[i]);
	}
	if (added != 0)
		json_put_int(&out, added);
	json_end(&out, ']');
	json_end(&out, '}');
	return out.data;
}

bool
cmd_assign_task(Command *command)
{
	int64 user_id;

	(void) field_int64(command->payload, "user_id", &user_id);
	proj_read_task_parts(&command->task);
	if (index_of(&command->task, user_id) >= 0)
		return true;
	if (!task_check_assignees(command, "user_id", &user_id, 1))
		return false;
	if (command->task.assignee_count >= FIELD_ARRAY_LENGTH)
		return command_refuse(command, REFUSAL_LIMIT, "Take somebody else off it first.",
							  "the task \"%s\" has %d assignees, the limit is %d", command->task.title,
							  command->task.assignee_count, FIELD_ARRAY_LENGTH);
	return command_add_event(command, EVENT_TaskAssigned, assignment_json(command, 0, user_id));
}

bool
cmd_unassign_task(Command *command)
{
	int64 user_id;

	(void) field_int64(command->payload, "user_id", &user_id);
	proj_read_task_parts(&command->task);
	if (index_of(&command->task, user_id) < 0)
		return true;
	return command_add_event(command, EVENT_TaskUnassigned, assignment_json(command, user_id, 0));
}
