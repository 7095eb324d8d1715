/*
 * cmd_member.h: membership, as the commands of workspaces and invites need it too.
 */
#ifndef COLLAB_CMD_MEMBER_H
#define COLLAB_CMD_MEMBER_H

#include "command/command.h"

/* A member of the command's workspace. */
typedef struct Member
{
	int64 user_id;
	const char *name;
	WorkspaceRole role;
	bool can_own; /* neither deactivated nor a placeholder of an import */
	bool is_workspace_owner; /* the workspace's owner_id */
} Member;

/* Defines collab.member_limit. Once, at module start. */
extern void cmd_member_start(void);

/* Refuses with not_found who is no member. */
extern bool cmd_member_read(Command *command, int64 user_id, Member *member);
/* Refuses the actor who may not give this role. */
extern bool cmd_member_may_give(Command *command, WorkspaceRole role);
/* Adds MemberAdded for a user who exists and is no member, unless the workspace is full; invite_id may be NULL. */
extern bool cmd_member_join(Command *command, int64 user_id, WorkspaceRole role, const pg_uuid_t *invite_id);

#endif
