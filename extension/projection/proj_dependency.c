/*
 * proj_dependency.c: which tasks wait for which others. The one that waits changes, not the one it waits for.
 */
#include "postgres.h"

#include "projection/projection.h"

PROJECTION_STATEMENT(insert_dependency,
					 "INSERT INTO collab.task_dependencies (board_id, task_id, blocked_by, created_at)"
					 " VALUES ($1, ($2->>'task_id')::uuid, ($2->>'blocked_by')::uuid, $4)");
PROJECTION_STATEMENT(delete_dependency,
					 "DELETE FROM collab.task_dependencies WHERE board_id = $1 AND task_id = ($2->>'task_id')::uuid"
					 " AND blocked_by = ($2->>'blocked_by')::uuid");
PROJECTION_STATEMENT(touch_task, "UPDATE collab.tasks SET version = $3, updated_at = $4"
								 " WHERE board_id = $1 AND id = ($2->>'task_id')::uuid");

void
proj_dependency_added(const ProjectedEvent *event)
{
	(void) proj_run(&insert_dependency, event);
	(void) proj_run(&touch_task, event);
}

void
proj_dependency_removed(const ProjectedEvent *event)
{
	(void) proj_run(&delete_dependency, event);
	(void) proj_run(&touch_task, event);
}
