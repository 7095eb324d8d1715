/*
 * cmd_custom_field.c: the fields that a board defines for its tasks. A task's value is cmd_custom_field_value.c's.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "command/cmd_custom_field.h"
#include "command/command_changes.h"
#include "support/support_json.h"
#include "support/support_spi.h"

SPI_STATEMENT(count_fields, "SELECT count(*)::int FROM collab.custom_fields WHERE board_id = $1 AND deleted_at IS NULL",
			  UUIDOID);
SPI_STATEMENT(find_namesake,
			  "SELECT name FROM collab.custom_fields WHERE board_id = $1 AND id <> $2 AND deleted_at IS NULL"
			  " AND lower(name) = lower($3) LIMIT 1",
			  UUIDOID, UUIDOID, TEXTOID);
SPI_STATEMENT(read_field,
			  "SELECT name, kind, options FROM collab.custom_fields WHERE board_id = $1 AND id = $2"
			  " AND deleted_at IS NULL",
			  UUIDOID, UUIDOID);
SPI_STATEMENT(find_option_twice,
			  "SELECT min(o) FROM jsonb_array_elements_text($1) AS o GROUP BY lower(o) HAVING count(*) > 1 LIMIT 1",
			  JSONBOID);
/* Archived tasks count: they come back with their values. */
SPI_STATEMENT(find_used_option,
			  "SELECT custom_fields->>$2, count(*)::int FROM collab.tasks WHERE board_id = $1 AND deleted_at IS NULL"
			  " AND custom_fields ? $2 AND NOT $3 ? (custom_fields->>$2) GROUP BY 1 ORDER BY 1 LIMIT 1",
			  UUIDOID, TEXTOID, JSONBOID);

bool
custom_field_read(Command *command, const pg_uuid_t *id, CustomField *field)
{
	Datum values[] = {UUIDPGetDatum(&command->stream_id), UUIDPGetDatum(id)};

	if (spi_run(&read_field, values, NULL) == 0)
		return command_refuse_missing(command, "custom field");
	field->id = *id;
	field->name = spi_cstring(0, 1);
	field->kind = spi_cstring(0, 2);
	field->options = spi_cstring(0, 3);
	return true;
}

static bool
check_name(Command *command, const char *name)
{
	Datum values[] = {UUIDPGetDatum(&command->stream_id), UUIDPGetDatum(&command->entity_id),
					  CStringGetTextDatum(name)};

	if (spi_run(&find_namesake, values, NULL) == 0)
		return true;
	return command_refuse(command, REFUSAL_RULE, "Use that one, or choose another name.",
						  "the board has a custom field \"%s\" already", spi_cstring(0, 1));
}

/* The options as JSON text, each as text_clean leaves it; "[]" for a kind that has none. */
static bool
wanted_options(Command *command, JsonbContainer *object, const char *prefix, const char *kind, const char **options)
{
	bool is_choice = strcmp(kind, "choice") == 0;
	int count = 0;
	JsonbValue **elements = NULL;
	StringInfoData out;
	Datum values[1];

	if (!json_is_null(json_get(object, "options")))
		elements = json_elements(json_get(object, "options"), &count);
	if (is_choice && count == 0)
		return command_refuse(command, REFUSAL_INVALID, NULL, "%soptions of a choice must name at least one", prefix);
	if (!is_choice && elements != NULL)
		return command_refuse(command, REFUSAL_INVALID, NULL, "%soptions are for fields of the kind choice", prefix);
	initStringInfo(&out);
	json_begin(&out, '[');
	for (int i = 0; i < count; i++)
		json_put_string(&out, text_clean(json_string(elements[i]), false));
	json_end(&out, ']');
	*options = out.data;
	values[0] = JsonbPGetDatum(json_text_to_jsonb(out.data));
	if (spi_run(&find_option_twice, values, NULL) == 0)
		return true;
	return command_refuse(command, REFUSAL_INVALID, NULL, "%soptions must not name \"%s\" twice", prefix,
						  spi_cstring(0, 1));
}

