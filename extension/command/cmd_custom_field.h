/*
 * cmd_custom_field.h: a custom field's definition, for those that define it and those that set a task's value.
 */
#ifndef COLLAB_CMD_CUSTOM_FIELD_H
#define COLLAB_CMD_CUSTOM_FIELD_H

#include "command/command.h"

typedef struct CustomField
{
	pg_uuid_t id;
	const char *name;
	const char *kind;
	const char *options; /* JSON text of an array; empty unless the kind is choice */
} CustomField;

#define CUSTOM_FIELDS_OF_A_BOARD 50
#define CUSTOM_FIELD_TEXT_BYTES (16 * 1024)

/* Reads a field of the command's board; refuses with not_found. */
extern bool custom_field_read(Command *command, const pg_uuid_t *id, CustomField *field);

/* What CustomFieldDefined says of a field: field_id, field. */
extern void custom_field_put_defined(StringInfo out, const Command *command, const CustomField *field);

/*
 * Checks a value; *json gets it as it is stored (cmd_custom_field_value.c), JSON text, NULL for none. name: the value's in refusals.
 */
extern bool custom_field_value(const CustomField *field, const JsonbValue *value, const char *name, char **json,
							   Refusal *refusal);

#endif
