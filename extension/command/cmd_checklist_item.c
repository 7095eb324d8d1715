/*
 * cmd_checklist_item.c: the items of checklists. They have dates and assignees of their own, and change nothing of the
 * task they are on.
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "command/cmd_board_member.h"
#include "command/cmd_place.h"
#include "command/command.h"
#include "command/command_changes.h"
#include "support/support_json.h"
#include "support/support_spi.h"
#include "support/support_time.h"

#define ITEM_LIMIT 500

SPI_STATEMENT(read_item,
			  "SELECT checklist_id, text, checked, due_date, assigned_to FROM collab.checklist_items"
			  " WHERE board_id = $1 AND id = $2",
			  UUIDOID, UUIDOID);
SPI_STATEMENT(read_checklist,
			  "SELECT name, task_id FROM collab.checklists WHERE board_id = $1 AND id = $2 AND deleted_at IS NULL",
			  UUIDOID, UUIDOID);

typedef struct ItemRow
{
	pg_uuid_t checklist_id;
	const char *text;
	bool is_checked;
	bool has_due_date;
	TimestampTz due_date;
	bool has_assignee;
	int64 assigned_to;
} ItemRow;

/* The command's item as it is. */
static void
read_current_item(Command *command, ItemRow *item)
{
	Datum values[] = {UUIDPGetDatum(&command->stream_id), UUIDPGetDatum(&command->entity_id)};

	(void) spi_run(&read_item, values, NULL);
	memset(item, 0, sizeof(*item));
	item->checklist_id = spi_uuid(0, 1);
	item->text = spi_cstring(0, 2);
	item->is_checked = spi_bool(0, 3);
	item->has_due_date = !spi_is_null(0, 4);
	if (item->has_due_date)
		item->due_date = spi_timestamptz(0, 4);
	item->has_assignee = !spi_is_null(0, 5);
	if (item->has_assignee)
		item->assigned_to = spi_int64(0, 5);
}

/* Refuses when the field assigned_to names somebody who cannot see the board. */
static bool
check_assignee(Command *command, JsonbContainer *object, const char *prefix)
{
	int64 user_id;

	if (!field_int64(object, "assigned_to", &user_id) || board_can_see(command, user_id))
		return true;
	return command_refuse(command, REFUSAL_INVALID, "Add the user to the workspace, or to the private board, first.",
						  "%sassigned_to: user " INT64_FORMAT " cannot see the board", prefix, user_id);
}

static void
begin_event(StringInfo out, const Command *command, const pg_uuid_t *checklist_id, const pg_uuid_t *item_id)
{
	initStringInfo(out);
	json_begin(out, '{');
	json_add_uuid(out, "task_id", &command->task.id);
	json_add_uuid(out, "checklist_id", checklist_id);
	json_add_uuid(out, "item_id", item_id);
}

static void
put_time_field(StringInfo out, JsonbContainer *object, const char *name)
{
	TimestampTz time;

	json_add_string(out, name, field_time(object, name, &time) ? time_text(time) : NULL);
}

static void
put_user_field(StringInfo out, JsonbContainer *object, const char *name)
{
	int64 user_id;

	json_add_raw(out, name, field_int64(object, name, &user_id) ? psprintf(INT64_FORMAT, user_id) : NULL);
}

/* Adding */

/* Places an item into a checklist and refuses when that is full. */
static bool
place_into(Command *command, const pg_uuid_t *checklist_id, const pg_uuid_t *item_id, int64 index, Placement *placement)
{
	Datum values[] = {UUIDPGetDatum(&command->stream_id), UUIDPGetDatum(checklist_id)};

	if (place_item(&command->stream_id, checklist_id, item_id, index, placement) < ITEM_LIMIT)
		return true;
	(void) spi_run(&read_checklist, values, NULL);
	return command_refuse(command, REFUSAL_LIMIT, "Begin another checklist.",
						  "the checklist \"%s\" has %d items, which is the limit", spi_cstring(0, 1), ITEM_LIMIT);
}

bool
cmd_add_checklist_item(Command *command)
{
	pg_uuid_t id = command_new_id();
	int64 index = PG_INT32_MAX;
	Placement placement;
	StringInfoData out;

	(void) field_int64(command->payload, "position", &index);
	if (!check_assignee(command, command->payload, "") ||
		!place_into(command, &command->entity_id, &id, index, &placement))
		return false;
	begin_event(&out, command, &command->entity_id, &id);
	json_key(&out, "item");
	json_begin(&out, '{');
	json_add_uuid(&out, "id", &id);
	json_add_string(&out, "text", field_text(command->payload, "text"));
	json_add_bool(&out, "checked", false);
	put_time_field(&out, command->payload, "due_date");
	put_user_field(&out, command->payload, "assigned_to");
	json_add_int(&out, "position", placement.position);
	json_end(&out, '}');
	json_add_raw(&out, "ranks", placement.ranks);
	json_end(&out, '}');
	return command_add_event(command, EVENT_ChecklistItemAdded, out.data);
}

/* Changing */

