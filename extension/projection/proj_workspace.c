/*
 * proj_workspace.c: workspaces and their members.
 *
 * A deleted workspace keeps its row as a tombstone and loses its members: without a role nobody finds anything in it.
 */
#include "postgres.h"

#include "projection/projection.h"

PROJECTION_STATEMENT(insert_workspace,
					 "INSERT INTO collab.workspaces (id, name, description, owner_id, version, created_at, updated_at,"
					 " personal, default_board_id, entity_version)"
					 " SELECT $1, w->>'name', w->>'description', (w->>'owner_id')::bigint, $3, $4, $4,"
					 " coalesce((w->>'personal')::boolean, false), (w->>'default_board_id')::uuid, $3"
					 " FROM (SELECT $2->'workspace') AS event (w)");
PROJECTION_STATEMENT(insert_owner, "INSERT INTO collab.members (workspace_id, user_id, role, created_at)"
								   " VALUES ($1, ($2->'workspace'->>'owner_id')::bigint, 'owner', $4)");
PROJECTION_STATEMENT(update_workspace,
					 "UPDATE collab.workspaces SET name = coalesce($2->'updates'->>'name', name),"
					 " description = coalesce($2->'updates'->>'description', description), entity_version = $3"
					 " WHERE id = $1");
PROJECTION_STATEMENT(delete_workspace,
					 "UPDATE collab.workspaces SET deleted_at = $4, entity_version = $3 WHERE id = $1");
PROJECTION_STATEMENT(delete_members, "DELETE FROM collab.members WHERE workspace_id = $1");
PROJECTION_STATEMENT(insert_member,
					 "INSERT INTO collab.members (workspace_id, user_id, role, created_at)"
					 " VALUES ($1, ($2->>'member_id')::bigint, ($2->>'role')::collab.workspace_role, $4)");
PROJECTION_STATEMENT(count_use, "UPDATE collab.invites SET uses = uses + 1"
								" WHERE workspace_id = $1 AND id = ($2->>'invite_id')::uuid");
PROJECTION_STATEMENT(change_role, "UPDATE collab.members SET role = ($2->>'role')::collab.workspace_role"
								  " WHERE workspace_id = $1 AND user_id = ($2->>'member_id')::bigint");
PROJECTION_STATEMENT(delete_member, "DELETE FROM collab.members"
									" WHERE workspace_id = $1 AND user_id = ($2->>'member_id')::bigint");
PROJECTION_STATEMENT(transfer_roles,
					 "UPDATE collab.members SET role = CASE WHEN user_id = ($2->>'member_id')::bigint"
					 " THEN 'owner'::collab.workspace_role ELSE 'admin' END WHERE workspace_id = $1"
					 " AND user_id IN (($2->>'member_id')::bigint, ($2->>'previous_owner_id')::bigint)");
PROJECTION_STATEMENT(transfer_workspace,
					 "UPDATE collab.workspaces SET owner_id = ($2->>'member_id')::bigint, entity_version = $3"
					 " WHERE id = $1");
/* Where the owner goes and another one is left. */
PROJECTION_STATEMENT(succeed_owner,
					 "UPDATE collab.workspaces SET owner_id = ($2->>'owner_id')::bigint, entity_version = $3"
					 " WHERE id = $1 AND $2 ? 'owner_id'");
/* Those whose makers may not give their role any more, or are gone. */
PROJECTION_STATEMENT(
	revoke_unbacked_invites,
	"UPDATE collab.invites AS i SET revoked_at = $4 WHERE i.workspace_id = $1 AND i.revoked_at IS NULL"
	" AND NOT EXISTS (SELECT FROM collab.members AS m WHERE m.workspace_id = $1"
	" AND m.user_id = i.created_by AND (m.role = 'owner' OR (m.role = 'admin' AND i.role < 'admin')))");

void
proj_workspace_created(const ProjectedEvent *event)
{
	(void) proj_run(&insert_workspace, event);
	(void) proj_run(&insert_owner, event);
}

void
proj_workspace_updated(const ProjectedEvent *event)
{
	(void) proj_run(&update_workspace, event);
}

void
proj_workspace_deleted(const ProjectedEvent *event)
{
	(void) proj_run(&delete_workspace, event);
	(void) proj_run(&delete_members, event);
	(void) proj_run(&revoke_unbacked_invites, event);
}

void
proj_workspace_transferred(const ProjectedEvent *event)
{
	(void) proj_run(&transfer_roles, event);
	(void) proj_run(&transfer_workspace, event);
	(void) proj_run(&revoke_unbacked_invites, event);
}

void
proj_member_added(const ProjectedEvent *event)
{
	(void) proj_run(&insert_member, event);
	(void) proj_run(&count_use, event);
}

void
proj_role_changed(const ProjectedEvent *event)
{
	(void) proj_run(&change_role, event);
	(void) proj_run(&succeed_owner, event);
	(void) proj_run(&revoke_unbacked_invites, event);
}

void
proj_member_removed(const ProjectedEvent *event)
{
	(void) proj_run(&delete_member, event);
	(void) proj_run(&succeed_owner, event);
	(void) proj_run(&revoke_unbacked_invites, event);
}
