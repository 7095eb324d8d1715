/*
 * dialect.c - from one dialect of the wire to the other.
 *
 * Owns nothing.  A client's text is validated before it is looked at; the server's messages are ours or the
 * database's: {"type", "payload"} in this order and nothing more, which is what lets a board's state of megabytes pass
 * without being walked over.  Called by conn/ for what comes in, by hub/frame for what goes out.
 */
#include "proto/dialect.h"

#include "base/json_scan.h"
#include "base/json_validate.h"
#include "proto/json_text.h"

/* What the workspace dialect's names may be longer than the board's, at most. */
#define DIALECT_SLACK 256

static bool
dialect_is_given(Slice value)
{
	return value.length > 0 && !slice_equals_text(value, "null");
}

/* ---- from clients ---- */

typedef struct WorkspaceEnvelope
{
	Slice type; /* raw values, empty when absent */
	Slice id;
	Slice workspace_id;
	Slice payload;
} WorkspaceEnvelope;

static bool
dialect_read_envelope(Slice text, WorkspaceEnvelope *envelope)
{
	JsonReport report;
	JsonScan scan;
	Slice name;
	Slice value;

	*envelope = (WorkspaceEnvelope){0};
	if (!json_validate(text.bytes, text.length, text.length, &report) || !json_scan_open(&scan, text, '{'))
		return false;
	while (json_scan_member(&scan, &name, &value))
	{
		if (json_scan_says(name, "type"))
			envelope->type = value;
		else if (json_scan_says(name, "id"))
			envelope->id = value;
		else if (json_scan_says(name, "workspace_id"))
			envelope->workspace_id = value;
		else if (json_scan_says(name, "data"))
			envelope->payload = value;
	}
	return true;
}

static MessageType
dialect_client_type(Slice value)
{
	char name[PARSE_MAX_TYPE_LENGTH + 1];
	Slice raw;

	if (!json_scan_string(value, &raw) || !json_scan_copy(raw, name, sizeof(name)))
		return MESSAGE_UNKNOWN;
	return message_from_workspace_name(slice_of_text(name));
}

/* A payload's own word goes before the envelope's; a board or list says which workspace it is in. */
static bool
dialect_lacks_workspace(MessageType type, const WorkspaceEnvelope *envelope)
{
	static const char *const told_by[] = {"workspace_id", "board_id", "list_id"};

	if (!dialect_is_given(envelope->workspace_id) || !message_takes(type, "workspace_id"))
		return false;
	for (size_t i = 0; i < LENGTH_OF(told_by); i++)
		if (json_scan_find(envelope->payload, told_by[i]).length > 0)
			return false;
	return true;
}

/* The members of the payload, those with another name in this dialect under the board dialect's. */
static void
dialect_append_members(Buffer *out, MessageType type, Slice payload)
{
	JsonScan scan;
	Slice name;
	Slice value;

	if (!json_scan_open(&scan, payload, '{'))
		return;
	while (json_scan_member(&scan, &name, &value))
	{
		const char *renamed = message_renamed_field(type, name);

		if (out->bytes[out->length - 1] != '{')
			buffer_append_char(out, ',');
		buffer_append_char(out, '"');
		buffer_append_slice(out, renamed ? slice_of_text(renamed) : name);
		buffer_append_text(out, "\":");
		buffer_append_slice(out, value);
	}
}

