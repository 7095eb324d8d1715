/*
 * test_encode.c - messages to clients: each encoder against its case of test/vectors/server_messages.json, and that
 * every case is one that an encoder writes.
 */
#include "unit_support.h"

#include <json-c/json.h>

#include "base/utf8.h"
#include "proto/encode.h"
#include "proto/problem.h"

#define SERVER_TIME INT64_C(1740821400123) /* 2025-03-01T09:30:00.123Z */
#define BOARD_BODY                                                                                                     \
	"{\"id\":\"0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0\",\"name\":\"Board\",\"lists\":[{\"id\":"                          \
	"\"22222222-3333-4444-8555-666666666666\",\"tasks\":[]}]}"
#define EVENT_43                                                                                                       \
	"{\"type\":\"TASK_MOVED\",\"payload\":{\"board_id\":\"0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0\",\"version\":43,"      \
	"\"event\":\"e43\"}}"
#define EVENT_44                                                                                                       \
	"{\"type\":\"TASK_MOVED\",\"payload\":{\"board_id\":\"0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0\",\"version\":44,"      \
	"\"event\":\"e44\"}}"
#define ACK_BODY                                                                                                       \
	"{\"command\":\"MOVE_TASK\",\"command_id\":\"c0ffee00-0000-4000-8000-000000000001\",\"board_id\":"                 \
	"\"0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0\",\"from_version\":42,\"version\":44,\"changed\":true,\"replayed\":false}"
#define CONFLICT_BODY                                                                                                  \
	"{\"command\": \"MOVE_TASK\", \"command_id\": \"c0ffee00-0000-4000-8000-000000000001\", \"reason\": \"Version "    \
	"mismatch\", \"expected_version\": 42, \"current_version\": 44, \"current\": {\"id\": "                            \
	"\"11111111-2222-4333-8444-555555555555\", \"version\": 43}}"

static Uuid board_id;
static Uuid task_id;
static Uuid command_id;
static const Uuid connection_id = {{0xc0, 0, 0, 0, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, 3}};
static const EncodeUser alice = {.user_id = 7, .username = "Al\"ice \xe2\x82\xac\\\n", .handle = "alice"};
static const Slice events[] = {{EVENT_43, sizeof(EVENT_43) - 1}, {EVENT_44, sizeof(EVENT_44) - 1}};
static EncodeActiveUser users[2];
static struct json_object *vectors;
static size_t checked;

/* Compares with the case of this name, counts it, and clears the buffer. */
static void
assert_golden(Buffer *out, const char *name)
{
	struct json_object *cases = unit_member(vectors, "cases");

	for (size_t i = 0; i < json_object_array_length(cases); i++)
	{
		struct json_object *vector = json_object_array_get_idx(cases, i);

		if (strcmp(unit_text_member(vector, "name"), name) != 0)
			continue;
		unit_assert_json(out, unit_member(vector, "message"), name);
		buffer_free(out);
		checked++;
		return;
	}
	fail_msg("no golden message %s", name);
}

static int
set_up(void **state)
{
	bool is_parsed = uuid_parse("0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0", 36, &board_id) &&
					 uuid_parse("11111111-2222-4333-8444-555555555555", 36, &task_id) &&
					 uuid_parse("c0ffee00-0000-4000-8000-000000000001", 36, &command_id);

	users[0] = (EncodeActiveUser){
		.user = alice, .has_cursor = true, .x = 1.5, .y = -2, .task_id = &task_id, .last_seen_ms = SERVER_TIME};
	users[1] = (EncodeActiveUser){
		.user = {.user_id = 8, .username = "Bob", .handle = "bob", .avatar = "https://example.org/b.png"}};
	vectors = unit_read_vectors("server_messages.json");
	return is_parsed ? 0 : -1;
}

static int
tear_down(void **state)
{
	json_object_put(vectors);
	return 0;
}

static void
test_welcome_and_me(void **state)
{
	Buffer out = BUFFER_EMPTY;
	const EncodeWelcome welcome = {.connection_id = &connection_id,
								   .user = alice,
								   .server_time_ms = SERVER_TIME,
								   .heartbeat_interval_ms = 30000,
								   .max_message = 1048576,
								   .event_page = 500,
								   .command_rate = 90,
								   .command_burst = 100};

	encode_welcome(&out, &welcome);
	assert_golden(&out, "welcome");
	encode_me(&out, &alice);
	assert_golden(&out, "me");
}

static void
test_board_state(void **state)
{
	Buffer out = BUFFER_EMPTY;
	EncodeState board_state = {
		.board = SLICE(BOARD_BODY), .version = 44, .event = "e44", .active_users = {users, LENGTH_OF(users)}};

	encode_board_state(&out, &board_state);
	assert_golden(&out, "board_state");
	board_state.active_users = (EncodeUsers){0};
	board_state.is_reset = true;
	encode_board_state(&out, &board_state);
	assert_golden(&out, "board_state_reset");
}

