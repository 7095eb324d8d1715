/*
 * proj_custom_field.c: the fields that a board defines for its tasks, and the tasks' values of them.
 *
 * Values are in tasks.custom_fields by field id; no value is no key.
 */
#include "postgres.h"

#include "projection/projection.h"

#define EVENT_FIELD "board_id = $1 AND id = ($2->>'field_id')::uuid"

PROJECTION_STATEMENT(insert_field,
					 "INSERT INTO collab.custom_fields (board_id, id, name, kind, options, version, created_at)"
					 " SELECT $1, (f->>'id')::uuid, f->>'name', f->>'kind', f->'options', $3, " EVENT_TIME
					 " FROM (SELECT $2->'field') AS event (f)");
PROJECTION_STATEMENT(update_field,
					 "UPDATE collab.custom_fields SET name = coalesce($2->'updates'->>'name', name),"
					 " options = coalesce($2->'updates'->'options', options), version = $3 WHERE " EVENT_FIELD);
/* The command refuses to take away an option that a task has; a deleted task's value goes, should the task come back. */
PROJECTION_STATEMENT(clear_lost_options,
					 "UPDATE collab.tasks SET custom_fields = custom_fields - ($2->>'field_id')"
					 " WHERE board_id = $1 AND deleted_at IS NOT NULL AND custom_fields ? ($2->>'field_id')"
					 " AND NOT ($2->'updates'->'options') ? (custom_fields->>($2->>'field_id'))");
PROJECTION_STATEMENT(delete_field, "UPDATE collab.custom_fields SET deleted_at = $4, version = $3 WHERE " EVENT_FIELD);
PROJECTION_STATEMENT(clear_values, "UPDATE collab.tasks SET custom_fields = custom_fields - ($2->>'field_id')"
								   " WHERE board_id = $1 AND custom_fields ? ($2->>'field_id')");
PROJECTION_STATEMENT(set_value, "UPDATE collab.tasks SET custom_fields = CASE WHEN $2->'value' = 'null'"
								" THEN custom_fields - ($2->>'field_id')"
								" ELSE custom_fields || jsonb_build_object($2->>'field_id', $2->'value') END,"
								" version = $3, updated_at = $4"
								" WHERE board_id = $1 AND id = ($2->>'task_id')::uuid");

void
proj_custom_field_defined(const ProjectedEvent *event)
{
	(void) proj_run(&insert_field, event);
}

void
proj_custom_field_updated(const ProjectedEvent *event)
{
	(void) proj_run(&update_field, event);
	if (proj_has(event, "updates", "options"))
		(void) proj_run(&clear_lost_options, event);
}

void
proj_custom_field_deleted(const ProjectedEvent *event)
{
	(void) proj_run(&delete_field, event);
	(void) proj_run(&clear_values, event);
}

void
proj_custom_field_set(const ProjectedEvent *event)
{
	(void) proj_run(&set_value, event);
}
