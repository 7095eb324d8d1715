/*
 * cmd_undo.c: UNDO: takes back the actor's last change of a board.
 *
 * An undo is the opposite command, carried out by that command's own handler with the role that one needs, and its event
 * carries "undo_of", the version it takes back. So rights and rules hold for an undo as for anything else. What to go
 * back to is in the event itself ("before"). Events that were taken back, and those that took back, count as if neither
 * had been: undo after undo walks back through one's own changes.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "command/cmd_task.h"
#include "command/command_entity.h"
#include "support/support_json.h"
#include "support/support_patch.h"
#include "support/support_spi.h"

/* How far back an actor's own change is looked for. */
#define OWN_EVENTS "200"

/* One field of the opposite command, from where in the event it comes. */
typedef struct Source
{
	const char *field; /* NULL ends the list */
	const char *outer;
	const char *inner; /* inside outer; NULL: outer itself */
} Source;

typedef struct Opposite
{
	EventType type;
	bool (*decide)(Command *command);
	Source sources[4]; /* the first one names the entity */
} Opposite;

#define THE(field)                                                                                                     \
	{                                                                                                                  \
		field, field, NULL                                                                                             \
	}

static const Opposite opposites[] = {
	{EVENT_TaskCreated, cmd_delete_task, {{"task_id", "task", "id"}}},
	{EVENT_TaskUpdated, cmd_update_task, {THE("task_id"), {"updates", "before"}}},
	{EVENT_TaskMoved,
	 cmd_move_task,
	 {THE("task_id"), {"to_list_id", "from_list_id"}, {"new_position", "before", "position"}}},
	{EVENT_TaskArchived, cmd_restore_task, {THE("task_id")}}, /* see bring_back */
	{EVENT_TaskRestored, cmd_archive_task, {THE("task_id")}},
	{EVENT_TaskAssigned, cmd_unassign_task, {THE("task_id"), {"user_id", "assignee_id"}}},
	{EVENT_TaskUnassigned, cmd_assign_task, {THE("task_id"), {"user_id", "assignee_id"}}},
	{EVENT_DependencyAdded, cmd_remove_dependency, {THE("task_id"), THE("blocked_by")}},
	{EVENT_DependencyRemoved, cmd_add_dependency, {THE("task_id"), THE("blocked_by")}},
	{EVENT_CustomFieldSet, cmd_set_custom_field, {THE("task_id"), THE("field_id"), {"value", "before", "value"}}},
	{EVENT_ListCreated, cmd_archive_list, {{"list_id", "list", "id"}}},
	{EVENT_ListUpdated, cmd_update_list, {THE("list_id"), {"updates", "before"}}},
	{EVENT_ListMoved, cmd_move_list, {THE("list_id"), {"new_position", "before", "position"}}},
	{EVENT_ListArchived, cmd_restore_list, {THE("list_id")}},
	{EVENT_ListRestored, cmd_archive_list, {THE("list_id")}},
	{EVENT_LabelCreated, cmd_delete_label, {{"label_id", "label", "id"}}},
	{EVENT_LabelUpdated, cmd_update_label, {THE("label_id"), {"updates", "before"}}},
	{EVENT_CustomFieldDefined, cmd_delete_custom_field, {{"field_id", "field", "id"}}},
	{EVENT_CustomFieldUpdated, cmd_update_custom_field, {THE("field_id"), {"updates", "before"}}},
	{EVENT_ChecklistCreated, cmd_delete_checklist, {{"checklist_id", "checklist", "id"}}},
	{EVENT_ChecklistUpdated, cmd_update_checklist, {THE("checklist_id"), {"updates", "before"}}},
	{EVENT_ChecklistItemAdded, cmd_delete_checklist_item, {{"item_id", "item", "id"}}},
	{EVENT_ChecklistItemUpdated, cmd_update_checklist_item, {THE("item_id"), {"updates", "before"}}},
	{EVENT_ChecklistItemMoved,
	 cmd_move_checklist_item,
	 {THE("item_id"), {"checklist_id", "from_checklist_id"}, {"new_position", "before", "position"}}},
	{EVENT_ChecklistItemChecked, cmd_check_item, {THE("item_id"), {"checked", "checked"}}},
	{EVENT_CommentAdded, cmd_delete_comment, {{"comment_id", "comment", "id"}}},
	{EVENT_CommentUpdated, cmd_update_comment, {THE("comment_id"), {"text", "before", "text"}}},
	{EVENT_AttachmentAdded, cmd_remove_attachment, {{"attachment_id", "attachment", "id"}}},
	{EVENT_BoardUpdated, cmd_update_board, {THE("board_id"), {"updates", "before"}}},
};

