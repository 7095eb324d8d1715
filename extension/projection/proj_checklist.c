/*
 * proj_checklist.c: checklists and their items.
 */
#include "postgres.h"

#include "projection/projection.h"

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

void
proj_checklist_created(const ProjectedEvent *event)
{
	(void) proj_run(&insert_checklist, event);
	if (proj_has(event, "checklist", "items"))
		(void) proj_run(&insert_items, event);
}
