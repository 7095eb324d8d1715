/*
 * proj_task.c: tasks, their assignees and labels, and each list's number of open tasks. Completion, archive and deletion
 * are in proj_task_state.c.
 *
 * lists.task_count counts the tasks that are neither archived nor deleted: the position "at the end" costs no scan.
 */
#include "postgres.h"

#include "projection/proj_task.h"
#include "projection/projection.h"
#include "support/support_json.h"

/* In statements: the task that the event names, the list it left and the list it came to. */
#define EVENT_TASK "board_id = $1 AND id = ($2->>'task_id')::uuid"

PROJECTION_STATEMENT(insert_task,
					 "INSERT INTO collab.tasks (board_id, id, list_id, title, description, rank, priority, start_date,"
					 " due_date, completed_at, config, cover, custom_fields, version, created_by, created_at,"
					 " updated_at)"
					 " SELECT $1, (t->>'id')::uuid, (t->>'list_id')::uuid, t->>'title', t->>'description',"
					 " ($2->'ranks'->>(t->>'id'))::bigint, t->>'priority', (t->>'start_date')::timestamptz,"
					 " (t->>'due_date')::timestamptz, (t->>'completed_at')::timestamptz, t->'config',"
					 " nullif(t->'cover', 'null'), coalesce(t->'custom_fields', '{}'), $3,"
					 " coalesce(($2->>'created_by')::bigint, $5), " EVENT_TIME ", $4"
					 " FROM (SELECT $2->'task') AS event (t)");
PROJECTION_STATEMENT(
	insert_assignees,
	"INSERT INTO collab.task_assignees (board_id, task_id, user_id, ordinal)"
	" SELECT $1, ($2->'task'->>'id')::uuid, a.value::bigint, a.ordinality"
	" FROM jsonb_array_elements_text($2->'task'->'assignees') WITH ORDINALITY AS a (value, ordinality)");
PROJECTION_STATEMENT(insert_labels,
					 "INSERT INTO collab.task_labels (board_id, task_id, label_id, ordinal)"
					 " SELECT $1, ($2->'task'->>'id')::uuid, (l.value->>'id')::uuid, l.ordinality"
					 " FROM jsonb_array_elements($2->'task'->'labels') WITH ORDINALITY AS l (value, ordinality)");
PROJECTION_STATEMENT(
	count_task_in,
	"UPDATE collab.lists SET task_count = task_count + 1"
	" WHERE board_id = $1 AND id = coalesce($2->>'to_list_id', $2->>'list_id', $2->'task'->>'list_id')::uuid");
PROJECTION_STATEMENT(count_task_out,
					 "UPDATE collab.lists SET task_count = task_count - 1"
					 " WHERE board_id = $1 AND id = coalesce($2->>'from_list_id', $2->>'list_id')::uuid");
PROJECTION_STATEMENT(rank_tasks,
					 "UPDATE collab.tasks AS t SET rank = r.value::bigint"
					 " FROM jsonb_each_text($2->'ranks') AS r WHERE t.board_id = $1 AND t.id = r.key::uuid");
PROJECTION_STATEMENT(
	update_task, "UPDATE collab.tasks SET"
				 " title = CASE WHEN u ? 'title' THEN u->>'title' ELSE title END,"
				 " description = CASE WHEN u ? 'description' THEN u->>'description' ELSE description END,"
				 " priority = CASE WHEN u ? 'priority' THEN u->>'priority' ELSE priority END,"
				 " start_date = CASE WHEN u ? 'start_date' THEN (u->>'start_date')::timestamptz ELSE start_date END,"
				 " due_date = CASE WHEN u ? 'due_date' THEN (u->>'due_date')::timestamptz ELSE due_date END,"
				 " completed_at = CASE WHEN u ? 'completed_at' THEN (u->>'completed_at')::timestamptz"
				 " ELSE completed_at END,"
				 " config = CASE WHEN u ? 'config' THEN collab.json_merge_patch(config, u->'config')"
				 " ELSE config END,"
				 " cover = CASE WHEN u ? 'cover' THEN nullif(u->'cover', 'null') ELSE cover END,"
				 " list_id = coalesce(($2->>'to_list_id')::uuid, list_id),"
				 " version = $3, updated_at = $4"
				 " FROM (SELECT $2->'updates') AS event (u) WHERE " EVENT_TASK);