SPI_STATEMENT(read_own_events,
			  "SELECT version, event_type, event_data FROM collab.events WHERE aggregate_id = $1 AND user_id = $2"
			  " ORDER BY version DESC LIMIT " OWN_EVENTS,
			  UUIDOID, INT8OID);
SPI_STATEMENT(read_later_events,
			  "SELECT version, event_type, event_data FROM collab.events WHERE aggregate_id = $1 AND version > $2"
			  " AND (event_data ? 'undo_of' OR event_data->>$3 = $4 OR ($3 = 'board_id' AND event_type LIKE 'Board%'))"
			  " ORDER BY version DESC",
			  UUIDOID, INT4OID, TEXTOID, TEXTOID);
SPI_STATEMENT(read_old_place,
			  "SELECT t.list_id, (SELECT count(*)::int FROM collab.tasks AS o WHERE o.board_id = t.board_id"
			  " AND o.list_id = t.list_id AND o.archived_at IS NULL AND o.deleted_at IS NULL"
			  " AND (o.rank, o.id) < (t.rank, t.id)), t.archived_at IS NULL AND t.deleted_at IS NULL,"
			  " t.completed_at IS NOT NULL"
			  " FROM collab.tasks AS t WHERE t.board_id = $1 AND t.id = $2",
			  UUIDOID, UUIDOID);
/* Their events name it, but not as what they change. */
SPI_STATEMENT(find_users_of_label, "SELECT FROM collab.task_labels WHERE board_id = $1 AND label_id = $2 LIMIT 1",
			  UUIDOID, UUIDOID);
SPI_STATEMENT(find_users_of_list, "SELECT FROM collab.lists WHERE board_id = $1 AND id = $2 AND task_count > 0",
			  UUIDOID, UUIDOID);

/* A change that may be taken back. */
typedef struct Change
{
	int version;
	EventType type;
	Jsonb *data;
} Change;

/* Finding it. Events come newest first: what took back is seen before what it took back. */

static bool
is_taken_back(const int *undone, int count, int version)
{
	for (int i = 0; i < count; i++)
	{
		if (undone[i] == version)
			return true;
	}
	return false;
}

/* True when the event takes another back; that one is remembered. */
static bool
note_undo(const Jsonb *data, int *undone, int *count)
{
	int64 version;

	if (!json_int64(json_get(unconstify(JsonbContainer *, &data->root), "undo_of"), &version))
		return false;
	undone[(*count)++] = (int) version;
	return true;
}

/* The last one before the version `below`. */
static bool
find_last_change(Command *command, int below, Change *change)
{
	Datum values[] = {UUIDPGetDatum(&command->stream_id), Int64GetDatum(command->user_id)};
	uint64 rows = spi_run(&read_own_events, values, NULL);
	int *undone = palloc(sizeof(int) * (rows + 1));
	int count = 0;

	for (uint64 row = 0; row < rows; row++)
	{
		Jsonb *data = DatumGetJsonbPCopy(spi_datum(row, 3));

		if (note_undo(data, undone, &count) || is_taken_back(undone, count, spi_int32(row, 1)) ||
			spi_int32(row, 1) >= below)
			continue;
		*change = (Change){spi_int32(row, 1), event_type_find(spi_cstring(row, 2)), data};
		return true;
	}
	return command_refuse(command, REFUSAL_RULE, NULL, "there is nothing of yours to undo on this board");
}

