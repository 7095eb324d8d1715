/*
 * rest.c - the REST door: a request in, and what refuses it before the database is asked.
 *
 * The table of routes.def says what a request is. Its message is built, its user found, and the message goes the way that
 * messages of WebSockets go: a read to collab.user_read, a command to the pool. Stateless: each request shows its token.
 *
 * Owns the calls under way. Called by http.c.
 */
#include "door/rest.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "door/openapi.h"
#include "door/rest_private.h"
#include "door/route_header.h"
#include "door/sse.h"

/* ---- the call ---- */

static void
call_release(void *object)
{
	RestCall *call = object;

	for (size_t i = 0; i < call->command_count; i++)
		buffer_free(&call->commands[i].answer);
	free(call->commands);
	route_message_free(&call->message);
	buffer_free(&call->file_name);
	buffer_free(&call->mark);
	free(call);
}

void
rest_call_free(RestCall *call)
{
	http_release(call->exchange);
	loop_free_later(call, call_release);
}

static RestCall *
call_new(HttpExchange *exchange, const RouteMatch *match)
{
	RestCall *call = memory_alloc(sizeof(*call));

	call->exchange = exchange;
	call->match = *match;
	http_hold(exchange);
	return call;
}

static void
on_user(RestUser *user, int64_t user_id)
{
	RestCall *call = CONTAINER_OF(user, RestCall, user);

	call->user_id = user_id;
	if (user_id == 0)
		rest_call_free(call);
	else if (rest_is_upload(call))
		rest_upload(call);
	else if (call->match.route->answer == ROUTE_DOWNLOAD)
		rest_download(call);
	else if (call->match.route->answer == ROUTE_EVENTS)
		rest_events(call);
	else if (call->match.route->body == ROUTE_BODY_NONE)
		rest_read(call);
	else
		rest_commands_submit(call);
}

/* ---- the request ---- */

static bool
input_query(void *context, const char *name, Slice *value)
{
	const char *text = http_query(context, name);

	*value = slice_of_text(text);
	return text != NULL;
}

void
rest_input(HttpExchange *exchange, RouteInput *input)
{
	*input = (RouteInput){
		.query = input_query,
		.context = exchange,
		.body = http_body(exchange),
		.if_match = slice_of_text(http_header(exchange, "If-Match")),
		.idempotency_key = slice_of_text(http_header(exchange, "Idempotency-Key")),
	};
}

static bool
request_is_json(HttpExchange *exchange, const Route *route)
{
	Refusal refusal;

	if (route->answer == ROUTE_UPLOAD || http_body(exchange).length == 0 ||
		route_is_json(slice_of_text(http_header(exchange, "Content-Type"))))
		return true;
	refusal_set(&refusal, REFUSAL_INVALID, "the body is JSON here: say so with Content-Type: application/json");
	http_refuse_as(exchange, &refusal, 415);
	return false;
}

/* False: refused. */
static bool
call_prepare(RestCall *call, Refusal *refusal)
{
	RouteInput input;

	if (call->match.route->answer == ROUTE_COMMANDS)
		return rest_commands_parse(call, refusal);
	if (call->match.route->answer == ROUTE_DOWNLOAD)
		return true;
	if (rest_is_upload(call))
		return rest_upload_prepare(call, refusal);
	rest_input(call->exchange, &input);
	if (call->match.route->answer == ROUTE_EVENTS && !rest_events_prepare(call, refusal))
		return false;
	if (!route_message_build(&call->message, &call->match, &input, refusal))
		return false;
	if (call->match.route->body != ROUTE_BODY_NONE)
		rest_command_route(call);
	return true;
}

static void
rest_start(HttpExchange *exchange, const RouteMatch *match)
{
	Refusal refusal;
	RestCall *call;

	if (!request_is_json(exchange, match->route) || !http_authenticate(exchange))
		return;
	call = call_new(exchange, match);
	if (!call_prepare(call, &refusal))
	{
		http_refuse(exchange, &refusal);
		rest_call_free(call);
		return;
	}
	call->user.exchange = exchange;
	call->user.done = on_user;
	rest_user_find(&call->user);
}

static void
rest_openapi(HttpExchange *exchange)
{
	buffer_append_slice(&exchange->body, openapi_document());
	http_reply(exchange, 200, REST_JSON, "no-cache");
}

static void
rest_refuse_path(HttpExchange *exchange, const RouteMatch *match)
{
	Buffer allow = BUFFER_EMPTY;

	if (!match->is_path_known)
	{
		http_refuse_text(exchange, REFUSAL_NOT_FOUND, "no such resource");
		return;
	}
	route_append_allow(&allow, slice_of_text(http_path(exchange)));
	http_refuse_method(exchange, buffer_text(&allow));
	buffer_free(&allow);
}

void
rest_request(HttpExchange *exchange)
{
	RouteMatch match = route_match(exchange->method, slice_of_text(http_path(exchange)));

	if (match.route == NULL)
	{
		rest_refuse_path(exchange, &match);
		return;
	}
	switch (match.route->answer)
	{
		case ROUTE_COMMAND:
		case ROUTE_READ:
		case ROUTE_COMMANDS:
		case ROUTE_EVENTS:
		case ROUTE_UPLOAD:
		case ROUTE_DOWNLOAD:
			rest_start(exchange, &match);
			break;
		case ROUTE_OPENAPI:
			rest_openapi(exchange);
			break;
		case ROUTE_STREAM:
			sse_start(exchange, route_param(&match, slice_of_text("board_id")));
			break;
		case ROUTE_SERVICE: /* http.c's */
			http_refuse_text(exchange, REFUSAL_NOT_FOUND, "no such resource");
			break;
	}
}
