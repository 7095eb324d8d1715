/*
 * http_api.c - the JSON resources: GET /api/me, GET /api/workspaces.
 *
 * Stateless: each request shows its token, the user is looked up (and made at the first sight), and
 * the answer is the database's. Errors are problem documents.
 *
 * Owns nothing but what stands in the exchange. Called by http.c.
 */
#include <string.h>

#include "door/http_private.h"

#define JSON_CONTENT_TYPE "application/json; charset=utf-8"

static void
api_reply_json(HttpExchange *exchange)
{
	http_reply(exchange, 200, JSON_CONTENT_TYPE, NULL);
}

static void
on_workspaces(PgRead *read, const PgReadResult *result)
{
	HttpExchange *exchange = CONTAINER_OF(read, HttpExchange, read);

	if (result->status != PG_READ_OK || result->row_count != 1)
		http_refuse_text(exchange, REFUSAL_UNAVAILABLE, "the database is not available");
	else
	{
		buffer_append_slice(&exchange->body, pg_read_slice(result, 0, 0));
		api_reply_json(exchange);
	}
	http_release(exchange);
}

static void
api_ask_workspaces(HttpExchange *exchange, int64_t user_id)
{
	http_hold(exchange);
	pg_read_init(&exchange->read, PG_READ_USER_WORKSPACES, on_workspaces);
	pg_read_add_integer(&exchange->read, user_id);
	pg_read_submit(&exchange->read);
}

static void
api_fail_user(HttpExchange *exchange, const PgReadResult *result)
{
	if (result->status == PG_READ_FAILED && strncmp(result->sqlstate, "TB", 2) == 0)
		http_refuse_text(exchange, REFUSAL_UNAUTHENTICATED, "no valid token");
	else
		http_refuse_text(exchange, REFUSAL_UNAVAILABLE, "the database is not available");
}

static void
api_take_user(HttpExchange *exchange, const PgReadResult *result)
{
	EncodeUser user = {
		.user_id = pg_read_integer(result, 0, 0),
		.username = pg_read_text(result, 0, 1),
		.handle = pg_read_text(result, 0, 2),
		.avatar = pg_read_is_null(result, 0, 3) ? NULL : pg_read_text(result, 0, 3),
	};

	if (exchange->wants_workspaces)
	{
		api_ask_workspaces(exchange, user.user_id);
		return;
	}
	encode_me(&exchange->body, &user);
	api_reply_json(exchange);
}

static void
on_user(PgRead *read, const PgReadResult *result)
{
	HttpExchange *exchange = CONTAINER_OF(read, HttpExchange, read);

	if (result->status != PG_READ_OK || result->row_count != 1)
		api_fail_user(exchange, result);
	else
		api_take_user(exchange, result);
	http_release(exchange);
}

static void
api_ask_user(HttpExchange *exchange)
{
	const Claims *claims = &exchange->claims;

	http_hold(exchange);
	pg_read_init(&exchange->read, PG_READ_UPSERT_USER, on_user);
	pg_read_add_text(&exchange->read, slice_of_text(claims->issuer));
	pg_read_add_text(&exchange->read, slice_of_text(claims->subject));
	pg_read_add_text(&exchange->read, slice_of_text(claims->name));
	pg_read_add_text(&exchange->read, slice_of_text(claims->picture));
	pg_read_submit(&exchange->read);
}

bool
http_api_request(HttpExchange *exchange)
{
	const char *path = http_path(exchange);

	exchange->wants_workspaces = strcmp(path, "/api/workspaces") == 0;
	if (!exchange->wants_workspaces && strcmp(path, "/api/me") != 0)
		return false;
	if (strcmp(exchange->method, "GET") != 0)
		http_refuse_method(exchange, "GET, HEAD");
	else if (http_authenticate(exchange))
		api_ask_user(exchange);
	return true;
}