static const Opposite *
find_opposite(EventType type)
{
	for (int i = 0; i < (int) lengthof(opposites); i++)
	{
		if (opposites[i].type == type)
			return &opposites[i];
	}
	return NULL;
}

static JsonbValue *
source_value(const Change *change, const Source *source)
{
	JsonbValue *value = json_get(&change->data->root, source->outer);

	if (source->inner != NULL && json_is_object(value))
		value = json_get(value->val.binary.data, source->inner);
	return value;
}

/* Whether anybody changed the same thing since: for what was made, anything at all. */
static bool
was_changed_since(const Command *command, const Change *change, const char *key, const char *id)
{
	Datum values[] = {UUIDPGetDatum(&command->stream_id), Int32GetDatum(change->version), CStringGetTextDatum(key),
					  CStringGetTextDatum(id)};
	uint64 rows = spi_run(&read_later_events, values, NULL);
	int *undone = palloc(sizeof(int) * (rows + 1));
	int count = 0;
	FieldNames fields = {0};
	bool was_made;

	field_names_of_event(change->type, change->data, &fields);
	if (fields.count == 0)
		field_names_add(&fields, "*");
	was_made = strcmp(fields.names[0], "*") == 0;
	for (uint64 row = 0; row < rows; row++)
	{
		Jsonb *data = DatumGetJsonbPCopy(spi_datum(row, 3));
		FieldNames changed = {0};

		if (note_undo(data, undone, &count) || is_taken_back(undone, count, spi_int32(row, 1)))
			continue;
		field_names_of_event(event_type_find(spi_cstring(row, 2)), data, &changed);
		if (was_made || field_names_meet(&fields, &changed))
			return true;
	}
	return false;
}

/* Whether tasks have the label, or are in the list, that would go. */
static bool
is_used(const Command *command, const Change *change, const char *id_text)
{
	pg_uuid_t id;
	Datum values[] = {UUIDPGetDatum(&command->stream_id), UUIDPGetDatum(&id)};

	if ((change->type != EVENT_LabelCreated && change->type != EVENT_ListCreated) || !uuid_parse(id_text, &id))
		return false;
	return spi_run(change->type == EVENT_LabelCreated ? &find_users_of_label : &find_users_of_list, values, NULL) > 0;
}

/* The opposite command */

/* "before" as "updates": labels by their ids, an object that is patched by the patch that leads back. */
static void
put_update(StringInfo out, const char *name, const JsonbValue *old, const JsonbValue *now)
{
	json_key(out, name);
	if (strcmp(name, "labels") == 0)
	{
		int count;
		JsonbValue **labels = json_elements(old, &count);

		json_begin(out, '[');
		for (int i = 0; i < count; i++)
			json_put_raw(out, json_is_object(labels[i]) ? json_value_text(json_get(labels[i]->val.binary.data, "id"))
														: json_value_text(labels[i]));
		json_end(out, ']');
	}
	else if ((strcmp(name, "config") == 0 || strcmp(name, "settings") == 0) && json_is_object(old) &&
			 json_is_object(now))
	{
		char *patched = patch_json_text(json_value_text(old), json_value_text(now));

		json_put_raw(out, patch_between(&json_text_to_jsonb(patched)->root, old->val.binary.data));
	}
	else
		json_put_raw(out, json_value_text(old));
}

static void
put_updates(StringInfo out, const Change *change)
{
	JsonbValue *before = json_get(&change->data->root, "before");
	JsonbValue *updates = json_get(&change->data->root, "updates");
	JsonMembers members;

	json_begin(out, '{');
	if (json_is_object(before) && json_is_object(updates))
	{
		members = json_members(before->val.binary.data);
		while (json_next_member(&members))
		{
			char *name = members.name;

			if (json_get(updates->val.binary.data, name) != NULL)
				put_update(out, name, &members.value, json_get(updates->val.binary.data, name));
		}
	}
	json_end(out, '}');
}

