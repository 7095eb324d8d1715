/*
 * fuzz_http.c - a request's path and query, and the message it becomes: JSON that a message from a client could be, in which
 * the path counts.
 *
 * Lines of an input: method and target, If-Match, Idempotency-Key, a cursor, then the body.
 */
#include <ctype.h>
#include <json-c/json.h>

#include "door/route_message.h"
#include "door/target.h"
#include "fuzz_support.h"
#include "proto/fields.h"

typedef struct Request
{
	char *method;
	Target target;
	Slice if_match;
	Slice key;
	Slice cursor;
	Slice body;
} Request;

static bool
query_of(void *context, const char *name, Slice *value)
{
	const char *text = target_query(&((Request *) context)->target, name);

	*value = slice_of_text(text);
	return text != NULL;
}

/* What the path says is what every reader finds. */
static void
claim_params(const RouteMatch *match, struct json_object *document, Slice text)
{
	struct json_object *payload = json_object_object_get(document, "payload");

	FUZZ_CLAIM(json_object_is_type(payload, json_type_object), text);
	for (size_t i = 0; i < match->param_count; i++)
	{
		char *name = fuzz_text(match->params[i].name);
		Slice value = match->params[i].value;
		struct json_object *found = json_object_object_get(payload, name);

		FUZZ_CLAIM(found != NULL, text);
		if (json_object_is_type(found, json_type_string))
			FUZZ_CLAIM((size_t) json_object_get_string_len(found) == value.length &&
						   memcmp(json_object_get_string(found), value.bytes, value.length) == 0,
					   text);
		else
			FUZZ_CLAIM(fuzz_is_json(value), text);
		free(name);
	}
}

static void
claim_message(const RouteMatch *match, RouteMessage *built)
{
	Slice text = buffer_slice(&built->text);
	struct json_object *document = fuzz_json_c(text);
	Message message;
	Refusal refusal;

	FUZZ_CLAIM(document != NULL, text);
	claim_params(match, document, text);
	json_object_put(document);
	fuzz_claim_json(text);
	if (message_parse(&message, text.bytes, text.length, SIZE_MAX, &refusal))
	{
		FUZZ_CLAIM(strcmp(message_name(message.type), match->route->type) == 0, text);
		FUZZ_CLAIM(message.has_id == built->has_id && uuid_equals(&message.id, &built->id), text);
	}
	else
		FUZZ_CLAIM(refusal.code == REFUSAL_INVALID, slice_of_text(refusal.message));
	message_release(&message);
}

/* The address of the next page can be asked for, and asks for it. */
static void
claim_next(Request *request, const RouteMatch *match, const RouteInput *input)
{
	Slice path = slice_of_text(target_path(&request->target));
	Buffer next = BUFFER_EMPTY;
	Target target;

	route_append_next(&next, match, path, input, request->cursor);
	for (size_t i = 0; i < next.length; i++)
		FUZZ_CLAIM(next.bytes[i] > ' ' && next.bytes[i] <= '~' && strchr("<>\"", next.bytes[i]) == NULL,
				   buffer_slice(&next));
	if (fuzz_is_utf8(request->cursor) && memchr(request->cursor.bytes, '\0', request->cursor.length) == NULL)
	{
		FUZZ_CLAIM(target_parse(&target, buffer_slice(&next)), buffer_slice(&next));
		FUZZ_CLAIM(strcmp(target_path(&target), target_path(&request->target)) == 0, buffer_slice(&next));
		FUZZ_CLAIM(slice_equals_text(request->cursor, target_query(&target, "cursor")), buffer_slice(&next));
		target_free(&target);
	}
	buffer_free(&next);
}

static void
claim_location(const Request *request, const RouteMatch *match, RouteMessage *built)
{
	Buffer location = BUFFER_EMPTY;

	if (match->route->location[0] != '\0' && fuzz_is_json(request->body) &&
		route_append_location(&location, match, request->body, buffer_slice(&built->text)))
		for (size_t i = 0; i < location.length; i++)
			FUZZ_CLAIM(isalnum((unsigned char) location.bytes[i]) || strchr("-/", location.bytes[i]) != NULL,
					   buffer_slice(&location));
	buffer_free(&location);
}

static void
try_route(Request *request, const RouteMatch *match)
{
	RouteInput input = {.query = query_of,
						.context = request,
						.body = request->body,
						.if_match = request->if_match,
						.idempotency_key = request->key};
	RouteMessage built;
	Refusal refusal;
	size_t count;

	if (fields_of(match->route->type, &count) == NULL)
		return;
	if (route_message_build(&built, match, &input, &refusal))
	{
		claim_message(match, &built);
		claim_location(request, match, &built);
		if (route_is_paged(match->route->type))
			claim_next(request, match, &input);
	}
	else
		fuzz_claim_refusal(&refusal);
	route_message_free(&built);
}

static void
try_request(Request *request)
{
	Slice path = slice_of_text(target_path(&request->target));
	RouteMatch match = route_match(request->method, path);
	Buffer allow = BUFFER_EMPTY;

	FUZZ_CLAIM(path.length > 0 && path.bytes[0] == '/' && fuzz_is_utf8(path), path);
	route_append_allow(&allow, path);
	FUZZ_CLAIM((allow.length > 0) == match.is_path_known, path);
	buffer_free(&allow);
	if (match.route != NULL)
		try_route(request, &match);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	Slice rest = fuzz_slice(bytes, length);
	Slice line = fuzz_take_line(&rest);
	const char *space = line.length > 0 ? memchr(line.bytes, ' ', line.length) : NULL;
	Request request = {.method = NULL};

	if (space == NULL)
		return 0;
	request.method = fuzz_text(slice_of(line.bytes, (size_t) (space - line.bytes)));
	request.if_match = fuzz_take_line(&rest);
	request.key = fuzz_take_line(&rest);
	request.cursor = fuzz_take_line(&rest);
	request.body = rest;
	if (target_parse(&request.target, slice_of(space + 1, (size_t) (line.bytes + line.length - space - 1))))
		try_request(&request);
	target_free(&request.target);
	free(request.method);
	return 0;
}