static bool
dialect_renames(MessageType type)
{
#define WORKSPACE_FIELD(TYPE, member, workspace_member)                                                                \
	if (type == MESSAGE_##TYPE)                                                                                        \
		return true;
#include "proto/messages.def"
	return false;
}

static void
dialect_append_payload(Buffer *out, MessageType type, const WorkspaceEnvelope *envelope)
{
	bool is_object = envelope->payload.length > 0 && envelope->payload.bytes[0] == '{';
	bool lacks_workspace = dialect_lacks_workspace(type, envelope);

	/* What is no object stays as it is, to be refused. */
	if (dialect_is_given(envelope->payload) && !is_object)
		lacks_workspace = false;
	if (!lacks_workspace && !(is_object && dialect_renames(type)))
	{
		if (envelope->payload.length > 0)
			buffer_append_slice(out, envelope->payload);
		else
			buffer_append_text(out, "{}");
		return;
	}
	buffer_append_char(out, '{');
	if (lacks_workspace)
	{
		buffer_append_text(out, "\"workspace_id\":");
		buffer_append_slice(out, envelope->workspace_id);
	}
	dialect_append_members(out, type, envelope->payload);
	buffer_append_char(out, '}');
}

bool
dialect_from_workspace(Slice text, Buffer *out)
{
	WorkspaceEnvelope envelope;
	MessageType type;

	if (!dialect_read_envelope(text, &envelope))
		return false;
	type = dialect_client_type(envelope.type);
	if (type == MESSAGE_UNKNOWN)
		return false;
	buffer_reserve(out, text.length + DIALECT_SLACK);
	buffer_append_text(out, "{\"type\":\"");
	buffer_append_text(out, message_name(type));
	buffer_append_char(out, '"');
	if (envelope.id.length > 0)
	{
		buffer_append_text(out, ",\"id\":");
		buffer_append_slice(out, envelope.id);
	}
	buffer_append_text(out, ",\"payload\":");
	dialect_append_payload(out, type, &envelope);
	buffer_append_char(out, '}');
	return true;
}

bool
dialect_parse(Message *message, Slice text, size_t max_length, Buffer *board_text, Refusal *refusal)
{
	/* The limit is on what the client sent, not on what became of it. */
	if (text.length <= max_length && dialect_from_workspace(text, board_text))
		return message_parse(message, board_text->bytes, board_text->length, board_text->length, refusal);

	/* The parser says what is wrong; a name of the board dialect alone is nothing to it. */
	(void) !message_parse(message, text.bytes, text.length, max_length, refusal);
	if (message->type != MESSAGE_UNKNOWN)
	{
		message->type = MESSAGE_UNKNOWN;
		refusal_set(refusal, REFUSAL_UNKNOWN_TYPE, "unknown message type %s", message->type_text);
	}
	return false;
}

/* ---- to clients ---- */

typedef struct BoardMessage
{
	Slice name; /* of the type */
	Slice payload;
	MessageType type; /* MESSAGE_UNKNOWN: an event of the log */
	Slice workspace_id; /* raw values of the payload's members; empty when absent */
	Slice user_id;
	Slice timestamp;
} BoardMessage;

/* Without walking over the payload: it is the last member. */
static bool
dialect_split(Slice text, BoardMessage *message)
{
	JsonScan scan;
	Slice name;
	Slice value;

	*message = (BoardMessage){0};
	if (!json_scan_open(&scan, text, '{') || !json_scan_member(&scan, &name, &value) || !json_scan_says(name, "type") ||
		!json_scan_string(value, &message->name) || !json_scan_name(&scan, &name) || !json_scan_says(name, "payload"))
		return false;
	message->payload = json_scan_rest(&scan);
	message->type = message_from_server_name(message->name);
	return message->payload.length >= 2 && message->payload.bytes[0] == '{' &&
		   message->payload.bytes[message->payload.length - 1] == '}';
}

/* What may be large and says neither user nor time. */
static bool
dialect_has_origin(MessageType type)
{
	return type != MESSAGE_BOARD_STATE && type != MESSAGE_WORKSPACE_STATE && type != MESSAGE_BOARD_EVENTS &&
		   type != MESSAGE_WORKSPACE_EVENTS;
}

static void
dialect_read_origin(BoardMessage *message)
{
	JsonScan scan;
	Slice name;
	Slice value;

	if (!dialect_has_origin(message->type) || !json_scan_open(&scan, message->payload, '{'))
		return;
	while (json_scan_member(&scan, &name, &value))
	{
		if (slice_equals_text(name, "workspace_id"))
			message->workspace_id = value;
		else if (slice_equals_text(name, "user_id"))
			message->user_id = value;
		else if (slice_equals_text(name, "timestamp"))
			message->timestamp = value;
	}
}

static void
dialect_append_value(Buffer *out, const char *name, Slice value)
{
	buffer_append_text(out, name);
	buffer_append_slice(out, value.length > 0 ? value : slice_of_text("null"));
}

static bool
dialect_is_zero(const Uuid *uuid)
{
	static const Uuid zero;

	return uuid == NULL || uuid_equals(uuid, &zero);
}

/* {"type", "workspace_id", "user_id", "timestamp", "data": and there the payload goes. */
static void
dialect_begin(Buffer *out, const BoardMessage *message, const Uuid *workspace_id)
{
	buffer_append_text(out, "{\"type\":\"");
	message_append_server_name(out, message->name);
	buffer_append_text(out, "\",\"workspace_id\":");
	if (dialect_is_given(message->workspace_id))
		buffer_append_slice(out, message->workspace_id);
	else
		json_append_uuid(out, dialect_is_zero(workspace_id) ? NULL : workspace_id);
	dialect_append_value(out, ",\"user_id\":", message->user_id);
	dialect_append_value(out, ",\"timestamp\":", message->timestamp);
	buffer_append_text(out, ",\"data\":");
}

/* An event of the log; anything else as it is. */
static void
dialect_append_event(Buffer *out, Slice event, const Uuid *workspace_id)
{
	BoardMessage message;

	if (!dialect_split(event, &message))
	{
		buffer_append_slice(out, event);
		return;
	}
	dialect_read_origin(&message);
	dialect_begin(out, &message, workspace_id);
	buffer_append_slice(out, message.payload);
	buffer_append_char(out, '}');
}

static void
dialect_append_events(Buffer *out, Slice events, const Uuid *workspace_id)
{
	bool is_first = true;
	JsonScan scan;
	Slice event;

	if (!json_scan_open(&scan, events, '['))
	{
		buffer_append_slice(out, events);
		return;
	}
	buffer_append_char(out, '[');
	while (json_scan_value(&scan, &event))
	{
		if (!is_first)
			buffer_append_char(out, ',');
		is_first = false;
		dialect_append_event(out, event, workspace_id);
	}
	buffer_append_char(out, ']');
}

/* The name of a command, which a client of this dialect knows by another. */
static void
dialect_append_command(Buffer *out, Slice value)
{
	char name[PARSE_MAX_TYPE_LENGTH + 1];
	MessageType type = MESSAGE_UNKNOWN;
	Slice raw;

	if (json_scan_string(value, &raw) && json_scan_copy(raw, name, sizeof(name)))
		type = message_from_client_name(slice_of_text(name));
	if (type == MESSAGE_UNKNOWN)
	{
		buffer_append_slice(out, value);
		return;
	}
	buffer_append_char(out, '"');
	message_append_workspace_name(out, type);
	buffer_append_char(out, '"');
}

/* A payload that holds names of the dialect: an answer's command, the events of an ACK or a page. */
static void
dialect_append_answer(Buffer *out, const BoardMessage *message, const Uuid *workspace_id)
{
	JsonScan scan;
	Slice name;
	Slice value;

	buffer_append_char(out, '{');
	if (json_scan_open(&scan, message->payload, '{'))
		while (json_scan_member(&scan, &name, &value))
		{
			if (out->bytes[out->length - 1] != '{')
				buffer_append_char(out, ',');
			buffer_append_char(out, '"');
			buffer_append_slice(out, name);
			buffer_append_text(out, "\":");
			if (slice_equals_text(name, "events"))
				dialect_append_events(out, value, workspace_id);
			else if (slice_equals_text(name, "command"))
				dialect_append_command(out, value);
			else
				buffer_append_slice(out, value);
		}
	buffer_append_char(out, '}');
}

static void
dialect_append_reason(Buffer *out, CloseCode code)
{
	buffer_append_text(out, "\"code\":");
	buffer_append_integer(out, code);
	buffer_append_text(out, ",\"reason\":");
	json_append_text(out, close_code_reason(code));
}

/* Says what the connection will be closed with, too. */
static void
dialect_append_shutdown(Buffer *out, Slice payload)
{
	JsonScan scan;
	Slice members = {0};

	if (json_scan_open(&scan, payload, '{'))
		members = json_scan_rest(&scan);
	buffer_append_char(out, '{');
	dialect_append_reason(out, CLOSE_SHUTDOWN);
	if (members.length > 0)
		buffer_append_char(out, ',');
	buffer_append_slice(out, members);
	buffer_append_char(out, '}');
}

bool
dialect_to_workspace(Slice board_message, const Uuid *workspace_id, Buffer *out)
{
	BoardMessage message;

	if (!dialect_split(board_message, &message))
		return false;
	dialect_read_origin(&message);
	buffer_reserve(out, board_message.length + DIALECT_SLACK);
	dialect_begin(out, &message, workspace_id);
	switch (message.type)
	{
		case MESSAGE_ACK:
		case MESSAGE_CONFLICT_ERROR:
		case MESSAGE_ERROR:
		case MESSAGE_BOARD_EVENTS:
		case MESSAGE_WORKSPACE_EVENTS:
			dialect_append_answer(out, &message, workspace_id);
			break;
		case MESSAGE_SERVER_SHUTDOWN:
			dialect_append_shutdown(out, message.payload);
			break;
		default:
			buffer_append_slice(out, message.payload);
			break;
	}
	buffer_append_char(out, '}');
	return true;
}

void
dialect_append_disconnect(Buffer *out, const Uuid *workspace_id, CloseCode code, int64_t reconnect_after_ms)
{
	BoardMessage message = {.name = slice_of_text(message_name(MESSAGE_SERVER_SHUTDOWN)),
							.type = MESSAGE_SERVER_SHUTDOWN};

	dialect_begin(out, &message, workspace_id);
	buffer_append_char(out, '{');
	dialect_append_reason(out, code);
	buffer_append_text(out, ",\"reconnect_after_ms\":");
	if (reconnect_after_ms >= 0)
		buffer_append_integer(out, reconnect_after_ms);
	else
		buffer_append_text(out, "null");
	buffer_append_text(out, "}}");
}