static Jsonb *
opposite_payload(const Command *command, const Change *change, const Opposite *opposite)
{
	StringInfoData out;

	initStringInfo(&out);
	json_begin(&out, '{');
	json_add_uuid(&out, "board_id", &command->stream_id);
	for (const Source *source = opposite->sources; source < opposite->sources + 4 && source->field != NULL; source++)
	{
		JsonbValue *value = source_value(change, source);

		if (strcmp(source->field, "board_id") == 0)
			continue;
		json_key(&out, source->field);
		if (strcmp(source->field, "updates") == 0)
			put_updates(&out, change);
		else if (opposite->decide == cmd_check_item && value != NULL && value->type == jbvBool)
			json_put_bool(&out, !value->val.boolean);
		else
			json_put_raw(&out, value == NULL ? NULL : json_value_text(value));
	}
	json_end(&out, '}');
	return json_text_to_jsonb(out.data);
}

/* Completing and reopening led from a list to another: back is a move. Without a move it is the other of the two. */
static const Opposite *
opposite_of(const Change *change)
{
	static const Opposite back = {
		.decide = cmd_move_task,
		.sources = {THE("task_id"), {"to_list_id", "from_list_id"}, {"new_position", "before", "position"}}};
	static const Opposite reopen = {.decide = cmd_reopen_task, .sources = {THE("task_id")}};
	static const Opposite complete = {.decide = cmd_complete_task, .sources = {THE("task_id")}};

	if (change->type != EVENT_TaskCompleted && change->type != EVENT_TaskReopened)
		return find_opposite(change->type);
	if (json_get(&change->data->root, "to_list_id") != NULL)
		return &back;
	return change->type == EVENT_TaskCompleted ? &reopen : &complete;
}

static void
mark_undo(Command *command, int version)
{
	char *mark = psprintf("{\"undo_of\": %d}", version);

	for (int i = 0; i < command->event_count; i++)
		command->events[i].data = patch_jsonb(command->events[i].data, json_text_to_jsonb(mark));
}

/* What is completed again has been since then, not since now. */
static void
put_back_completion(Command *command, const Change *change)
{
	JsonbValue *before = json_get(&change->data->root, "before");
	char *old = json_is_object(before) ? json_string(json_get(before->val.binary.data, "completed_at")) : NULL;

	for (int i = 0; old != NULL && i < command->event_count; i++)
	{
		Jsonb *data = command->events[i].data;
		JsonbValue *updates = json_get(&data->root, "updates");
		bool is_update = json_is_object(updates);
		char *patch =
			psprintf(is_update ? "{\"updates\": {\"completed_at\": \"%s\"}}" : "{\"completed_at\": \"%s\"}", old);

		if (json_string(json_get(is_update ? updates->val.binary.data : &data->root, "completed_at")) != NULL)
			command->events[i].data = patch_jsonb(data, json_text_to_jsonb(patch));
	}
}

/* A list in the archive has its rank still: it comes back where it stood. */
static const TaskPlace *
old_place(const Command *command, const Change *change)
{
	JsonbValue *before = json_get(&change->data->root, "before");
	TaskPlace *place = palloc0(sizeof(TaskPlace));
	int64 position;

	if (change->type == EVENT_ListArchived && json_uuid(json_get(&change->data->root, "list_id"), &place->list_id))
	{
		place->position = place_index_of_list(&command->stream_id, &place->list_id);
		return place;
	}

	if (!json_uuid(json_get(&change->data->root, "from_list_id"), &place->list_id) || !json_is_object(before) ||
		!json_int64(json_get(before->val.binary.data, "position"), &position))
		return NULL;
	place->position = (int) position;
	return place;
}

