/*
 * parse.c - a message from a client, from bytes to a struct, or the refusal to send back.
 *
 * Owns the json-c tree of a Message.  What a message may hold is messages.def's business, what JSON is
 * json_validate.c's.  Called by the session for every message it receives.
 */
#include "proto/parse.h"

#include <json-c/json.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json_validate.h"
#include "base/memory.h"
#include "base/utf8.h"

void
refusal_set(Refusal *refusal, RefusalCode code, const char *format, ...)
{
	char text[2 * PARSE_MAX_REFUSAL_LENGTH];
	size_t length;
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	length = utf8_cut(text, strlen(text), PARSE_MAX_REFUSAL_LENGTH);
	*refusal = (Refusal){.code = code};
	memcpy(refusal->message, text, length);
}

static bool
parse_refuse_field(Refusal *refusal, const char *field, const char *problem)
{
	refusal_set(refusal, REFUSAL_INVALID, "field \"%s\" %s", field, problem);
	return false;
}

static Slice
parse_slice_of(struct json_object *string)
{
	return slice_of(json_object_get_string(string), (size_t) json_object_get_string_len(string));
}

/* The member, or NULL when there is none or it is null. */
static struct json_object *
parse_member(struct json_object *object, const char *name)
{
	struct json_object *member = NULL;

	if (object == NULL || !json_object_object_get_ex(object, name, &member))
		return NULL;
	return member;
}

static bool
parse_uuid_member(struct json_object *object, const char *name, Uuid *uuid)
{
	struct json_object *member = parse_member(object, name);
	Slice text;

	if (!json_object_is_type(member, json_type_string))
		return false;
	text = parse_slice_of(member);
	return uuid_parse(text.bytes, text.length, uuid);
}

/* From bytes to a json-c object; nothing reaches json-c that the validator has not passed. */
static struct json_object *
parse_document(const char *bytes, size_t length, size_t max_length, Refusal *refusal)
{
	struct json_tokener *tokener;
	struct json_object *document;
	JsonReport report;

	if (length > max_length || length > INT_MAX)
	{
		refusal_set(refusal, REFUSAL_LIMIT, "message of %zu bytes, at most %zu are taken", length, max_length);
		return NULL;
	}
	if (!json_validate(bytes, length, max_length, &report))
	{
		refusal_set(refusal, REFUSAL_BAD_MESSAGE, "malformed JSON at byte %zu: %s", report.offset,
					json_fault_text(report.fault));
		return NULL;
	}
	if (report.first != '{')
	{
		refusal_set(refusal, REFUSAL_BAD_MESSAGE, "a message is a JSON object");
		return NULL;
	}
	/* json-c counts the scalar inside the innermost level too. */
	tokener = json_tokener_new_ex(JSON_MAX_DEPTH + 1);
	document = tokener ? json_tokener_parse_ex(tokener, bytes, (int) length) : NULL;
	if (document == NULL)
		refusal_set(refusal, REFUSAL_BAD_MESSAGE, "malformed JSON");
	if (tokener)
		json_tokener_free(tokener);
	return document;
}

static bool
parse_type(Message *message, Refusal *refusal)
{
	struct json_object *type = parse_member(message->envelope, "type");
	Slice text;

	if (type == NULL)
		return parse_refuse_field(refusal, "type", "is missing");
	if (!json_object_is_type(type, json_type_string))
		return parse_refuse_field(refusal, "type", "is not a string");
	text = parse_slice_of(type);
	if (text.length <= PARSE_MAX_TYPE_LENGTH)
		memcpy(message->type_text, text.bytes, text.length);
	message->type = message_from_client_name(text);
	return true;
}

static bool
parse_id(Message *message, Refusal *refusal)
{
	if (parse_member(message->envelope, "id") == NULL)
		return true;
	message->has_id = parse_uuid_member(message->envelope, "id", &message->id);
	return message->has_id || parse_refuse_field(refusal, "id", "is not a uuid");
}

static bool
parse_payload(Message *message, Refusal *refusal)
{
	message->payload = parse_member(message->envelope, "payload");
	if (message->payload == NULL || json_object_is_type(message->payload, json_type_object))
		return true;
	message->payload = NULL;
	return parse_refuse_field(refusal, "payload", "is not an object");
}

static void
parse_routing(Message *message)
{
	struct json_object *payload = message->payload;

	message->has_board_id = parse_uuid_member(payload, "board_id", &message->board_id);
	message->has_workspace_id = parse_uuid_member(payload, "workspace_id", &message->workspace_id);
	message->has_list_id = parse_uuid_member(payload, "list_id", &message->list_id);
	message->has_task_id = parse_uuid_member(payload, "task_id", &message->task_id);
}

