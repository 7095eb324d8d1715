/*
 * proj_board_member.c: who sees a private board besides the workspace's owners and admins.
 */
#include "postgres.h"

#include "projection/proj_board_member.h"

PROJECTION_STATEMENT(insert_members, "INSERT INTO collab.board_members (board_id, user_id, created_at)"
									 " SELECT $1, m.value::bigint, $4"
									 " FROM jsonb_array_elements_text($2->'members_added') AS m (value)");
PROJECTION_STATEMENT(insert_member, "INSERT INTO collab.board_members (board_id, user_id, created_at)"
									" VALUES ($1, ($2->>'member_id')::bigint, $4)");
PROJECTION_STATEMENT(delete_member,
					 "DELETE FROM collab.board_members WHERE board_id = $1 AND user_id = ($2->>'member_id')::bigint");
PROJECTION_STATEMENT(change_board, "UPDATE collab.boards SET entity_version = $3 WHERE id = $1");

void
proj_board_members_added(const ProjectedEvent *event)
{
	if (proj_has(event, "members_added", NULL))
		(void) proj_run(&insert_members, event);
}

void
proj_board_member_added(const ProjectedEvent *event)
{
	(void) proj_run(&insert_member, event);
	(void) proj_run(&change_board, event);
}

void
proj_board_member_removed(const ProjectedEvent *event)
{
	(void) proj_run(&delete_member, event);
	(void) proj_run(&change_board, event);
}
