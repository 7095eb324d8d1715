/*
 * cmd_task_fields.c: fields of tasks that name other things: assignees, labels and covers.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "command/cmd_board_member.h"
#include "command/cmd_task.h"
#include "support/support_json.h"
#include "support/support_spi.h"

SPI_STATEMENT(is_assigned, "SELECT FROM collab.task_assignees WHERE board_id = $1 AND task_id = $2 AND user_id = $3",
			  UUIDOID, UUIDOID, INT8OID);
SPI_STATEMENT(is_deactivated,
			  "SELECT FROM collab.members AS m JOIN collab.users AS u ON u.id = m.user_id"
			  " WHERE m.workspace_id = $1 AND m.user_id = $2 AND u.deactivated_at IS NOT NULL",
			  UUIDOID, INT8OID);
SPI_STATEMENT(
	find_label,
	"SELECT id, name, color FROM collab.labels WHERE board_id = $1 AND deleted_at IS NULL AND (id::text = $2 OR name = $2)"
	" ORDER BY id::text = $2 DESC, created_at, id LIMIT 1",
	UUIDOID, TEXTOID);
SPI_STATEMENT(find_attachment,
			  "SELECT name, content_type LIKE 'image/%' FROM collab.attachments WHERE board_id = $1 AND task_id = $2"
			  " AND id = $3 AND deleted_at IS NULL",
			  UUIDOID, UUIDOID, UUIDOID);

static bool
refuse_stranger(Command *command, const char *name, int64 user_id)
{
	Datum values[] = {UUIDPGetDatum(&command->workspace_id), Int64GetDatum(user_id)};

	if (spi_run(&is_deactivated, values, NULL) > 0)
		return command_refuse(command, REFUSAL_INVALID, NULL, "%s: user " INT64_FORMAT " is deactivated", name,
							  user_id);
	if (command->access.board_is_private)
		return command_refuse(command, REFUSAL_INVALID, "Add the user to the board first.",
							  "%s: user " INT64_FORMAT " cannot see the private board", name, user_id);
	return command_refuse(command, REFUSAL_INVALID, "Add the user to the workspace first.",
						  "%s: user " INT64_FORMAT " is not a member of the workspace", name, user_id);
}

/* Who is assigned already may stay: an imported task can have a placeholder, who is no member. */
bool
task_check_assignees(Command *command, const char *name, const int64 *ids, int count)
{
	for (int i = 0; i < count; i++)
	{
		Datum values[] = {UUIDPGetDatum(&command->stream_id), UUIDPGetDatum(&command->entity_id),
						  Int64GetDatum(ids[i])};

		if (!board_can_see(command, ids[i]) && spi_run(&is_assigned, values, NULL) == 0)
			return refuse_stranger(command, name, ids[i]);
	}
	return true;
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
	return task_check_assignees(command, name, *ids, *count);
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

static bool
check_cover_attachment(Command *command, const pg_uuid_t *id)
{
	Datum values[] = {UUIDPGetDatum(&command->stream_id), UUIDPGetDatum(&command->entity_id), UUIDPGetDatum(id)};

	if (spi_run(&find_attachment, values, NULL) == 0)
		return command_refuse(command, REFUSAL_INVALID, NULL,
							  "updates.cover.attachment_id must name an attachment of the task");
	if (!spi_is_null(0, 2) && spi_bool(0, 2))
		return true;
	return command_refuse(command, REFUSAL_INVALID, "Attach an image, or give the address of one as url.",
						  "updates.cover.attachment_id: the attachment \"%s\" is not an image", spi_cstring(0, 1));
}

/* Stored is the one key that was given, as jsonb writes it. */
static char *
cover_json(JsonbContainer *cover, const char *key)
{
	StringInfoData out;

	initStringInfo(&out);
	json_begin(&out, '{');
	json_add_raw(&out, key, field_json(cover, key));
	json_end(&out, '}');
	return JsonbToCString(NULL, &json_text_to_jsonb(out.data)->root, out.len);
}

bool
task_resolve_cover(Command *command, JsonbContainer *object, char **cover)
{
	static const FieldDef fields[] = {{"color", FIELD_COLOR, FIELD_OPTIONAL},
									  {"attachment_id", FIELD_UUID, FIELD_OPTIONAL},
									  {"url", FIELD_URL, FIELD_OPTIONAL},
									  {NULL}};
	JsonbValue *value = json_get(object, "cover");
	const char *key = NULL;
	int given = 0;
	pg_uuid_t attachment_id;

	*cover = NULL;
	if (json_is_null(value))
		return true;
	if (!fields_check(fields, value->val.binary.data, "updates.cover.", &command->refusal))
	{
		command->outcome = OUTCOME_REFUSED;
		return false;
	}
	for (const FieldDef *field = fields; field->name != NULL; field++)
	{
		if (json_is_null(json_get(value->val.binary.data, field->name)))
			continue;
		key = field->name;
		given++;
	}
	if (given != 1)
		return command_refuse(command, REFUSAL_INVALID, NULL,
							  "updates.cover must have exactly one of color, attachment_id and url");
	if (field_uuid(value->val.binary.data, "attachment_id", &attachment_id) &&
		!check_cover_attachment(command, &attachment_id))
		return false;
	*cover = cover_json(value->val.binary.data, key);
	return true;
}
