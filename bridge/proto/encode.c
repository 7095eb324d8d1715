/*
 * encode.c - the messages the bridge sends, as bytes appended to a buffer.
 *
 * Owns nothing.  The shapes are those of docs/protocol; the names come from messages.def.  Called by hub/ and
 * conn/ for frames, by door/ for HTTP bodies.
 */
#include "proto/encode.h"

#include "base/timestamp.h"
#include "proto/json_text.h"

static void
encode_begin(Buffer *out, MessageType type)
{
	buffer_append_text(out, "{\"type\":\"");
	buffer_append_text(out, message_name(type));
	buffer_append_text(out, "\",\"payload\":{");
}

static void
encode_end(Buffer *out)
{
	buffer_append_text(out, "}}");
}

/* ,"name": with the comma unless the object has just begun. */
static void
encode_name(Buffer *out, const char *name)
{
	if (out->bytes[out->length - 1] != '{')
		buffer_append_char(out, ',');
	buffer_append_char(out, '"');
	buffer_append_text(out, name);
	buffer_append_text(out, "\":");
}

static void
encode_text_member(Buffer *out, const char *name, const char *text)
{
	encode_name(out, name);
	json_append_text(out, text);
}

static void
encode_uuid_member(Buffer *out, const char *name, const Uuid *uuid)
{
	encode_name(out, name);
	json_append_uuid(out, uuid);
}

static void
encode_integer_member(Buffer *out, const char *name, int64_t number)
{
	encode_name(out, name);
	buffer_append_integer(out, number);
}

static void
encode_number_member(Buffer *out, const char *name, double number)
{
	encode_name(out, name);
	json_append_number(out, number);
}

static void
encode_boolean_member(Buffer *out, const char *name, bool truth)
{
	encode_name(out, name);
	buffer_append_text(out, truth ? "true" : "false");
}

static void
encode_time_member(Buffer *out, const char *name, int64_t wall_ms)
{
	char text[TIMESTAMP_TEXT_SIZE];

	encode_text_member(out, name, timestamp_format(wall_ms, text));
}

/* user_id and username, and the picture. */
static void
encode_user_members(Buffer *out, const EncodeUser *user)
{
	encode_integer_member(out, "user_id", user->user_id);
	encode_text_member(out, "username", user->username);
	encode_text_member(out, "avatar", user->avatar);
}

static void
encode_array_of_slices(Buffer *out, const Slice *items, size_t count)
{
	buffer_append_char(out, '[');
	for (size_t i = 0; i < count; i++)
	{
		if (i > 0)
			buffer_append_char(out, ',');
		buffer_append_slice(out, items[i]);
	}
	buffer_append_char(out, ']');
}

void
encode_me(Buffer *out, const EncodeUser *user)
{
	buffer_append_char(out, '{');
	encode_user_members(out, user);
	encode_text_member(out, "handle", user->handle);
	buffer_append_char(out, '}');
}

void
encode_welcome(Buffer *out, const EncodeWelcome *welcome)
{
	encode_begin(out, MESSAGE_WELCOME);
	encode_uuid_member(out, "connection_id", welcome->connection_id);
	encode_name(out, "user");
	encode_me(out, &welcome->user);
	encode_time_member(out, "server_time", welcome->server_time_ms);
	encode_number_member(out, "heartbeat_interval", (double) welcome->heartbeat_interval_ms / 1000);
	encode_text_member(out, "protocol", ENCODE_PROTOCOL);
	encode_name(out, "limits");
	buffer_append_char(out, '{');
	encode_integer_member(out, "max_message", welcome->max_message);
	encode_integer_member(out, "event_page", welcome->event_page);
	encode_integer_member(out, "command_rate", welcome->command_rate);
	encode_integer_member(out, "command_burst", welcome->command_burst);
	buffer_append_char(out, '}');
	encode_integer_member(out, "unread_count", welcome->unread_count);
	encode_end(out);
}

static void
encode_active_user(Buffer *out, const EncodeActiveUser *user)
{
	buffer_append_char(out, '{');
	encode_user_members(out, &user->user);
	encode_name(out, "cursor_position");
	if (user->has_cursor)
	{
		buffer_append_char(out, '{');
		encode_number_member(out, "x", user->x);
		encode_number_member(out, "y", user->y);
		buffer_append_char(out, '}');
	}
	else
		buffer_append_text(out, "null");
	encode_uuid_member(out, "current_task_id", user->task_id);
	encode_text_member(out, "editing", user->editing);
	encode_time_member(out, "last_seen", user->last_seen_ms);
	buffer_append_char(out, '}');
}

