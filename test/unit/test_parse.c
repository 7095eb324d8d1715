/*
 * test_parse.c - messages from clients: test/vectors/client_messages.json, and what is left after a refusal.
 */
#include "unit_support.h"

#include <json-c/json.h>

#include "proto/parse.h"

#define MAX_MESSAGE 100000

/* The value of a field as JSON, to be compared with the vector's. */
static struct json_object *
field_as_json(const Message *message, MessageField field)
{
	const MessageFieldInfo *info = message_field_info(field);
	const void *member = (const char *) &message->fields + info->offset;
	char text[UUID_TEXT_SIZE];

	switch (info->type)
	{
		case MESSAGE_FIELD_TYPE_UUID:
			return json_object_new_string(uuid_format(member, text));
		case MESSAGE_FIELD_TYPE_TEXT:
			return json_object_new_string_len(((const Slice *) member)->bytes, (int) ((const Slice *) member)->length);
		case MESSAGE_FIELD_TYPE_INTEGER:
			return json_object_new_int64(*(const int64_t *) member);
		case MESSAGE_FIELD_TYPE_NUMBER:
			return json_object_new_double(*(const double *) member);
		case MESSAGE_FIELD_TYPE_BOOLEAN:
			return json_object_new_boolean(*(const bool *) member);
		case MESSAGE_FIELD_TYPE_DETAIL:
			return json_object_new_string(*(const MessageDetail *) member == MESSAGE_DETAIL_CARDS ? "cards" : "full");
		case MESSAGE_FIELD_TYPE_BOARDS:
			return json_object_get(*(struct json_object *const *) member);
	}
	return NULL;
}

static bool
same_value(struct json_object *actual, struct json_object *expected)
{
	if (json_object_is_type(actual, json_type_double))
		return json_object_get_double(actual) == json_object_get_double(expected);
	return json_object_equal(actual, expected);
}

static void
check_fields(const Message *message, struct json_object *fields, const char *name)
{
	int present = 0;

	json_object_object_foreach(fields, key, expected)
	{
		MessageField field = 0;
		struct json_object *actual;

		while (field < MESSAGE_FIELD_COUNT && strcmp(message_field_info(field)->name, key) != 0)
			field++;
		assert_true(field < MESSAGE_FIELD_COUNT);
		if (!message_has(message, field))
			fail_msg("%s: %s is absent", name, key);
		actual = field_as_json(message, field);
		if (!same_value(actual, expected))
			fail_msg("%s: %s is %s", name, key, json_object_to_json_string(actual));
		json_object_put(actual);
		present++;
	}
	assert_int_equal(__builtin_popcount(message->fields.present), present);
}

/* The vector's uuid, if it has one, against what was found. */
static void
check_uuid(struct json_object *vector, const char *member, bool is_there, const Uuid *uuid)
{
	struct json_object *expected = NULL;
	char text[UUID_TEXT_SIZE];

	if (!json_object_object_get_ex(vector, member, &expected))
	{
		if (is_there)
			fail_msg("%s: unexpected %s", unit_text_member(vector, "name"), member);
		return;
	}
	if (!is_there || strcmp(uuid_format(uuid, text), json_object_get_string(expected)) != 0)
		fail_msg("%s: wrong %s", unit_text_member(vector, "name"), member);
}

static void
check_accepted(struct json_object *vector, const Message *message, const Refusal *refusal)
{
	const char *name = unit_text_member(vector, "name");
	struct json_object *fields = NULL;
	Uuid key;
	bool has_key;

	if (refusal->code != REFUSAL_NONE)
		fail_msg("%s: %s: %s", name, refusal_text(refusal->code), refusal->message);
	assert_string_equal(message_name(message->type), unit_text_member(vector, "type"));
	check_uuid(vector, "id", message->has_id, &message->id);
	has_key = message_routing_key(message, &key);
	check_uuid(vector, "routing_key", has_key, &key);
	if (json_object_object_get_ex(vector, "fields", &fields))
		check_fields(message, fields, name);
	else
		assert_int_equal(message->fields.present, 0);
}

