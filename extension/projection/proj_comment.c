/*
 * proj_comment.c: comments, and how many a task has. A comment changes neither its task's version nor its time of change.
 */
#include "postgres.h"

#include "projection/projection.h"

#define EVENT_COMMENT "board_id = $1 AND id = ($2->>'comment_id')::uuid"

PROJECTION_STATEMENT(
	insert_comment,
	"INSERT INTO collab.comments (board_id, id, task_id, user_id, text, reply_to, mentions, created_at,"
	" occurred_at, edited_at, version)"
	" SELECT $1, (c->>'id')::uuid, (c->>'task_id')::uuid, (c->>'user_id')::bigint, c->>'text',"
	" (c->>'reply_to')::uuid, ARRAY(SELECT m::bigint FROM jsonb_array_elements_text(c->'mentions') AS m),"
	" $4, " EVENT_TIME ", (c->>'edited_at')::timestamptz, $3"
	" FROM (SELECT $2->'comment') AS event (c)");
/* An event of 0.1 names the task only inside the comment. */
PROJECTION_STATEMENT(count_comment, "UPDATE collab.tasks SET comments_count = comments_count + 1"
									" WHERE board_id = $1 AND id = ($2->'comment'->>'task_id')::uuid");
PROJECTION_STATEMENT(
	update_comment,
	"UPDATE collab.comments SET text = coalesce(u->>'text', text), mentions = CASE WHEN u ? 'mentions'"
	" THEN ARRAY(SELECT m::bigint FROM jsonb_array_elements_text(u->'mentions') AS m) ELSE mentions END,"
	" edited_at = $4, version = $3 FROM (SELECT $2->'updates') AS event (u) WHERE " EVENT_COMMENT);
PROJECTION_STATEMENT(delete_comment, "UPDATE collab.comments SET deleted_at = $4, version = $3 WHERE " EVENT_COMMENT);
PROJECTION_STATEMENT(uncount_comment, "UPDATE collab.tasks SET comments_count = comments_count - 1"
									  " WHERE board_id = $1 AND id = ($2->>'task_id')::uuid");

void
proj_comment_added(const ProjectedEvent *event)
{
	(void) proj_run(&insert_comment, event);
	if (!proj_is_imported(event))
		(void) proj_run(&count_comment, event);
}

void
proj_comment_updated(const ProjectedEvent *event)
{
	(void) proj_run(&update_comment, event);
}

void
proj_comment_deleted(const ProjectedEvent *event)
{
	(void) proj_run(&delete_comment, event);
	(void) proj_run(&uncount_comment, event);
}