static void
encode_active_users(Buffer *out, EncodeUsers users)
{
	buffer_append_char(out, '[');
	for (size_t i = 0; i < users.count; i++)
	{
		if (i > 0)
			buffer_append_char(out, ',');
		encode_active_user(out, &users.users[i]);
	}
	buffer_append_char(out, ']');
}

void
encode_board_state(Buffer *out, const EncodeState *state)
{
	buffer_reserve(out, state->board.length + 256);
	encode_begin(out, MESSAGE_BOARD_STATE);
	encode_name(out, "board");
	buffer_append_slice(out, state->board);
	encode_integer_member(out, "version", state->version);
	encode_text_member(out, "event", state->event);
	encode_name(out, "active_users");
	encode_active_users(out, state->active_users);
	if (state->is_reset)
		encode_boolean_member(out, "reset", true);
	encode_end(out);
}

static void
encode_page(Buffer *out, const EncodeEvents *events)
{
	encode_integer_member(out, "from_version", events->from_version);
	encode_integer_member(out, "to_version", events->to_version);
	encode_text_member(out, "event", events->event);
	encode_boolean_member(out, "has_more", events->has_more);
	encode_name(out, "events");
	encode_array_of_slices(out, events->bodies, events->count);
	encode_end(out);
}

void
encode_board_events(Buffer *out, const EncodeEvents *events)
{
	encode_begin(out, MESSAGE_BOARD_EVENTS);
	encode_uuid_member(out, "board_id", events->board_id);
	encode_page(out, events);
}

void
encode_workspace_events(Buffer *out, const EncodeEvents *events)
{
	encode_begin(out, MESSAGE_WORKSPACE_EVENTS);
	encode_uuid_member(out, "workspace_id", events->board_id);
	encode_page(out, events);
}

static bool
encode_is_space(char character)
{
	return character == ' ' || character == '\t' || character == '\n' || character == '\r';
}

/* What stands between the braces of an object, without white space at either end; false when it is none. */
static bool
encode_open_object(Slice object, Slice *inside)
{
	const char *start = object.bytes;
	const char *end = object.bytes + object.length;

	while (start < end && encode_is_space(*start))
		start++;
	while (start < end && encode_is_space(end[-1]))
		end--;
	if (end - start < 2 || *start != '{' || end[-1] != '}')
		return false;
	start++;
	end--;
	while (start < end && encode_is_space(*start))
		start++;
	while (start < end && encode_is_space(end[-1]))
		end--;
	*inside = slice_of(start, (size_t) (end - start));
	return true;
}

bool
encode_workspace_state(Buffer *out, const EncodeWorkspaceState *state)
{
	Slice inside;

	if (!encode_open_object(state->body, &inside))
		return false;
	buffer_reserve(out, state->body.length + 256);
	encode_begin(out, MESSAGE_WORKSPACE_STATE);
	buffer_append_slice(out, inside);
	encode_integer_member(out, "version", state->version);
	encode_text_member(out, "event", state->event);
	if (state->is_reset)
		encode_boolean_member(out, "reset", true);
	encode_end(out);
	return true;
}

void
encode_board_removed(Buffer *out, const Uuid *board_id, const Uuid *workspace_id)
{
	encode_begin(out, MESSAGE_BOARD_REMOVED);
	encode_uuid_member(out, "board_id", board_id);
	encode_uuid_member(out, "workspace_id", workspace_id);
	encode_end(out);
}

static void
encode_ack_inside(Buffer *out, Slice inside, const Slice *events, size_t count)
{
	buffer_append_slice(out, inside);
	if (events == NULL)
		return;
	if (inside.length > 0)
		buffer_append_char(out, ',');
	buffer_append_text(out, "\"events\":");
	encode_array_of_slices(out, events, count);
}

bool
encode_ack(Buffer *out, Slice body, const Slice *events, size_t count)
{
	Slice inside;

	if (!encode_open_object(body, &inside))
		return false;
	encode_begin(out, MESSAGE_ACK);
	encode_ack_inside(out, inside, events, count);
	encode_end(out);
	return true;
}

static void
encode_answer_begin(Buffer *out, MessageType type, const EncodeAnswer *answer)
{
	encode_begin(out, type);
	encode_text_member(out, "command", answer->command);
	if (answer->command_id)
		encode_uuid_member(out, "command_id", answer->command_id);
}

void
encode_read_result(Buffer *out, const EncodeAnswer *answer)
{
	buffer_reserve(out, answer->body.length + 256);
	encode_answer_begin(out, MESSAGE_ACK, answer);
	encode_boolean_member(out, "changed", false);
	encode_boolean_member(out, "replayed", false);
	encode_name(out, "result");
	if (answer->is_json)
		buffer_append_slice(out, answer->body);
	else
		json_append_string(out, answer->body);
	encode_end(out);
}