static bool
parse_uuid_value(Uuid *member, struct json_object *value, const char *name, Refusal *refusal)
{
	Slice text;

	if (!json_object_is_type(value, json_type_string))
		return parse_refuse_field(refusal, name, "is not a uuid");
	text = parse_slice_of(value);
	return uuid_parse(text.bytes, text.length, member) || parse_refuse_field(refusal, name, "is not a uuid");
}

static bool
parse_text_value(Slice *member, struct json_object *value, const MessageFieldInfo *info, Refusal *refusal)
{
	Slice text;

	if (!json_object_is_type(value, json_type_string))
		return parse_refuse_field(refusal, info->name, "is not a string");
	text = parse_slice_of(value);
	if ((double) text.length < info->minimum)
		return parse_refuse_field(refusal, info->name, "is empty");
	if ((double) text.length > info->maximum)
		return parse_refuse_field(refusal, info->name, "is too long");
	*member = text;
	return true;
}

static bool
parse_integer_value(int64_t *member, struct json_object *value, const MessageFieldInfo *info, Refusal *refusal)
{
	int64_t number;

	if (!json_object_is_type(value, json_type_int))
		return parse_refuse_field(refusal, info->name, "is not an integer");
	/* Beyond 64 bits json-c gives the nearest number, which is out of every range here. */
	number = json_object_get_int64(value);
	if (number < (int64_t) info->minimum || number > (int64_t) info->maximum)
	{
		refusal_set(refusal, REFUSAL_INVALID, "field \"%s\" is not from %lld to %lld", info->name,
					(long long) info->minimum, (long long) info->maximum);
		return false;
	}
	*member = number;
	return true;
}

static bool
parse_number_value(double *member, struct json_object *value, const MessageFieldInfo *info, Refusal *refusal)
{
	double number;

	if (!json_object_is_type(value, json_type_int) && !json_object_is_type(value, json_type_double))
		return parse_refuse_field(refusal, info->name, "is not a number");
	number = json_object_get_double(value);
	if (!isfinite(number) || number < info->minimum || number > info->maximum)
	{
		refusal_set(refusal, REFUSAL_INVALID, "field \"%s\" is not from %g to %g", info->name, info->minimum,
					info->maximum);
		return false;
	}
	*member = number;
	return true;
}

static bool
parse_boolean_value(bool *member, struct json_object *value, const char *name, Refusal *refusal)
{
	if (!json_object_is_type(value, json_type_boolean))
		return parse_refuse_field(refusal, name, "is neither true nor false");
	*member = json_object_get_boolean(value);
	return true;
}

static bool
parse_detail_value(MessageDetail *member, struct json_object *value, const char *name, Refusal *refusal)
{
	Slice text = json_object_is_type(value, json_type_string) ? parse_slice_of(value) : slice_of(NULL, 0);

	if (slice_equals_text(text, "full"))
		*member = MESSAGE_DETAIL_FULL;
	else if (slice_equals_text(text, "cards"))
		*member = MESSAGE_DETAIL_CARDS;
	else
		return parse_refuse_field(refusal, name, "is neither \"full\" nor \"cards\"");
	return true;
}

static bool
parse_mark(struct json_object *mark, BoardMark *parsed)
{
	struct json_object *version = parse_member(mark, "version");
	struct json_object *event = parse_member(mark, "event");
	int64_t number = json_object_is_type(version, json_type_int) ? json_object_get_int64(version) : -1;

	if (!json_object_is_type(mark, json_type_object) || number < 0 || number > INT32_MAX)
		return false;
	if (event && !json_object_is_type(event, json_type_string))
		return false;
	parsed->version = number;
	parsed->event = event ? parse_slice_of(event) : slice_of(NULL, 0);
	return parsed->event.length <= (size_t) message_field_info(MESSAGE_FIELD_SINCE_EVENT)->maximum;
}

static bool
parse_boards_value(struct json_object **member, struct json_object *value, const MessageFieldInfo *info,
				   Refusal *refusal)
{
	BoardMark mark;

	if (!json_object_is_type(value, json_type_object))
		return parse_refuse_field(refusal, info->name, "is not an object");
	if ((double) json_object_object_length(value) > info->maximum)
		return parse_refuse_field(refusal, info->name, "names too many boards");
	json_object_object_foreach(value, key, board)
	{
		if (!uuid_parse(key, strlen(key), &mark.board_id))
			return parse_refuse_field(refusal, info->name, "names what is no uuid");
		if (!parse_mark(board, &mark))
			return parse_refuse_field(refusal, info->name, "has a board without a valid version and event");
	}
	*member = value;
	return true;
}

