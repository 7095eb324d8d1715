/*
 * cmd_label.c: a board's labels. Which of them a task has is said by CREATE_TASK and UPDATE_TASK (cmd_task_fields.c).
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "command/command.h"
#include "command/command_changes.h"
#include "support/support_json.h"
#include "support/support_spi.h"

#define LABELS_OF_A_BOARD 500

SPI_STATEMENT(count_labels, "SELECT count(*)::int FROM collab.labels WHERE board_id = $1 AND deleted_at IS NULL",
			  UUIDOID);
SPI_STATEMENT(find_namesake,
			  "SELECT name FROM collab.labels WHERE board_id = $1 AND id <> $2 AND deleted_at IS NULL"
			  " AND lower(name) = lower($3) LIMIT 1",
			  UUIDOID, UUIDOID, TEXTOID);
SPI_STATEMENT(read_label, "SELECT name, color FROM collab.labels WHERE board_id = $1 AND id = $2", UUIDOID, UUIDOID);

/* Imported boards may have several labels of one name; nobody makes another. */
static bool
check_name(Command *command, const char *name)
{
	Datum values[] = {UUIDPGetDatum(&command->stream_id), UUIDPGetDatum(&command->entity_id),
					  CStringGetTextDatum(name)};

	if (spi_run(&find_namesake, values, NULL) == 0)
		return true;
	return command_refuse(command, REFUSAL_RULE, "Use that one, or choose another name.",
						  "the board has a label \"%s\" already", spi_cstring(0, 1));
}

bool
cmd_create_label(Command *command)
{
	Datum values[] = {UUIDPGetDatum(&command->stream_id)};
	LabelDocument label;
	StringInfoData out;

	(void) spi_run(&count_labels, values, NULL);
	if (spi_int32(0, 1) >= LABELS_OF_A_BOARD)
		return command_refuse(command, REFUSAL_LIMIT, "Delete labels that nobody needs.",
							  "the board has %d labels, its limit is %d", spi_int32(0, 1), LABELS_OF_A_BOARD);
	command->entity_id = command_new_id();
	label = (LabelDocument){command->entity_id, field_text(command->payload, "name"),
							field_word(command->payload, "color")};
	if (!check_name(command, label.name))
		return false;
	initStringInfo(&out);
	json_begin(&out, '{');
	json_key(&out, "label");
	proj_put_label(&out, &label);
	json_end(&out, '}');
	return command_add_event(command, EVENT_LabelCreated, out.data);
}

static char *
updated_json(const Command *command, const Changes *changes)
{
	StringInfoData out;

	initStringInfo(&out);
	json_begin(&out, '{');
	json_add_uuid(&out, "label_id", &command->entity_id);
	changes_put(&out, changes);
	json_end(&out, '}');
	return out.data;
}

bool
cmd_update_label(Command *command)
{
	JsonbContainer *given = command_updates(command, updates_label);
	Datum values[] = {UUIDPGetDatum(&command->stream_id), UUIDPGetDatum(&command->entity_id)};
	Changes changes;
	char *name;
	char *now;
	char *color;

	if (given == NULL)
		return false;
	(void) spi_run(&read_label, values, NULL);
	now = spi_cstring(0, 1);
	color = spi_cstring(0, 2);
	name = field_text(given, "name");
	if (name != NULL && strcmp(name, now) != 0 && !check_name(command, name))
		return false;
	changes_begin(&changes);
	changes_add_text(&changes, "name", name, now);
	changes_add_text(&changes, "color", field_word(given, "color"), color);
	if (!changes_end(&changes))
		return true;
	return command_add_event(command, EVENT_LabelUpdated, updated_json(command, &changes));
}

bool
cmd_delete_label(Command *command)
{
	StringInfoData out;

	initStringInfo(&out);
	json_begin(&out, '{');
	json_add_uuid(&out, "label_id", &command->entity_id);
	json_end(&out, '}');
	return command_add_event(command, EVENT_LabelDeleted, out.data);
}
