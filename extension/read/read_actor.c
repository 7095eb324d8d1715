/*
 * read_actor.c: what readings tell of the actor, and of workspaces.
 */
#include "postgres.h"

#include "read/read.h"

READ_BY_STATEMENT(get_me, "SELECT u.id AS user_id, to_json(u.name) AS username, to_json(u.handle) AS handle,"
						  " to_json(u.avatar) AS avatar, collab.unread_count(u.id) AS unread_count,"
						  " to_json(w.id) AS personal_workspace_id"
						  " FROM collab.users AS u LEFT JOIN collab.workspaces AS w"
						  " ON w.owner_id = u.id AND w.personal AND w.deleted_at IS NULL"
						  " WHERE u.id = collab.current_user_id()");
READ_BY_STATEMENT(my_workspaces, "SELECT collab.user_workspaces(collab.current_user_id()) AS workspaces");
READ_BY_STATEMENT(my_tasks, "SELECT collab.my_tasks(coalesce($1, false)) AS tasks");
READ_BY_STATEMENT(get_preferences, "SELECT collab.notification_preferences() AS preferences");
READ_BY_STATEMENT(get_workspace, "SELECT collab.workspace_document($1) AS workspace");
READ_BY_STATEMENT(get_members, "SELECT collab.workspace_document($1)->'members' AS members");
READ_BY_STATEMENT(get_invites,
				  "SELECT coalesce(json_agg(json_build_object('id', i.id, 'role', i.role,"
				  " 'expires_at', collab.time_text(i.expires_at), 'max_uses', i.max_uses, 'uses', i.uses,"
				  " 'created_by', i.created_by, 'created_at', collab.time_text(i.created_at),"
				  " 'revoked_at', collab.time_text(i.revoked_at)) ORDER BY i.created_at DESC, i.id), '[]') AS invites"
				  " FROM collab.workspace_invites($1) AS i");
READ_BY_STATEMENT(get_boards,
				  "SELECT coalesce(json_agg(json_build_object('id', b.id, 'name', b.name, 'description', b.description,"
				  " 'visibility', b.visibility, 'owner_id', b.owner_id, 'version', b.version,"
				  " 'updated_at', collab.time_text(b.updated_at), 'archived_at', collab.time_text(b.archived_at))"
				  " ORDER BY b.name, b.id), '[]') AS boards"
				  " FROM collab.boards AS b JOIN collab.board_readers AS r ON r.board_id = b.id"
				  " WHERE b.workspace_id = $1 AND r.user_id = collab.current_user_id()"
				  " AND (b.archived_at IS NOT NULL) = coalesce($2, false)");

SPI_STATEMENT(notifications,
			  "SELECT n->'notifications' AS notifications, n->'unread_count' AS unread_count,"
			  " CASE WHEN n->'has_more' = 'true' THEN to_json(n->'notifications'->-1->>'id') END AS next_cursor"
			  " FROM (SELECT collab.notifications($1::bigint, coalesce($2, 50)) AS n OFFSET 0) AS page",
			  InvalidOid);

bool
read_get_notifications(Read *read)
{
	return read_check_limit(read, 500) && read_check_number(read, "before") && read_answer(read, &notifications);
}
