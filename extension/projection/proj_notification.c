/*
 * proj_notification.c: tells people of what happened to them: one row in collab.notifications for each.
 *
 * Runs when an event happens and at no other time: a replay notifies nobody. Nobody is told of what they did themselves, nor of a
 * board they cannot see, nor of what they do not want to hear (collab.notification_preferences). Of several reasons that one event
 * gives a person the first one in the order of collab.notification_type counts.
 */
#include "postgres.h"

#include "event/event_notification.h"
#include "projection/projection.h"
#include "support/support_access.h"
#include "support/support_json.h"

#define WANTED                                                                                                         \
	" WHERE c.user_id <> $5 AND " IS_PERSON " AND u.deactivated_at IS NULL AND NOT EXISTS"                             \
	" (SELECT FROM collab.notification_preferences AS p WHERE p.user_id = c.user_id AND p.type = c.type"               \
	" AND NOT p.enabled) ORDER BY c.user_id, c.type"                                                                   \
	" ON CONFLICT (user_id, cause) DO NOTHING RETURNING id, user_id, workspace_id"

/* candidates: (user_id, type) of everybody whom the event may concern */
#define TASK_NOTIFICATION(name, candidates)                                                                            \
	PROJECTION_STATEMENT(                                                                                              \
		name,                                                                                                          \
		"WITH candidate AS (SELECT x.user_id, x.type::collab.notification_type FROM (" candidates                      \
		") AS x (user_id, type)) INSERT INTO collab.notifications"                                                     \
		" (user_id, type, workspace_id, board_id, task_id, comment_id, actor_id, cause, text, created_at)"             \
		" SELECT DISTINCT ON (c.user_id) c.user_id, c.type, r.workspace_id, $1, t.id, ($2->>'comment_id')::uuid, $5,"  \
		" 'event:' || $1 || ':' || $3, a.name || CASE c.type WHEN 'mentioned' THEN ' mentioned you on '"               \
		" WHEN 'assigned' THEN ' assigned you to ' WHEN 'commented' THEN ' commented on '"                             \
		" ELSE ' completed ' END || '\"' || t.title || '\"', $4"                                                       \
		" FROM candidate AS c JOIN collab.users AS u ON u.id = c.user_id"                                              \
		" JOIN collab.board_readers AS r ON r.board_id = $1 AND r.user_id = c.user_id"                                 \
		" JOIN collab.tasks AS t ON t.board_id = $1 AND t.id = coalesce($2->>'task_id', $2->'task'->>'id')::uuid"      \
		" JOIN collab.users AS a ON a.id = $5" WANTED)

#define ON_TASK " WHERE board_id = $1 AND task_id = ($2->>'task_id')::uuid"
#define CREATOR(type)                                                                                                  \
	" UNION ALL SELECT created_by, '" type "' FROM collab.tasks WHERE board_id = $1 AND id = ($2->>'task_id')::uuid"
#define ASSIGNEES_AND_CREATOR(type) "SELECT user_id, '" type "' FROM collab.task_assignees" ON_TASK CREATOR(type)
/* Whose id stands in a list of the event's updates, and did not before. */
#define NEW_AMONG(list, type)                                                                                          \
	"SELECT value::bigint, '" type "' FROM jsonb_array_elements_text($2->'updates'->'" list "')"                       \
	" WHERE NOT coalesce($2->'before'->'" list "' @> to_jsonb(value::bigint), false)"

TASK_NOTIFICATION(notify_assigned, "SELECT ($2->>'assignee_id')::bigint, 'assigned'");
TASK_NOTIFICATION(notify_created,
				  "SELECT value::bigint, 'assigned' FROM jsonb_array_elements_text($2->'task'->'assignees')");
/* An update can assign and complete at once. */
TASK_NOTIFICATION(notify_updated, NEW_AMONG("assignees", "assigned") " UNION ALL SELECT * FROM (" ASSIGNEES_AND_CREATOR(
									  "completed") ") AS done WHERE $2->'updates'->>'completed_at' IS NOT NULL"
												   " AND $2->'before'->>'completed_at' IS NULL");
TASK_NOTIFICATION(notify_completed, ASSIGNEES_AND_CREATOR("completed"));
TASK_NOTIFICATION(notify_commented,
				  "SELECT value::bigint, 'mentioned' FROM jsonb_array_elements_text($2->'comment'->'mentions')"
				  " UNION ALL " ASSIGNEES_AND_CREATOR(
					  "commented") " UNION ALL SELECT user_id, 'commented' FROM collab.comments" ON_TASK
								   " AND deleted_at IS NULL");
TASK_NOTIFICATION(notify_edited, NEW_AMONG("mentions", "mentioned"));
PROJECTION_STATEMENT(
	notify_member,
	"WITH candidate (user_id, type, words) AS (SELECT ($2->>'member_id')::bigint,"
	" CASE WHEN $2 ? 'member' THEN 'added_to_workspace' ELSE 'role_changed' END::collab.notification_type,"
	" CASE WHEN $2 ? 'member' THEN ' added you to ' WHEN $2 ? 'role' THEN ' gave you the role ' || ($2->>'role') || ' in '"
	" ELSE ' made you the owner of ' END)"
	" INSERT INTO collab.notifications (user_id, type, workspace_id, actor_id, cause, text, created_at)"
	" SELECT c.user_id, c.type, $1, $5, 'event:' || $1 || ':' || $3, a.name || c.words || '\"' || w.name || '\"', $4"
	" FROM candidate AS c JOIN collab.users AS u ON u.id = c.user_id"
	" JOIN collab.members AS m ON m.workspace_id = $1 AND m.user_id = c.user_id"
	" JOIN collab.workspaces AS w ON w.id = $1 JOIN collab.users AS a ON a.id = $5" WANTED);

static void
notify(SpiStatement *statement, const ProjectedEvent *event)
{
	(void) proj_run(statement, event);
	(void) notification_tell_rows();
	spi_free_rows();
}

/* True when the event completed a task that was not. */
static bool
moved_to_completion(const ProjectedEvent *event)
{
	JsonbContainer *root = &event->data->root;
	JsonbValue *before = json_get(root, "before");

	return !json_is_null(json_get(root, "completed_at")) && json_is_object(before) &&
		   json_is_null(json_get(before->val.binary.data, "completed_at"));
}

static bool
updates_people(const ProjectedEvent *event)
{
	JsonbValue *updates = json_get(&event->data->root, "updates");

	return !json_is_null(json_get(updates->val.binary.data, "completed_at")) || proj_has(event, "updates", "assignees");
}

void
proj_notify(const ProjectedEvent *event)
{
	switch (event->type)
	{
		case EVENT_TaskAssigned:
			notify(&notify_assigned, event);
			break;
		case EVENT_TaskCreated:
			if (proj_has(event, "task", "assignees"))
				notify(&notify_created, event);
			break;
		case EVENT_TaskUpdated:
			if (updates_people(event))
				notify(&notify_updated, event);
			break;
		case EVENT_TaskMoved:
			if (moved_to_completion(event))
				notify(&notify_completed, event);
			break;
		case EVENT_TaskCompleted:
			notify(&notify_completed, event);
			break;
		case EVENT_CommentAdded:
			notify(&notify_commented, event);
			break;
		case EVENT_CommentUpdated:
			if (proj_has(event, "updates", "mentions"))
				notify(&notify_edited, event);
			break;
		case EVENT_MemberAdded:
		case EVENT_RoleChanged:
		case EVENT_WorkspaceTransferred:
			notify(&notify_member, event);
			break;
		default:
			break;
	}
}
