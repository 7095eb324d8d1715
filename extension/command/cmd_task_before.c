/*
 * cmd_task_before.c: what UNDO goes back to: the old values of the fields that an update of a task changes.
 *
 * A value has the form that updates has, except labels (documents, as in the event) and config (all of it, where
 * updates has a patch).
 */
#include "postgres.h"

#include "command/cmd_task.h"
#include "support/support_json.h"
#include "support/support_time.h"

static void
put_time(StringInfo out, const TimestampTz *time)
{
	json_put_string(out, time ? time_text(*time) : NULL);
}

static void
put_assignees(StringInfo out, const TaskDocument *task)
{
	json_begin(out, '[');
	for (int i = 0; i < task->assignee_count; i++)
		json_put_int(out, task->assignees[i]);
	json_end(out, ']');
}

static void
put_old(StringInfo out, const TaskDocument *task, const char *field)
{
	json_key(out, field);
	if (strcmp(field, "title") == 0)
		json_put_string(out, task->title);
	else if (strcmp(field, "description") == 0)
		json_put_string(out, task->description);
	else if (strcmp(field, "priority") == 0)
		json_put_string(out, task->priority);
	else if (strcmp(field, "start_date") == 0)
		put_time(out, task->start_date);
	else if (strcmp(field, "due_date") == 0)
		put_time(out, task->due_date);
	else if (strcmp(field, "status") == 0)
		json_put_string(out, task->status);
	else if (strcmp(field, "completed_at") == 0)
		put_time(out, task->completed_at);
	else if (strcmp(field, "assigned_to") == 0)
		json_put_raw(out, task->assignee_count > 0 ? psprintf(INT64_FORMAT, task->assignees[0]) : NULL);
	else if (strcmp(field, "assignees") == 0)
		put_assignees(out, task);
	else if (strcmp(field, "labels") == 0)
		proj_put_labels(out, task->labels, task->label_count);
	else if (strcmp(field, "config") == 0)
		json_put_raw(out, task->config);
	else if (strcmp(field, "cover") == 0)
		json_put_raw(out, task->cover);
	else
		elog(ERROR, "an update of a task has no old value for \"%s\"", field);
}

char *
task_before_json(const Command *command, const char *updates)
{
	Jsonb *object = json_text_to_jsonb(updates);
	JsonMembers members = json_members(&object->root);
	StringInfoData out;

	initStringInfo(&out);
	json_begin(&out, '{');
	while (json_next_member(&members))
	{
		put_old(&out, &command->task, members.name);
	}
	json_end(&out, '}');
	return out.data;
}
