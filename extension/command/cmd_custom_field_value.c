/*
 * cmd_custom_field_value.c: a task's values of the board's custom fields.
 *
 * The value is stored in one form per kind: text as text_clean leaves it, a date as an RFC 3339 time in UTC, a number,
 * an option's name, true or false. No value is no key in the task's custom_fields; an empty text is no value either.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "command/cmd_custom_field.h"
#include "support/support_json.h"
#include "support/support_spi.h"

#define TEXT_BYTES (16 * 1024)
#define NUMBER_CHARACTERS 32
#define NAMED_OPTIONS 20

SPI_STATEMENT(read_value, "SELECT custom_fields->($3) FROM collab.tasks WHERE board_id = $1 AND id = $2", UUIDOID,
			  UUIDOID, TEXTOID);

static char *
json_text_of(const char *text)
{
	StringInfoData out;

	initStringInfo(&out);
	json_put_string(&out, text);
	return out.data;
}

static bool
wanted_text(Command *command, const JsonbValue *value, char **json)
{
	char *given = json_string(value);
	char *text;

	if (given == NULL)
		return command_refuse(command, REFUSAL_INVALID, NULL, "value must be a text");
	text = text_clean(given, true);
	if (text == NULL)
		return command_refuse(command, REFUSAL_INVALID, NULL,
							  "value must not contain control characters, nor more than %d combining marks in a row",
							  TEXT_MARKS_IN_A_ROW);
	if (strlen(text) > TEXT_BYTES)
		return command_refuse(command, REFUSAL_LIMIT, NULL, "value must have at most %d bytes", TEXT_BYTES);
	*json = *text == '\0' ? NULL : json_text_of(text);
	return true;
}

static bool
wanted_number(Command *command, const JsonbValue *value, char **json)
{
	if (value->type != jbvNumeric)
		return command_refuse(command, REFUSAL_INVALID, NULL, "value must be a number");
	*json = json_value_text(value);
	return strlen(*json) <= NUMBER_CHARACTERS ||
		   command_refuse(command, REFUSAL_LIMIT, NULL, "value must be a number of at most %d characters",
						  NUMBER_CHARACTERS);
}

static bool
wanted_date(Command *command, const JsonbValue *value, char **json)
{
	char *text = json_string(value);
	TimestampTz time;

	if (text == NULL || !time_parse(text, &time))
		return command_refuse(command, REFUSAL_INVALID, "Write a date as 2026-11-21 or a time as 2026-11-21T09:30:00Z.",
							  "value must be an RFC 3339 date or time");
	*json = json_text_of(time_text(time));
	return true;
}

/* "a", "b", "c" */
static char *
option_names(JsonbValue **options, int count)
{
	StringInfoData out;

	initStringInfo(&out);
	for (int i = 0; i < Min(count, NAMED_OPTIONS); i++)
		appendStringInfo(&out, "%s\"%s\"", i > 0 ? ", " : "", json_string(options[i]));
	if (count > NAMED_OPTIONS)
		appendStringInfo(&out, " and %d more", count - NAMED_OPTIONS);
	return out.data;
}

static bool
wanted_option(Command *command, const CustomField *field, const JsonbValue *value, char **json)
{
	Jsonb *known = json_text_to_jsonb(field->options);
	JsonbValue array = {.type = jbvBinary, .val.binary = {.len = VARSIZE(known), .data = &known->root}};
	int count;
	JsonbValue **options = json_elements(&array, &count);
	char *given = json_string(value);
	char *text = given == NULL ? NULL : text_clean(given, false);

	for (int i = 0; text != NULL && i < count; i++)
	{
		if (strcmp(json_string(options[i]), text) == 0)
		{
			*json = json_text_of(text);
			return true;
		}
	}
	return command_refuse(command, REFUSAL_INVALID, psprintf("The options are %s.", option_names(options, count)),
						  "value must be one of the options of \"%s\"", field->name);
}

static bool
wanted_checkbox(Command *command, const JsonbValue *value, char **json)
{
	if (value->type != jbvBool)
		return command_refuse(command, REFUSAL_INVALID, NULL, "value must be true or false");
	*json = pstrdup(value->val.boolean ? "true" : "false");
	return true;
}

/* The value as it is stored, JSON text; NULL: none. */
static bool
wanted_value(Command *command, const CustomField *field, char **json)
{
	JsonbValue *value = json_get(command->payload, "value");

	*json = NULL;
	if (json_is_null(value))
		return true;
	if (strcmp(field->kind, "text") == 0)
		return wanted_text(command, value, json);
	if (strcmp(field->kind, "number") == 0)
		return wanted_number(command, value, json);
	if (strcmp(field->kind, "date") == 0)
		return wanted_date(command, value, json);
	if (strcmp(field->kind, "choice") == 0)
		return wanted_option(command, field, value, json);
	return wanted_checkbox(command, value, json);
}

static char *
set_json(const Command *command, const CustomField *field, const char *value, const char *now)
{
	StringInfoData out;

	initStringInfo(&out);
	json_begin(&out, '{');
	json_key(&out, "task_id");
	json_put_uuid(&out, &command->entity_id);
	json_key(&out, "field_id");
	json_put_uuid(&out, &field->id);
	json_key(&out, "value");
	json_put_raw(&out, value);
	json_key(&out, "before");
	json_begin(&out, '{');
	json_key(&out, "value");
	json_put_raw(&out, now);
	json_end(&out, '}');
	json_end(&out, '}');
	return out.data;
}

bool
cmd_set_custom_field(Command *command)
{
	Datum values[3] = {UUIDPGetDatum(&command->stream_id), UUIDPGetDatum(&command->entity_id)};
	CustomField field;
	pg_uuid_t id;
	char *value;
	char *now;

	(void) field_uuid(command->payload, "field_id", &id);
	if (!custom_field_read(command, &id, &field) || !wanted_value(command, &field, &value))
		return false;
	values[2] = CStringGetTextDatum(uuid_text(&field.id));
	(void) spi_run(&read_value, values, NULL);
	now = spi_cstring(0, 1);
	if (value == NULL ? now == NULL : now != NULL && strcmp(value, now) == 0)
		return true;
	return command_add_event(command, EVENT_CustomFieldSet, set_json(command, &field, value, now));
}
