/*
 * cmd_workspace.c: workspaces.
 */
#include "postgres.h"

#include "command/cmd_board.h"
#include "command/command.h"
#include "support/support_json.h"

static void
put_text_field(StringInfo out, const Command *command, const char *name)
{
	char *text = field_text(command->payload, name);

	json_key(out, name);
	json_put_string(out, text ? text : "");
}

/* Its default board, where tasks go that name only the workspace. */
static bool
add_default_board(Command *command, const pg_uuid_t *board_id)
{
	BoardSpec board = {
		.id = *board_id,
		.workspace_id = command->stream_id,
		.owner_id = command->user_id,
		.name = "Tasks",
		.lists = cmd_board_default_lists,
		.list_count = CMD_BOARD_DEFAULT_LISTS,
		.version = 1,
	};

	return command_add_default_board(command, board_id, cmd_board_created_json(&board));
}

bool
cmd_create_workspace(Command *command)
{
	pg_uuid_t board_id = command_derive_id(command, "default board");
	bool is_personal = false;
	StringInfoData out;

	if (command->is_internal)
		(void) field_bool(command->payload, "personal", &is_personal);
	initStringInfo(&out);
	json_begin(&out, '{');
	json_key(&out, "workspace");
	json_begin(&out, '{');
	json_key(&out, "id");
	json_put_uuid(&out, &command->stream_id);
	put_text_field(&out, command, "name");
	put_text_field(&out, command, "description");
	json_key(&out, "owner_id");
	json_put_int(&out, command->user_id);
	json_key(&out, "personal");
	json_put_bool(&out, is_personal);
	json_key(&out, "default_board_id");
	json_put_uuid(&out, &board_id);
	json_end(&out, '}');
	json_end(&out, '}');
	return add_default_board(command, &board_id) && command_add_rights_event(command, EVENT_WorkspaceCreated, out.data);
}
