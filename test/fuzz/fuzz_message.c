/*
 * fuzz_message.c - messages from clients, in both dialects: accepted or refused; what is accepted means the same in the
 * other dialect, and what is refused can be answered.
 */
#include <json-c/json.h>

#include "base/json_scan.h"
#include "fuzz_support.h"
#include "proto/dialect.h"
#include "proto/encode.h"

#define MESSAGE_LIMIT 65536

static void
claim_answerable(const Message *message, const Refusal *refusal)
{
	Buffer error = BUFFER_EMPTY;
	Buffer translated = BUFFER_EMPTY;

	fuzz_claim_refusal(refusal);
	encode_error(&error, refusal, message->type_text, message->has_id ? &message->id : NULL);
	fuzz_claim_json(buffer_slice(&error));
	FUZZ_CLAIM(dialect_to_workspace(buffer_slice(&error), NULL, &translated), buffer_slice(&error));
	fuzz_claim_json(buffer_slice(&translated));
	buffer_free(&error);
	buffer_free(&translated);
}

static bool
field_is_same(const Message *left, const Message *right, MessageField field)
{
	const MessageFieldInfo *info = message_field_info(field);
	const void *a = (const char *) &left->fields + info->offset;
	const void *b = (const char *) &right->fields + info->offset;

	switch (info->type)
	{
		case MESSAGE_FIELD_TYPE_UUID:
			return uuid_equals(a, b);
		case MESSAGE_FIELD_TYPE_TEXT:
			return ((const Slice *) a)->length == ((const Slice *) b)->length &&
				   memcmp(((const Slice *) a)->bytes, ((const Slice *) b)->bytes, ((const Slice *) a)->length) == 0;
		case MESSAGE_FIELD_TYPE_INTEGER:
			return memcmp(a, b, sizeof(int64_t)) == 0;
		case MESSAGE_FIELD_TYPE_NUMBER:
			return memcmp(a, b, sizeof(double)) == 0;
		case MESSAGE_FIELD_TYPE_BOOLEAN:
			return *(const bool *) a == *(const bool *) b;
		case MESSAGE_FIELD_TYPE_DETAIL:
			return *(const MessageDetail *) a == *(const MessageDetail *) b;
		case MESSAGE_FIELD_TYPE_BOARDS:
			return json_object_equal(*(struct json_object *const *) a, *(struct json_object *const *) b);
	}
	return false;
}

static void
claim_same(const Message *left, const Message *right, Slice text)
{
	Uuid left_key = {0};
	Uuid right_key = {0};

	FUZZ_CLAIM(left->type == right->type, text);
	FUZZ_CLAIM(left->has_id == right->has_id && uuid_equals(&left->id, &right->id), text);
	FUZZ_CLAIM(left->fields.present == right->fields.present, text);
	for (MessageField field = 0; field < MESSAGE_FIELD_COUNT; field++)
		FUZZ_CLAIM(!message_has(left, field) || field_is_same(left, right, field), text);
	FUZZ_CLAIM(message_routing_key(left, &left_key) == message_routing_key(right, &right_key), text);
	FUZZ_CLAIM(uuid_equals(&left_key, &right_key), text);
}

/* Of a client, with everything its table requires, and its boards as many as it names. */
static void
claim_sound(const Message *message, Slice text)
{
	size_t count;
	const MessageUse *uses = message_uses(message->type, &count);
	BoardMark *marks;

	FUZZ_CLAIM(message->envelope != NULL && message->type != MESSAGE_UNKNOWN, text);
	FUZZ_CLAIM(message_role(message->type) != MESSAGE_ROLE_SERVER, text);
	for (size_t i = 0; i < count; i++)
		FUZZ_CLAIM(!uses[i].is_required || message_has(message, uses[i].field), text);
	marks = message_board_marks(message, &count);
	if (marks != NULL)
		FUZZ_CLAIM((int) count == json_object_object_length(message->fields.boards), text);
	free(marks);
}

static bool
has_renamed_member(MessageType type, Slice payload)
{
	JsonScan scan;
	Slice name;
	Slice value;

	if (json_scan_open(&scan, payload, '{'))
		while (json_scan_member(&scan, &name, &value))
			if (message_renamed_field(type, name) != NULL)
				return true;
	return false;
}

static void
append_member(Buffer *out, const char *name, Slice value)
{
	if (value.length == 0)
		return;
	buffer_append_format(out, ",\"%s\":", name);
	buffer_append_slice(out, value);
}

/* The same in the workspace dialect, and back. */
static void
claim_round_trip(const Message *message, Slice text)
{
	Slice payload = json_scan_find(text, "payload");
	Buffer workspace = BUFFER_EMPTY;
	Buffer board = BUFFER_EMPTY;
	Message other;
	Refusal refusal;

	if (has_renamed_member(message->type, payload))
		return;
	buffer_append_text(&workspace, "{\"type\":\"");
	message_append_workspace_name(&workspace, message->type);
	buffer_append_char(&workspace, '"');
	append_member(&workspace, "id", json_scan_find(text, "id"));
	append_member(&workspace, "data", payload);
	buffer_append_char(&workspace, '}');
	FUZZ_CLAIM(dialect_parse(&other, buffer_slice(&workspace), SIZE_MAX, &board, &refusal), buffer_slice(&workspace));
	claim_same(message, &other, buffer_slice(&workspace));
	message_release(&other);
	buffer_free(&workspace);
	buffer_free(&board);
}

static void
try_board_dialect(Slice text)
{
	Message message;
	Refusal refusal;

	if (message_parse(&message, text.bytes, text.length, MESSAGE_LIMIT, &refusal))
	{
		claim_sound(&message, text);
		claim_round_trip(&message, text);
		message_release(&message);
		FUZZ_CLAIM(!message_parse(&message, text.bytes, text.length, text.length - 1, &refusal), text);
		FUZZ_CLAIM(refusal.code == REFUSAL_LIMIT, text);
	}
	else
		claim_answerable(&message, &refusal);
	message_release(&message);
}

static void
try_workspace_dialect(Slice text)
{
	Buffer board = BUFFER_EMPTY;
	Message message;
	Message again;
	Refusal refusal;

	if (dialect_parse(&message, text, MESSAGE_LIMIT, &board, &refusal))
	{
		claim_sound(&message, text);
		fuzz_claim_json(buffer_slice(&board));
		FUZZ_CLAIM(message_parse(&again, board.bytes, board.length, SIZE_MAX, &refusal), buffer_slice(&board));
		claim_same(&message, &again, text);
		message_release(&again);
	}
	else
		claim_answerable(&message, &refusal);
	message_release(&message);
	buffer_free(&board);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	Slice text = fuzz_slice(bytes, length);

	try_board_dialect(text);
	try_workspace_dialect(text);
	return 0;
}
