/*
 * rest_download.c - an attached file goes out: GET /api/attachments/{id}.
 *
 * What is in a file is its uploader's. So it is sent as an attachment, but for pictures that cannot
 * carry a script; its type is not guessed; and opened as a page all the same, it is in a sandbox. One
 * range is answered. The tag is the SHA-256 of the bytes.
 *
 * Owns nothing but what stands in the call. Called by rest.c.
 */
#include <stdlib.h>
#include <string.h>

#include "door/condition.h"
#include "door/rest_private.h"
#include "door/upload_form.h"

#define DOWNLOAD_CSP "sandbox; default-src 'none'"
/* May be kept, but asked for each time: the right to see it may be gone. */
#define DOWNLOAD_CACHE "private, no-cache"

enum
{
	COLUMN_NAME,
	COLUMN_TYPE,
	COLUMN_SIZE,
	COLUMN_SHA256,
	COLUMN_CONTENT /* in hexadecimal; null: not asked for */
};

static bool
type_is_picture(const char *content_type)
{
	static const char *const types[] = {"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"};

	for (size_t i = 0; i < LENGTH_OF(types); i++)
		if (strcmp(content_type, types[i]) == 0)
			return true;
	return false;
}

static int
hex_digit(char character)
{
	return character <= '9' ? character - '0' : character - 'a' + 10;
}

static void
append_bytes(Buffer *out, Slice hex)
{
	char *place = buffer_extend(out, hex.length / 2);

	for (size_t i = 0; i + 1 < hex.length; i += 2)
		*place++ = (char) (hex_digit(hex.bytes[i]) << 4 | hex_digit(hex.bytes[i + 1]));
}

static void
download_add_headers(HttpExchange *exchange, const PgReadResult *result)
{
	const char *content_type = pg_read_text(result, 0, COLUMN_TYPE);
	Buffer disposition = BUFFER_EMPTY;

	upload_append_disposition(&disposition, type_is_picture(content_type) ? "inline" : "attachment",
							  pg_read_slice(result, 0, COLUMN_NAME));
	http_add_header(exchange, "Content-Disposition", buffer_text(&disposition));
	buffer_free(&disposition);
	http_add_header(exchange, "Content-Type", content_type);
	http_add_header(exchange, "Content-Security-Policy", DOWNLOAD_CSP);
	http_add_header(exchange, "Accept-Ranges", "bytes");
	http_add_header(exchange, "Vary", "Authorization");
}

static void
download_add_range(HttpExchange *exchange, const char *range, uint64_t size)
{
	Buffer value = BUFFER_EMPTY;

	buffer_append_format(&value, "bytes %s/%llu", range, (unsigned long long) size);
	http_add_header(exchange, "Content-Range", buffer_text(&value));
	buffer_free(&value);
}

/* The part that is asked for; of If-Range only the tag counts. */
static ConditionRange
download_range(HttpExchange *exchange, uint64_t size, uint64_t *first, uint64_t *last)
{
	const char *if_range = http_header(exchange, "If-Range");

	if (if_range != NULL && strcmp(if_range, buffer_text(&exchange->etag)) != 0)
		return RANGE_ALL;
	return condition_range(http_header(exchange, "Range"), size, first, last);
}

static void
download_reply_part(HttpExchange *exchange, Slice hex, uint64_t first, uint64_t last)
{
	char range[64];

	snprintf(range, sizeof(range), "%llu-%llu", (unsigned long long) first, (unsigned long long) last);
	download_add_range(exchange, range, hex.length / 2);
	append_bytes(&exchange->body, slice_of(hex.bytes + 2 * first, 2 * (size_t) (last - first + 1)));
	http_reply(exchange, 206, NULL, DOWNLOAD_CACHE);
}

static void
download_reply_content(HttpExchange *exchange, const PgReadResult *result)
{
	Slice hex = pg_read_slice(result, 0, COLUMN_CONTENT);
	uint64_t first;
	uint64_t last;

	switch (download_range(exchange, hex.length / 2, &first, &last))
	{
		case RANGE_ALL:
			append_bytes(&exchange->body, hex);
			http_reply(exchange, 200, NULL, DOWNLOAD_CACHE);
			break;
		case RANGE_PART:
			download_reply_part(exchange, hex, first, last);
			break;
		case RANGE_OUTSIDE:
			download_add_range(exchange, "*", hex.length / 2);
			http_reply(exchange, 416, NULL, DOWNLOAD_CACHE);
			break;
	}
}

/* False: the bytes are wanted, too, and were not asked for. */
static bool
download_reply(HttpExchange *exchange, const PgReadResult *result)
{
	bool is_unchanged;

	buffer_clear(&exchange->etag);
	buffer_append_format(&exchange->etag, "\"%s\"", pg_read_text(result, 0, COLUMN_SHA256));
	is_unchanged = condition_has_tag(http_header(exchange, "If-None-Match"), buffer_text(&exchange->etag));
	if (!is_unchanged && !exchange->is_head && pg_read_is_null(result, 0, COLUMN_CONTENT))
		return false;
	download_add_headers(exchange, result);
	exchange->unsent_length = (uint64_t) pg_read_integer(result, 0, COLUMN_SIZE);
	if (is_unchanged || exchange->is_head)
		http_reply(exchange, is_unchanged ? 304 : 200, NULL, DOWNLOAD_CACHE);
	else
		download_reply_content(exchange, result);
	return true;
}

static void
on_file(PgRead *read, const PgReadResult *result)
{
	RestCall *call = CONTAINER_OF(read, RestCall, read);
	HttpExchange *exchange = call->exchange;

	if (result->status == PG_READ_FAILED && strncmp(result->sqlstate, "TB", 2) == 0)
		http_refuse_text(exchange, REFUSAL_NOT_FOUND, "file not found or access denied");
	else if (result->status != PG_READ_OK || result->row_count != 1)
		rest_read_fail(call, result);
	else if (!download_reply(exchange, result))
	{
		rest_download_file(call, true);
		return;
	}
	rest_call_free(call);
}

void
rest_download_file(RestCall *call, bool with_content)
{
	Uuid id;
	Slice text = route_param(&call->match, slice_of_text("attachment_id"));

	if (!uuid_parse(text.bytes, text.length, &id))
		id = (Uuid){{0}}; /* a file that nobody has */
	pg_read_init(&call->read, PG_READ_ATTACHMENT, on_file);
	pg_read_add_integer(&call->read, call->user_id);
	pg_read_add_uuid(&call->read, &id);
	pg_read_add_text(&call->read, slice_of_text(with_content ? "true" : "false"));
	pg_read_submit(&call->read);
}

void
rest_download(RestCall *call)
{
	bool may_do_without = call->exchange->is_head || http_header(call->exchange, "If-None-Match") != NULL;

	rest_download_file(call, !may_do_without);
}
