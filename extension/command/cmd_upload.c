/*
 * cmd_upload.c: takes the bytes of a file, to be attached to a task by their uploader.
 *
 * Uploads are operational: no event makes them, a rebuild leaves them alone. What nobody attaches is deleted after a while
 * (collab.clean_uploads).
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "command/cmd_upload.h"
#include "support/support_field.h"
#include "event/event_stream.h"
#include "support/support_access.h"
#include "support/support_content.h"
#include "support/support_schema.h"
#include "support/support_spi.h"

PG_FUNCTION_INFO_V1(collab_put_upload);

#define UPLOAD_NAME_LENGTH 255
/* So many bytes more than one file may have, a user may have uploaded without attaching them. */
#define UNATTACHED_FILES 2

static int attachment_limit = 10 * 1024 * 1024;

SPI_STATEMENT(sum_unattached,
			  "SELECT coalesce(sum(size), 0)::bigint FROM collab.uploads WHERE user_id = $1 AND attached_at IS NULL",
			  INT8OID);
SPI_STATEMENT(insert_upload,
			  "INSERT INTO collab.uploads (id, user_id, name, content_type, size, sha256, content)"
			  " VALUES ($1, $2, $3, $4, length($5), encode(sha256($5), 'hex'), $5) ON CONFLICT (id) DO NOTHING",
			  UUIDOID, INT8OID, TEXTOID, TEXTOID, BYTEAOID);
SPI_STATEMENT(insert_attached,
			  "INSERT INTO collab.uploads (id, user_id, name, content_type, size, sha256, content, attached_at)"
			  " VALUES ($1, $2, $3, $4, length($5), encode(sha256($5), 'hex'), $5, $6) RETURNING sha256",
			  UUIDOID, INT8OID, TEXTOID, TEXTOID, BYTEAOID, TIMESTAMPTZOID);
SPI_STATEMENT(find_same_upload,
			  "SELECT FROM collab.uploads WHERE id = $1 AND user_id = $2 AND name = $3 AND content_type = $4"
			  " AND sha256 = encode(sha256($5), 'hex')",
			  UUIDOID, INT8OID, TEXTOID, TEXTOID, BYTEAOID);

typedef struct Upload
{
	int64 user_id;
	pg_uuid_t id;
	char *name;
	char *content_type;
	bytea *content;
} Upload;

void
cmd_upload_start(void)
{
	DefineCustomIntVariable("collab.attachment_limit", "Bytes that an uploaded file may have.",
							"A user may have twice as many uploaded and not attached.", &attachment_limit,
							10 * 1024 * 1024, 1024, 256 * 1024 * 1024, PGC_SUSET, GUC_UNIT_BYTE, NULL, NULL, NULL);
}

static bool
check_name(Upload *upload, Refusal *refusal)
{
	/* a character can take four bytes, and be written in several before it is normalised */
	int length = pg_mbcliplen(upload->name, (int) strlen(upload->name), UPLOAD_NAME_LENGTH * 16);
	char *clean = text_clean(pnstrdup(upload->name, length), false);

	if (clean == NULL || *clean == '\0')
		return refuse(refusal, REFUSAL_INVALID, NULL, "name must be a text without control characters");
	if (pg_mbstrlen(clean) > UPLOAD_NAME_LENGTH)
		return refuse(refusal, REFUSAL_LIMIT, NULL, "name must have at most %d characters", UPLOAD_NAME_LENGTH);
	upload->name = clean;
	return content_check_name(clean, refusal);
}

static bool
check_size(const Upload *upload, Refusal *refusal)
{
	size_t size = VARSIZE_ANY_EXHDR(upload->content);

	if (size == 0)
		return refuse(refusal, REFUSAL_INVALID, NULL, "content must not be empty");
	return size <= (size_t) attachment_limit ||
		   refuse(refusal, REFUSAL_LIMIT, "Attach a link; the setting collab.attachment_limit changes the limit.",
				  "content has %zu bytes, the limit is %d", size, attachment_limit);
}

static bool
check_user(int64 user_id, Refusal *refusal)
{
	Access access;

	access_read(user_id, NULL, NULL, &access);
	return access.user_is_active || access_refuse_user(user_id, refusal);
}

