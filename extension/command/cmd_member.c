/*
 * cmd_member.c: who belongs to a workspace, and as what.
 *
 * Two rules stand over all of it: nobody but an owner touches a role at or above the own one, and a workspace never
 * loses its last owner. Owners who cannot act, deactivated ones and placeholders of imports, do not count there.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/guc.h"

#include "command/cmd_member.h"
#include "support/support_json.h"
#include "support/support_spi.h"

static int member_limit = 50;

#define CAN_OWN "(u.deactivated_at IS NULL AND " IS_PERSON ")"

SPI_STATEMENT(read_user, "SELECT name, handle, avatar FROM collab.users WHERE id = $1 AND deactivated_at IS NULL",
			  INT8OID);
SPI_STATEMENT(count_members,
			  "SELECT count(*)::int FROM collab.members AS m JOIN collab.users AS u ON u.id = m.user_id"
			  " WHERE m.workspace_id = $1 AND " IS_PERSON,
			  UUIDOID);
SPI_STATEMENT(read_member,
			  "SELECT m.role, u.name, " CAN_OWN ", w.owner_id = m.user_id FROM collab.members AS m"
			  " JOIN collab.users AS u ON u.id = m.user_id JOIN collab.workspaces AS w ON w.id = m.workspace_id"
			  " WHERE m.workspace_id = $1 AND m.user_id = $2",
			  UUIDOID, INT8OID);
SPI_STATEMENT(find_other_owner,
			  "SELECT m.user_id FROM collab.members AS m JOIN collab.users AS u ON u.id = m.user_id"
			  " WHERE m.workspace_id = $1 AND m.role = 'owner' AND m.user_id <> $2 AND " CAN_OWN
			  " ORDER BY m.created_at, m.user_id LIMIT 1",
			  UUIDOID, INT8OID);
SPI_STATEMENT(is_personal, "SELECT personal FROM collab.workspaces WHERE id = $1", UUIDOID);

void
cmd_member_start(void)
{
	DefineCustomIntVariable("collab.member_limit", "Members that a workspace may have.", NULL, &member_limit, 50, 1,
							1000000, PGC_SUSET, 0, NULL, NULL, NULL);
}

/* What may be done */

bool
cmd_member_may_give(Command *command, WorkspaceRole role)
{
	if (command->access.role == ROLE_OWNER || role < command->access.role)
		return true;
	return command_refuse(command, REFUSAL_FORBIDDEN, "An owner can do it.",
						  "a member with the role %s may not give the role %s", access_role_name(command->access.role),
						  access_role_name(role));
}

static bool
may_touch(Command *command, const Member *member, const char *verb)
{
	if (command->access.role == ROLE_OWNER || member->role < command->access.role)
		return true;
	return command_refuse(command, REFUSAL_FORBIDDEN, "An owner can do it.",
						  "a member with the role %s may not %s a member with the role %s",
						  access_role_name(command->access.role), verb, access_role_name(member->role));
}

static bool
workspace_is_personal(const Command *command)
{
	Datum values[] = {UUIDPGetDatum(&command->workspace_id)};

	return spi_run(&is_personal, values, NULL) == 1 && spi_bool(0, 1);
}

bool
cmd_member_read(Command *command, int64 user_id, Member *member)
{
	Datum values[] = {UUIDPGetDatum(&command->workspace_id), Int64GetDatum(user_id)};

	if (spi_run(&read_member, values, NULL) == 0)
		return command_refuse(command, REFUSAL_NOT_FOUND, NULL,
							  "user " INT64_FORMAT " is not a member of the workspace", user_id);
	member->user_id = user_id;
	member->role = access_role_from_name(spi_cstring(0, 1));
	member->name = spi_cstring(0, 2);
	member->can_own = spi_bool(0, 3);
	member->is_workspace_owner = spi_bool(0, 4);
	return true;
}

/*
 * May this member stop being an owner? *successor gets the user who owns the workspace from then on, 0: its owner is
 * somebody else and stays it.
 */
