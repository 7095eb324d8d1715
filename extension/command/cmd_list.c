/*
 * cmd_list.c: lists.
 */
#include "postgres.h"

#include "command/cmd_place.h"
#include "command/command.h"
#include "support/support_json.h"

static void
put_new_list(StringInfo out, const Command *command, const pg_uuid_t *id, int position)
{
	char *category = field_word(command->payload, "category");
	int64 wip_limit;

	json_begin(out, '{');
	json_key(out, "id");
	json_put_uuid(out, id);
	json_key(out, "name");
	json_put_string(out, field_text(command->payload, "name"));
	json_key(out, "position");
	json_put_int(out, position);
	json_key(out, "category");
	json_put_string(out, category ? category : "todo");
	json_key(out, "wip_limit");
	if (field_int64(command->payload, "wip_limit", &wip_limit))
		json_put_int(out, wip_limit);
	else
		json_put_raw(out, NULL);
	json_key(out, "version");
	json_put_int(out, command_next_version(command));
	json_key(out, "tasks");
	json_put_raw(out, "[]");
	json_end(out, '}');
}

bool
cmd_create_list(Command *command)
{
	pg_uuid_t id = command_new_id();
	int64 index = PG_INT32_MAX;
	Placement placement;
	StringInfoData out;

	(void) field_int64(command->payload, "position", &index);
	place_list(&command->stream_id, &id, index, &placement);
	initStringInfo(&out);
	json_begin(&out, '{');
	json_key(&out, "list");
	put_new_list(&out, command, &id, placement.position);
	json_key(&out, "position");
	json_put_int(&out, placement.position);
	json_key(&out, "ranks");
	json_put_raw(&out, placement.ranks);
	json_end(&out, '}');
	return command_add_event(command, EVENT_ListCreated, out.data);
}

bool
cmd_move_list(Command *command)
{
	int64 index;
	Placement placement;
	StringInfoData out;

	if (command->list.is_archived)
		return command_refuse(command, REFUSAL_RULE, "Restore it first.", "the list \"%s\" is archived",
							  command->list.name);
	(void) field_int64(command->payload, "new_position", &index);
	place_list(&command->stream_id, &command->entity_id, index, &placement);
	if (placement.position == place_index_of_list(&command->stream_id, &command->entity_id))
		return true;
	initStringInfo(&out);
	json_begin(&out, '{');
	json_key(&out, "list_id");
	json_put_uuid(&out, &command->entity_id);
	json_key(&out, "new_position");
	json_put_int(&out, placement.position);
	json_key(&out, "ranks");
	json_put_raw(&out, placement.ranks);
	json_end(&out, '}');
	return command_add_event(command, EVENT_ListMoved, out.data);
}