static void
test_board_events(void **state)
{
	Buffer out = BUFFER_EMPTY;
	EncodeEvents page = {.board_id = &board_id,
						 .from_version = 42,
						 .to_version = 44,
						 .event = "e44",
						 .has_more = true,
						 .bodies = events,
						 .count = 2};
	Uuid workspace_id;

	encode_board_events(&out, &page);
	assert_golden(&out, "board_events");
	page = (EncodeEvents){.board_id = &board_id, .from_version = 44, .to_version = 44, .event = "e44"};
	encode_board_events(&out, &page);
	assert_golden(&out, "board_events_empty");
	assert_true(uuid_parse("99999999-8888-4777-a666-555555555555", UUID_TEXT_LENGTH, &workspace_id));
	page.board_id = &workspace_id;
	encode_workspace_events(&out, &page);
	assert_golden(&out, "workspace_events");
}

static void
test_ack_splices_events_into_the_body(void **state)
{
	Buffer out = BUFFER_EMPTY;

	assert_true(encode_ack(&out, SLICE(ACK_BODY), events, 2));
	assert_golden(&out, "ack");
	assert_true(encode_ack(&out, SLICE(" \n" ACK_BODY "\t "), events, 0));
	assert_golden(&out, "ack_unchanged");
	assert_true(encode_ack(&out, SLICE(ACK_BODY), NULL, 0));
	assert_golden(&out, "ack_echo");
	assert_true(encode_ack(&out, SLICE("{ }"), events, 0));
	assert_golden(&out, "ack_empty_body");
}

static void
test_ack_of_what_is_no_object_is_refused(void **state)
{
	static const char *const bodies[] = {"", " ", "{", "}", "null", "[1]", "\"{}\""};
	Buffer out = BUFFER_EMPTY;

	for (size_t i = 0; i < LENGTH_OF(bodies); i++)
	{
		assert_false(encode_ack(&out, slice_of_text(bodies[i]), events, 2));
		assert_int_equal(out.length, 0);
	}
	assert_false(encode_ack(&out, slice_of(NULL, 0), NULL, 0));
}

static void
test_conflict_is_wrapped_as_it_is(void **state)
{
	Buffer out = BUFFER_EMPTY;

	encode_body(&out, MESSAGE_CONFLICT_ERROR, SLICE(CONFLICT_BODY));
	assert_non_null(strstr(buffer_text(&out), CONFLICT_BODY));
	assert_golden(&out, "conflict");
}

static void
test_errors_and_problems(void **state)
{
	Buffer out = BUFFER_EMPTY;
	Refusal refusal;

	refusal_set(&refusal, REFUSAL_UNKNOWN_TYPE, "unknown message type %s", "A\"B\\\n");
	encode_error(&out, &refusal, "A\"B\\\n", &command_id);
	assert_golden(&out, "error");
	refusal_set(&refusal, REFUSAL_UNAVAILABLE, "the database cannot be reached");
	refusal.retry_after_ms = 1500;
	encode_error(&out, &refusal, "", NULL);
	assert_golden(&out, "error_bare");
	(void) problem_append_refusal(&out, &refusal, 0);
	assert_golden(&out, "problem");
}

static void
test_presence_and_cursors(void **state)
{
	Buffer out = BUFFER_EMPTY;
	EncodeCursor cursor = {.board_id = &board_id, .user = &alice, .x = 0.1, .y = -1e6, .task_id = &task_id};

	encode_user_joined(&out, &board_id, &alice);
	assert_golden(&out, "user_joined");
	encode_user_left(&out, &board_id, 7);
	assert_golden(&out, "user_left");
	encode_presence(&out, &board_id, (EncodeUsers){users, LENGTH_OF(users)});
	assert_golden(&out, "presence");
	encode_cursor_update(&out, &cursor);
	assert_golden(&out, "cursor_update");
	cursor = (EncodeCursor){.board_id = &board_id, .user = &alice};
	encode_cursor_update(&out, &cursor);
	assert_golden(&out, "cursor_update_no_task");
}

