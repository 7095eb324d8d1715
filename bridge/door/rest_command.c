/*
 * rest_command.c - commands: of a route, or those of POST /api/commands, to the pool and back.
 *
 * The commands of a call go to the pool at once, under one stream: they are carried out in their order. Each is answered for
 * itself; the exchange is answered when all are. Their events enter the rooms as each result comes.
 *
 * Owns the commands of its calls. Called by rest.c.
 */
#include <stdlib.h>
#include <string.h>

#include "auth/limit.h"
#include "base/json_scan.h"
#include "base/json_validate.h"
#include "base/memory.h"
#include "base/timestamp.h"
#include "conn/command_outcome.h"
#include "door/rest_private.h"
#include "door/route_header.h"
#include "proto/problem.h"

#define REST_RETRY_AFTER_MS 1000

/* ---- the answer ---- */

static void
call_reply_array(RestCall *call)
{
	Buffer *body = &call->exchange->body;

	buffer_append_char(body, '[');
	for (size_t i = 0; i < call->command_count; i++)
	{
		RestCommand *command = &call->commands[i];

		buffer_append_format(body, "%s{\"status\":%d,\"body\":", i == 0 ? "" : ",", command->status);
		buffer_append_slice(body, buffer_slice(&command->answer));
		buffer_append_char(body, '}');
	}
	buffer_append_char(body, ']');
	http_reply(call->exchange, 200, REST_JSON, NULL);
}

static void
call_reply_one(RestCall *call)
{
	RestCommand *command = &call->commands[0];

	buffer_append_slice(&call->exchange->body, buffer_slice(&command->answer));
	http_add_retry(call->exchange, command->retry_after_ms);
	http_reply(call->exchange, command->status, command->status < 300 ? REST_JSON : HTTP_PROBLEM, NULL);
}

static void
call_finish_if_done(RestCall *call)
{
	if (call->commands_left > 0)
		return;
	if (call->is_array)
		call_reply_array(call);
	else
		call_reply_one(call);
	rest_call_free(call);
}

static void
command_refuse(RestCommand *command, const Refusal *refusal)
{
	command->status = problem_append_refusal(&command->answer, refusal, 0);
	command->retry_after_ms = refusal->retry_after_ms;
}

static void
command_refuse_unavailable(RestCommand *command, const char *text)
{
	Refusal refusal;

	refusal_set(&refusal, REFUSAL_UNAVAILABLE, "%s", text);
	refusal.retry_after_ms = REST_RETRY_AFTER_MS;
	command_refuse(command, &refusal);
}

/* What the headers of one command's answer say; those of several have none. */
static void
command_add_headers(RestCommand *command, const PgCommandResult *result)
{
	RestCall *call = command->call;
	Slice version = json_scan_find(result->body, "version");
	Buffer location = BUFFER_EMPTY;

	if (json_scan_find(result->body, "board_id").length > 0 && version.length > 0)
	{
		buffer_append_char(&call->exchange->etag, '"');
		buffer_append_slice(&call->exchange->etag, version);
		buffer_append_char(&call->exchange->etag, '"');
	}
	if (result->status == PG_COMMAND_REPLAYED)
		http_add_header(call->exchange, "Idempotency-Replayed", "true");
	if (command->status == 201 && route_append_location(&location, &call->match, result->body, command->pg.text))
		http_add_header(call->exchange, "Location", buffer_text(&location));
	buffer_free(&location);
}

static void
command_acknowledge(RestCommand *command, const PgCommandResult *result)
{
	Slice *events = memory_alloc(sizeof(*events) * (result->event_count + 1));

	for (size_t i = 0; i < result->event_count; i++)
		events[i] = result->events[i].body;
	command->status = result->status == PG_COMMAND_UNCHANGED ? 200 : command->call->match.route->status;
	if (!encode_ack_payload(&command->answer, result->body, events, result->event_count))
		command_refuse_unavailable(command, "the database gave no answer");
	free(events);
	if (!command->call->is_array)
		command_add_headers(command, result);
}

static void
command_answer(RestCommand *command, const PgCommandResult *result)
{
	switch (result->status)
	{
		case PG_COMMAND_ACK:
		case PG_COMMAND_UNCHANGED:
		case PG_COMMAND_REPLAYED:
			command_acknowledge(command, result);
			break;
		case PG_COMMAND_CONFLICT:
			command->status = problem_append_conflict(&command->answer, result->body);
			break;
		case PG_COMMAND_ERROR:
			command->status = problem_append_error(&command->answer, result->body);
			break;
		case PG_COMMAND_UNAVAILABLE:
			command_refuse_unavailable(command, "the database did not accept the command in time");
			break;
	}
}

static void
on_command_done(PgCommand *pg, const PgCommandResult *result)
{
	RestCommand *command = CONTAINER_OF(pg, RestCommand, pg);
	RestCall *call = command->call;

	command_outcome_count(pg, result, command->received_us);
	command_answer(command, result);
	command_outcome_feed_rooms(result);
	call->commands_left--;
	call_finish_if_done(call);
}

/* ---- the way in ---- */

static void
call_make_commands(RestCall *call, size_t count)
{
	pg_command_stream_init(&call->stream);
	call->commands = memory_alloc(sizeof(*call->commands) * (count + 1));
	call->command_count = count;
	for (size_t i = 0; i < count; i++)
	{
		call->commands[i] = (RestCommand){.call = call, .received_us = timestamp_monotonic_us()};
		call->commands[i].pg.stream = &call->stream;
		call->commands[i].pg.done = on_command_done;
	}
}

