/*
 * fields.h - the fields of every command and read, as the extension's tables have them.
 */
#ifndef COLLAB_PROTO_FIELDS_H
#define COLLAB_PROTO_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/slice.h"

/* How a text becomes JSON: see field_kinds.def. */
typedef enum FieldForm
{
	FIELD_FORM_TEXT,
	FIELD_FORM_INTEGER,
	FIELD_FORM_BOOLEAN,
	FIELD_FORM_JSON,
} FieldForm;

typedef struct Field
{
	const char *name;
	FieldForm form;
	bool is_required;
} Field;

/* The fields of a command or read of this name, in the table's order; NULL when there is no such. */
extern const Field *fields_of(const char *type, size_t *count);

/* NULL when the command or read has no such field. */
extern const Field *field_find(const char *type, Slice name);

/* The value of a field that came as text. */
extern void field_append_json(Buffer *out, FieldForm form, Slice text);

#endif