static void
test_workspace_messages(void **state)
{
	EncodeWorkspaceState workspace = {
		.body =
			SLICE("{\"workspace\": {\"id\": \"99999999-8888-4777-a666-555555555555\", \"name\": \"Home\"}, \"boards\": "
				  "[{\"id\": \"0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0\", \"name\": \"Board\", \"version\": 44, "
				  "\"event\": \"e44\"}], \"presence\": []}"),
		.version = 9,
		.event = "e9",
	};
	Buffer out = BUFFER_EMPTY;
	Uuid workspace_id;

	assert_true(uuid_parse("99999999-8888-4777-a666-555555555555", UUID_TEXT_LENGTH, &workspace_id));
	assert_true(encode_workspace_state(&out, &workspace));
	assert_golden(&out, "workspace_state");
	workspace.is_reset = true;
	assert_true(encode_workspace_state(&out, &workspace));
	assert_golden(&out, "workspace_state_reset");
	workspace.body = SLICE("[]");
	assert_false(encode_workspace_state(&out, &workspace));
	assert_int_equal(out.length, 0);
	encode_board_removed(&out, &board_id, &workspace_id);
	assert_golden(&out, "board_removed");
	encode_workspace_presence(&out, &workspace_id,
							  SLICE("[{\"user_id\": 7, \"username\": \"Alice\", \"avatar\": null, \"online\": true, "
									"\"last_seen\": \"2025-03-01T09:30:00.123Z\"}]"));
	assert_golden(&out, "workspace_presence");
	encode_notification(&out, SLICE("{\"id\": 5, \"type\": \"mention\", \"text\": \"x\"}"), 2);
	assert_golden(&out, "notification");
}

static void
test_reads(void **state)
{
	Buffer out = BUFFER_EMPTY;
	EncodeAnswer answer = {
		.command = "GET_TASK",
		.command_id = &command_id,
		.body = SLICE(
			"{\"task\": {\"id\": \"11111111-2222-4333-8444-555555555555\"}, \"version\": 44, \"event\": \"e44\"}"),
		.is_json = true,
	};

	encode_read_result(&out, &answer);
	assert_golden(&out, "read_result");
	answer.body = SLICE("{\"code\": \"not_found\", \"message\": \"task not found or access denied\"}");
	assert_true(encode_read_refusal(&out, &answer));
	assert_golden(&out, "read_refusal");
	answer.body = SLICE("null");
	assert_false(encode_read_refusal(&out, &answer));
	assert_int_equal(out.length, 0);
	answer = (EncodeAnswer){.command = "EXPORT_BOARD", .body = SLICE("title,list\r\n\"a \"\"b\"\"\",x\r\n")};
	encode_read_result(&out, &answer);
	assert_golden(&out, "read_text");
}

static void
test_task_focus(void **state)
{
	Buffer out = BUFFER_EMPTY;
	EncodeFocus focus = {.board_id = &board_id, .user = &alice, .task_id = &task_id, .editing = "title"};

	encode_task_focus(&out, &focus);
	assert_golden(&out, "task_focus");
	focus.task_id = NULL;
	focus.editing = NULL;
	encode_task_focus(&out, &focus);
	assert_golden(&out, "task_focus_none");
}

static void
test_heartbeat_and_shutdown(void **state)
{
	Buffer out = BUFFER_EMPTY;

	encode_heartbeat_ack(&out, SERVER_TIME);
	assert_golden(&out, "heartbeat_ack");
	encode_server_shutdown(&out, 250);
	assert_golden(&out, "server_shutdown");
}

/* Text of users in every place it can get to: whatever it is, the message stays one valid document. */
static void
test_hostile_names_stay_inside_their_string(void **state)
{
	static const char *const names[] = {"\",\"role\":\"owner", "\\", "\\\"",      "\x01\x1f", "\xff\xfe", "\xc0\xaf",
										"</script>",           "",   "\n\r\t\b\f"};

	for (size_t i = 0; i < LENGTH_OF(names); i++)
	{
		EncodeUser user = {.user_id = 1, .username = names[i], .handle = names[i], .avatar = names[i]};
		struct json_object *message;
		struct json_object *payload;
		Buffer out = BUFFER_EMPTY;

		encode_user_joined(&out, &board_id, &user);
		message = json_tokener_parse(buffer_text(&out));
		assert_non_null(message);
		payload = unit_member(unit_member(message, "payload"), "user");
		assert_int_equal(json_object_object_length(payload), 3);
		if (utf8_is_valid(names[i], strlen(names[i])))
			assert_string_equal(unit_text_member(payload, "username"), names[i]);
		json_object_put(message);
		buffer_free(&out);
	}
}

/* Runs last. */
static void
test_every_golden_message_was_checked(void **state)
{
	assert_int_equal(checked, json_object_array_length(unit_member(vectors, "cases")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_welcome_and_me),
		cmocka_unit_test(test_board_state),
		cmocka_unit_test(test_board_events),
		cmocka_unit_test(test_ack_splices_events_into_the_body),
		cmocka_unit_test(test_ack_of_what_is_no_object_is_refused),
		cmocka_unit_test(test_conflict_is_wrapped_as_it_is),
		cmocka_unit_test(test_errors_and_problems),
		cmocka_unit_test(test_presence_and_cursors),
		cmocka_unit_test(test_workspace_messages),
		cmocka_unit_test(test_reads),
		cmocka_unit_test(test_task_focus),
		cmocka_unit_test(test_heartbeat_and_shutdown),
		cmocka_unit_test(test_hostile_names_stay_inside_their_string),
		cmocka_unit_test(test_every_golden_message_was_checked),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
