/*
 * test_dialect.c - from one dialect to the other: the pairs of the golden messages, every name of every table, and
 * what is no message at all.
 */
#include "unit_support.h"

#include <json-c/json.h>

#include "base/json_scan.h"
#include "proto/dialect.h"

#define MAX_MESSAGE 100000
#define WORKSPACE "99999999-8888-4777-a666-555555555555"

static Uuid workspace_id;

static int
set_up(void **state)
{
	return uuid_parse(WORKSPACE, UUID_TEXT_LENGTH, &workspace_id) ? 0 : -1;
}

/* ---- from clients ---- */

static void
check_from_workspace(const char *text, const char *expected)
{
	struct json_object *wanted = json_tokener_parse(expected);
	Buffer out = BUFFER_EMPTY;

	if (!dialect_from_workspace(slice_of_text(text), &out))
		fail_msg("%s is refused", text);
	/* A message without payload gets an empty one. */
	if (!json_object_object_get_ex(wanted, "payload", NULL))
		json_object_object_add(wanted, "payload", json_object_new_object());
	unit_assert_json(&out, wanted, text);
	json_object_put(wanted);
	buffer_free(&out);
}

static void
test_golden_pairs_from_clients(void **state)
{
	struct json_object *vectors = unit_read_vectors("client_messages.json");
	struct json_object *cases = unit_member(vectors, "cases");
	struct json_object *text;
	int pairs = 0;

	for (size_t i = 0; i < json_object_array_length(cases); i++)
	{
		struct json_object *vector = json_object_array_get_idx(cases, i);

		if (!json_object_object_get_ex(vector, "workspace", &text))
			continue;
		check_from_workspace(json_object_get_string(text), unit_text_member(vector, "text"));
		pairs++;
	}
	assert_true(pairs >= 25);
	json_object_put(vectors);
}

/* What the board dialect refuses as no message is none in the other one either. */
static void
test_what_is_no_message_stays_none(void **state)
{
	struct json_object *vectors = unit_read_vectors("client_messages.json");
	struct json_object *cases = unit_member(vectors, "cases");

	for (size_t i = 0; i < json_object_array_length(cases); i++)
	{
		struct json_object *vector = json_object_array_get_idx(cases, i);
		struct json_object *refused;
		Buffer text = BUFFER_EMPTY;
		Buffer out = BUFFER_EMPTY;
		Message message;
		Refusal refusal;

		unit_vector_bytes(vector, &text);
		assert_false(dialect_parse(&message, buffer_slice(&text), MAX_MESSAGE, &out, &refusal) &&
					 message.type != MESSAGE_HEARTBEAT);
		if (json_object_object_get_ex(vector, "refused", &refused) &&
			strcmp(json_object_get_string(refused), "bad_message") == 0)
			assert_int_equal(refusal.code, REFUSAL_BAD_MESSAGE);
		message_release(&message);
		buffer_free(&text);
		buffer_free(&out);
	}
	json_object_put(vectors);
}

static void
assert_translated(const char *text, const char *expected)
{
	Buffer out = BUFFER_EMPTY;

	assert_true(dialect_from_workspace(slice_of_text(text), &out));
	assert_buffer_text(&out, expected);
	buffer_free(&out);
}

static void
test_bytes_of_the_data_are_kept(void **state)
{
	assert_translated("{ \"data\" : { \"title\":\"\\u20ac\" , \"n\":1.50 }, \"type\":\"task.update\" }",
					  "{\"type\":\"UPDATE_TASK\",\"payload\":{ \"title\":\"\\u20ac\" , \"n\":1.50 }}");
}