static bool
decide_opposite(Command *command, const Change *change, const Opposite *opposite, Jsonb *payload)
{
	const CommandDef *undo = command->def;
	JsonbContainer *given = command->payload;
	const char *key;
	bool is_decided;

	command->def = command_def_of(opposite->decide);
	command->payload = &payload->root;
	command->back_to =
		change->type == EVENT_TaskUpdated || change->type == EVENT_ListArchived ? old_place(command, change) : NULL;
	key = command_entity_key(command->def->entity);
	if (key != NULL)
		(void) field_uuid(command->payload, key, &command->entity_id);
	if (command->access.role < command->def->least_role)
		is_decided =
			command_refuse(command, REFUSAL_FORBIDDEN, NULL, "%s needs the role %s, yours is %s", command->def->name,
						   access_role_name(command->def->least_role), access_role_name(command->access.role));
	else
		is_decided = command_read_entity(command) && command->def->decide(command);
	command->def = undo;
	command->payload = given;
	if (is_decided)
	{
		put_back_completion(command, change);
		mark_undo(command, change->version);
	}
	return is_decided;
}

/* A task that was archived or deleted has its row and its rank still: it comes back where it stood. */
static bool
bring_back(Command *command, const Change *change)
{
	TaskTarget target = {.changes_list = true};
	Datum values[2];
	bool is_completed;
	int position;

	(void) json_uuid(json_get(&change->data->root, "task_id"), &command->entity_id);
	values[0] = UUIDPGetDatum(&command->stream_id);
	values[1] = UUIDPGetDatum(&command->entity_id);
	(void) spi_run(&read_old_place, values, NULL);
	if (spi_bool(0, 3))
		return true;
	command->task.list_id = spi_uuid(0, 1);
	position = spi_int32(0, 2);
	is_completed = spi_bool(0, 4);
	if (!task_check_limit(command) || !task_check_circles(command) ||
		!task_check_list(command, &command->task.list_id, false, &target.list))
		return false;
	task_place(command, position, &target);
	(void) task_add_restored(command, &target, is_completed, change->type == EVENT_TaskDeleted);
	mark_undo(command, change->version);
	return true;
}

/* A list that became done, or no longer is, completed its tasks or opened them: what they were before is not in the event. */
static bool
changed_completion(const Change *change)
{
	JsonbValue *updates = json_get(&change->data->root, "updates");
	JsonbValue *before = json_get(&change->data->root, "before");
	char *now;
	char *old;

	if (change->type != EVENT_ListUpdated || !json_is_object(updates) || !json_is_object(before))
		return false;
	now = json_string(json_get(updates->val.binary.data, "category"));
	old = json_string(json_get(before->val.binary.data, "category"));
	return now != NULL && old != NULL && (strcmp(now, "done") == 0) != (strcmp(old, "done") == 0);
}

static bool
take_back(Command *command, const Change *change)
{
	const Opposite *opposite;
	const char *key;
	char *id;

	if (change->type == EVENT_TaskDeleted)
		return bring_back(command, change);
	opposite = opposite_of(change);
	if (opposite == NULL || json_get(&change->data->root, "imported") != NULL || changed_completion(change))
		return command_refuse(command, REFUSAL_RULE, NULL, "your last change (%s) cannot be undone",
							  event_type_wire(change->type));
	key = opposite->sources[0].field;
	id = json_string(source_value(change, &opposite->sources[0]));
	if (was_changed_since(command, change, key, id == NULL ? "" : id) || (id != NULL && is_used(command, change, id)))
		return command_refuse(command, REFUSAL_RULE, "Look at what it is now.",
							  "the same thing was changed since, your change (%s) cannot be undone",
							  event_type_wire(change->type));
	if (change->type == EVENT_TaskArchived)
		return bring_back(command, change);
	return decide_opposite(command, change, opposite, opposite_payload(command, change, opposite));
}

/* A change that is as it was before without having been taken back is passed over: else nobody got behind it. */
bool
cmd_undo(Command *command)
{
	Change change = {.version = PG_INT32_MAX};

	do
	{
		if (!find_last_change(command, change.version, &change) || !take_back(command, &change))
			return false;
	} while (command->event_count == 0);
	return true;
}
