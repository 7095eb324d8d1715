/*
 * support_access.h: who acts in this session, and with which role in a workspace.
 */
#ifndef COLLAB_SUPPORT_ACCESS_H
#define COLLAB_SUPPORT_ACCESS_H

#include "postgres.h"
#include "utils/jsonb.h"
#include "utils/uuid.h"

#include "support/support_refusal.h"

/* In ascending order of rights; anyone: no membership needed. */
typedef enum WorkspaceRole
{
	ROLE_ANYONE,
	ROLE_VIEWER,
	ROLE_MEMBER,
	ROLE_ADMIN,
	ROLE_OWNER,
} WorkspaceRole;

typedef struct Access
{
	bool user_is_active; /* the user exists and is not deactivated */
	const char *username;
	WorkspaceRole role; /* ROLE_ANYONE: not a member, or the board is deleted, or private and not his to see */
	int64 acl_version; /* of the workspace */
	/* of the board, where one was asked for and exists */
	bool board_is_private;
	bool board_is_archived;
	Jsonb *board_settings; /* NULL: no board */
} Access;

/* In SQL: the user u is a person, not a placeholder that an import made, as whom nobody comes. */
#define IS_PERSON "u.issuer NOT IN ('trello', 'collab-import')"

/* Defines collab.user_id. Once, at module start. */
extern void access_start(void);

/*
 * From now on the session acts as this user, whatever its role and settings say; 0: as those say. Returns what was before:
 * whoever sets it puts that back, also after an error.
 */
extern int64 access_act_as(int64 user_id);
/* The user this session acts as; raises TB009 when there is none. */
extern int64 access_actor(void);

/*
 * Reads the user's name and his role in the workspace, and on the board of it, with a snapshot taken now; either may be
 * NULL.
 */
extern void access_read(int64 user_id, const pg_uuid_t *workspace_id, const pg_uuid_t *board_id, Access *access);

/* Refuses because there is no such active user; returns false. */
extern bool access_refuse_user(int64 user_id, Refusal *refusal);

extern WorkspaceRole access_role_from_name(const char *name);
extern const char *access_role_name(WorkspaceRole role);

#endif
