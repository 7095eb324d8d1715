/*
 * proj_workspace.c: workspaces and their members.
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
PROJECTION_STATEMENT(insert_member,
					 "INSERT INTO collab.members (workspace_id, user_id, role, created_at)"
					 " VALUES ($1, ($2->>'member_id')::bigint, ($2->>'role')::collab.workspace_role, $4)");

void
proj_workspace_created(const ProjectedEvent *event)
{
	(void) proj_run(&insert_workspace, event);
	(void) proj_run(&insert_owner, event);
}

void
proj_member_added(const ProjectedEvent *event)
{
	(void) proj_run(&insert_member, event);
}
