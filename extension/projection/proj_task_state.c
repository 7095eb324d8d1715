/*
 * proj_task_state.c: tasks completed and reopened, archived, deleted, and back again.
 */
#include "postgres.h"

#include "projection/proj_task.h"
#include "projection/projection.h"
#include "support/support_json.h"

#define EVENT_TASK "board_id = $1 AND id = ($2->>'task_id')::uuid"

PROJECTION_STATEMENT(complete_task, "UPDATE collab.tasks SET completed_at = ($2->>'completed_at')::timestamptz,"
									" list_id = coalesce(($2->>'to_list_id')::uuid, list_id),"
									" rank = coalesce(($2->'ranks'->>($2->>'task_id'))::bigint, rank),"
									" version = $3, updated_at = $4 WHERE " EVENT_TASK);
PROJECTION_STATEMENT(archive_task, "UPDATE collab.tasks SET archived_at = " EVENT_TIME
								   ", version = $3, updated_at = $4 WHERE " EVENT_TASK);
PROJECTION_STATEMENT(restore_task, "UPDATE collab.tasks SET archived_at = NULL, deleted_at = NULL,"
								   " rank = ($2->'ranks'->>($2->>'task_id'))::bigint,"
								   " completed_at = coalesce(($2->>'completed_at')::timestamptz, completed_at),"
								   " version = $3, updated_at = $4 WHERE " EVENT_TASK);
PROJECTION_STATEMENT(delete_task,
					 "UPDATE collab.tasks SET deleted_at = $4, version = $3, updated_at = $4 WHERE " EVENT_TASK);

static void
change_completion(const ProjectedEvent *event)
{
	(void) proj_run(&complete_task, event);
	proj_task_rank_neighbours(event);
	proj_task_count_move(event);
}

void
proj_task_completed(const ProjectedEvent *event)
{
	change_completion(event);
}

void
proj_task_reopened(const ProjectedEvent *event)
{
	change_completion(event);
}

void
proj_task_archived(const ProjectedEvent *event)
{
	(void) proj_run(&archive_task, event);
	if (!proj_is_imported(event))
		proj_task_count_out(event);
}

/* From the archive, or by an UNDO from deletion ("was_deleted"): either way it is open afterwards. */
void
proj_task_restored(const ProjectedEvent *event)
{
	(void) proj_run(&restore_task, event);
	proj_task_rank_neighbours(event);
	proj_task_count_in(event);
}

/* An archived task was taken out of its list's count when it was archived. */
void
proj_task_deleted(const ProjectedEvent *event)
{
	(void) proj_run(&delete_task, event);
	if (json_get(&event->data->root, "was_archived") == NULL)
		proj_task_count_out(event);
}
