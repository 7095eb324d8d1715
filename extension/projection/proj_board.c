/*
 * proj_board.c: boards, and the lists that a board is created with.
 */
#include "postgres.h"

#include "projection/proj_board_member.h"
#include "projection/projection.h"

PROJECTION_STATEMENT(insert_board,
					 "INSERT INTO collab.boards (id, workspace_id, name, description, owner_id, visibility, settings,"
					 " version, created_at, updated_at, entity_version)"
					 " SELECT $1, (b->>'workspace_id')::uuid, b->>'name', b->>'description', (b->>'owner_id')::bigint,"
					 " b->>'visibility', b->'settings', $3, $4, $4, $3"
					 " FROM (SELECT $2->'board') AS event (b)");
PROJECTION_STATEMENT(insert_board_lists,
					 "INSERT INTO collab.lists (board_id, id, name, rank, category, wip_limit, version, created_at,"
					 " updated_at)"
					 " SELECT $1, (l->>'id')::uuid, l->>'name', ($2->'ranks'->>(l->>'id'))::bigint, l->>'category',"
					 " (l->>'wip_limit')::int, $3, $4, $4"
					 " FROM jsonb_array_elements($2->'board'->'lists') AS l");
PROJECTION_STATEMENT(update_board,
					 "UPDATE collab.boards SET name = coalesce(u->>'name', name),"
					 " description = coalesce(u->>'description', description),"
					 " visibility = coalesce(u->>'visibility', visibility),"
					 " settings = CASE WHEN u ? 'settings' THEN collab.json_merge_patch(settings, u->'settings')"
					 " ELSE settings END, entity_version = $3"
					 " FROM (SELECT $2->'updates') AS event (u) WHERE id = $1");
PROJECTION_STATEMENT(archive_board, "UPDATE collab.boards SET archived_at = $4, entity_version = $3 WHERE id = $1");
PROJECTION_STATEMENT(restore_board, "UPDATE collab.boards SET archived_at = NULL, entity_version = $3 WHERE id = $1");
PROJECTION_STATEMENT(delete_board, "UPDATE collab.boards SET deleted_at = $4, entity_version = $3 WHERE id = $1");
PROJECTION_STATEMENT(change_board, "UPDATE collab.boards SET entity_version = $3 WHERE id = $1");
PROJECTION_STATEMENT(count_tasks,
					 "UPDATE collab.lists AS l SET task_count = (SELECT count(*) FROM collab.tasks AS t"
					 " WHERE t.board_id = $1 AND t.list_id = l.id AND t.archived_at IS NULL AND t.deleted_at IS NULL)"
					 " WHERE l.board_id = $1");
PROJECTION_STATEMENT(count_comments,
					 "UPDATE collab.tasks AS t SET comments_count = c.count FROM (SELECT task_id, count(*)"
					 " FROM collab.comments WHERE board_id = $1 GROUP BY task_id) AS c"
					 " WHERE t.board_id = $1 AND t.id = c.task_id");
PROJECTION_STATEMENT(count_attachments,
					 "UPDATE collab.tasks AS t SET attachments_count = a.count FROM (SELECT task_id, count(*)"
					 " FROM collab.attachments WHERE board_id = $1 AND deleted_at IS NULL GROUP BY task_id) AS a"
					 " WHERE t.board_id = $1 AND t.id = a.task_id");

void
proj_board_created(const ProjectedEvent *event)
{
	(void) proj_run(&insert_board, event);
	if (proj_has(event, "board", "lists"))
		(void) proj_run(&insert_board_lists, event);
	proj_board_members_added(event);
}

void
proj_board_updated(const ProjectedEvent *event)
{
	(void) proj_run(&update_board, event);
	proj_board_members_added(event);
}

void
proj_board_archived(const ProjectedEvent *event)
{
	(void) proj_run(&archive_board, event);
}

void
proj_board_restored(const ProjectedEvent *event)
{
	(void) proj_run(&restore_board, event);
}

void
proj_board_deleted(const ProjectedEvent *event)
{
	(void) proj_run(&delete_board, event);
}

/* What was imported came as events of its own; here tasks, comments and attachments are counted. */
void
proj_board_imported(const ProjectedEvent *event)
{
	(void) proj_run(&count_tasks, event);
	(void) proj_run(&count_comments, event);
	(void) proj_run(&count_attachments, event);
	(void) proj_run(&change_board, event);
}
