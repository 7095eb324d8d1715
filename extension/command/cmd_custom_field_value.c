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
#include "support/support_time.h"

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
wanted_text(const JsonbValue *value, const char *name, char **json, Refusal *refusal)
{
	char *given = json_string(value);
	char *text;

	if (given == NULL)
		return refuse(refusal, REFUSAL_INVALID, NULL, "%s must be a text", name);
	text = text_clean(given, true);
	if (text == NULL)
		return refuse(refusal, REFUSAL_INVALID, NULL,
					  "%s must not contain control characters, nor more than %d combining marks in a row", name,
					  TEXT_MARKS_IN_A_ROW);
	if (strlen(text) > CUSTOM_FIELD_TEXT_BYTES)
		return refuse(refusal, REFUSAL_LIMIT, NULL, "%s must have at most %d bytes", name, CUSTOM_FIELD_TEXT_BYTES);
	*json = *text == '\0' ? NULL : json_text_of(text);
	return true;
}

static bool
wanted_number(const JsonbValue *value, const char *name, char **json, Refusal *refusal)
{
	if (value->type != jbvNumeric)
		return refuse(refusal, REFUSAL_INVALID, NULL, "%s must be a number", name);
	*json = json_value_text(value);
	return strlen(*json) <= NUMBER_CHARACTERS ||
		   refuse(refusal, REFUSAL_LIMIT, NULL, "%s must be a number of at most %d characters", name,
				  NUMBER_CHARACTERS);
}

static bool
wanted_date(const JsonbValue *value, const char *name, char **json, Refusal *refusal)
{
	char *text = json_string(value);
	TimestampTz time;

	if (text == NULL || !time_parse(text, &time))
		return refuse(refusal, REFUSAL_INVALID, "Write a date as 2026-11-21 or a time as 2026-11-21T09:30:00Z.",
					  "%s must be an RFC 3339 date or time", name);
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
wanted_option(const CustomField *field, const JsonbValue *value, const char *name, char **json, Refusal *refusal)
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
	return refuse(refusal, REFUSAL_INVALID, psprintf("The options are %s.", option_names(options, count)),
				  "%s must be one of the options of \"%s\"", name, field->name);
}

static bool
wanted_checkbox(const JsonbValue *value, const char *name, char **json, Refusal *refusal)
{
	if (value->type != jbvBool)
		return refuse(refusal, REFUSAL_INVALID, NULL, "%s must be true or false", name);
	*json = pstrdup(value->val.boolean ? "true" : "false");
	return true;
}

bool
custom_field_value(const CustomField *field, const JsonbValue *value, const char *name, char **json, Refusal *refusal)
{
	*json = NULL;
	if (json_is_null(value))
		return true;
	if (strcmp(field->kind, "text") == 0)
		return wanted_text(value, name, json, refusal);
	if (strcmp(field->kind, "number") == 0)
		return wanted_number(value, name, json, refusal);
	if (strcmp(field->kind, "date") == 0)
		return wanted_date(value, name, json, refusal);
	if (strcmp(field->kind, "choice") == 0)
		return wanted_option(field, value, name, json, refusal);
	return wanted_checkbox(value, name, json, refusal);
}

static char *
set_json(const Command *command, const CustomField *field, const char *value, const char *now)
{
	StringInfoData out;

	initStringInfo(&out);
	json_begin(&out, '{');
	json_add_uuid(&out, "task_id", &command->entity_id);
	json_add_uuid(&out, "field_id", &field->id);
	json_add_raw(&out, "value", value);
	json_key(&out, "before");
	json_begin(&out, '{');
	json_add_raw(&out, "value", now);
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
	if (!custom_field_read(command, &id, &field))
		return false;
	if (!custom_field_value(&field, json_get(command->payload, "value"), "value", &value, &command->refusal))
	{
		command->outcome = OUTCOME_REFUSED;
		return false;
	}
	values[2] = CStringGetTextDatum(uuid_text(&field.id));
	(void) spi_run(&read_value, values, NULL);
	now = spi_cstring(0, 1);
	if (value == NULL ? now == NULL : now != NULL && strcmp(value, now) == 0)
		return true;
	return command_add_event(command, EVENT_CustomFieldSet, set_json(command, &field, value, now));
}
