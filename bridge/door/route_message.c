/*
 * route_message.c - a request as the message that does what it asks.
 *
 * The body's bytes go into the message as they came; what the path says is written behind them, where every reader takes
 * the last of two members of one name.
 *
 * Owns nothing but a RouteMessage's text.  Called by rest.c.
 */
#include "door/route_message.h"

#include <ctype.h>
#include <string.h>

#include "base/json_scan.h"
#include "base/json_validate.h"
#include "door/route_header.h"
#include "proto/fields.h"
#include "proto/json_text.h"

#define CURSOR_PARAMETER "cursor"

/* ---- the message ---- */

/* Before a member: the comma, unless the object has just begun. */
static void
message_comma(Buffer *out)
{
	if (out->length > 0 && out->bytes[out->length - 1] != '{')
		buffer_append_char(out, ',');
}

static void
message_append_field(Buffer *out, const char *type, Slice name, Slice text)
{
	const Field *field = field_find(type, name);

	message_comma(out);
	json_append_string(out, name);
	buffer_append_char(out, ':');
	field_append_json(out, field ? field->form : FIELD_FORM_TEXT, text);
}

static void
message_append_params(Buffer *out, const RouteMatch *match)
{
	for (size_t i = 0; i < match->param_count; i++)
		message_append_field(out, match->route->type, match->params[i].name, match->params[i].value);
}

static bool
query_value(const RouteMatch *match, const RouteInput *input, const char *field, Slice *value)
{
	const char *alias = route_query_alias(match->route->type, field);

	if (input->query == NULL || route_param(match, slice_of_text(field)).length > 0)
		return false;
	return (alias != NULL && input->query(input->context, alias, value)) || input->query(input->context, field, value);
}

static void
message_append_query(Buffer *out, const RouteMatch *match, const RouteInput *input)
{
	size_t count;
	const Field *fields = fields_of(match->route->type, &count);

	for (size_t i = 0; i < count; i++)
	{
		bool is_body = match->route->body == ROUTE_BODY_DOCUMENT && strcmp(fields[i].name, "document") == 0;
		Slice value;

		if (!is_body && query_value(match, input, fields[i].name, &value))
			message_append_field(out, match->route->type, slice_of_text(fields[i].name), value);
	}
}

/* The levels of brackets around the body, in the message. */
static int
body_level(RouteBody kind)
{
	return kind == ROUTE_BODY_PAYLOAD || kind == ROUTE_BODY_BYTES ? 1 : 2;
}

static bool
body_check(RouteBody kind, Slice body, Refusal *refusal)
{
	int most = JSON_MAX_DEPTH - body_level(kind);
	JsonReport report;

	if (!json_validate(body.bytes, body.length, body.length, &report))
		refusal_set(refusal, REFUSAL_BAD_MESSAGE, "malformed JSON at byte %zu: %s", report.offset,
					json_fault_text(report.fault));
	else if (report.first != '{')
		refusal_set(refusal, REFUSAL_BAD_MESSAGE, "the body is not a JSON object");
	else if (report.depth > most)
		refusal_set(refusal, REFUSAL_BAD_MESSAGE, "the body is more than %d levels deep", most);
	else
		return true;
	return false;
}

/* The inside of a valid object's braces. */
static Slice
body_inside(Slice body)
{
	JsonScan scan;

	if (!json_scan_open(&scan, body, '{'))
		return (Slice){0};
	return json_scan_rest(&scan);
}

static void
message_append_member(Buffer *out, const char *name, Slice json)
{
	message_comma(out);
	json_append_text(out, name);
	buffer_append_char(out, ':');
	buffer_append_slice(out, json);
}

/* A `version` among the updates is what the client had seen, as in any other body. */
static void
message_append_updates(Buffer *out, Slice body)
{
	Slice version = json_scan_find(body, "version");

	message_append_member(out, "updates", body);
	if (version.length > 0)
		message_append_member(out, "version", version);
}

static void
message_append_body(Buffer *out, RouteBody kind, Slice body)
{
	switch (kind)
	{
		case ROUTE_BODY_PAYLOAD:
		case ROUTE_BODY_BYTES: /* in JSON: not the bytes but where they are */
			buffer_append_slice(out, body_inside(body));
			break;
		case ROUTE_BODY_UPDATES:
			message_append_updates(out, body);
			break;
		case ROUTE_BODY_PREFERENCES:
			message_append_member(out, "preferences", body);
			break;
		case ROUTE_BODY_DOCUMENT:
			message_append_member(out, "document", body);
			break;
		case ROUTE_BODY_NONE:
		case ROUTE_BODY_ANY:
			break;
	}
}

static void
message_begin(RouteMessage *message, const char *type)
{
	char id[UUID_TEXT_SIZE];

	buffer_append_format(&message->text, "{\"type\":\"%s\",", type);
	if (message->has_id)
		buffer_append_format(&message->text, "\"id\":\"%s\",", uuid_format(&message->id, id));
	buffer_append_text(&message->text, "\"payload\":{");
}

/* A uuid that the path or, where the body is the payload, the body names. */
static bool
message_find_uuid(const RouteMatch *match, Slice body, const char *name, Uuid *uuid)
{
	Slice text = route_param(match, slice_of_text(name));

	if (text.length > 0)
		return uuid_parse(text.bytes, text.length, uuid);
	if (match->route->body != ROUTE_BODY_PAYLOAD || !json_scan_string(json_scan_find(body, name), &text))
		return false;
	return uuid_parse(text.bytes, text.length, uuid);
}