static void
update_due_date(const ItemRow *item, JsonbContainer *updates, Changes *changes)
{
	TimestampTz time;
	bool is_set = field_time(updates, "due_date", &time);

	if (!field_present(updates, "due_date") || (is_set == item->has_due_date && (!is_set || time == item->due_date)))
		return;
	put_time_field(&changes->updates, updates, "due_date");
	json_add_string(&changes->before, "due_date", item->has_due_date ? time_text(item->due_date) : NULL);
}

static void
update_assignee(const ItemRow *item, JsonbContainer *updates, Changes *changes)
{
	int64 user_id;
	bool is_set = field_int64(updates, "assigned_to", &user_id);

	if (!field_present(updates, "assigned_to") ||
		(is_set == item->has_assignee && (!is_set || user_id == item->assigned_to)))
		return;
	put_user_field(&changes->updates, updates, "assigned_to");
	json_add_raw(&changes->before, "assigned_to",
				 item->has_assignee ? psprintf(INT64_FORMAT, item->assigned_to) : NULL);
}

/* Who is assigned already may stay: an imported item can have a placeholder, who is no member. */
static bool
check_new_assignee(Command *command, const ItemRow *item, JsonbContainer *updates)
{
	int64 user_id;

	if (item->has_assignee && field_int64(updates, "assigned_to", &user_id) && user_id == item->assigned_to)
		return true;
	return check_assignee(command, updates, "updates.");
}

bool
cmd_update_checklist_item(Command *command)
{
	JsonbContainer *updates = command_updates(command, updates_checklist_item);
	Changes changes;
	StringInfoData out;
	ItemRow item;

	if (updates == NULL)
		return false;
	read_current_item(command, &item);
	if (!check_new_assignee(command, &item, updates))
		return false;
	changes_begin(&changes);
	changes_add_text(&changes, "text", field_text(updates, "text"), item.text);
	update_due_date(&item, updates, &changes);
	update_assignee(&item, updates, &changes);
	if (!changes_end(&changes))
		return true;
	begin_event(&out, command, &item.checklist_id, &command->entity_id);
	changes_put(&out, &changes);
	json_end(&out, '}');
	return command_add_event(command, EVENT_ChecklistItemUpdated, out.data);
}

bool
cmd_check_item(Command *command)
{
	StringInfoData out;
	ItemRow item;
	bool is_checked;

	read_current_item(command, &item);
	(void) field_bool(command->payload, "checked", &is_checked);
	if (is_checked == item.is_checked)
		return true;
	begin_event(&out, command, &item.checklist_id, &command->entity_id);
	json_add_bool(&out, "checked", is_checked);
	json_end(&out, '}');
	return command_add_event(command, EVENT_ChecklistItemChecked, out.data);
}

/* Moving */

/* The checklist that the item shall be in: its own, or another of the same task. */
static bool
wanted_checklist(Command *command, const ItemRow *item, pg_uuid_t *checklist_id)
{
	Datum values[] = {UUIDPGetDatum(&command->stream_id), UUIDPGetDatum(checklist_id)};
	pg_uuid_t task_id;

	*checklist_id = item->checklist_id;
	if (!field_uuid(command->payload, "checklist_id", checklist_id) || uuid_equal(checklist_id, &item->checklist_id))
		return true;
	if (spi_run(&read_checklist, values, NULL) == 0)
		return command_refuse_missing(command, "checklist");
	task_id = spi_uuid(0, 2);
	return uuid_equal(&task_id, &command->task.id) ||
		   command_refuse(command, REFUSAL_RULE, "Choose a checklist of the same task.",
						  "the checklist \"%s\" is on another task", spi_cstring(0, 1));
}

bool
cmd_move_checklist_item(Command *command)
{
	int old = place_index_of_item(&command->stream_id, &command->entity_id);
	pg_uuid_t checklist_id;
	Placement placement;
	StringInfoData out;
	ItemRow item;
	int64 index;

	read_current_item(command, &item);
	(void) field_int64(command->payload, "new_position", &index);
	if (!wanted_checklist(command, &item, &checklist_id) ||
		!place_into(command, &checklist_id, &command->entity_id, index, &placement))
		return false;
	if (uuid_equal(&checklist_id, &item.checklist_id) && placement.position == old)
		return true;
	begin_event(&out, command, &checklist_id, &command->entity_id);
	json_add_uuid(&out, "from_checklist_id", &item.checklist_id);
	json_add_int(&out, "new_position", placement.position);
	json_add_raw(&out, "ranks", placement.ranks);
	json_add_raw(&out, "before", psprintf("{\"position\": %d}", old));
	json_end(&out, '}');
	return command_add_event(command, EVENT_ChecklistItemMoved, out.data);
}

bool
cmd_delete_checklist_item(Command *command)
{
	StringInfoData out;
	ItemRow item;

	read_current_item(command, &item);
	begin_event(&out, command, &item.checklist_id, &command->entity_id);
	json_end(&out, '}');
	return command_add_event(command, EVENT_ChecklistItemDeleted, out.data);
}
