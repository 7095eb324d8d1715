/*
 * cmd_task_rule.c: what a board's rules say about putting a task into a list: archived lists, workflow, WIP limits,
 * open blockers.
 *
 * The rules are the board's settings (cmd_board_settings.c); every command that puts a task somewhere asks here. Moving
 * itself is in cmd_task_move.c.
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "command/cmd_task.h"
#include "support/support_json.h"
#include "support/support_spi.h"

#define NAMED_BLOCKERS 3

SPI_STATEMENT(read_open_lists,
			  "SELECT id, name, category, rank, task_count, version, coalesce(wip_limit, 0) FROM collab.lists"
			  " WHERE board_id = $1 AND archived_at IS NULL ORDER BY rank, id",
			  UUIDOID);
SPI_STATEMENT(read_blockers,
			  "SELECT t.title FROM collab.task_dependencies AS d"
			  " JOIN collab.tasks AS t ON t.board_id = d.board_id AND t.id = d.blocked_by"
			  " JOIN collab.lists AS l ON l.board_id = t.board_id AND l.id = t.list_id"
			  " WHERE d.board_id = $1 AND d.task_id = $2 AND t.completed_at IS NULL AND t.archived_at IS NULL"
			  " AND t.deleted_at IS NULL AND l.archived_at IS NULL ORDER BY d.created_at, t.id",
			  UUIDOID, UUIDOID);

static ListRow *
open_lists(const Command *command, int *count)
{
	Datum values[] = {UUIDPGetDatum(&command->stream_id)};
	ListRow *lists;

	*count = (int) spi_run(&read_open_lists, values, NULL);
	lists = palloc0(sizeof(ListRow) * Max(*count, 1));
	for (int i = 0; i < *count; i++)
	{
		lists[i].id = spi_uuid(i, 1);
		lists[i].name = spi_cstring(i, 2);
		lists[i].category = spi_cstring(i, 3);
		lists[i].rank = spi_int64(i, 4);
		lists[i].task_count = spi_int32(i, 5);
		lists[i].version = spi_int32(i, 6);
		lists[i].wip_limit = spi_int32(i, 7);
	}
	return lists;
}

/* Workflow */

/* Where a task of the command's may go from its list, an array of ids; NULL: anywhere. A new task has no list. */
static JsonbValue *
transitions(const Command *command)
{
	static const char *const path[] = {"workflow", "transitions"};
	JsonbContainer *object = command->access.board_settings == NULL ? NULL : &command->access.board_settings->root;
	JsonbValue *value;

	for (int i = 0; object != NULL && i < (int) lengthof(path); i++)
	{
		value = json_get(object, path[i]);
		object = json_is_object(value) ? value->val.binary.data : NULL;
	}
	value = object == NULL ? NULL : json_get(object, uuid_text(&command->task.list_id));
	return json_is_array(value) ? value : NULL;
}

static bool
may_go(const Command *command, const pg_uuid_t *list_id)
{
	JsonbValue *allowed = transitions(command);
	JsonbValue **elements;
	pg_uuid_t id;
	int count;

	if (allowed == NULL || uuid_equal(list_id, &command->task.list_id))
		return true;
	elements = json_elements(allowed, &count);
	for (int i = 0; i < count; i++)
	{
		if (json_uuid(elements[i], &id) && uuid_equal(&id, list_id))
			return true;
	}
	return false;
}

static const char *
hint_of_transitions(const Command *command)
{
	int count;
	ListRow *lists = open_lists(command, &count);
	StringInfoData names;

	initStringInfo(&names);
	for (int i = 0; i < count; i++)
	{
		if (!uuid_equal(&lists[i].id, &command->task.list_id) && may_go(command, &lists[i].id))
			appendStringInfo(&names, "%s\"%s\"", names.len > 0 ? ", " : "", lists[i].name);
	}
	if (names.len == 0)
		return "From there a task can go nowhere; an admin can change the workflow.";
	return psprintf("From there a task can go to %s.", names.data);
}

/* to: the end of the sentence, "to …" */
static bool
refuse_transition(Command *command, const char *to)
{
	ListRow from;

	if (!command_read_list(command, &command->task.list_id, &from))
		return false;
	return command_refuse(command, REFUSAL_RULE, hint_of_transitions(command),
						  "the workflow lets no task go from \"%s\" to %s", from.name, to);
}

