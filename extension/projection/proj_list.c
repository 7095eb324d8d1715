/*
 * proj_list.c: lists.
 */
#include "postgres.h"

#include "projection/projection.h"
#include "support/support_json.h"

PROJECTION_STATEMENT(rank_lists,
					 "UPDATE collab.lists AS l SET rank = r.value::bigint"
					 " FROM jsonb_each_text($2->'ranks') AS r WHERE l.board_id = $1 AND l.id = r.key::uuid");
PROJECTION_STATEMENT(insert_list,
					 "INSERT INTO collab.lists (board_id, id, name, rank, category, wip_limit, version, created_at,"
					 " updated_at)"
					 " SELECT $1, (l->>'id')::uuid, l->>'name', ($2->'ranks'->>(l->>'id'))::bigint, l->>'category',"
					 " (l->>'wip_limit')::int, $3, " EVENT_TIME ", $4"
					 " FROM (SELECT $2->'list') AS event (l)");
PROJECTION_STATEMENT(update_list,
					 "UPDATE collab.lists SET name = coalesce(u->>'name', name),"
					 " category = coalesce(u->>'category', category),"
					 " wip_limit = CASE WHEN u ? 'wip_limit' THEN (u->>'wip_limit')::int ELSE wip_limit END,"
					 " version = $3, updated_at = $4"
					 " FROM (SELECT $2->'updates') AS event (u)"
					 " WHERE board_id = $1 AND id = ($2->>'list_id')::uuid");
/* Only the completion: it is the list that was changed, so the tasks' versions stay. */
PROJECTION_STATEMENT(
	complete_tasks, "UPDATE collab.tasks SET completed_at = $4 WHERE board_id = $1 AND list_id = ($2->>'list_id')::uuid"
					" AND archived_at IS NULL AND deleted_at IS NULL AND completed_at IS NULL");
PROJECTION_STATEMENT(reopen_tasks,
					 "UPDATE collab.tasks SET completed_at = NULL WHERE board_id = $1"
					 " AND list_id = ($2->>'list_id')::uuid AND archived_at IS NULL AND deleted_at IS NULL"
					 " AND completed_at IS NOT NULL");
PROJECTION_STATEMENT(move_list, "UPDATE collab.lists SET version = $3, updated_at = $4"
								" WHERE board_id = $1 AND id = ($2->>'list_id')::uuid");
PROJECTION_STATEMENT(restore_list, "UPDATE collab.lists SET archived_at = NULL, version = $3, updated_at = $4"
								   " WHERE board_id = $1 AND id = ($2->>'list_id')::uuid");
PROJECTION_STATEMENT(archive_list, "UPDATE collab.lists SET archived_at = " EVENT_TIME ", version = $3, updated_at = $4"
								   " WHERE board_id = $1 AND id = ($2->>'list_id')::uuid");

void
proj_list_created(const ProjectedEvent *event)
{
	(void) proj_run(&insert_list, event);
	(void) proj_run(&rank_lists, event);
}

static bool
category_is_done(const ProjectedEvent *event, const char *when)
{
	JsonbValue *object = json_get(&event->data->root, when);
	char *category = json_string(json_get(object->val.binary.data, "category"));

	return category != NULL && strcmp(category, "done") == 0;
}

/* Tasks of a list that becomes done are completed with it; those of a list that no longer is are open again. */
void
proj_list_updated(const ProjectedEvent *event)
{
	(void) proj_run(&update_list, event);
	if (category_is_done(event, "updates"))
		(void) proj_run(&complete_tasks, event);
	else if (category_is_done(event, "before"))
		(void) proj_run(&reopen_tasks, event);
}

void
proj_list_moved(const ProjectedEvent *event)
{
	(void) proj_run(&rank_lists, event);
	(void) proj_run(&move_list, event);
}

void
proj_list_archived(const ProjectedEvent *event)
{
	(void) proj_run(&archive_list, event);
}

void
proj_list_restored(const ProjectedEvent *event)
{
	(void) proj_run(&restore_list, event);
	(void) proj_run(&rank_lists, event);
}
