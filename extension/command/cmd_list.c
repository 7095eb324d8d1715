/*
 * cmd_list.c: lists: made, changed, moved, archived, restored.
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "command/cmd_place.h"
#include "command/command.h"
#include "command/command_changes.h"
#include "support/support_json.h"
#include "support/support_spi.h"

#define OPEN_LISTS 500

SPI_STATEMENT(count_open_lists, "SELECT count(*)::int FROM collab.lists WHERE board_id = $1 AND archived_at IS NULL",
			  UUIDOID);

static bool
check_limit(Command *command)
{
	Datum values[] = {UUIDPGetDatum(&command->stream_id)};

	(void) spi_run(&count_open_lists, values, NULL);
	return spi_int32(0, 1) < OPEN_LISTS ||
		   command_refuse(command, REFUSAL_LIMIT, "Archive lists that are not used any more.",
						  "the board has %d open lists, its limit is %d", spi_int32(0, 1), OPEN_LISTS);
}

static bool
check_open(Command *command)
{
	return !command->list.is_archived || command_refuse(command, REFUSAL_RULE, "Restore it first.",
														"the list \"%s\" is archived", command->list.name);
}

static void
put_new_list(StringInfo out, const Command *command, const pg_uuid_t *id, int position)
{
	char *category = field_word(command->payload, "category");
	int64 wip_limit;

	json_begin(out, '{');
	json_add_uuid(out, "id", id);
	json_add_string(out, "name", field_text(command->payload, "name"));
	json_add_int(out, "position", position);
	json_add_string(out, "category", category ? category : "todo");
	json_key(out, "wip_limit");
	if (field_int64(command->payload, "wip_limit", &wip_limit))
		json_put_int(out, wip_limit);
	else
		json_put_raw(out, NULL);
	json_add_int(out, "version", command_next_version(command));
	json_add_raw(out, "tasks", "[]");
	json_end(out, '}');
}

bool
cmd_create_list(Command *command)
{
	pg_uuid_t id = command_new_id();
	int64 index = PG_INT32_MAX;
	Placement placement;
	StringInfoData out;

	if (!check_limit(command))
		return false;
	(void) field_int64(command->payload, "position", &index);
	place_list(&command->stream_id, &id, index, &placement);
	initStringInfo(&out);
	json_begin(&out, '{');
	json_key(&out, "list");
	put_new_list(&out, command, &id, placement.position);
	json_add_int(&out, "position", placement.position);
	json_add_raw(&out, "ranks", placement.ranks);
	json_end(&out, '}');
	return command_add_event(command, EVENT_ListCreated, out.data);
}

/* Updating */

/* 0 stands for none. */
static char *
limit_json(int64 limit)
{
	return limit == 0 ? NULL : psprintf(INT64_FORMAT, limit);
}

bool
cmd_update_list(Command *command)
{
	JsonbContainer *updates = command_updates(command, updates_list);
	int64 limit = 0;
	Changes changes;
	StringInfoData out;

	if (updates == NULL || !check_open(command))
		return false;
	changes_begin(&changes);
	changes_add_text(&changes, "name", field_text(updates, "name"), command->list.name);
	changes_add_text(&changes, "category", field_word(updates, "category"), command->list.category);
	(void) field_int64(updates, "wip_limit", &limit);
	if (field_present(updates, "wip_limit") && limit != command->list.wip_limit)
		changes_add_raw(&changes, "wip_limit", limit_json(limit), limit_json(command->list.wip_limit));
	if (!changes_end(&changes))
		return true;
	initStringInfo(&out);
	json_begin(&out, '{');
	json_add_uuid(&out, "list_id", &command->entity_id);
	changes_put(&out, &changes);
	json_end(&out, '}');
	return command_add_event(command, EVENT_ListUpdated, out.data);
}

/* Moving, archiving, restoring */

static void
put_place(StringInfo out, const Command *command, const Placement *placement)
{
	json_begin(out, '{');
	json_add_uuid(out, "list_id", &command->entity_id);
	json_add_int(out, "new_position", placement->position);
	json_add_raw(out, "ranks", placement->ranks);
}

bool
cmd_move_list(Command *command)
{
	int64 index;
	int before;
	Placement placement;
	StringInfoData out;

	if (!check_open(command))
		return false;
	(void) field_int64(command->payload, "new_position", &index);
	place_list(&command->stream_id, &command->entity_id, index, &placement);
	before = place_index_of_list(&command->stream_id, &command->entity_id);
	if (placement.position == before)
		return true;
	initStringInfo(&out);
	put_place(&out, command, &placement);
	json_add_raw(&out, "before", psprintf("{\"position\":%d}", before));
	json_end(&out, '}');
	return command_add_event(command, EVENT_ListMoved, out.data);
}

bool
cmd_archive_list(Command *command)
{
	StringInfoData out;

	if (command->list.is_archived)
		return true;
	initStringInfo(&out);
	json_begin(&out, '{');
	json_add_uuid(&out, "list_id", &command->entity_id);
	json_end(&out, '}');
	return command_add_event(command, EVENT_ListArchived, out.data);
}

/* The list comes without its tasks, which can be thousands: task_count says whether a client has to read them. */
static void
put_restored_list(StringInfo out, const Command *command, int position)
{
	const ListRow *list = &command->list;

	json_begin(out, '{');
	json_add_uuid(out, "id", &list->id);
	json_add_string(out, "name", list->name);
	json_add_int(out, "position", position);
	json_add_string(out, "category", list->category);
	json_add_raw(out, "wip_limit", limit_json(list->wip_limit));
	json_add_int(out, "version", command_next_version(command));
	json_add_int(out, "task_count", list->task_count);
	json_end(out, '}');
}

bool
cmd_restore_list(Command *command)
{
	Placement placement;
	StringInfoData out;

	if (!command->list.is_archived)
		return true;
	if (!check_limit(command))
		return false;
	place_list(&command->stream_id, &command->entity_id,
			   command->back_to != NULL ? command->back_to->position : PG_INT32_MAX, &placement);
	initStringInfo(&out);
	put_place(&out, command, &placement);
	json_key(&out, "list");
	put_restored_list(&out, command, placement.position);
	json_end(&out, '}');
	return command_add_event(command, EVENT_ListRestored, out.data);
}