PROJECTION_STATEMENT(delete_assignees,
					 "DELETE FROM collab.task_assignees WHERE board_id = $1 AND task_id = ($2->>'task_id')::uuid");
PROJECTION_STATEMENT(replace_assignees,
					 "INSERT INTO collab.task_assignees (board_id, task_id, user_id, ordinal)"
					 " SELECT $1, ($2->>'task_id')::uuid, a.value::bigint, a.ordinality"
					 " FROM jsonb_array_elements_text(coalesce($2->'updates', $2)->'assignees') WITH ORDINALITY"
					 " AS a (value, ordinality)");
PROJECTION_STATEMENT(delete_labels,
					 "DELETE FROM collab.task_labels WHERE board_id = $1 AND task_id = ($2->>'task_id')::uuid");
PROJECTION_STATEMENT(replace_labels,
					 "INSERT INTO collab.task_labels (board_id, task_id, label_id, ordinal)"
					 " SELECT $1, ($2->>'task_id')::uuid, (l.value->>'id')::uuid, l.ordinality"
					 " FROM jsonb_array_elements($2->'updates'->'labels') WITH ORDINALITY AS l (value, ordinality)");
PROJECTION_STATEMENT(move_task, "UPDATE collab.tasks SET list_id = ($2->>'to_list_id')::uuid,"
								" rank = ($2->'ranks'->>($2->>'task_id'))::bigint,"
								" completed_at = ($2->>'completed_at')::timestamptz, version = $3, updated_at = $4"
								" WHERE " EVENT_TASK);
PROJECTION_STATEMENT(touch_task, "UPDATE collab.tasks SET version = $3, updated_at = $4 WHERE " EVENT_TASK);

void
proj_task_count_in(const ProjectedEvent *event)
{
	(void) proj_run(&count_task_in, event);
}

void
proj_task_count_out(const ProjectedEvent *event)
{
	(void) proj_run(&count_task_out, event);
}

void
proj_task_rank_neighbours(const ProjectedEvent *event)
{
	JsonbValue *ranks = json_get(&event->data->root, "ranks");

	if (json_is_object(ranks) && JsonContainerSize(ranks->val.binary.data) > 1)
		(void) proj_run(&rank_tasks, event);
}

static bool
changes_list(const ProjectedEvent *event)
{
	char *from = json_string(json_get(&event->data->root, "from_list_id"));
	char *to = json_string(json_get(&event->data->root, "to_list_id"));

	return from != NULL && to != NULL && strcmp(from, to) != 0;
}

void
proj_task_count_move(const ProjectedEvent *event)
{
	if (!changes_list(event))
		return;
	(void) proj_run(&count_task_out, event);
	(void) proj_run(&count_task_in, event);
}

void
proj_task_created(const ProjectedEvent *event)
{
	(void) proj_run(&insert_task, event);
	if (proj_has(event, "task", "assignees"))
		(void) proj_run(&insert_assignees, event);
	if (proj_has(event, "task", "labels"))
		(void) proj_run(&insert_labels, event);
	if (proj_is_imported(event))
		return;
	(void) proj_run(&count_task_in, event);
	proj_task_rank_neighbours(event);
}

void
proj_task_updated(const ProjectedEvent *event)
{
	JsonbValue *updates = json_get(&event->data->root, "updates");

	(void) proj_run(&update_task, event);
	if (json_get(updates->val.binary.data, "assignees") != NULL)
	{
		(void) proj_run(&delete_assignees, event);
		(void) proj_run(&replace_assignees, event);
	}
	if (json_get(updates->val.binary.data, "labels") != NULL)
	{
		(void) proj_run(&delete_labels, event);
		(void) proj_run(&replace_labels, event);
	}
	if (json_get(&event->data->root, "ranks") != NULL)
		(void) proj_run(&rank_tasks, event);
	proj_task_count_move(event);
}

void
proj_task_moved(const ProjectedEvent *event)
{
	(void) proj_run(&move_task, event);
	proj_task_rank_neighbours(event);
	proj_task_count_move(event);
}

static void
assign(const ProjectedEvent *event)
{
	(void) proj_run(&delete_assignees, event);
	(void) proj_run(&replace_assignees, event);
	(void) proj_run(&touch_task, event);
}

void
proj_task_assigned(const ProjectedEvent *event)
{
	assign(event);
}

void
proj_task_unassigned(const ProjectedEvent *event)
{
	assign(event);
}