static void
test_the_workspace_of_the_envelope(void **state)
{
	assert_translated("{\"type\":\"task.create\",\"workspace_id\":\"w\",\"data\":{ \"title\":\"x\"}}",
					  "{\"type\":\"CREATE_TASK\",\"payload\":{\"workspace_id\":\"w\",\"title\":\"x\"}}");
	assert_translated("{\"type\":\"task.create\",\"workspace_id\":\"w\"}",
					  "{\"type\":\"CREATE_TASK\",\"payload\":{\"workspace_id\":\"w\"}}");
	/* the personal workspace */
	assert_translated("{\"type\":\"task.create\",\"workspace_id\":null,\"data\":{\"title\":\"x\"}}",
					  "{\"type\":\"CREATE_TASK\",\"payload\":{\"title\":\"x\"}}");
	/* a board, a list or another workspace named by the data */
	assert_translated("{\"type\":\"task.create\",\"workspace_id\":\"w\",\"data\":{\"board_id\":\"b\"}}",
					  "{\"type\":\"CREATE_TASK\",\"payload\":{\"board_id\":\"b\"}}");
	assert_translated("{\"type\":\"task.create\",\"workspace_id\":\"w\",\"data\":{\"list\\u005fid\":\"l\"}}",
					  "{\"type\":\"CREATE_TASK\",\"payload\":{\"list\\u005fid\":\"l\"}}");
	assert_translated("{\"type\":\"board.create\",\"workspace_id\":\"w\",\"data\":{\"workspace_id\":\"v\"}}",
					  "{\"type\":\"CREATE_BOARD\",\"payload\":{\"workspace_id\":\"v\"}}");
	/* a command that takes none */
	assert_translated("{\"type\":\"task.complete\",\"workspace_id\":\"w\",\"data\":{\"task_id\":\"t\"}}",
					  "{\"type\":\"COMPLETE_TASK\",\"payload\":{\"task_id\":\"t\"}}");
	/* data that is no object is refused as it is */
	assert_translated("{\"type\":\"task.create\",\"workspace_id\":\"w\",\"data\":[1]}",
					  "{\"type\":\"CREATE_TASK\",\"payload\":[1]}");
}

static void
test_the_last_of_two_members_counts(void **state)
{
	assert_translated(
		"{\"type\":\"task.move\",\"type\":\"task.d\\u0065lete\",\"data\":{\"a\":1},\"d\\u0061ta\":{\"b\":2}}",
		"{\"type\":\"DELETE_TASK\",\"payload\":{\"b\":2}}");
}

static void
assert_refused(const char *text, RefusalCode code, const char *type_text)
{
	Buffer out = BUFFER_EMPTY;
	Message message;
	Refusal refusal;

	assert_false(dialect_parse(&message, slice_of_text(text), MAX_MESSAGE, &out, &refusal));
	assert_int_equal(refusal.code, code);
	assert_string_equal(message.type_text, type_text);
	assert_int_equal(message.type, MESSAGE_UNKNOWN);
	assert_int_equal(out.length, 0);
	message_release(&message);
	buffer_free(&out);
}

static void
test_names_of_the_other_dialect_are_unknown(void **state)
{
	assert_refused("{\"type\":\"UPDATE_TASK\",\"payload\":{}}", REFUSAL_UNKNOWN_TYPE, "UPDATE_TASK");
	assert_refused("{\"type\":\"JOIN_BOARD\"}", REFUSAL_UNKNOWN_TYPE, "JOIN_BOARD");
	assert_refused("{\"type\":\"HEARTBEAT\"}", REFUSAL_UNKNOWN_TYPE, "HEARTBEAT");
	assert_refused("{\"type\":\"task.explode\"}", REFUSAL_UNKNOWN_TYPE, "task.explode");
	assert_refused("{\"type\":\"Task.update\"}", REFUSAL_UNKNOWN_TYPE, "Task.update");
	assert_refused("{\"type\":\"task.updated\"}", REFUSAL_UNKNOWN_TYPE, "task.updated");
	assert_refused("{\"type\":\"\"}", REFUSAL_UNKNOWN_TYPE, "");
	assert_refused("{\"type\":5}", REFUSAL_INVALID, "");
}

static void
test_the_limit_is_on_what_was_sent(void **state)
{
	static const char text[] = "{\"type\":\"list.move\",\"data\":{}}";
	Buffer out = BUFFER_EMPTY;
	Message message;
	Refusal refusal;

	assert_true(dialect_parse(&message, slice_of_text(text), strlen(text), &out, &refusal));
	assert_int_equal(message.type, MESSAGE_MOVE_LIST);
	assert_true(out.length > strlen(text));
	message_release(&message);
	buffer_clear(&out);
	assert_false(dialect_parse(&message, slice_of_text(text), strlen(text) - 1, &out, &refusal));
	assert_int_equal(refusal.code, REFUSAL_LIMIT);
	message_release(&message);
	buffer_free(&out);
}

