/*
 * proj_list.c: lists.
 */
#include "postgres.h"

#include "projection/projection.h"

PROJECTION_STATEMENT(rank_lists,
					 "UPDATE collab.lists AS l SET rank = r.value::bigint"
					 " FROM jsonb_each_text($2->'ranks') AS r WHERE l.board_id = $1 AND l.id = r.key::uuid");
PROJECTION_STATEMENT(insert_list,
					 "INSERT INTO collab.lists (board_id, id, name, rank, category, wip_limit, version, created_at,"
					 " updated_at)"
					 " SELECT $1, (l->>'id')::uuid, l->>'name', ($2->'ranks'->>(l->>'id'))::bigint, l->>'category',"
					 " (l->>'wip_limit')::int, $3, $4, $4"
					 " FROM (SELECT $2->'list') AS event (l)");
PROJECTION_STATEMENT(move_list, "UPDATE collab.lists SET version = $3, updated_at = $4"
								" WHERE board_id = $1 AND id = ($2->>'list_id')::uuid");
PROJECTION_STATEMENT(archive_list, "UPDATE collab.lists SET archived_at = $4, version = $3, updated_at = $4"
								   " WHERE board_id = $1 AND id = ($2->>'list_id')::uuid");

void
proj_list_created(const ProjectedEvent *event)
{
	(void) proj_run(&insert_list, event);
	(void) proj_run(&rank_lists, event);
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
