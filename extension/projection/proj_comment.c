/*
 * proj_comment.c: comments, and how many a task has.
 */
#include "postgres.h"

#include "projection/projection.h"

PROJECTION_STATEMENT(
	insert_comment,
	"INSERT INTO collab.comments (board_id, id, task_id, user_id, text, reply_to, mentions, created_at,"
	" occurred_at, version)"
	" SELECT $1, (c->>'id')::uuid, (c->>'task_id')::uuid, (c->>'user_id')::bigint, c->>'text',"
	" (c->>'reply_to')::uuid, ARRAY(SELECT m::bigint FROM jsonb_array_elements_text(c->'mentions') AS m),"
	" $4, coalesce(($2->>'occurred_at')::timestamptz, $4), $3"
	" FROM (SELECT $2->'comment') AS event (c)");
PROJECTION_STATEMENT(count_comment, "UPDATE collab.tasks SET comments_count = comments_count + 1"
									" WHERE board_id = $1 AND id = ($2->'comment'->>'task_id')::uuid");

void
proj_comment_added(const ProjectedEvent *event)
{
	(void) proj_run(&insert_comment, event);
	if (!proj_is_imported(event))
		(void) proj_run(&count_comment, event);
}
