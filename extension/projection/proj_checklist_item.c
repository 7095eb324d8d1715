/*
 * proj_checklist_item.c: single items of checklists. The task they are on keeps its version and time of change.
 */
#include "postgres.h"

#include "projection/projection.h"

#define EVENT_ITEM "board_id = $1 AND id = ($2->>'item_id')::uuid"

PROJECTION_STATEMENT(insert_item,
					 "INSERT INTO collab.checklist_items (board_id, id, checklist_id, text, rank, checked, due_date,"
					 " assigned_to, task_id, version)"
					 " SELECT $1, (i->>'id')::uuid, ($2->>'checklist_id')::uuid, i->>'text',"
					 " ($2->'ranks'->>(i->>'id'))::bigint, (i->>'checked')::boolean, (i->>'due_date')::timestamptz,"
					 " (i->>'assigned_to')::bigint, ($2->>'task_id')::uuid, $3"
					 " FROM (SELECT $2->'item') AS event (i)");
PROJECTION_STATEMENT(rank_items,
					 "UPDATE collab.checklist_items AS i SET rank = r.value::bigint"
					 " FROM jsonb_each_text($2->'ranks') AS r WHERE i.board_id = $1 AND i.id = r.key::uuid");
PROJECTION_STATEMENT(update_item,
					 "UPDATE collab.checklist_items SET"
					 " text = CASE WHEN u ? 'text' THEN u->>'text' ELSE text END,"
					 " due_date = CASE WHEN u ? 'due_date' THEN (u->>'due_date')::timestamptz ELSE due_date END,"
					 " assigned_to = CASE WHEN u ? 'assigned_to' THEN (u->>'assigned_to')::bigint ELSE assigned_to END,"
					 " version = $3 FROM (SELECT $2->'updates') AS event (u) WHERE " EVENT_ITEM);
PROJECTION_STATEMENT(check_item, "UPDATE collab.checklist_items SET checked = ($2->>'checked')::boolean, version = $3"
								 " WHERE " EVENT_ITEM);
PROJECTION_STATEMENT(move_item, "UPDATE collab.checklist_items SET checklist_id = ($2->>'checklist_id')::uuid,"
								" version = $3 WHERE " EVENT_ITEM);
PROJECTION_STATEMENT(delete_item, "UPDATE collab.checklist_items SET deleted_at = $4, version = $3 WHERE " EVENT_ITEM);

void
proj_checklist_item_added(const ProjectedEvent *event)
{
	(void) proj_run(&insert_item, event);
	if (!proj_is_imported(event))
		(void) proj_run(&rank_items, event);
}

void
proj_checklist_item_updated(const ProjectedEvent *event)
{
	(void) proj_run(&update_item, event);
}

void
proj_checklist_item_checked(const ProjectedEvent *event)
{
	(void) proj_run(&check_item, event);
}

void
proj_checklist_item_moved(const ProjectedEvent *event)
{
	(void) proj_run(&move_item, event);
	(void) proj_run(&rank_items, event);
}

void
proj_checklist_item_deleted(const ProjectedEvent *event)
{
	(void) proj_run(&delete_item, event);
}
