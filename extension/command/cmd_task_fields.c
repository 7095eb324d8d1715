/*
 * cmd_task_fields.c: fields of tasks that name other things: assignees and labels.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "command/cmd_task.h"
#include "support/support_json.h"
#include "support/support_spi.h"

SPI_STATEMENT(
	find_stranger,
	"SELECT u FROM unnest($2) AS u WHERE NOT EXISTS"
	" (SELECT FROM collab.members AS m WHERE m.workspace_id = $1 AND m.user_id = u) AND NOT EXISTS"
	" (SELECT FROM collab.task_assignees AS a WHERE a.board_id = $3 AND a.task_id = $4 AND a.user_id = u) LIMIT 1",
	UUIDOID, INT8ARRAYOID, UUIDOID, UUIDOID);
SPI_STATEMENT(
	find_label,
	"SELECT id, name, color FROM collab.labels WHERE board_id = $1 AND deleted_at IS NULL AND (id::text = $2 OR name = $2)"
	" ORDER BY id::text = $2 DESC, created_at, id LIMIT 1",
	UUIDOID, TEXTOID);

/* Who is assigned already may stay: an imported task can have a placeholder, who is no member. */
static bool
check_members(Command *command, const char *name, const int64 *ids, int count)
{
	Datum *elements = palloc(sizeof(Datum) * Max(count, 1));
	Datum values[4] = {UUIDPGetDatum(&command->workspace_id), 0, UUIDPGetDatum(&command->stream_id),
					   UUIDPGetDatum(&command->entity_id)};

	for (int i = 0; i < count; i++)
		elements[i] = Int64GetDatum(ids[i]);
	values[1] = PointerGetDatum(construct_array(elements, count, INT8OID, 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	if (spi_run(&find_stranger, values, NULL) == 0)
		return true;
	return command_refuse(command, REFUSAL_INVALID, "Add the user to the workspace first.",
						  "%s: user " INT64_FORMAT " is not a member of the workspace", name, spi_int64(0, 1));
}

bool
task_resolve_assignees(Command *command, JsonbContainer *object, const char *name, int64 **ids, int *count)
{
	int given;
	JsonbValue **elements = json_elements(json_get(object, name), &given);

	*ids = palloc(sizeof(int64) * Max(given, 1));
	*count = 0;
	for (int i = 0; i < given; i++)
	{
		bool is_new = true;

		(void) json_int64(elements[i], &(*ids)[*count]);
		for (int j = 0; j < *count; j++)
			is_new = is_new && (*ids)[j] != (*ids)[*count];
		*count += is_new ? 1 : 0;
	}
	return check_members(command, name, *ids, *count);
}

bool
task_resolve_labels(Command *command, JsonbContainer *object, LabelDocument **labels, int *count)
{
	int given;
	JsonbValue **elements = json_elements(json_get(object, "labels"), &given);

	*labels = palloc(sizeof(LabelDocument) * Max(given, 1));
	*count = 0;
	for (int i = 0; i < given; i++)
	{
		LabelDocument *label = &(*labels)[*count];
		char *wanted = text_clean(json_string(elements[i]), false);
		Datum values[] = {UUIDPGetDatum(&command->stream_id), CStringGetTextDatum(wanted)};
		bool is_new = true;

		if (spi_run(&find_label, values, NULL) == 0)
			return command_refuse(command, REFUSAL_INVALID, NULL, "labels: the board has no label \"%s\"", wanted);
		label->id = spi_uuid(0, 1);
		label->name = spi_cstring(0, 2);
		label->color = spi_cstring(0, 3);
		for (int j = 0; j < *count; j++)
			is_new = is_new && !uuid_equal(&(*labels)[j].id, &label->id);
		*count += is_new ? 1 : 0;
	}
	return true;
}