/* ---- to clients ---- */

static int
check_to_workspace(struct json_object *cases)
{
	struct json_object *expected;
	int pairs = 0;

	for (size_t i = 0; i < json_object_array_length(cases); i++)
	{
		struct json_object *vector = json_object_array_get_idx(cases, i);
		const char *text = json_object_to_json_string(unit_member(vector, "message"));
		Buffer out = BUFFER_EMPTY;

		if (!json_object_object_get_ex(vector, "workspace", &expected))
		{
			assert_false(dialect_to_workspace(slice_of_text(text), &workspace_id, &out));
			continue;
		}
		assert_true(dialect_to_workspace(slice_of_text(text), &workspace_id, &out));
		unit_assert_json(&out, expected, unit_text_member(vector, "name"));
		buffer_free(&out);
		pairs++;
	}
	return pairs;
}

static void
test_golden_pairs_to_clients(void **state)
{
	struct json_object *vectors = unit_read_vectors("server_messages.json");

	assert_true(check_to_workspace(unit_member(vectors, "cases")) >= 20);
	assert_true(check_to_workspace(unit_member(vectors, "events")) >= 5);
	json_object_put(vectors);
}

static void
test_no_workspace_is_null(void **state)
{
	static const Uuid zero;
	static const char expected[] = "{\"type\":\"heartbeat.ack\",\"workspace_id\":null,\"user_id\":null,"
								   "\"timestamp\":null,\"data\":{ \"a\" : 1 }}";
	Buffer out = BUFFER_EMPTY;

	assert_true(dialect_to_workspace(SLICE("{\"type\": \"HEARTBEAT_ACK\", \"payload\": { \"a\" : 1 } }"), NULL, &out));
	assert_buffer_text(&out, expected);
	buffer_clear(&out);
	assert_true(dialect_to_workspace(SLICE("{\"type\": \"HEARTBEAT_ACK\", \"payload\": { \"a\" : 1 }}"), &zero, &out));
	assert_buffer_text(&out, expected);
	buffer_free(&out);
}

static void
test_what_is_no_server_message(void **state)
{
	static const char *const texts[] = {"",
										"{",
										"{}",
										"[]",
										"{\"type\":\"ACK\"}",
										"{\"type\":1,\"payload\":{}}",
										"{\"payload\":{},\"type\":\"ACK\"}",
										"{\"type\":\"ACK\",\"payload\":[]}",
										"{\"type\":\"ACK\",\"payload\":",
										"{\"type\":\"ACK\",\"payload\"",
										"{\"type\":\"A",
										"{\"type\":\"A\\",
										"{\"type\":\"ACK\",\"payload\":{"};
	Buffer out = BUFFER_EMPTY;

	for (size_t i = 0; i < LENGTH_OF(texts); i++)
		if (dialect_to_workspace(slice_of_text(texts[i]), &workspace_id, &out))
			fail_msg("%s is taken for a message: %s", texts[i], buffer_text(&out));
	assert_int_equal(out.length, 0);
	buffer_free(&out);
}

static void
test_disconnect(void **state)
{
	Buffer out = BUFFER_EMPTY;

	dialect_append_disconnect(&out, &workspace_id, CLOSE_SILENT, -1);
	assert_buffer_text(&out, "{\"type\":\"connection.disconnect\",\"workspace_id\":\"" WORKSPACE
							 "\",\"user_id\":null,\"timestamp\":null,\"data\":{\"code\":4008,"
							 "\"reason\":\"heartbeat timeout\",\"reconnect_after_ms\":null}}");
	buffer_free(&out);
}

/* ---- every name ---- */

/* TaskMoved as TASK_MOVED. */
static void
append_wire_name(Buffer *out, const char *name)
{
	for (const char *at = name; *at; at++)
	{
		if (at > name && *at >= 'A' && *at <= 'Z')
			buffer_append_char(out, '_');
		buffer_append_char(out, (char) (*at >= 'a' && *at <= 'z' ? *at - 'a' + 'A' : *at));
	}
}