bool
encode_read_refusal(Buffer *out, const EncodeAnswer *answer)
{
	Slice inside;

	if (!encode_open_object(answer->body, &inside))
		return false;
	encode_answer_begin(out, MESSAGE_ERROR, answer);
	if (inside.length > 0)
		buffer_append_char(out, ',');
	buffer_append_slice(out, inside);
	encode_end(out);
	return true;
}

bool
encode_ack_payload(Buffer *out, Slice body, const Slice *events, size_t count)
{
	Slice inside;

	if (!encode_open_object(body, &inside))
		return false;
	buffer_append_char(out, '{');
	encode_ack_inside(out, inside, events, count);
	buffer_append_char(out, '}');
	return true;
}

void
encode_body(Buffer *out, MessageType type, Slice body)
{
	buffer_append_text(out, "{\"type\":\"");
	buffer_append_text(out, message_name(type));
	buffer_append_text(out, "\",\"payload\":");
	buffer_append_slice(out, body);
	buffer_append_char(out, '}');
}

void
encode_error(Buffer *out, const Refusal *refusal, const char *command, const Uuid *command_id)
{
	encode_begin(out, MESSAGE_ERROR);
	if (command && command[0] != '\0')
		encode_text_member(out, "command", command);
	if (command_id)
		encode_uuid_member(out, "command_id", command_id);
	encode_text_member(out, "code", refusal_text(refusal->code));
	encode_text_member(out, "message", refusal->message);
	if (refusal->retry_after_ms > 0)
		encode_integer_member(out, "retry_after_ms", refusal->retry_after_ms);
	encode_end(out);
}

void
encode_user_joined(Buffer *out, const Uuid *board_id, const EncodeUser *user)
{
	encode_begin(out, MESSAGE_USER_JOINED);
	encode_uuid_member(out, "board_id", board_id);
	encode_name(out, "user");
	buffer_append_char(out, '{');
	encode_user_members(out, user);
	buffer_append_char(out, '}');
	encode_end(out);
}

void
encode_user_left(Buffer *out, const Uuid *board_id, int64_t user_id)
{
	encode_begin(out, MESSAGE_USER_LEFT);
	encode_uuid_member(out, "board_id", board_id);
	encode_integer_member(out, "user_id", user_id);
	encode_end(out);
}

void
encode_presence(Buffer *out, const Uuid *board_id, EncodeUsers users)
{
	encode_begin(out, MESSAGE_PRESENCE);
	encode_uuid_member(out, "board_id", board_id);
	encode_name(out, "users");
	encode_active_users(out, users);
	encode_end(out);
}

void
encode_workspace_presence(Buffer *out, const Uuid *workspace_id, Slice members)
{
	encode_begin(out, MESSAGE_PRESENCE);
	encode_uuid_member(out, "workspace_id", workspace_id);
	encode_name(out, "users");
	buffer_append_slice(out, members);
	encode_end(out);
}

void
encode_task_focus(Buffer *out, const EncodeFocus *focus)
{
	encode_begin(out, MESSAGE_TASK_FOCUS);
	encode_uuid_member(out, "board_id", focus->board_id);
	encode_uuid_member(out, "task_id", focus->task_id);
	encode_integer_member(out, "user_id", focus->user->user_id);
	encode_text_member(out, "username", focus->user->username);
	encode_text_member(out, "editing", focus->editing);
	encode_end(out);
}

void
encode_notification(Buffer *out, Slice notification, int64_t unread_count)
{
	encode_begin(out, MESSAGE_NOTIFICATION);
	encode_name(out, "notification");
	buffer_append_slice(out, notification);
	encode_integer_member(out, "unread_count", unread_count);
	encode_end(out);
}

void
encode_cursor_update(Buffer *out, const EncodeCursor *cursor)
{
	encode_begin(out, MESSAGE_CURSOR_UPDATE);
	encode_uuid_member(out, "board_id", cursor->board_id);
	encode_integer_member(out, "user_id", cursor->user->user_id);
	encode_text_member(out, "username", cursor->user->username);
	encode_number_member(out, "x", cursor->x);
	encode_number_member(out, "y", cursor->y);
	if (cursor->task_id)
		encode_uuid_member(out, "task_id", cursor->task_id);
	encode_end(out);
}

void
encode_heartbeat_ack(Buffer *out, int64_t server_time_ms)
{
	encode_begin(out, MESSAGE_HEARTBEAT_ACK);
	encode_time_member(out, "server_time", server_time_ms);
	encode_end(out);
}

void
encode_server_shutdown(Buffer *out, int64_t reconnect_after_ms)
{
	encode_begin(out, MESSAGE_SERVER_SHUTDOWN);
	encode_integer_member(out, "reconnect_after_ms", reconnect_after_ms);
	encode_end(out);
}
