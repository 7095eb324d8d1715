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
/* Reads the list and refuses when a task may not be put there: archived, or full (a task of its own counts already). */
extern bool task_check_list(Command *command, const pg_uuid_t *list_id, bool is_there, ListRow *list);
/* Places the command's task into target->list at index. */
extern void task_place(Command *command, int64 index, TaskTarget *target);
/* completed_at after the move: set on entering a done list, cleared on leaving one. NULL: not completed. */
extern const TimestampTz *task_completed_at(const Command *command, const TaskTarget *target);

/* Where the task went, as TaskMoved and TaskUpdated have it: from_list_id, to_list_id, new_position, ranks. */
extern void task_put_target(StringInfo out, const Command *command, const TaskTarget *target);

/* Resolves the array field `name` of user ids: each must be a member. */
extern bool task_resolve_assignees(Command *command, JsonbContainer *object, const char *name, int64 **ids, int *count);
/* Resolves the array field "labels" of label ids or names. */
extern bool task_resolve_labels(Command *command, JsonbContainer *object, LabelDocument **labels, int *count);

#endif
