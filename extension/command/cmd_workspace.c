/*
 * cmd_workspace.c: workspaces.
 *
 * A personal workspace is made with its user and stays with that user: it is neither deleted nor transferred.
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "command/cmd_board.h"
#include "command/cmd_member.h"
#include "command/command_changes.h"
#include "support/support_json.h"
#include "support/support_spi.h"

SPI_STATEMENT(read_workspace, "SELECT name, description, personal FROM collab.workspaces WHERE id = $1", UUIDOID);

typedef struct WorkspaceRow
{
	const char *name;
	const char *description;
	bool is_personal;
} WorkspaceRow;

static void
read_row(const Command *command, WorkspaceRow *workspace)
{
	Datum values[] = {UUIDPGetDatum(&command->workspace_id)};

	(void) spi_run(&read_workspace, values, NULL);
	workspace->name = spi_cstring(0, 1);
	workspace->description = spi_cstring(0, 2);
	workspace->is_personal = spi_bool(0, 3);
}

static void
put_text_field(StringInfo out, const Command *command, const char *name)
{
	char *text = field_text(command->payload, name);

	json_add_string(out, name, text ? text : "");
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
	json_add_uuid(&out, "id", &command->stream_id);
	put_text_field(&out, command, "name");
	put_text_field(&out, command, "description");
	json_add_int(&out, "owner_id", command->user_id);
	json_add_bool(&out, "personal", is_personal);
	json_add_uuid(&out, "default_board_id", &board_id);
	json_end(&out, '}');
	json_end(&out, '}');
	return add_default_board(command, &board_id) && command_add_rights_event(command, EVENT_WorkspaceCreated, out.data);
}

bool
cmd_update_workspace(Command *command)
{
	JsonbContainer *wanted = command_updates(command, updates_workspace);
	WorkspaceRow workspace;
	Changes changes;
	StringInfoData out;

	if (wanted == NULL)
		return false;
	read_row(command, &workspace);
	changes_begin(&changes);
	changes_add_text(&changes, "name", field_text(wanted, "name"), workspace.name);
	changes_add_text(&changes, "description", field_text(wanted, "description"), workspace.description);
	if (!changes_end(&changes))
		return true;
	initStringInfo(&out);
	json_begin(&out, '{');
	changes_put(&out, &changes);
	json_end(&out, '}');
	return command_add_event(command, EVENT_WorkspaceUpdated, out.data);
}

bool
cmd_delete_workspace(Command *command)
{
	WorkspaceRow workspace;
	StringInfoData out;

	read_row(command, &workspace);
	if (workspace.is_personal)
		return command_refuse(command, REFUSAL_RULE, "Delete its boards instead.",
							  "a personal workspace cannot be deleted");
	initStringInfo(&out);
	json_begin(&out, '{');
	json_add_string(&out, "name", workspace.name);
	json_end(&out, '}');
	return command_add_rights_event(command, EVENT_WorkspaceDeleted, out.data);
}

bool
cmd_transfer_workspace(Command *command)
{
	WorkspaceRow workspace;
	Member heir;
	int64 user_id;

	(void) field_int64(command->payload, "user_id", &user_id);
	read_row(command, &workspace);
	if (workspace.is_personal)
		return command_refuse(command, REFUSAL_RULE, "Make a workspace for the team, and transfer that.",
							  "a personal workspace cannot be transferred");
	if (!cmd_member_read(command, user_id, &heir))
		return false;
	if (user_id == command->user_id)
		return true;
	if (!heir.can_own)
		return command_refuse(command, REFUSAL_RULE, "Choose a member who can log in.", "\"%s\" cannot own a workspace",
							  heir.name);
	return command_add_rights_event(
		command, EVENT_WorkspaceTransferred,
		psprintf("{\"member_id\":" INT64_FORMAT ",\"previous_owner_id\":" INT64_FORMAT "}", user_id, command->user_id));
}