void
custom_field_put_defined(StringInfo out, const Command *command, const CustomField *field)
{
	json_add_uuid(out, "field_id", &field->id);
	json_key(out, "field");
	json_begin(out, '{');
	json_add_uuid(out, "id", &field->id);
	json_add_string(out, "name", field->name);
	json_add_string(out, "kind", field->kind);
	json_add_raw(out, "options", field->options);
	json_add_int(out, "version", command_next_version(command));
	json_end(out, '}');
}

bool
cmd_define_custom_field(Command *command)
{
	Datum values[] = {UUIDPGetDatum(&command->stream_id)};
	CustomField field;
	StringInfoData out;

	(void) spi_run(&count_fields, values, NULL);
	if (spi_int32(0, 1) >= CUSTOM_FIELDS_OF_A_BOARD)
		return command_refuse(command, REFUSAL_LIMIT, "Delete fields that nobody needs.",
							  "the board has %d custom fields, its limit is %d", spi_int32(0, 1),
							  CUSTOM_FIELDS_OF_A_BOARD);
	command->entity_id = command_new_id();
	field.id = command->entity_id;
	field.name = field_text(command->payload, "name");
	field.kind = field_word(command->payload, "kind");
	if (!wanted_options(command, command->payload, "", field.kind, &field.options) || !check_name(command, field.name))
		return false;
	initStringInfo(&out);
	json_begin(&out, '{');
	custom_field_put_defined(&out, command, &field);
	json_end(&out, '}');
	return command_add_event(command, EVENT_CustomFieldDefined, out.data);
}

/* An option that tasks have cannot go. */
static bool
check_used_options(Command *command, const CustomField *field, const char *options)
{
	Datum values[] = {UUIDPGetDatum(&command->stream_id), CStringGetTextDatum(uuid_text(&field->id)),
					  JsonbPGetDatum(json_text_to_jsonb(options))};
	int count;

	if (spi_run(&find_used_option, values, NULL) == 0)
		return true;
	count = spi_int32(0, 2);
	return command_refuse(command, REFUSAL_RULE, "Give those tasks another value first; archived ones count, too.",
						  "the option \"%s\" of \"%s\" cannot go, %d %s", spi_cstring(0, 1), field->name, count,
						  count == 1 ? "task has it" : "tasks have it");
}

static char *
updated_json(const CustomField *field, const Changes *changes)
{
	StringInfoData out;

	initStringInfo(&out);
	json_begin(&out, '{');
	json_add_uuid(&out, "field_id", &field->id);
	changes_put(&out, changes);
	json_end(&out, '}');
	return out.data;
}

static bool
is_same_json(const char *a, const char *b)
{
	Jsonb *left = json_text_to_jsonb(a);
	Jsonb *right = json_text_to_jsonb(b);

	return compareJsonbContainers(&left->root, &right->root) == 0;
}

bool
cmd_update_custom_field(Command *command)
{
	JsonbContainer *updates = command_updates(command, updates_custom_field);
	CustomField field;
	Changes changes;
	char *name;
	const char *options = NULL;

	if (updates == NULL || !custom_field_read(command, &command->entity_id, &field))
		return false;
	name = field_text(updates, "name");
	if (name != NULL && strcmp(name, field.name) != 0 && !check_name(command, name))
		return false;
	if (!json_is_null(json_get(updates, "options")))
	{
		if (!wanted_options(command, updates, "updates.", field.kind, &options))
			return false;
		if (is_same_json(options, field.options))
			options = NULL;
		else if (!check_used_options(command, &field, options))
			return false;
	}
	changes_begin(&changes);
	changes_add_text(&changes, "name", name, field.name);
	if (options != NULL)
		changes_add_raw(&changes, "options", options, field.options);
	if (!changes_end(&changes))
		return true;
	return command_add_event(command, EVENT_CustomFieldUpdated, updated_json(&field, &changes));
}

bool
cmd_delete_custom_field(Command *command)
{
	StringInfoData out;

	initStringInfo(&out);
	json_begin(&out, '{');
	json_add_uuid(&out, "field_id", &command->entity_id);
	json_end(&out, '}');
	return command_add_event(command, EVENT_CustomFieldDeleted, out.data);
}
