/*
 * cmd_checklist.c: the checklists of tasks. Their items are in cmd_checklist_item.c.
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "command/cmd_place.h"
#include "command/command.h"
#include "command/command_changes.h"
#include "support/support_json.h"
#include "support/support_spi.h"

#define CHECKLIST_LIMIT 100

SPI_STATEMENT(read_name, "SELECT name FROM collab.checklists WHERE board_id = $1 AND id = $2", UUIDOID, UUIDOID);

bool
cmd_create_checklist(Command *command)
{
	pg_uuid_t id = command_new_id();
	Placement placement;
	StringInfoData out;

	if (place_checklist(&command->stream_id, &command->entity_id, &id, PG_INT32_MAX, &placement) >= CHECKLIST_LIMIT)
		return command_refuse(command, REFUSAL_LIMIT, "Delete one that is done.",
							  "the task \"%s\" has %d checklists, which is the limit", command->task.title,
							  CHECKLIST_LIMIT);
	initStringInfo(&out);
	json_begin(&out, '{');
	json_add_uuid(&out, "task_id", &command->entity_id);
	json_key(&out, "checklist");
	json_begin(&out, '{');
	json_add_uuid(&out, "id", &id);
	json_add_string(&out, "name", field_text(command->payload, "name"));
	json_add_int(&out, "position", placement.position);
	json_add_raw(&out, "items", "[]");
	json_end(&out, '}');
	json_add_raw(&out, "ranks", placement.ranks);
	json_end(&out, '}');
	return command_add_event(command, EVENT_ChecklistCreated, out.data);
}

/* The event's opening: which checklist, on which task. */
static void
begin_event(StringInfo out, const Command *command)
{
	initStringInfo(out);
	json_begin(out, '{');
	json_add_uuid(out, "task_id", &command->task.id);
	json_add_uuid(out, "checklist_id", &command->entity_id);
}

/* Both get the field when the name changes. */
static void
update_name(Command *command, JsonbContainer *updates, Changes *changes)
{
	Datum values[] = {UUIDPGetDatum(&command->stream_id), UUIDPGetDatum(&command->entity_id)};
	char *name = field_text(updates, "name");

	if (name == NULL)
		return;
	(void) spi_run(&read_name, values, NULL);
	changes_add_text(changes, "name", name, spi_cstring(0, 1));
}

/* The same for the position; returns the new ranks, or NULL when it stays. */
static const char *
update_position(Command *command, JsonbContainer *updates, Changes *changes)
{
	Placement placement;
	int64 index;
	int old;

	if (!field_int64(updates, "position", &index))
		return NULL;
	old = place_index_of_checklist(&command->stream_id, &command->entity_id);
	(void) place_checklist(&command->stream_id, &command->task.id, &command->entity_id, index, &placement);
	if (placement.position == old)
		return NULL;
	changes_add_raw(changes, "position", psprintf("%d", placement.position), psprintf("%d", old));
	return placement.ranks;
}

bool
cmd_update_checklist(Command *command)
{
	JsonbContainer *updates = command_updates(command, updates_checklist);
	Changes changes;
	StringInfoData out;
	const char *ranks;

	if (updates == NULL)
		return false;
	changes_begin(&changes);
	update_name(command, updates, &changes);
	ranks = update_position(command, updates, &changes);
	if (!changes_end(&changes))
		return true;
	begin_event(&out, command);
	changes_put(&out, &changes);
	if (ranks != NULL)
		json_add_raw(&out, "ranks", ranks);
	json_end(&out, '}');
	return command_add_event(command, EVENT_ChecklistUpdated, out.data);
}

bool
cmd_delete_checklist(Command *command)
{
	StringInfoData out;

	begin_event(&out, command);
	json_end(&out, '}');
	return command_add_event(command, EVENT_ChecklistDeleted, out.data);
}
