/*
 * rest_upload.c - a file comes in and is attached: POST /api/tasks/{id}/attachments.
 *
 * The file is the body, or the one file of a form. First the database keeps it (user_task_upload, which
 * also asks whether this user may attach anything there), then ADD_ATTACHMENT names it. Both under
 * the Idempotency-Key: sent again, the same file under the same key is attached once.
 *
 * Owns nothing but what stands in the call. Called by rest.c.
 */
#include <string.h>

#include "base/utf8.h"
#include "door/rest_private.h"
#include "door/route_header.h"
#include "door/upload_form.h"
#include "proto/json_text.h"
#include "proto/problem.h"

/* What a file is when nobody says; the database takes no such. */
#define UPLOAD_UNKNOWN "application/octet-stream"

enum
{
	COLUMN_CODE,
	COLUMN_BODY,
	COLUMN_UPLOAD_ID
};

bool
rest_is_upload(const RestCall *call)
{
	return call->match.route->answer == ROUTE_UPLOAD &&
		   !route_is_json(slice_of_text(http_header(call->exchange, "Content-Type")));
}

/* The file's name, type and bytes; false: refused. */
static bool
upload_read(RestCall *call, UploadPart *file, Refusal *refusal)
{
	HttpExchange *exchange = call->exchange;
	Slice content_type = slice_of_text(http_header(exchange, "Content-Type"));
	const char *problem;

	*file = (UploadPart){
		.disposition = slice_of_text(http_header(exchange, "Content-Disposition")),
		.content_type = content_type,
		.content = http_body(exchange),
	};
	if (!upload_type_is(content_type, "multipart/form-data") ||
		upload_find_file(content_type, http_body(exchange), file, &problem))
		return true;
	refusal_set(refusal, REFUSAL_INVALID, "%s", problem);
	return false;
}

/* Headers and forms may hold any byte. */
static bool
upload_is_text(Slice value, const char *what, Refusal *refusal)
{
	if (value.length == 0 ||
		(utf8_is_valid(value.bytes, value.length) && memchr(value.bytes, '\0', value.length) == NULL))
		return true;
	refusal_set(refusal, REFUSAL_INVALID, "the file's %s is not UTF-8", what);
	return false;
}

static bool
upload_take_name(RestCall *call, const UploadPart *file, Refusal *refusal)
{
	const char *name = http_query(call->exchange, "name");

	if (name != NULL)
		buffer_append_text(&call->file_name, name);
	else if (!upload_file_name(&call->file_name, file->disposition))
	{
		refusal_set(refusal, REFUSAL_INVALID, "the file's name is missing: ?name= or Content-Disposition");
		return false;
	}
	return upload_is_text(buffer_slice(&call->file_name), "name", refusal);
}

bool
rest_upload_prepare(RestCall *call, Refusal *refusal)
{
	Slice key = slice_of_text(http_header(call->exchange, "Idempotency-Key"));
	UploadPart file;

	if (!route_read_key(key, &call->message.has_id, &call->message.id, refusal) || !upload_read(call, &file, refusal) ||
		!upload_take_name(call, &file, refusal))
		return false;
	if (!call->message.has_id)
		uuid_random(&call->message.id);
	call->message.has_id = true;
	if (file.content_type.length > 0 && !upload_is_text(file.content_type, "content type", refusal))
		return false;
	call->file = file.content;
	call->file_type = file.content_type.length > 0 ? file.content_type : slice_of_text(UPLOAD_UNKNOWN);
	return true;
}

/* The file is kept: it is attached like anything else. */
static void
upload_attach(RestCall *call, Slice upload_id)
{
	Buffer *text = &call->message.text;

	buffer_append_text(text, "{\"type\":\"ADD_ATTACHMENT\",\"id\":");
	json_append_uuid(text, &call->message.id);
	buffer_append_text(text, ",\"payload\":{\"task_id\":");
	json_append_string(text, route_param(&call->match, slice_of_text("task_id")));
	buffer_append_text(text, ",\"name\":");
	json_append_string(text, buffer_slice(&call->file_name));
	buffer_append_text(text, ",\"upload_id\":");
	json_append_string(text, upload_id);
	buffer_append_text(text, "}}");
	rest_command_route(call);
	rest_commands_submit(call);
}

static void
on_upload_kept(PgRead *read, const PgReadResult *result)
{
	RestCall *call = CONTAINER_OF(read, RestCall, read);
	int status;

	if (result->status != PG_READ_OK || result->row_count != 1)
		rest_read_fail(call, result);
	else if (!pg_read_is_null(result, 0, COLUMN_CODE))
	{
		status = problem_append_error(&call->exchange->body, pg_read_slice(result, 0, COLUMN_BODY));
		http_reply(call->exchange, status, "application/problem+json", NULL);
	}
	else
	{
		upload_attach(call, pg_read_slice(result, 0, COLUMN_UPLOAD_ID));
		return;
	}
	rest_call_free(call);
}

void
rest_upload(RestCall *call)
{
	Uuid task_id;
	Slice task = route_param(&call->match, slice_of_text("task_id"));

	if (!uuid_parse(task.bytes, task.length, &task_id))
		task_id = (Uuid){{0}}; /* a task that nobody has */
	pg_read_init(&call->read, PG_READ_TASK_UPLOAD, on_upload_kept);
	pg_read_add_integer(&call->read, call->user_id);
	pg_read_add_uuid(&call->read, &task_id);
	pg_read_add_text(&call->read, buffer_slice(&call->file_name));
	pg_read_add_bytes(&call->read, call->file.length > 0 ? call->file : slice_of("", 0));
	pg_read_add_text(&call->read, call->file_type);
	pg_read_add_uuid(&call->read, &call->message.id);
	pg_read_submit(&call->read);
}
