/*
 * proj_label.c: a board's labels. Which of them a task has is proj_task.c's; a deleted label goes off every task here.
 */
#include "postgres.h"

#include "projection/projection.h"

#define EVENT_LABEL "board_id = $1 AND id = ($2->>'label_id')::uuid"

PROJECTION_STATEMENT(insert_label, "INSERT INTO collab.labels (board_id, id, name, color, created_at, version)"
								   " SELECT $1, (l->>'id')::uuid, l->>'name', l->>'color', " EVENT_TIME ", $3"
								   " FROM (SELECT $2->'label') AS event (l)");
PROJECTION_STATEMENT(update_label,
					 "UPDATE collab.labels SET name = coalesce($2->'updates'->>'name', name),"
					 " color = coalesce($2->'updates'->>'color', color), version = $3 WHERE " EVENT_LABEL);
PROJECTION_STATEMENT(delete_label, "UPDATE collab.labels SET deleted_at = $4, version = $3 WHERE " EVENT_LABEL);
PROJECTION_STATEMENT(take_off_tasks,
					 "DELETE FROM collab.task_labels WHERE board_id = $1 AND label_id = ($2->>'label_id')::uuid");

void
proj_label_created(const ProjectedEvent *event)
{
	(void) proj_run(&insert_label, event);
}

void
proj_label_updated(const ProjectedEvent *event)
{
	(void) proj_run(&update_label, event);
}

void
proj_label_deleted(const ProjectedEvent *event)
{
	(void) proj_run(&delete_label, event);
	(void) proj_run(&take_off_tasks, event);
}