void
rest_command_route(RestCall *call)
{
	PgCommand *pg;

	call_make_commands(call, 1);
	pg = &call->commands[0].pg;
	pg->text = buffer_slice(&call->message.text);
	pg->command_id = call->message.id;
	if (!call->message.has_id)
		uuid_random(&pg->command_id);
	pg->has_routing_key = call->message.has_routing_key;
	pg->routing_key = call->message.routing_key;
	pg->type = call->match.route->type;
	pg->is_bulk = message_is_bulk(message_from_client_name(slice_of_text(call->match.route->type)));
}

/* One message of the body. Left refused, with its status, when it is none that is carried out here. */
static void
command_parse(RestCommand *command, Slice text)
{
	Message message;
	Refusal refusal;

	command->pg.text = text;
	if (!message_parse(&message, text.bytes, text.length, text.length, &refusal))
		command_refuse(command, &refusal);
	else if (message_role(message.type) != MESSAGE_ROLE_COMMAND)
	{
		refusal_set(&refusal, REFUSAL_UNKNOWN_TYPE, "%s is not a command", message.type_text);
		command_refuse(command, &refusal);
	}
	else
	{
		command->pg.command_id = message.id;
		if (!message.has_id)
			uuid_random(&command->pg.command_id);
		command->pg.type = message_name(message.type);
		command->pg.is_bulk = message_is_bulk(message.type);
		command->pg.has_routing_key = message_routing_key(&message, &command->pg.routing_key);
	}
	message_release(&message);
}

static size_t
body_count_elements(Slice body)
{
	JsonScan scan;
	Slice element;
	size_t count = 0;

	if (json_scan_open(&scan, body, '['))
		while (json_scan_value(&scan, &element))
			count++;
	return count;
}

static bool
commands_parse_array(RestCall *call, Slice body, Refusal *refusal)
{
	size_t count = body_count_elements(body);
	JsonScan scan;
	Slice element;

	if (count > REST_COMMANDS_MAX)
	{
		refusal_set(refusal, REFUSAL_LIMIT, "%zu commands, at most %d are taken", count, REST_COMMANDS_MAX);
		return false;
	}
	if (http_header(call->exchange, "Idempotency-Key") != NULL)
	{
		refusal_set(refusal, REFUSAL_INVALID, "Idempotency-Key is of one command: give each of several its id");
		return false;
	}
	call->is_array = true;
	call_make_commands(call, count);
	if (json_scan_open(&scan, body, '['))
		for (size_t i = 0; i < count && json_scan_value(&scan, &element); i++)
			command_parse(&call->commands[i], element);
	return true;
}

/* The key is the id of a message that has none. */
static bool
commands_parse_one(RestCall *call, Slice body, Refusal *refusal)
{
	const char *key = http_header(call->exchange, "Idempotency-Key");
	RestCommand *command;
	bool has_id;
	Uuid id;

	if (!route_read_key(slice_of_text(key), &has_id, &id, refusal))
		return false;
	call_make_commands(call, 1);
	command = &call->commands[0];
	command_parse(command, body);
	if (!has_id || command->status != 0)
		return true;
	if (json_scan_find(body, "id").length > 0)
	{
		if (uuid_equals(&command->pg.command_id, &id))
			return true;
		refusal_set(refusal, REFUSAL_INVALID, "Idempotency-Key is not the id of the command");
		return false;
	}
	command->pg.command_id = id;
	return true;
}

bool
rest_commands_parse(RestCall *call, Refusal *refusal)
{
	Slice body = http_body(call->exchange);
	JsonReport report;

	if (!json_validate(body.bytes, body.length, body.length, &report))
		refusal_set(refusal, REFUSAL_BAD_MESSAGE, "malformed JSON at byte %zu: %s", report.offset,
					json_fault_text(report.fault));
	else if (report.first == '[')
		return commands_parse_array(call, body, refusal);
	else if (report.first == '{')
		return commands_parse_one(call, body, refusal);
	else
		refusal_set(refusal, REFUSAL_BAD_MESSAGE, "the body is neither a message nor an array of them");
	return false;
}

/* False: answered, with the refusal. */
static bool
command_is_taken(RestCommand *command)
{
	Refusal refusal;
	int64_t retry_after_ms;

	if (door.is_draining)
	{
		command_refuse_unavailable(command, "the server is shutting down");
		return false;
	}
	if (limit_take(LIMIT_COMMAND, limit_user_key(&command->call->user_id), timestamp_monotonic_ms(), &retry_after_ms))
		return true;
	refusal_set(&refusal, REFUSAL_RATE_LIMITED, "too many commands");
	refusal.retry_after_ms = retry_after_ms;
	command_refuse(command, &refusal);
	return false;
}

void
rest_commands_submit(RestCall *call)
{
	/* all are counted first: `done` is never called from within the submit, but the call must be whole */
	for (size_t i = 0; i < call->command_count; i++)
		if (call->commands[i].status == 0 && command_is_taken(&call->commands[i]))
			call->commands_left++;
	for (size_t i = 0; i < call->command_count; i++)
	{
		RestCommand *command = &call->commands[i];

		if (command->status != 0)
			continue;
		command->pg.user_id = call->user_id;
		pg_command_submit(&command->pg);
	}
	call_finish_if_done(call);
}
