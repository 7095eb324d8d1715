/*
 * proj_checklist.c: checklists; one that comes whole brings its items. Single items are in proj_checklist_item.c.
 */
#include "postgres.h"

#include "projection/projection.h"

#define EVENT_CHECKLIST "board_id = $1 AND id = ($2->>'checklist_id')::uuid"

PROJECTION_STATEMENT(insert_checklist,
					 "INSERT INTO collab.checklists (board_id, id, task_id, name, rank, created_at, version)"
					 " SELECT $1, (c->>'id')::uuid, ($2->>'task_id')::uuid, c->>'name',"
					 " ($2->'ranks'->>(c->>'id'))::bigint, $4, $3"
					 " FROM (SELECT $2->'checklist') AS event (c)");
PROJECTION_STATEMENT(insert_items,
					 "INSERT INTO collab.checklist_items (board_id, id, checklist_id, text, rank, checked, due_date,"
					 " assigned_to, task_id, version)"
					 " SELECT $1, (i->>'id')::uuid, ($2->'checklist'->>'id')::uuid, i->>'text',"
					 " ($2->'ranks'->>(i->>'id'))::bigint, (i->>'checked')::boolean, (i->>'due_date')::timestamptz,"
					 " (i->>'assigned_to')::bigint, ($2->>'task_id')::uuid, $3"
					 " FROM jsonb_array_elements($2->'checklist'->'items') AS i");
PROJECTION_STATEMENT(rank_checklists,
					 "UPDATE collab.checklists AS c SET rank = r.value::bigint"
					 " FROM jsonb_each_text($2->'ranks') AS r WHERE c.board_id = $1 AND c.id = r.key::uuid");
PROJECTION_STATEMENT(update_checklist,
					 "UPDATE collab.checklists SET name = coalesce($2->'updates'->>'name', name), version = $3"
					 " WHERE " EVENT_CHECKLIST);
PROJECTION_STATEMENT(delete_checklist,
					 "UPDATE collab.checklists SET deleted_at = $4, version = $3 WHERE " EVENT_CHECKLIST);
/* An item cannot be named any more once its checklist is gone. */
PROJECTION_STATEMENT(delete_items, "UPDATE collab.checklist_items SET deleted_at = $4, version = $3 WHERE board_id = $1"
								   " AND checklist_id = ($2->>'checklist_id')::uuid AND deleted_at IS NULL");

void
proj_checklist_created(const ProjectedEvent *event)
{
	(void) proj_run(&insert_checklist, event);
	if (proj_has(event, "checklist", "items"))
		(void) proj_run(&insert_items, event);
	else if (!proj_is_imported(event))
		(void) proj_run(&rank_checklists, event);
}

void
proj_checklist_updated(const ProjectedEvent *event)
{
	(void) proj_run(&update_checklist, event);
	if (proj_has(event, "ranks", NULL))
		(void) proj_run(&rank_checklists, event);
}

void
proj_checklist_deleted(const ProjectedEvent *event)
{
	(void) proj_run(&delete_checklist, event);
	(void) proj_run(&delete_items, event);
}
