/*
 * rest_read.c - reads: the message of a route to collab.user_read and back.
 *
 * Owns nothing but what stands in the call. Called by rest.c.
 */
#include <string.h>

#include "base/json_scan.h"
#include "door/rest_private.h"
#include "door/route_header.h"
#include "proto/problem.h"

/* What another person may see of this board is theirs: nothing between us keeps it. */
#define REST_REVALIDATE "private, no-cache"

enum
{
	COLUMN_CODE,
	COLUMN_VERSION,
	COLUMN_EVENT,
	COLUMN_CONTENT_TYPE,
	COLUMN_BODY
};

/* The answer did not come: the database is away, or it cannot do this now. */
void
rest_read_fail(RestCall *call, const PgReadResult *result)
{
	static const char *const passing[] = {"57", "53", "55", "40", "25", "0A"};
	Refusal refusal;
	bool is_passing = result->status == PG_READ_UNAVAILABLE;

	for (size_t i = 0; i < LENGTH_OF(passing); i++)
		is_passing |= strncmp(result->sqlstate, passing[i], 2) == 0;
	if (is_passing)
	{
		http_refuse_text(call->exchange, REFUSAL_UNAVAILABLE, "the database is not available");
		return;
	}
	refusal_set(&refusal, REFUSAL_UNAVAILABLE, "the database failed to answer");
	http_refuse_as(call->exchange, &refusal, 500);
}

static void
read_add_disposition(RestCall *call, const char *content_type)
{
	Buffer value = BUFFER_EMPTY;
	Slice board_id = route_param(&call->match, slice_of_text("board_id"));

	buffer_append_format(&value, "attachment; filename=\"board-%.*s.%s\"", (int) board_id.length, board_id.bytes,
						 strcmp(content_type, REST_CSV) == 0 ? "csv" : "json");
	http_add_header(call->exchange, "Content-Disposition", buffer_text(&value));
	buffer_free(&value);
}

/* The walk over a page is cheap beside its making; whole boards are not looked through. */
static void
read_add_next(RestCall *call, Slice body)
{
	RouteInput input;
	Slice cursor;
	Buffer link = BUFFER_EMPTY;

	if (!route_is_paged(call->match.route->type) || !json_scan_string(json_scan_find(body, "next_cursor"), &cursor) ||
		cursor.length == 0)
		return;
	rest_input(call->exchange, &input);
	buffer_append_char(&link, '<');
	route_append_next(&link, &call->match, slice_of_text(http_path(call->exchange)), &input, cursor);
	buffer_append_text(&link, ">; rel=\"next\"");
	http_add_header(call->exchange, "Link", buffer_text(&link));
	buffer_free(&link);
}

static bool
read_is_unchanged(const RestCall *call, int64_t version)
{
	const char *none_match = http_header(call->exchange, "If-None-Match");

	return !route_is_timely(call->match.route->type) && none_match != NULL &&
		   route_none_match(slice_of_text(none_match), version);
}

/* The text of the result's content type does not outlive it. */
static const char *
read_content_type(const PgReadResult *result)
{
	bool is_csv = !pg_read_is_null(result, 0, COLUMN_CONTENT_TYPE) &&
				  strncmp(pg_read_text(result, 0, COLUMN_CONTENT_TYPE), "text/csv", 8) == 0;

	return is_csv ? REST_CSV : REST_JSON;
}

/* False: the answer is that nothing changed. */
static bool
read_add_version(RestCall *call, const PgReadResult *result)
{
	HttpExchange *exchange = call->exchange;
	int64_t version;

	if (pg_read_is_null(result, 0, COLUMN_VERSION))
		return true;
	version = pg_read_integer(result, 0, COLUMN_VERSION);
	buffer_append_format(&exchange->etag, "\"%lld\"", (long long) version);
	http_add_header(exchange, "Vary", "Authorization");
	if (!read_is_unchanged(call, version))
		return true;
	exchange->unsent_length = pg_read_slice(result, 0, COLUMN_BODY).length;
	http_reply(exchange, 304, NULL, REST_REVALIDATE);
	return false;
}

static void
read_reply(RestCall *call, const PgReadResult *result)
{
	HttpExchange *exchange = call->exchange;
	Slice body = pg_read_slice(result, 0, COLUMN_BODY);
	const char *content_type = read_content_type(result);

	if (!read_add_version(call, result))
		return;
	if (strcmp(call->match.route->type, "EXPORT_BOARD") == 0)
		read_add_disposition(call, content_type);
	else
		read_add_next(call, body);
	buffer_append_slice(&exchange->body, body);
	http_reply(exchange, call->match.route->status, content_type, exchange->etag.length > 0 ? REST_REVALIDATE : NULL);
}

static void
read_refuse(RestCall *call, const PgReadResult *result)
{
	int status = problem_append_error(&call->exchange->body, pg_read_slice(result, 0, COLUMN_BODY));

	http_reply(call->exchange, status, HTTP_PROBLEM, NULL);
}

static void
on_read_done(PgRead *read, const PgReadResult *result)
{
	RestCall *call = CONTAINER_OF(read, RestCall, read);

	if (result->status != PG_READ_OK || result->row_count != 1)
		rest_read_fail(call, result);
	else if (!pg_read_is_null(result, 0, COLUMN_CODE))
		read_refuse(call, result);
	else
		read_reply(call, result);
	rest_call_free(call);
}

void
rest_read(RestCall *call)
{
	pg_read_init(&call->read, PG_READ_USER_READ, on_read_done);
	pg_read_add_integer(&call->read, call->user_id);
	pg_read_add_text(&call->read, buffer_slice(&call->message.text));
	pg_read_submit(&call->read);
}