static bool
may_stop_owning(Command *command, const Member *member, int64 *successor)
{
	Datum values[] = {UUIDPGetDatum(&command->workspace_id), Int64GetDatum(member->user_id)};

	*successor = 0;
	if (member->role != ROLE_OWNER)
		return true;
	if (member->is_workspace_owner && workspace_is_personal(command))
		return command_refuse(command, REFUSAL_RULE, NULL, "a personal workspace stays with \"%s\"", member->name);
	if (spi_run(&find_other_owner, values, NULL) == 0)
		return command_refuse(command, REFUSAL_RULE,
							  "Transfer the workspace first, or give another member the role owner.",
							  "\"%s\" is the last owner of the workspace", member->name);
	if (member->is_workspace_owner)
		*successor = spi_int64(0, 1);
	return true;
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

/* Joining */

/* Of the user whom read_user has just read. */
static char *
added_json(int64 user_id, WorkspaceRole role, const pg_uuid_t *invite_id)
{
	StringInfoData out;

	initStringInfo(&out);
	json_begin(&out, '{');
	json_add_int(&out, "member_id", user_id);
	json_add_string(&out, "role", access_role_name(role));
	if (invite_id != NULL)
		json_add_uuid(&out, "invite_id", invite_id);
	json_key(&out, "member");
	json_begin(&out, '{');
	json_add_int(&out, "user_id", user_id);
	json_add_string(&out, "username", spi_cstring(0, 1));
	json_add_string(&out, "handle", spi_cstring(0, 2));
	json_add_string(&out, "avatar", spi_cstring(0, 3));
	json_end(&out, '}');
	json_end(&out, '}');
	return out.data;
}

bool
cmd_member_join(Command *command, int64 user_id, WorkspaceRole role, const pg_uuid_t *invite_id)
{
	Datum values[] = {Int64GetDatum(user_id)};

	if (!is_below_limit(command))
		return false;
	(void) spi_run(&read_user, values, NULL);
	return command_add_rights_event(command, EVENT_MemberAdded, added_json(user_id, role, invite_id));
}

bool
cmd_add_member(Command *command)
{
	char *given = field_word(command->payload, "role");
	WorkspaceRole role = given == NULL ? ROLE_MEMBER : access_role_from_name(given);
	Access access;
	int64 user_id;

	(void) field_int64(command->payload, "user_id", &user_id);
	access_read(user_id, &command->workspace_id, NULL, &access);
	if (!access.user_is_active)
		return command_refuse(command, REFUSAL_NOT_FOUND, NULL, "user " INT64_FORMAT " does not exist", user_id);
	if (!cmd_member_may_give(command, role))
		return false;
	if (access.role == role)
		return true;
	if (access.role != ROLE_ANYONE)
		return command_refuse(command, REFUSAL_RULE, NULL, "\"%s\" is already a member with the role %s",
							  access.username, access_role_name(access.role));
	return cmd_member_join(command, user_id, role, NULL);
}

/* Changing and leaving */

/* {"member_id", "role"?, "old_role"?, "owner_id"?}: NULL roles and a successor of 0 are left out */
static char *
changed_json(const Member *member, const char *role, int64 successor)
{
	StringInfoData out;

	initStringInfo(&out);
	json_begin(&out, '{');
	json_add_int(&out, "member_id", member->user_id);
	if (role != NULL)
	{
		json_add_string(&out, "role", role);
		json_add_string(&out, "old_role", access_role_name(member->role));
	}
	if (successor != 0)
		json_add_int(&out, "owner_id", successor);
	json_end(&out, '}');
	return out.data;
}

bool
cmd_change_role(Command *command)
{
	char *role = field_word(command->payload, "role");
	WorkspaceRole wanted = access_role_from_name(role);
	Member member;
	int64 user_id;
	int64 successor;

	(void) field_int64(command->payload, "user_id", &user_id);
	if (!cmd_member_read(command, user_id, &member) || !may_touch(command, &member, "change") ||
		!cmd_member_may_give(command, wanted))
		return false;
	if (member.role == wanted)
		return true;
	return may_stop_owning(command, &member, &successor) &&
		   command_add_rights_event(command, EVENT_RoleChanged, changed_json(&member, role, successor));
}

static bool
remove_member(Command *command, const Member *member)
{
	int64 successor;

	return may_stop_owning(command, member, &successor) &&
		   command_add_rights_event(command, EVENT_MemberRemoved, changed_json(member, NULL, successor));
}

bool
cmd_remove_member(Command *command)
{
	Member member;
	int64 user_id;

	(void) field_int64(command->payload, "user_id", &user_id);
	return cmd_member_read(command, user_id, &member) && may_touch(command, &member, "remove") &&
		   remove_member(command, &member);
}

bool
cmd_leave_membership(Command *command)
{
	Member member;

	return cmd_member_read(command, command->user_id, &member) && remove_member(command, &member);
}
