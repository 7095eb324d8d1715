/*
 * proj_attachment.c: attachments, how many a task has, and the cover that one of them may be. None of it changes the
 * task's version or time of change. The bytes of files are not a projection's: collab.uploads has them.
 */
#include "postgres.h"

#include "projection/projection.h"

PROJECTION_STATEMENT(insert_attachment,
					 "INSERT INTO collab.attachments (board_id, id, task_id, user_id, name, url, content_type, size,"
					 " sha256, upload_id, version, created_at)"
					 " SELECT $1, (a->>'id')::uuid, ($2->>'task_id')::uuid, coalesce((a->>'user_id')::bigint, $5),"
					 " a->>'name', a->>'url', a->>'content_type', (a->>'size')::bigint, a->>'sha256',"
					 " (a->>'upload_id')::uuid, $3, coalesce(($2->>'occurred_at')::timestamptz, $4)"
					 " FROM (SELECT $2->'attachment') AS event (a)");
PROJECTION_STATEMENT(count_attachment, "UPDATE collab.tasks SET attachments_count = attachments_count + 1"
									   " WHERE board_id = $1 AND id = ($2->>'task_id')::uuid");
PROJECTION_STATEMENT(remove_attachment, "UPDATE collab.attachments SET deleted_at = $4, version = $3"
										" WHERE board_id = $1 AND id = ($2->>'attachment_id')::uuid");
PROJECTION_STATEMENT(uncount_attachment,
					 "UPDATE collab.tasks SET attachments_count = attachments_count - 1,"
					 " cover = CASE WHEN cover->>'attachment_id' = $2->>'attachment_id' THEN NULL ELSE cover END"
					 " WHERE board_id = $1 AND id = ($2->>'task_id')::uuid");

void
proj_attachment_added(const ProjectedEvent *event)
{
	(void) proj_run(&insert_attachment, event);
	if (!proj_is_imported(event))
		(void) proj_run(&count_attachment, event);
}

void
proj_attachment_removed(const ProjectedEvent *event)
{
	(void) proj_run(&remove_attachment, event);
	(void) proj_run(&uncount_attachment, event);
}
