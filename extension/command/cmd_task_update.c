/*
 * cmd_task_update.c: changes a task's fields.
 *
 * The event names only what really changed, each field with its new value; assignees always come with assigned_to, a
 * change of status with the list it led to. config is a merge patch (RFC 7396), in the event too. "before" has the old
 * values of the same fields (cmd_task_before.c).
 */
#include "postgres.h"

#include "command/cmd_task.h"
#include "support/support_json.h"
#include "support/support_patch.h"
#include "support/support_time.h"

static bool
differs(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a != b : strcmp(a, b) != 0;
}

static void
update_text(StringInfo out, const Command *command, JsonbContainer *updates, const char *name, const char *now)
{
	char *text = field_text(updates, name);

	if (!field_present(updates, name))
		return;
	if (text == NULL && strcmp(name, "description") == 0)
		text = "";
	if ((text == NULL && strcmp(name, "title") == 0) || !differs(text, now))
		return;
	json_add_string(out, name, text);
}

static void
update_time(StringInfo out, JsonbContainer *updates, const char *name, const TimestampTz *now)
{
	TimestampTz time;
	bool is_set = field_time(updates, name, &time);

	if (!field_present(updates, name) || (is_set ? now != NULL && *now == time : now == NULL))
		return;
	json_add_string(out, name, is_set ? time_text(time) : NULL);
}

static void
put_assignees(StringInfo out, const int64 *ids, int count)
{
	json_add_raw(out, "assigned_to", count > 0 ? psprintf(INT64_FORMAT, ids[0]) : NULL);
	json_key(out, "assignees");
	json_begin(out, '[');
	for (int i = 0; i < count; i++)
		json_put_int(out, ids[i]);
	json_end(out, ']');
}

/* "assigned_to": id or null replaces the whole list, as "assignees": [id] or [] would. */
static bool
wanted_assignees(Command *command, JsonbContainer *updates, int64 **ids, int *count)
{
	StringInfoData array;
	int64 user_id;

	if (!json_is_null(json_get(updates, "assignees")))
		return task_resolve_assignees(command, updates, "assignees", ids, count);
	initStringInfo(&array);
	appendStringInfoString(&array, "{\"assigned_to\":[");
	if (field_int64(updates, "assigned_to", &user_id))
		json_put_int(&array, user_id);
	appendStringInfoString(&array, "]}");
	return task_resolve_assignees(command, &json_text_to_jsonb(array.data)->root, "assigned_to", ids, count);
}

static bool
update_assignees(Command *command, StringInfo out, JsonbContainer *updates)
{
	int64 *ids;
	int count;

	if (json_is_null(json_get(updates, "assignees")) && !field_present(updates, "assigned_to"))
		return true;
	if (!wanted_assignees(command, updates, &ids, &count))
		return false;
	if (count != command->task.assignee_count ||
		(count > 0 && memcmp(ids, command->task.assignees, sizeof(int64) * count) != 0))
		put_assignees(out, ids, count);
	return true;
}

static bool
has_same_labels(const TaskDocument *task, const LabelDocument *labels, int count)
{
	if (count != task->label_count)
		return false;
	for (int i = 0; i < count; i++)
	{
		if (!uuid_equal(&labels[i].id, &task->labels[i].id))
			return false;
	}
	return true;
}

static bool
update_labels(Command *command, StringInfo out, JsonbContainer *updates)
{
	LabelDocument *labels;
	int count;

	if (json_is_null(json_get(updates, "labels")))
		return true;
	if (!task_resolve_labels(command, updates, &labels, &count))
		return false;
	if (!has_same_labels(&command->task, labels, count))
	{
		json_key(out, "labels");
		proj_put_labels(out, labels, count);
	}
	return true;
}

static bool
update_config(Command *command, StringInfo out, JsonbContainer *updates)
{
	char *patch = field_json(updates, "config");
	char *after;

	if (json_is_null(json_get(updates, "config")))
		return true;
	after = patch_json_text(command->task.config, patch);
	if (strlen(after) > 64 * 1024)
		return command_refuse(command, REFUSAL_LIMIT, NULL,
							  "updates.config: config would have more than %d bytes of JSON", 64 * 1024);
	if (strcmp(after, command->task.config) != 0)
		json_add_raw(out, "config", patch);
	return true;
}

static bool
update_cover(Command *command, StringInfo out, JsonbContainer *updates)
{
	char *cover;

	if (!field_present(updates, "cover"))
		return true;
	if (!task_resolve_cover(command, updates, &cover))
		return false;
	if (differs(cover, command->task.cover))
		json_add_raw(out, "cover", cover);
	return true;
}

/* A status is the category of a list: another status moves the task to the first list of it that the rules allow. */
static bool
update_status(Command *command, StringInfo out, JsonbContainer *updates, TaskTarget *target)
{
	char *status = field_word(updates, "status");
	const TimestampTz *completed_at;

	if (status == NULL || strcmp(status, command->task.status) == 0)
		return true;
	if (command->task.archived_at != NULL)
		return command_refuse(command, REFUSAL_RULE, "Restore it first.", "the task \"%s\" is archived",
							  command->task.title);
	if (command->back_to != NULL ? !task_check_list(command, &command->back_to->list_id, false, &target->list)
								 : !task_find_list(command, status, &target->list))
		return false;
	target->changes_list = true;
	task_place(command, command->back_to != NULL ? command->back_to->position : PG_INT32_MAX, target);
	json_add_string(out, "status", target->list.category);
	completed_at = task_completed_at(command, target);
	json_add_string(out, "completed_at", completed_at ? time_text(*completed_at) : NULL);
	return true;
}

/* What the fields were; with a change of list the position that the task had there. */
static char *
before_json(const Command *command, const char *updates, const TaskTarget *target)
{
	char *before = task_before_json(command, updates);
	int position;

	if (!target->changes_list)
		return before;
	position = place_index_of(&command->stream_id, &command->task.list_id, &command->entity_id, &command->entity_id);
	return patch_json_text(before, psprintf("{\"position\": %d}", position));
}

static char *
updated_json(const Command *command, const char *updates, const TaskTarget *target)
{
	StringInfoData out;

	initStringInfo(&out);
	json_begin(&out, '{');
	json_add_uuid(&out, "task_id", &command->entity_id);
	json_add_raw(&out, "updates", updates);
	if (target->changes_list)
		task_put_target(&out, command, target);
	json_add_raw(&out, "before", before_json(command, updates, target));
	json_end(&out, '}');
	return out.data;
}

bool
cmd_update_task(Command *command)
{
	JsonbContainer *updates = command_updates(command, updates_task);
	TaskTarget target = {.changes_list = false};
	StringInfoData out;

	if (updates == NULL)
		return false;
	if (field_present(updates, "assignees") || field_present(updates, "assigned_to") ||
		field_present(updates, "labels"))
		proj_read_task_parts(&command->task);
	initStringInfo(&out);
	json_begin(&out, '{');
	update_text(&out, command, updates, "title", command->task.title);
	update_text(&out, command, updates, "description", command->task.description);
	update_text(&out, command, updates, "priority", command->task.priority);
	update_time(&out, updates, "start_date", command->task.start_date);
	update_time(&out, updates, "due_date", command->task.due_date);
	if (!update_assignees(command, &out, updates) || !update_labels(command, &out, updates) ||
		!update_config(command, &out, updates) || !update_cover(command, &out, updates) ||
		!update_status(command, &out, updates, &target))
		return false;
	json_end(&out, '}');
	if (strcmp(out.data, "{}") == 0)
		return true;
	return command_add_event(command, EVENT_TaskUpdated, updated_json(command, out.data, &target));
}
