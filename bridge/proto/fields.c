/*
 * fields.c - the fields of every command and read, as the extension's tables have them; a value that came as text, as JSON.
 *
 * Owns constant tables only.  Called by door/ for what stands in paths and queries.
 */
#include "proto/fields.h"

#include <ctype.h>
#include <string.h>

#include "base/compiler.h"
#include "base/json_validate.h"
#include "proto/json_text.h"

enum
{
#define FIELD_KIND(KIND, FORM) FIELD_FORM_OF_##KIND = FIELD_FORM_##FORM,
#include "proto/field_kinds.def"
#undef FIELD_KIND
};

#define FIELD_LEVEL 2 /* inside a message and its payload */

#define FIELD_NEED_REQUIRED true
#define FIELD_NEED_OPTIONAL false
#define FIELD_NEED_NULLABLE false

#define FIELD(name, kind, presence) {#name, (FieldForm) FIELD_FORM_OF_##kind, FIELD_NEED_##presence},
#define COMMAND(TYPE, base_name, aggregate, role, entity, fields, summary)                                             \
	static const Field fields_of_##TYPE[] = {fields{NULL, FIELD_FORM_TEXT, false}};
#define READ(TYPE, base_name, about, role, fields, result, summary)                                                    \
	static const Field fields_of_##TYPE[] = {fields{NULL, FIELD_FORM_TEXT, false}};
#include "../../extension/command/commands.def"
#include "../../extension/read/reads.def"
#undef COMMAND
#undef READ
#undef FIELD

static const struct
{
	const char *type;
	const Field *fields; /* up to one without a name */
} field_tables[] = {
#define COMMAND(TYPE, ...) {#TYPE, fields_of_##TYPE},
#define READ(TYPE, ...) {#TYPE, fields_of_##TYPE},
#include "../../extension/command/commands.def"
#include "../../extension/read/reads.def"
#undef COMMAND
#undef READ
};

const Field *
fields_of(const char *type, size_t *count)
{
	*count = 0;
	for (size_t i = 0; i < LENGTH_OF(field_tables); i++)
	{
		if (strcmp(field_tables[i].type, type) != 0)
			continue;
		while (field_tables[i].fields[*count].name != NULL)
			(*count)++;
		return field_tables[i].fields;
	}
	return NULL;
}

const Field *
field_find(const char *type, Slice name)
{
	size_t count;
	const Field *fields = fields_of(type, &count);

	for (size_t i = 0; i < count; i++)
		if (slice_equals_text(name, fields[i].name))
			return &fields[i];
	return NULL;
}

/* The validator says what JSON is; the first character says which. */
static bool
field_is_json(FieldForm form, Slice text)
{
	JsonReport report;

	if (!json_validate(text.bytes, text.length, text.length, &report) || report.depth + FIELD_LEVEL > JSON_MAX_DEPTH)
		return false;
	switch (form)
	{
		case FIELD_FORM_INTEGER:
			return report.first == '-' || isdigit((unsigned char) report.first);
		case FIELD_FORM_BOOLEAN:
			return slice_equals_text(text, "true") || slice_equals_text(text, "false");
		case FIELD_FORM_JSON:
			return true;
		case FIELD_FORM_TEXT:
			break;
	}
	return false;
}

void
field_append_json(Buffer *out, FieldForm form, Slice text)
{
	if (field_is_json(form, text))
		buffer_append_slice(out, text);
	else
		json_append_string(out, text);
}
