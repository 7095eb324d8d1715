/*
 * cmd_invite.c: invites: a token that lets whoever has it join a workspace.
 *
 * The token follows from the database's secret, the workspace, the actor and the command's id, so that a resent
 * CREATE_INVITE answers with the same one although nobody keeps it: the log and the read model have its SHA-256. An invite
 * is worth what its maker is: it is revoked with the right to give its role (proj_invite.c), and nobody joins by it while
 * its maker is deactivated.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "command/cmd_invite.h"
#include "command/cmd_member.h"
#include "support/support_json.h"
#include "support/support_secret.h"
#include "support/support_spi.h"

#define TOKEN_HASH "pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to($1, 'UTF8')), 'hex')"

SPI_STATEMENT(hash_token, "SELECT " TOKEN_HASH, TEXTOID);
SPI_STATEMENT(read_invite, "SELECT revoked_at IS NOT NULL FROM collab.invites WHERE workspace_id = $1 AND id = $2",
			  UUIDOID, UUIDOID);
SPI_STATEMENT(read_invite_by_token,
			  "SELECT i.id, i.role, i.revoked_at IS NOT NULL OR u.deactivated_at IS NOT NULL, i.expires_at <= $3,"
			  " i.uses >= i.max_uses FROM collab.invites AS i JOIN collab.users AS u ON u.id = i.created_by"
			  " WHERE i.token_hash = " TOKEN_HASH " AND i.workspace_id = $2",
			  TEXTOID, UUIDOID, TIMESTAMPTZOID);

char *
cmd_invite_token(const Command *command)
{
	return secret_token("invites", psprintf("%s\n" INT64_FORMAT "\n%s", uuid_text(&command->stream_id),
											command->user_id, uuid_text(&command->id)));
}

static char *
token_hash(const char *token)
{
	Datum values[] = {CStringGetTextDatum(token)};

	(void) spi_run(&hash_token, values, NULL);
	return spi_cstring(0, 1);
}

static void
put_invite(StringInfo out, const Command *command, const pg_uuid_t *id, WorkspaceRole role)
{
	int64 seconds;
	int64 max_uses;

	json_begin(out, '{');
	json_add_uuid(out, "id", id);
	json_add_string(out, "role", access_role_name(role));
	json_key(out, "expires_at");
	if (field_int64(command->payload, "expires_in", &seconds))
		json_put_time(out, command->now + seconds * USECS_PER_SEC);
	else
		json_put_raw(out, NULL);
	json_key(out, "max_uses");
	if (field_int64(command->payload, "max_uses", &max_uses))
		json_put_int(out, max_uses);
	else
		json_put_raw(out, NULL);
	json_add_int(out, "uses", 0);
	json_add_int(out, "created_by", command->user_id);
	json_end(out, '}');
}

bool
cmd_create_invite(Command *command)
{
	char *given = field_word(command->payload, "role");
	WorkspaceRole role = given == NULL ? ROLE_MEMBER : access_role_from_name(given);
	pg_uuid_t id = command_new_id();
	StringInfoData out;

	if (!cmd_member_may_give(command, role))
		return false;
	initStringInfo(&out);
	json_begin(&out, '{');
	json_add_uuid(&out, "invite_id", &id);
	json_key(&out, "invite");
	put_invite(&out, command, &id, role);
	json_add_string(&out, "token_hash", token_hash(cmd_invite_token(command)));
	json_end(&out, '}');
	return command_add_event(command, EVENT_InviteCreated, out.data);
}

bool
cmd_revoke_invite(Command *command)
{
	Datum values[] = {UUIDPGetDatum(&command->workspace_id), UUIDPGetDatum(&command->entity_id)};

	if (spi_run(&read_invite, values, NULL) == 0)
		return command_refuse_missing(command, "invite");
	if (spi_bool(0, 1))
		return true;
	return command_add_event(command, EVENT_InviteRevoked,
							 psprintf("{\"invite_id\":\"%s\"}", uuid_text(&command->entity_id)));
}

/* Of the invite that read_invite_by_token has just read: in this order. */
static bool
is_good(Command *command)
{
	if (spi_bool(0, 3))
		return command_refuse(command, REFUSAL_INVITE_REVOKED, "Ask for a new link.", "the invite was revoked");
	if (!spi_is_null(0, 4) && spi_bool(0, 4))
		return command_refuse(command, REFUSAL_INVITE_EXPIRED, "Ask for a new link.", "the invite has expired");
	if (!spi_is_null(0, 5) && spi_bool(0, 5))
		return command_refuse(command, REFUSAL_INVITE_USED_UP, "Ask for a new link.",
							  "the invite was used as often as it may be");
	return true;
}

bool
cmd_join_by_invite(Command *command)
{
	Datum values[] = {CStringGetTextDatum(field_word(command->payload, "token")), UUIDPGetDatum(&command->workspace_id),
					  TimestampTzGetDatum(command->now)};
	WorkspaceRole role;
	pg_uuid_t id;

	if (command->access.role != ROLE_ANYONE)
		return true;
	if (spi_run(&read_invite_by_token, values, NULL) == 0)
		return command_refuse(command, REFUSAL_INVITE_INVALID, "Ask for a new link.", "the invite does not exist");
	if (!is_good(command))
		return false;
	id = spi_uuid(0, 1);
	role = access_role_from_name(spi_cstring(0, 2));
	return cmd_member_join(command, command->user_id, role, &id);
}
