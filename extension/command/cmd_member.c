/*
 * cmd_member.c: who belongs to a workspace, and as what.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/guc.h"

#include "command/cmd_member.h"
#include "command/command.h"
#include "support/support_json.h"
#include "support/support_spi.h"

static int member_limit = 50;

SPI_STATEMENT(read_user, "SELECT name, handle, avatar FROM collab.users WHERE id = $1 AND deactivated_at IS NULL",
			  INT8OID);
/* Placeholders of imported boards cannot log in and do not count. */
SPI_STATEMENT(count_members,
			  "SELECT count(*)::int FROM collab.members AS m JOIN collab.users AS u ON u.id = m.user_id"
			  " WHERE m.workspace_id = $1 AND u.issuer <> 'trello'",
			  UUIDOID);

void
cmd_member_start(void)
{
	DefineCustomIntVariable("collab.member_limit", "Members that a workspace may have.", NULL, &member_limit, 50, 1,
							1000000, PGC_SUSET, 0, NULL, NULL, NULL);
}

/* Only an owner gives a role at or above his own. */
static bool
may_give(Command *command, WorkspaceRole role)
{
	if (command->access.role == ROLE_OWNER || role < command->access.role)
		return true;
	return command_refuse(command, REFUSAL_FORBIDDEN, "An owner can do it.",
						  "a member with the role %s may not give the role %s", access_role_name(command->access.role),
						  access_role_name(role));
}

static bool
is_below_limit(Command *command)
{
	Datum values[] = {UUIDPGetDatum(&command->workspace_id)};

	(void) spi_run(&count_members, values, NULL);
	if (spi_int32(0, 1) < member_limit)
		return true;
	return command_refuse(command, REFUSAL_LIMIT, "The setting collab.member_limit changes it.",
						  "the workspace has %d members, its limit is %d", spi_int32(0, 1), member_limit);
}

static char *
member_json(int64 user_id, WorkspaceRole role)
{
	StringInfoData out;

	initStringInfo(&out);
	json_begin(&out, '{');
	json_key(&out, "member_id");
	json_put_int(&out, user_id);
	json_key(&out, "role");
	json_put_string(&out, access_role_name(role));
	json_key(&out, "member");
	json_begin(&out, '{');
	json_key(&out, "user_id");
	json_put_int(&out, user_id);
	json_key(&out, "username");
	json_put_string(&out, spi_cstring(0, 1));
	json_key(&out, "handle");
	json_put_string(&out, spi_cstring(0, 2));
	json_key(&out, "avatar");
	json_put_string(&out, spi_cstring(0, 3));
	json_end(&out, '}');
	json_end(&out, '}');
	return out.data;
}

bool
cmd_add_member(Command *command)
{
	char *given = field_word(command->payload, "role");
	WorkspaceRole role = given == NULL ? ROLE_MEMBER : access_role_from_name(given);
	Access access;
	int64 user_id;
	Datum values[1];

	(void) field_int64(command->payload, "user_id", &user_id);
	access_read(user_id, &command->workspace_id, NULL, &access);
	if (!access.user_is_active)
		return command_refuse(command, REFUSAL_NOT_FOUND, NULL, "user " INT64_FORMAT " does not exist", user_id);
	if (!may_give(command, role))
		return false;
	if (access.role == role)
		return true;
	if (access.role != ROLE_ANYONE)
		return command_refuse(command, REFUSAL_RULE, NULL, "\"%s\" is already a member with the role %s",
							  access.username, access_role_name(access.role));
	if (!is_below_limit(command))
		return false;
	values[0] = Int64GetDatum(user_id);
	(void) spi_run(&read_user, values, NULL);
	return command_add_rights_event(command, EVENT_MemberAdded, member_json(user_id, role));
}
