/*
 * task_fields.h - the names that FOCUS_TASK's `editing` may have: fields and parts of a task.
 */
#ifndef COLLAB_PROTO_TASK_FIELDS_H
#define COLLAB_PROTO_TASK_FIELDS_H

#include "base/slice.h"

/* The name as a literal; NULL when it is none. */
extern const char *task_field_name(Slice name);

#endif