#define NAMES_MAX 400
static char *names[NAMES_MAX];
static size_t name_count;

static void
note_name(Buffer *name)
{
	for (size_t i = 0; i < name_count; i++)
		if (strcmp(names[i], buffer_text(name)) == 0)
			fail_msg("two messages are called %s", names[i]);
	assert_true(name_count < NAMES_MAX);
	names[name_count++] = strdup(buffer_text(name));
	buffer_clear(name);
}

static void
forget_names(void)
{
	while (name_count > 0)
		free(names[--name_count]);
}

static void
test_every_message_has_one_name_in_each_dialect(void **state)
{
	static const char *const events[] = {
#define DATABASE_EVENT(Name, aggregate) #Name,
#include "proto/messages.def"
	};
	Buffer name = BUFFER_EMPTY;

	for (MessageType type = MESSAGE_UNKNOWN + 1; type < MESSAGE_TYPE_COUNT; type++)
	{
		buffer_append_text(&name, message_name(type));
		note_name(&name);
		message_append_workspace_name(&name, type);
		if (message_role(type) == MESSAGE_ROLE_SERVER)
			assert_int_equal(message_from_server_name(slice_of_text(message_name(type))), type);
		else
			assert_int_equal(message_from_workspace_name(buffer_slice(&name)), type);
		if (message_role(type) == MESSAGE_ROLE_COMMAND)
			assert_non_null(strchr(buffer_text(&name), '.'));
		note_name(&name);
	}
	for (size_t i = 0; i < LENGTH_OF(events); i++)
	{
		Buffer translated = BUFFER_EMPTY;

		append_wire_name(&name, events[i]);
		assert_int_equal(message_from_server_name(buffer_slice(&name)), MESSAGE_UNKNOWN);
		message_append_server_name(&translated, buffer_slice(&name));
		note_name(&name);
		note_name(&translated);
		buffer_free(&translated);
	}
	forget_names();
	buffer_free(&name);
}

static void
test_names_of_events(void **state)
{
	static const char *const pairs[][2] = {
		{"TASK_MOVED", "task.moved"},
		{"CHECKLIST_ITEM_CHECKED", "checklist_item.checked"},
		{"BOARD_MEMBER_REMOVED", "board_member.removed"},
		{"WELCOME", "connection.welcome"},
		{"NOTIFICATION", "notification.new"},
		{"ALONE", "alone"},
		{"", ""},
	};
	Buffer name = BUFFER_EMPTY;

	for (size_t i = 0; i < LENGTH_OF(pairs); i++)
	{
		message_append_server_name(&name, slice_of_text(pairs[i][0]));
		assert_buffer_text(&name, pairs[i][1]);
		buffer_clear(&name);
	}
	buffer_free(&name);
}

static void
test_a_shutdown_that_says_nothing(void **state)
{
	Buffer out = BUFFER_EMPTY;

	assert_true(dialect_to_workspace(SLICE("{\"type\":\"SERVER_SHUTDOWN\",\"payload\":{ }}"), NULL, &out));
	assert_non_null(strstr(buffer_text(&out), "\"data\":{\"code\":1001,\"reason\":\""));
	assert_non_null(strstr(buffer_text(&out), "\"}}"));
	buffer_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden_pairs_from_clients),
		cmocka_unit_test(test_what_is_no_message_stays_none),
		cmocka_unit_test(test_bytes_of_the_data_are_kept),
		cmocka_unit_test(test_the_workspace_of_the_envelope),
		cmocka_unit_test(test_the_last_of_two_members_counts),
		cmocka_unit_test(test_names_of_the_other_dialect_are_unknown),
		cmocka_unit_test(test_the_limit_is_on_what_was_sent),
		cmocka_unit_test(test_golden_pairs_to_clients),
		cmocka_unit_test(test_no_workspace_is_null),
		cmocka_unit_test(test_what_is_no_server_message),
		cmocka_unit_test(test_disconnect),
		cmocka_unit_test(test_every_message_has_one_name_in_each_dialect),
		cmocka_unit_test(test_names_of_events),
		cmocka_unit_test(test_a_shutdown_that_says_nothing),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
