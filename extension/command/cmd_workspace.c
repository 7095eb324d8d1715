/*
 * cmd_workspace.c: workspaces.
 */
#include "postgres.h"

#include "command/command.h"
#include "support/support_json.h"

static void
put_text_field(StringInfo out, const Command *command, const char *name)
{
	char *text = field_text(command->payload, name);

	json_key(out, name);
	json_put_string(out, text ? text : "");
}

bool
cmd_create_workspace(Command *command)
{
	StringInfoData out;

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
	json_end(&out, '}');
	json_end(&out, '}');
	return command_add_rights_event(command, EVENT_WorkspaceCreated, out.data);
}
