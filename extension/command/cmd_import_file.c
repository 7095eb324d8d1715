/*
 * cmd_import_file.c: attachments of a document of our own format: links, and files with their bytes in base64.
 *
 * A file is checked as an upload is; its bytes are kept with the uploads, attached already.
 */
#include "postgres.h"

#include "common/base64.h"

#include "command/cmd_import_collab.h"
#include "command/cmd_upload.h"
#include "support/support_json.h"

static const FieldDef attachment_fields[] = {{"name", FIELD_FILE_NAME, FIELD_REQUIRED},
											 {"url", FIELD_URL, FIELD_OPTIONAL},
											 {"content_type", FIELD_NAME, FIELD_OPTIONAL},
											 {"created_at", FIELD_TIME, FIELD_OPTIONAL},
											 {NULL}};

#if PG_VERSION_NUM >= 180000
#define decode_base64(from, length, to, room) pg_b64_decode((from), (length), (uint8 *) (to), (room))
#else
#define decode_base64(from, length, to, room) pg_b64_decode((from), (length), (to), (room))
#endif

/* The bytes; NULL: refused. */
static bytea *
read_content(Import *import, const Part *part, const JsonbValue *value)
{
	bytea *content;
	int room;
	int length;

	if (value->type != jbvString)
	{
		(void) collab_refuse(import, part, "content", "be a text in base64");
		return NULL;
	}
	room = pg_b64_dec_len(value->val.string.len) + 3;
	content = palloc(VARHDRSZ + room);
	length = decode_base64(value->val.string.val, value->val.string.len, VARDATA(content), room);
	if (length < 0)
	{
		(void) collab_refuse(import, part, "content", "be a text in base64");
		return NULL;
	}
	SET_VARSIZE(content, VARHDRSZ + length);
	return content;
}

/* The refusal of an upload, with the place before it. */
static bool
refuse_file(Import *import, const Part *part, const Refusal *refusal)
{
	return command_refuse(import->command, refusal->code, refusal->hint, "%s: %s", part->place, refusal->message);
}

static bool
keep_file(Import *import, const Part *part, const JsonbValue *value, ImportAttachment *attachment)
{
	bytea *content = read_content(import, part, value);
	Refusal refusal = {REFUSAL_NONE};
	UploadedFile file = {.user_id = import->command->user_id, .name = attachment->name, .content = content};

	if (content == NULL)
		return false;
	file.content_type = field_word(part->object, "content_type");
	if (file.content_type == NULL)
		return command_refuse(import->command, REFUSAL_INVALID, NULL, "%s.content_type is missing", part->place);
	file.id = attachment->upload_id = command_new_id();
	if (!upload_keep_attached(&file, import->command->now, &refusal))
		return refuse_file(import, part, &refusal);
	attachment->content_type = file.content_type;
	attachment->sha256 = file.sha256;
	attachment->size = VARSIZE_ANY_EXHDR(content);
	return true;
}

bool
collab_add_attachment(Import *import, const Part *part, Mapped *task)
{
	Mapped *mapped = import_map_find(import->attachments, field_word(part->object, "ref"));
	ImportAttachment attachment = {.id = mapped->id, .task = task};
	JsonbValue *content = json_get(part->object, "content");
	ImportPerson *creator;

	if (!collab_check(import, part, attachment_fields) || !collab_find_person(import, part, "created_by", &creator))
		return false;
	attachment.name = field_text(part->object, "name");
	attachment.url = field_word(part->object, "url");
	attachment.author = creator;
	attachment.created_at = collab_time(part, "created_at");
	if ((attachment.url != NULL) != json_is_null(content))
		return command_refuse(import->command, REFUSAL_INVALID, NULL, "%s must have either url or content",
							  part->place);
	if (attachment.url == NULL && !keep_file(import, part, content, &attachment))
		return false;
	import_add_attachment(import, &attachment);
	return true;
}