/* Uploads of one user wait for each other, so that the sum is true: a lock on an id made of his. */
static bool
check_sum(const Upload *upload, Refusal *refusal)
{
	Datum values[] = {Int64GetDatum(upload->user_id)};
	pg_uuid_t lock_id = {{0}};
	int64 limit = (int64) attachment_limit * UNATTACHED_FILES;
	int64 sum;

	memcpy(lock_id.data, &upload->user_id, sizeof(upload->user_id));
	stream_lock_creation(&lock_id);
	(void) spi_run(&sum_unattached, values, NULL);
	sum = spi_int64(0, 1);
	return sum + (int64) VARSIZE_ANY_EXHDR(upload->content) <= limit ||
		   refuse(refusal, REFUSAL_LIMIT, "Attach them first; what is not attached is deleted after a day.",
				  "you have " INT64_FORMAT " bytes uploaded that are attached to nothing, the limit is " INT64_FORMAT,
				  sum, limit);
}

static uint64
run_with(SpiStatement *statement, const Upload *upload)
{
	Datum values[] = {UUIDPGetDatum(&upload->id), Int64GetDatum(upload->user_id), CStringGetTextDatum(upload->name),
					  CStringGetTextDatum(upload->content_type), PointerGetDatum(upload->content)};

	return spi_run(statement, values, NULL);
}

/* Sent again: then it takes no room. */
static bool
is_stored(const Upload *upload)
{
	return run_with(&find_same_upload, upload) > 0;
}

/* An upload whose id is there already must be the same one, sent again. */
static bool
store(const Upload *upload, Refusal *refusal)
{
	return run_with(&insert_upload, upload) > 0 || is_stored(upload) ||
		   refuse(refusal, REFUSAL_COMMAND_ID_REUSED, "Give every new command an id of its own.",
				  "the command id was used for another file");
}

bool
upload_keep_attached(UploadedFile *file, TimestampTz now, Refusal *refusal)
{
	Upload upload = {
		.user_id = file->user_id,
		.id = file->id,
		.name = pstrdup(file->name),
		.content_type = content_plain_type(file->content_type),
		.content = file->content,
	};
	Datum values[] = {UUIDPGetDatum(&upload.id),        Int64GetDatum(upload.user_id),
					  CStringGetTextDatum(upload.name), CStringGetTextDatum(upload.content_type),
					  PointerGetDatum(upload.content),  TimestampTzGetDatum(now)};

	if (!check_name(&upload, refusal) || !check_size(&upload, refusal) ||
		!content_check(upload.content_type, VARDATA_ANY(upload.content), VARSIZE_ANY_EXHDR(upload.content), refusal))
		return false;
	(void) spi_run(&insert_attached, values, NULL);
	file->content_type = upload.content_type;
	file->sha256 = spi_cstring(0, 1);
	return true;
}

/*
 * collab.put_upload(user_id bigint, id uuid, name text, content bytea, content_type text) RETURNS uuid. Without an id a
 * random one.
 */
Datum
collab_put_upload(PG_FUNCTION_ARGS)
{
	Refusal refusal = {0};
	Upload upload;
	pg_uuid_t *result = palloc(sizeof(pg_uuid_t));

	schema_check();
	for (int i = 2; i < 5; i++)
	{
		static const char *const names[] = {"name", "content", "content_type"};

		if (PG_ARGISNULL(i) && !refuse(&refusal, REFUSAL_INVALID, NULL, "%s is missing", names[i - 2]))
			refusal_raise(&refusal, NULL);
	}
	upload.user_id = PG_GETARG_INT64(0);
	upload.id =
		PG_ARGISNULL(1) ? *DatumGetUUIDP(DirectFunctionCall1(gen_random_uuid, (Datum) 0)) : *PG_GETARG_UUID_P(1);
	upload.name = text_to_cstring(PG_GETARG_TEXT_PP(2));
	upload.content = PG_GETARG_BYTEA_PP(3);
	upload.content_type = content_plain_type(text_to_cstring(PG_GETARG_TEXT_PP(4)));
	SPI_connect();
	if (!check_user(upload.user_id, &refusal) || !check_name(&upload, &refusal) || !check_size(&upload, &refusal) ||
		!content_check(upload.content_type, VARDATA_ANY(upload.content), VARSIZE_ANY_EXHDR(upload.content), &refusal) ||
		(!is_stored(&upload) && (!check_sum(&upload, &refusal) || !store(&upload, &refusal))))
		refusal_raise(&refusal, NULL);
	*result = upload.id;
	SPI_finish();
	PG_RETURN_UUID_P(result);
}
