/*
 * support_access.c: the actor of a session and his rights.
 *
 * A session acts as the user that collab.grant_access mapped its outer database role to: GetOuterUserId() is the role
 * that SET ROLE or the login gave, also inside SECURITY DEFINER functions. Superusers and roles of level "application"
 * may choose another user with SET collab.user_id. The setting is checked when it is used, not when it is made: a
 * check hook could not read the catalog in every place where a setting may change.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "support/support_access.h"
#include "support/support_schema.h"
#include "support/support_spi.h"

PG_FUNCTION_INFO_V1(collab_current_user_id);

static char *user_id_setting = NULL;

/* Whom a call made for a user acts as (access_act_as); 0 outside of one. */
static int64 acting_user = 0;

static const char *const role_names[] = {"anyone", "viewer", "member", "admin", "owner"};

SPI_STATEMENT(read_mapping, "SELECT level, user_id FROM collab.role_users WHERE role = $1", REGROLEOID);
SPI_STATEMENT(read_access,
			  "SELECT u.name, m.role, w.acl_version, b.settings, b.visibility = 'private', b.archived_at IS NOT NULL,"
			  " b.deleted_at IS NOT NULL OR (b.visibility = 'private' AND m.role < 'admin' AND NOT EXISTS"
			  " (SELECT FROM collab.board_members AS bm WHERE bm.board_id = b.id AND bm.user_id = u.id))"
			  " FROM collab.users AS u"
			  " LEFT JOIN collab.members AS m ON m.user_id = u.id AND m.workspace_id = $2"
			  " LEFT JOIN collab.aggregates AS w ON w.id = $2"
			  " LEFT JOIN collab.boards AS b ON b.id = $3 AND b.workspace_id = $2"
			  " WHERE u.id = $1 AND u.deactivated_at IS NULL",
			  INT8OID, UUIDOID, UUIDOID);

static bool
parse_user_id(const char *text, int64 *user_id)
{
	char *end;

	errno = 0;
	*user_id = strtoll(text, &end, 10);
	return errno == 0 && end != text && *end == '\0' && *user_id > 0;
}

static bool
check_user_id_setting(char **value, void **extra, GucSource source)
{
	int64 user_id;

	(void) extra;
	(void) source;
	if (*value == NULL || **value == '\0' || parse_user_id(*value, &user_id))
		return true;
	GUC_check_errdetail("collab.user_id is the id of a user: a positive integer, or empty.");
	return false;
}

void
access_start(void)
{
	DefineCustomStringVariable("collab.user_id", "The user that commands and reads of this session act as.",
							   "Only superusers and roles granted the level \"application\" may use it.",
							   &user_id_setting, "", PGC_USERSET, 0, check_user_id_setting, NULL, NULL);
}

COLLAB_NORETURN static void raise_no_user(const char *hint);

static void
raise_no_user(const char *hint)
{
	Refusal refusal;

	(void) refuse(&refusal, REFUSAL_UNAUTHENTICATED, hint, "no user for role \"%s\"",
				  GetUserNameFromId(GetOuterUserId(), false));
	refusal_raise(&refusal, NULL);
}

int64
access_act_as(int64 user_id)
{
	int64 before = acting_user;

	acting_user = user_id;
	return before;
}

static int64
actor_of_session(void)
{
	Oid role = GetOuterUserId();
	Datum values[] = {ObjectIdGetDatum(role)};
	bool is_mapped = spi_run(&read_mapping, values, NULL) == 1;
	bool may_choose = superuser_arg(role) || (is_mapped && strcmp(spi_cstring(0, 1), "application") == 0);
	int64 user_id;

	if (user_id_setting != NULL && *user_id_setting != '\0' && parse_user_id(user_id_setting, &user_id))
	{
		if (may_choose)
			return user_id;
		raise_no_user("Only a role granted the level \"application\" may set collab.user_id.");
	}
	if (!is_mapped || spi_is_null(0, 2))
		raise_no_user(may_choose
						  ? "SET collab.user_id to the id of the user you act as."
						  : "A superuser maps the role to a user with collab.grant_access(role, 'person', user_id).");
	return spi_int64(0, 2);
}

int64
access_actor(void)
{
	return acting_user != 0 ? acting_user : actor_of_session();
}

WorkspaceRole
access_role_from_name(const char *name)
{
	for (int role = ROLE_VIEWER; role <= ROLE_OWNER; role++)
	{
		if (strcmp(role_names[role], name) == 0)
			return role;
	}
	return ROLE_ANYONE;
}

const char *
access_role_name(WorkspaceRole role)
{
	return role_names[role];
}

void
access_read(int64 user_id, const pg_uuid_t *workspace_id, const pg_uuid_t *board_id, Access *access)
{
	Datum values[] = {Int64GetDatum(user_id), UUIDPGetDatum(workspace_id), UUIDPGetDatum(board_id)};
	char nulls[] = {' ', workspace_id == NULL ? 'n' : ' ', board_id == NULL ? 'n' : ' ', '\0'};

	memset(access, 0, sizeof(*access));
	if (spi_run(&read_access, values, nulls) == 0)
		return;
	access->user_is_active = true;
	access->username = spi_cstring(0, 1);
	if (!spi_is_null(0, 2))
		access->role = access_role_from_name(spi_cstring(0, 2));
	if (!spi_is_null(0, 3))
		access->acl_version = spi_int64(0, 3);
	if (spi_is_null(0, 4))
		return;
	access->board_settings = DatumGetJsonbPCopy(spi_datum(0, 4));
	access->board_is_private = spi_bool(0, 5);
	access->board_is_archived = spi_bool(0, 6);
	if (spi_is_null(0, 7) || spi_bool(0, 7))
		access->role = ROLE_ANYONE;
}

bool
access_refuse_user(int64 user_id, Refusal *refusal)
{
	return refuse(refusal, REFUSAL_UNAUTHENTICATED, NULL, "user " INT64_FORMAT " does not exist or is deactivated",
				  user_id);
}

/* collab.current_user_id() RETURNS bigint */
Datum
collab_current_user_id(PG_FUNCTION_ARGS)
{
	int64 user_id;

	Access access;
	Refusal refusal;

	schema_check();
	SPI_connect();
	user_id = access_actor();
	access_read(user_id, NULL, NULL, &access);
	if (!access.user_is_active)
	{
		(void) access_refuse_user(user_id, &refusal);
		refusal_raise(&refusal, NULL);
	}
	SPI_finish();
	PG_RETURN_INT64(user_id);
}