/* WIP limits */

static bool
is_full(const Command *command, const ListRow *list)
{
	char *wip = command_setting(command, "wip");

	return list->wip_limit > 0 && list->task_count >= list->wip_limit && (wip == NULL || strcmp(wip, "off") != 0);
}

static bool
refuse_full(Command *command, const ListRow *list)
{
	return command_refuse(command, REFUSAL_RULE, "Move a task out of it first, or raise its limit.",
						  "the list \"%s\" is full, its limit is %d", list->name, list->wip_limit);
}

/* Blockers */

static bool
may_complete_blocked(const Command *command)
{
	JsonbContainer *settings = command->access.board_settings == NULL ? NULL : &command->access.board_settings->root;
	bool may = false;

	return settings != NULL && field_bool(settings, "complete_blocked", &may) && may;
}

bool
task_check_blockers(Command *command)
{
	Datum values[] = {UUIDPGetDatum(&command->stream_id), UUIDPGetDatum(&command->task.id)};
	StringInfoData titles;
	int count;

	if (may_complete_blocked(command))
		return true;
	count = (int) spi_run(&read_blockers, values, NULL);
	if (count == 0)
		return true;
	initStringInfo(&titles);
	for (int i = 0; i < Min(count, NAMED_BLOCKERS); i++)
		appendStringInfo(&titles, "%s\"%s\"", i > 0 ? ", " : "", spi_cstring(i, 1));
	if (count > NAMED_BLOCKERS)
		appendStringInfo(&titles, " and %d more", count - NAMED_BLOCKERS);
	return command_refuse(command, REFUSAL_RULE, "Complete what blocks it first, or remove the dependency.",
						  "the task \"%s\" is blocked by %s", command->task.title, titles.data);
}

/* Coming into a done list completes a task, unless it is completed already or comes back to its own list. */
static bool
check_completion(Command *command, const ListRow *list)
{
	if (strcmp(list->category, "done") != 0 || command->task.completed_at != NULL ||
		uuid_equal(&list->id, &command->task.list_id))
		return true;
	return task_check_blockers(command);
}

/* All of them */

bool
task_check_list(Command *command, const pg_uuid_t *list_id, bool is_there, ListRow *list)
{
	if (!command_read_list(command, list_id, list))
		return false;
	if (list->is_archived)
		return command_refuse(command, REFUSAL_RULE, "Restore the list, or choose another.",
							  "the list \"%s\" is archived", list->name);
	if (is_there)
		return true;
	if (!may_go(command, list_id))
		return refuse_transition(command, psprintf("\"%s\"", list->name));
	return is_full(command, list) ? refuse_full(command, list) : check_completion(command, list);
}

bool
task_has_list(const Command *command, const char *category)
{
	int count;
	ListRow *lists = open_lists(command, &count);

	for (int i = 0; i < count; i++)
	{
		if (strcmp(lists[i].category, category) == 0)
			return true;
	}
	return false;
}

bool
task_find_list(Command *command, const char *category, ListRow *list)
{
	int count;
	ListRow *lists = open_lists(command, &count);
	const ListRow *forbidden = NULL;
	const ListRow *full = NULL;
	const ListRow *found = NULL;

	for (int i = 0; i < count; i++)
	{
		bool is_own = uuid_equal(&lists[i].id, &command->task.list_id);

		if (strcmp(lists[i].category, category) != 0)
			continue;
		if (!may_go(command, &lists[i].id))
			forbidden = &lists[i];
		else if (!is_own && is_full(command, &lists[i]))
			full = full != NULL ? full : &lists[i];
		else if (found == NULL || is_own)
			found = &lists[i];
	}
	if (found != NULL)
	{
		*list = *found;
		return check_completion(command, list);
	}
	if (full != NULL)
		return refuse_full(command, full);
	if (forbidden != NULL)
		return refuse_transition(command, psprintf("a list for the status %s", category));
	return command_refuse(command, REFUSAL_RULE, "Create one, or give a list this category.",
						  "the board has no list for the status %s", category);
}