static void
check_refused(struct json_object *vector, const Message *message, const Refusal *refusal)
{
	const char *name = unit_text_member(vector, "name");
	struct json_object *member = NULL;
	char quoted[64];

	if (strcmp(refusal_text(refusal->code), unit_text_member(vector, "refused")) != 0)
		fail_msg("%s: %s: %s", name, refusal_text(refusal->code), refusal->message);
	assert_true(refusal->message[0] != '\0');
	if (json_object_object_get_ex(vector, "field", &member))
	{
		snprintf(quoted, sizeof(quoted), "\"%s\"", json_object_get_string(member));
		if (strstr(refusal->message, quoted) == NULL)
			fail_msg("%s: \"%s\" does not name %s", name, refusal->message, quoted);
	}
	else
		assert_int_not_equal(refusal->code, REFUSAL_INVALID);
	if (json_object_object_get_ex(vector, "type_text", &member))
		assert_string_equal(message->type_text, json_object_get_string(member));
	check_uuid(vector, "id", message->has_id, &message->id);
}

static void
check_message(struct json_object *vector)
{
	struct json_object *refused;
	Buffer bytes = BUFFER_EMPTY;
	Message message;
	Refusal refusal;
	bool is_accepted;

	unit_vector_bytes(vector, &bytes);
	is_accepted = message_parse(&message, bytes.bytes, bytes.length, MAX_MESSAGE, &refusal);
	assert_int_equal(is_accepted, refusal.code == REFUSAL_NONE);
	if (json_object_object_get_ex(vector, "refused", &refused))
		check_refused(vector, &message, &refusal);
	else
		check_accepted(vector, &message, &refusal);
	message_release(&message);
	buffer_free(&bytes);
}

static void
test_golden_messages(void **state)
{
	struct json_object *vectors = unit_read_vectors("client_messages.json");
	struct json_object *cases = unit_member(vectors, "cases");

	assert_true(json_object_array_length(cases) > 80);
	for (size_t i = 0; i < json_object_array_length(cases); i++)
		check_message(json_object_array_get_idx(cases, i));
	json_object_put(vectors);
}

/* What the bridge itself looks at has messages.def's fields; every other read or command goes to the database. */
static bool
is_for_the_database(MessageType type)
{
	size_t count;

	(void) message_uses(type, &count);
	return message_role(type) == MESSAGE_ROLE_COMMAND || (message_role(type) == MESSAGE_ROLE_READ && count == 0);
}

/* They are accepted with any payload at all: the checks are there. */
static void
test_commands_and_reads_need_an_envelope_only(void **state)
{
	int commands = 0;

	for (MessageType type = 0; type < MESSAGE_TYPE_COUNT; type++)
	{
		Buffer text = BUFFER_EMPTY;
		Message message;
		Refusal refusal;

		if (!is_for_the_database(type))
			continue;
		buffer_append_format(&text, "{\"type\":\"%s\",\"payload\":{\"anything\":[1,{}]}}", message_name(type));
		assert_true(message_parse(&message, text.bytes, text.length, MAX_MESSAGE, &refusal));
		assert_int_equal(message.type, type);
		assert_non_null(message.payload);
		assert_int_equal(message.fields.present, 0);
		message_release(&message);
		buffer_free(&text);
		commands++;
	}
	assert_true(commands >= 70);
}

static void
test_message_limit(void **state)
{
	static const char text[] = "{\"type\":\"HEARTBEAT\"}";
	Message message;
	Refusal refusal;

	assert_true(message_parse(&message, text, strlen(text), strlen(text), &refusal));
	message_release(&message);
	assert_false(message_parse(&message, text, strlen(text), strlen(text) - 1, &refusal));
	assert_int_equal(refusal.code, REFUSAL_LIMIT);
	message_release(&message);
}

