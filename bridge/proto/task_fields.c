/*
 * task_fields.c - the names that FOCUS_TASK's `editing` may have: fields and parts of a task.
 *
 * Only these travel, to other people and to other bridges, so no text of a user's does. What UPDATE_TASK changes is
 * listed by the extension; the rest is what a task has beside it.
 */
#include "proto/task_fields.h"

#include <stddef.h>

#include "base/compiler.h"

static const char *const task_field_names[] = {
#define UPDATES(entity, fields) UPDATES_##entity(fields)
#define UPDATES_task(...) __VA_ARGS__
#define UPDATES_workspace(...)
#define UPDATES_board(...)
#define UPDATES_list(...)
#define UPDATES_label(...)
#define UPDATES_custom_field(...)
#define UPDATES_checklist(...)
#define UPDATES_checklist_item(...)
#define FIELD(name, kind, presence) #name,
#include "../../extension/command/updates.def"
#undef FIELD
#undef UPDATES
	"attachments", "blocked_by", "checklists", "comments", "custom_fields",
};

const char *
task_field_name(Slice name)
{
	for (size_t i = 0; i < LENGTH_OF(task_field_names); i++)
	{
		if (slice_equals_text(name, task_field_names[i]))
			return task_field_names[i];
	}
	return NULL;
}
