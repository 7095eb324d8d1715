/*
 * cmd_attachment.c: attachments of tasks: links, and files that were uploaded before (cmd_upload.c).
 *
 * The event describes the file; its bytes stay in collab.uploads, which is written here and by uploads only.
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "command/command.h"
#include "support/support_content.h"
#include "support/support_json.h"
#include "support/support_spi.h"

SPI_STATEMENT(take_upload,
			  "UPDATE collab.uploads SET attached_at = $3 WHERE id = $1 AND user_id = $2 AND attached_at IS NULL"
			  " RETURNING content_type, size, sha256",
			  UUIDOID, INT8OID, TIMESTAMPTZOID);
SPI_STATEMENT(find_upload, "SELECT FROM collab.uploads WHERE id = $1 AND user_id = $2", UUIDOID, INT8OID);

typedef struct AttachedFile
{
	bool is_uploaded; /* otherwise it is a link */
	pg_uuid_t upload_id;
	const char *content_type;
	int64 size;
	const char *sha256;
} AttachedFile;

/* An upload is attached once, by its uploader: nobody else learns that it exists. */
static bool
take_file(Command *command, AttachedFile *file)
{
	Datum values[] = {UUIDPGetDatum(&file->upload_id), Int64GetDatum(command->user_id),
					  TimestampTzGetDatum(command->now)};

	if (spi_run(&take_upload, values, NULL) == 0)
	{
		if (spi_run(&find_upload, values, NULL) > 0)
			return command_refuse(command, REFUSAL_RULE, "Upload the file again.", "the upload is attached already");
		return command_refuse(command, REFUSAL_NOT_FOUND, "Upload the file first.",
							  "upload not found or access denied");
	}
	file->content_type = spi_cstring(0, 1);
	file->size = spi_int64(0, 2);
	file->sha256 = spi_cstring(0, 3);
	return true;
}

static bool
read_file(Command *command, const char *name, AttachedFile *file)
{
	bool is_link = field_word(command->payload, "url") != NULL;

	file->is_uploaded = field_uuid(command->payload, "upload_id", &file->upload_id);
	if (is_link == file->is_uploaded)
		return command_refuse(command, REFUSAL_INVALID, NULL, "exactly one of url and upload_id must be given");
	if (is_link)
		return true;
	if (!content_check_name(name, &command->refusal))
	{
		command->outcome = OUTCOME_REFUSED;
		return false;
	}
	return take_file(command, file);
}

static void
put_file(StringInfo out, const AttachedFile *file)
{
	json_add_string(out, "content_type", file->is_uploaded ? file->content_type : NULL);
	json_add_raw(out, "size", file->is_uploaded ? psprintf(INT64_FORMAT, file->size) : NULL);
	if (file->is_uploaded)
	{
		json_add_string(out, "sha256", file->sha256);
		json_add_uuid(out, "upload_id", &file->upload_id);
	}
}

static void
begin_event(StringInfo out, const pg_uuid_t *task_id, const pg_uuid_t *attachment_id)
{
	initStringInfo(out);
	json_begin(out, '{');
	json_add_uuid(out, "task_id", task_id);
	json_add_uuid(out, "attachment_id", attachment_id);
}

bool
cmd_add_attachment(Command *command)
{
	pg_uuid_t id = command_new_id();
	char *name = field_text(command->payload, "name");
	StringInfoData out;
	AttachedFile file;

	if (!read_file(command, name, &file))
		return false;
	begin_event(&out, &command->entity_id, &id);
	json_key(&out, "attachment");
	json_begin(&out, '{');
	json_add_uuid(&out, "id", &id);
	json_add_string(&out, "name", name);
	json_add_string(&out, "url", field_word(command->payload, "url"));
	put_file(&out, &file);
	json_add_time(&out, "created_at", command->now);
	json_end(&out, '}');
	json_end(&out, '}');
	return command_add_event(command, EVENT_AttachmentAdded, out.data);
}

bool
cmd_remove_attachment(Command *command)
{
	StringInfoData out;

	begin_event(&out, &command->task.id, &command->entity_id);
	json_end(&out, '}');
	return command_add_event(command, EVENT_AttachmentRemoved, out.data);
}
