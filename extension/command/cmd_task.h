/*
 * cmd_task.h: what the task commands share.
 */
#ifndef COLLAB_CMD_TASK_H
#define COLLAB_CMD_TASK_H

#include "command/cmd_place.h"
#include "command/command.h"

/* Where a task shall go. */
typedef struct TaskTarget
{
	ListRow list;
	Placement placement;
	bool changes_list;
} TaskTarget;

/* Defines collab.task_limit. Once, at module start. */
extern void cmd_task_start(void);
/* Refuses when the board has as many open tasks as it may. */
extern bool task_check_limit(Command *command);

/* Refuses when a board with that many open tasks would have too many. */
extern bool task_check_count(Command *command, int open_tasks);

/* Rules (cmd_task_rule.c) */

/*
 * Reads the list and refuses when the command's task (which may be new) may not be put there: the list is archived or
 * full, the workflow forbids it, or it would complete a task that is blocked. is_there: the task counts there already.
 */
extern bool task_check_list(Command *command, const pg_uuid_t *list_id, bool is_there, ListRow *list);
/*
 * The list that a status leads to: the task's own when it has the category, else the first open one that the workflow
 * allows and that is not full; all rules of task_check_list hold. Refuses: none is there, none is allowed, or all are full.
 */
extern bool task_find_list(Command *command, const char *category, ListRow *list);
/* Whether the board has an open list of the category at all. */
extern bool task_has_list(const Command *command, const char *category);
/* Refuses to complete the command's task while open tasks block it, unless the board's settings allow that. */
extern bool task_check_blockers(Command *command);

/* Moving (cmd_task_move.c) */

/* Places the command's task into target->list at index. */
extern void task_place(Command *command, int64 index, TaskTarget *target);
/* completed_at after the move: set on entering a done list, cleared on leaving one. NULL: not completed. */
extern const TimestampTz *task_completed_at(const Command *command, const TaskTarget *target);

/* Where the task went, as TaskMoved and TaskUpdated have it: from_list_id, to_list_id, new_position, ranks. */
extern void task_put_target(StringInfo out, const Command *command, const TaskTarget *target);
/*
 * The event of the command's task, which comes back to a place; completed, when its list has become done since it went.
 * was_deleted: the task did not lie in the archive.
 */
extern bool task_add_restored(Command *command, const TaskTarget *target, bool is_completed, bool was_deleted);

/* Fields (cmd_task_fields.c, cmd_task_before.c) */

/* Refuses, naming the field, when one of the users cannot see the board and is not assigned already. */
extern bool task_check_assignees(Command *command, const char *name, const int64 *ids, int count);
/* Resolves the array field `name` of user ids; checks them as task_check_assignees does. */
extern bool task_resolve_assignees(Command *command, JsonbContainer *object, const char *name, int64 **ids, int *count);
/* Resolves the array field "labels" of label ids or names. */
extern bool task_resolve_labels(Command *command, JsonbContainer *object, LabelDocument **labels, int *count);
/* Checks the field "cover"; *cover gets it as it is stored, JSON text, NULL for none. */
extern bool task_resolve_cover(Command *command, JsonbContainer *object, char **cover);
/* The old values of the fields that updates (JSON text) changes, as JSON text. */
extern char *task_before_json(const Command *command, const char *updates);

/* Dependencies (cmd_dependency.c) */

/*
 * Refuses when the command's task, deleted so far and known by its id alone, would come back into a circle of tasks that
 * wait for each other.
 */
extern bool task_check_circles(Command *command);

#endif