static bool
parse_value(MessageFields *fields, struct json_object *value, const MessageFieldInfo *info, Refusal *refusal)
{
	void *member = (char *) fields + info->offset;

	switch (info->type)
	{
		case MESSAGE_FIELD_TYPE_UUID:
			return parse_uuid_value(member, value, info->name, refusal);
		case MESSAGE_FIELD_TYPE_TEXT:
			return parse_text_value(member, value, info, refusal);
		case MESSAGE_FIELD_TYPE_INTEGER:
			return parse_integer_value(member, value, info, refusal);
		case MESSAGE_FIELD_TYPE_NUMBER:
			return parse_number_value(member, value, info, refusal);
		case MESSAGE_FIELD_TYPE_BOOLEAN:
			return parse_boolean_value(member, value, info->name, refusal);
		case MESSAGE_FIELD_TYPE_DETAIL:
			return parse_detail_value(member, value, info->name, refusal);
		case MESSAGE_FIELD_TYPE_BOARDS:
			return parse_boards_value(member, value, info, refusal);
	}
	return false;
}

/* The fields messages.def gives this type; null counts as absent. */
static bool
parse_fields(Message *message, Refusal *refusal)
{
	size_t count;
	const MessageUse *uses = message_uses(message->type, &count);

	for (size_t i = 0; i < count; i++)
	{
		const MessageFieldInfo *info = message_field_info(uses[i].field);
		struct json_object *value = parse_member(message->payload, info->name);

		if (value == NULL && uses[i].is_required)
			return parse_refuse_field(refusal, info->name, "is missing");
		if (value == NULL)
			continue;
		if (!parse_value(&message->fields, value, info, refusal))
			return false;
		message->fields.present |= UINT32_C(1) << uses[i].field;
	}
	return true;
}

static bool
parse_envelope(Message *message, Refusal *refusal)
{
	if (!parse_type(message, refusal) || !parse_id(message, refusal))
		return false;
	if (message->type == MESSAGE_UNKNOWN)
	{
		refusal_set(refusal, REFUSAL_UNKNOWN_TYPE, "unknown message type%s%s", message->type_text[0] ? " " : "",
					message->type_text);
		return false;
	}
	if (!parse_payload(message, refusal))
		return false;
	parse_routing(message);
	return true;
}

bool
message_parse(Message *message, const char *bytes, size_t length, size_t max_length, Refusal *refusal)
{
	memset(message, 0, sizeof(*message));
	*refusal = (Refusal){.code = REFUSAL_NONE};
	message->envelope = parse_document(bytes, length, max_length, refusal);
	return message->envelope && parse_envelope(message, refusal) && parse_fields(message, refusal);
}

void
message_release(Message *message)
{
	json_object_put(message->envelope);
	message->envelope = message->payload = NULL;
}

bool
message_has(const Message *message, MessageField field)
{
	return (message->fields.present >> field & 1) != 0;
}

BoardMark *
message_board_marks(const Message *message, size_t *count)
{
	struct json_object *boards = message->fields.boards;
	BoardMark *marks;

	*count = 0;
	if (boards == NULL)
		return NULL;
	marks = memory_alloc(sizeof(*marks) * ((size_t) json_object_object_length(boards) + 1));
	json_object_object_foreach(boards, key, board)
	{
		if (uuid_parse(key, strlen(key), &marks[*count].board_id) && parse_mark(board, &marks[*count]))
			(*count)++;
	}
	return marks;
}

bool
message_routing_key(const Message *message, Uuid *key)
{
	MessageAggregate aggregate = message_aggregate(message->type);
	bool is_about_board = aggregate != MESSAGE_AGGREGATE_WORKSPACE && aggregate != MESSAGE_AGGREGATE_BOARD_NEW;

	if (aggregate == MESSAGE_AGGREGATE_INVITED || aggregate == MESSAGE_AGGREGATE_ACTOR)
		return false;
	if (message->has_board_id && (is_about_board || !message->has_workspace_id))
		*key = message->board_id;
	else if (message->has_workspace_id)
		*key = message->workspace_id;
	else if (message->has_list_id)
		*key = message->list_id;
	else if (message->has_task_id)
		*key = message->task_id;
	else
		return false;
	return true;
}