/* As deep as the validator lets through, json-c must follow. */
static void
test_deepest_message(void **state)
{
	Buffer text = BUFFER_EMPTY;
	Message message;
	Refusal refusal;

	buffer_append_text(&text, "{\"type\":\"UPDATE_TASK\",\"payload\":{\"config\":");
	for (int i = 0; i < 30; i++)
		buffer_append_char(&text, '[');
	buffer_append_char(&text, '1');
	for (int i = 0; i < 30; i++)
		buffer_append_char(&text, ']');
	buffer_append_text(&text, "}}");
	if (!message_parse(&message, text.bytes, text.length, MAX_MESSAGE, &refusal))
		fail_msg("%s", refusal.message);
	message_release(&message);
	buffer_free(&text);
}

static void
test_text_fields_are_slices_of_the_message(void **state)
{
	static const char text[] = "{\"type\":\"AUTH\",\"payload\":{\"token\":\"a\\u002eb\"}}";
	Message message;
	Refusal refusal;

	assert_true(message_parse(&message, text, strlen(text), MAX_MESSAGE, &refusal));
	assert_true(slice_equals_text(message.fields.token, "a.b"));
	assert_false(message_has(&message, MESSAGE_FIELD_BOARD_ID));
	message_release(&message);
}

static void
test_marks_of_boards(void **state)
{
	static const char text[] = "{\"type\":\"JOIN_WORKSPACE\",\"payload\":{\"workspace_id\":"
							   "\"99999999-8888-4777-a666-555555555555\",\"boards\":"
							   "{\"0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0\":{\"version\":44,\"event\":\"e44\"},"
							   "\"11111111-2222-4333-8444-555555555555\":{\"version\":0}}}}";
	BoardMark *marks;
	size_t count;
	Message message;
	Refusal refusal;

	assert_true(message_parse(&message, text, strlen(text), MAX_MESSAGE, &refusal));
	marks = message_board_marks(&message, &count);
	assert_int_equal(count, 2);
	assert_int_equal(marks[0].version, 44);
	assert_true(slice_equals_text(marks[0].event, "e44"));
	assert_int_equal(marks[1].version, 0);
	assert_int_equal(marks[1].event.length, 0);
	free(marks);
	message_release(&message);
}

static void
test_absent_fields_are_zero(void **state)
{
	static const char text[] = "{\"type\":\"JOIN_BOARD\",\"payload\":{\"board_id\":"
							   "\"0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0\"}}";
	Message message;
	Refusal refusal;

	memset(&message, 0xff, sizeof(message));
	assert_true(message_parse(&message, text, strlen(text), MAX_MESSAGE, &refusal));
	assert_int_equal(message.fields.since_version, 0);
	assert_int_equal(message.fields.detail, MESSAGE_DETAIL_FULL);
	assert_false(message.fields.echo);
	assert_null(message.fields.since_event.bytes);
	message_release(&message);
}

static void
test_refusal_text_is_cut_at_a_character(void **state)
{
	char long_text[400];
	Refusal refusal;

	memset(long_text, 'x', 254);
	memcpy(long_text + 254, "\xe2\x82\xac more", sizeof("\xe2\x82\xac more"));
	refusal_set(&refusal, REFUSAL_RULE, "%s", long_text);
	assert_int_equal(strlen(refusal.message), 254);
	assert_int_equal(refusal.code, REFUSAL_RULE);
	assert_int_equal(refusal.retry_after_ms, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden_messages),
		cmocka_unit_test(test_commands_and_reads_need_an_envelope_only),
		cmocka_unit_test(test_message_limit),
		cmocka_unit_test(test_deepest_message),
		cmocka_unit_test(test_text_fields_are_slices_of_the_message),
		cmocka_unit_test(test_marks_of_boards),
		cmocka_unit_test(test_absent_fields_are_zero),
		cmocka_unit_test(test_refusal_text_is_cut_at_a_character),
	};

	return RUN_TESTS(tests);
}