static void
message_route(RouteMessage *message, const RouteMatch *match, Slice body)
{
	Message parts = {.type = message_from_client_name(slice_of_text(match->route->type))};

	parts.has_board_id = message_find_uuid(match, body, "board_id", &parts.board_id);
	parts.has_workspace_id = message_find_uuid(match, body, "workspace_id", &parts.workspace_id);
	parts.has_list_id = message_find_uuid(match, body, "list_id", &parts.list_id);
	parts.has_task_id = message_find_uuid(match, body, "task_id", &parts.task_id);
	message->has_routing_key = message_routing_key(&parts, &message->routing_key);
}

static bool
build_read(RouteMessage *message, const RouteMatch *match, const RouteInput *input)
{
	message_begin(message, match->route->type);
	message_append_query(&message->text, match, input);
	message_append_params(&message->text, match);
	buffer_append_text(&message->text, "}}");
	return true;
}

static bool
build_command(RouteMessage *message, const RouteMatch *match, const RouteInput *input, Refusal *refusal)
{
	Slice body = input->body.length > 0 ? input->body : slice_of_text("{}");
	int64_t version;

	if (!body_check(match->route->body, body, refusal) || !route_read_if_match(input->if_match, &version, refusal) ||
		!route_read_key(input->idempotency_key, &message->has_id, &message->id, refusal))
		return false;
	buffer_reserve(&message->text, body.length + 256);
	message_begin(message, match->route->type);
	message_append_body(&message->text, match->route->body, body);
	if (match->route->body == ROUTE_BODY_DOCUMENT)
		message_append_query(&message->text, match, input);
	message_append_params(&message->text, match);
	if (version >= 0)
	{
		message_comma(&message->text);
		buffer_append_format(&message->text, "\"version\":%lld", (long long) version);
	}
	buffer_append_text(&message->text, "}}");
	message_route(message, match, body);
	return true;
}

bool
route_message_build(RouteMessage *message, const RouteMatch *match, const RouteInput *input, Refusal *refusal)
{
	*message = (RouteMessage){.text = BUFFER_EMPTY};
	*refusal = (Refusal){.code = REFUSAL_NONE};
	if (match->route->body == ROUTE_BODY_NONE)
		return build_read(message, match, input);
	return build_command(message, match, input, refusal);
}

void
route_message_free(RouteMessage *message)
{
	buffer_free(&message->text);
}

/* ---- what goes back ---- */

/* `kept` are characters that stay beside the unreserved ones. */
static void
append_percent_encoded(Buffer *out, Slice text, const char *kept)
{
	for (size_t i = 0; i < text.length; i++)
	{
		unsigned char byte = (unsigned char) text.bytes[i];

		if (isalnum(byte) || (byte != '\0' && (strchr("-._~", byte) != NULL || strchr(kept, byte) != NULL)))
			buffer_append_char(out, (char) byte);
		else
			buffer_append_format(out, "%%%02X", byte);
	}
}

void
route_append_next(Buffer *out, const RouteMatch *match, Slice path, const RouteInput *input, Slice cursor)
{
	size_t count;
	const Field *fields = fields_of(match->route->type, &count);

	append_percent_encoded(out, path, "/");
	buffer_append_text(out, "?" CURSOR_PARAMETER "=");
	append_percent_encoded(out, cursor, "");
	for (size_t i = 0; i < count; i++)
	{
		const char *alias = route_query_alias(match->route->type, fields[i].name);
		Slice value;

		if (strcmp(alias ? alias : fields[i].name, CURSOR_PARAMETER) == 0 ||
			!query_value(match, input, fields[i].name, &value))
			continue;
		buffer_append_format(out, "&%s=", fields[i].name);
		append_percent_encoded(out, value, "");
	}
}

/* Where a name of a Location is looked up, the nearest first. */
static Slice
location_source(int place, Slice ack, Slice message)
{
	switch (place)
	{
		case 0:
			return json_scan_find(ack, "result");
		case 1:
			return ack;
		default:
			return json_scan_find(message, "payload");
	}
}

/* Ids and numbers only, so that nothing needs encoding. */
static bool
location_is_safe(Slice value)
{
	for (size_t i = 0; i < value.length; i++)
		if (!isalnum((unsigned char) value.bytes[i]) && value.bytes[i] != '-')
			return false;
	return value.length > 0;
}

static bool
location_value(const RouteMatch *match, Slice ack, Slice message, Slice name, Slice *value)
{
	char text[32] = "";

	*value = route_param(match, name);
	if (name.length >= sizeof(text))
		return false;
	memcpy(text, name.bytes, name.length);
	for (int place = 0; place <= 2 && value->length == 0; place++)
	{
		Slice found = json_scan_find(location_source(place, ack, message), text);

		if (found.length > 0 && !json_scan_string(found, value))
			*value = found;
	}
	return location_is_safe(*value);
}

bool
route_append_location(Buffer *out, const RouteMatch *match, Slice ack, Slice message)
{
	size_t start = out->length;
	const char *at = match->route->location;
	const char *brace;

	while ((brace = strchr(at, '{')) != NULL)
	{
		const char *close = strchr(brace, '}');
		Slice value;

		buffer_append(out, at, (size_t) (brace - at));
		if (!location_value(match, ack, message, slice_of(brace + 1, (size_t) (close - brace - 1)), &value))
		{
			buffer_truncate(out, start);
			return false;
		}
		buffer_append_slice(out, value);
		at = close + 1;
	}
	buffer_append_text(out, at);
	return out->length > start;
}
