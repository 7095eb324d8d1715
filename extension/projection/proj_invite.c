/*
 * proj_invite.c: invites of a workspace. Their uses are counted where members are added (proj_workspace.c).
 */
#include "postgres.h"

#include "projection/projection.h"

PROJECTION_STATEMENT(insert_invite,
					 "INSERT INTO collab.invites (workspace_id, id, role, token_hash, expires_at, max_uses, created_by,"
					 " created_at)"
					 " SELECT $1, (i->>'id')::uuid, (i->>'role')::collab.workspace_role, $2->>'token_hash',"
					 " (i->>'expires_at')::timestamptz, (i->>'max_uses')::int, $5, $4"
					 " FROM (SELECT $2->'invite') AS event (i)");
PROJECTION_STATEMENT(revoke_invite, "UPDATE collab.invites SET revoked_at = $4"
									" WHERE workspace_id = $1 AND id = ($2->>'invite_id')::uuid");

void
proj_invite_created(const ProjectedEvent *event)
{
	(void) proj_run(&insert_invite, event);
}

void
proj_invite_revoked(const ProjectedEvent *event)
{
	(void) proj_run(&revoke_invite, event);
}
