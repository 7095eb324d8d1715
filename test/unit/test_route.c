/*
 * test_route.c - which route a request takes, the message it becomes, and what goes back: routes.def.
 */
#include "unit_support.h"

#include <json-c/json.h>

#include "base/compiler.h"
#include "base/json_validate.h"
#include "door/route_header.h"
#include "door/route_message.h"
#include "proto/fields.h"

#define BOARD "0b000000-0000-4000-8000-000000000001"
#define TASK "0a000000-0000-4000-8000-000000000002"
#define KEY "0c000000-0000-4000-8000-000000000003"

/* Name and value in turn, up to NULL. */
static bool
query_of(void *context, const char *name, Slice *value)
{
	for (const char *const *pair = context; pair != NULL && *pair != NULL; pair += 2)
		if (strcmp(pair[0], name) == 0)
		{
			*value = slice_of_text(pair[1]);
			return true;
		}
	return false;
}

static RouteInput
input_of(const char *body)
{
	return (RouteInput){.query = query_of, .body = slice_of_text(body)};
}

static void
assert_message(const char *method, const char *path, RouteInput input, const char *expected)
{
	RouteMatch match = route_match(method, slice_of_text(path));
	RouteMessage message;
	Refusal refusal;

	assert_non_null(match.route);
	if (!route_message_build(&message, &match, &input, &refusal))
		fail_msg("%s %s: %s", method, path, refusal.message);
	assert_buffer_text(&message.text, expected);
	route_message_free(&message);
}

static void
assert_refused(const char *method, const char *path, RouteInput input, RefusalCode code)
{
	RouteMatch match = route_match(method, slice_of_text(path));
	RouteMessage message;
	Refusal refusal;

	assert_non_null(match.route);
	assert_false(route_message_build(&message, &match, &input, &refusal));
	assert_int_equal(refusal.code, code);
	route_message_free(&message);
}

/* ---- matching ---- */

static void
test_match(void **state)
{
	static const struct
	{
		const char *method;
		const char *path;
		const char *type; /* NULL: no route */
	} cases[] = {
		{"GET", "/api/me", "GET_ME"},
		{"HEAD", "/api/me", "GET_ME"},
		{"GET", "/api/me/", NULL},
		{"GET", "/api/mee", NULL},
		{"GET", "/api", NULL},
		{"GET", "", NULL},
		{"GET", "api/me", NULL},
		{"POST", "/api/workspaces/join", "JOIN_BY_INVITE"},
		{"GET", "/api/workspaces/join", "GET_WORKSPACE"},
		{"GET", "/api/workspaces/", NULL},
		{"GET", "/api/workspaces//members", NULL},
		{"PATCH", "/api/workspaces/w/members/7", "CHANGE_ROLE"},
		{"DELETE", "/api/tasks/t/dependencies/u", "REMOVE_DEPENDENCY"},
		{"DELETE", "/api/tasks/t/dependencies/u/v", NULL},
		{"GET", "/api/boards/b/analytics/throughput", "GET_ANALYTICS"},
		{"get", "/api/me", NULL},
	};

	for (size_t i = 0; i < LENGTH_OF(cases); i++)
	{
		RouteMatch match = route_match(cases[i].method, slice_of_text(cases[i].path));

		if (cases[i].type == NULL)
			assert_null(match.route);
		else
			assert_string_equal(match.route->type, cases[i].type);
	}
}

static void
test_params(void **state)
{
	RouteMatch match = route_match("DELETE", SLICE("/api/workspaces/w1/members/7"));

	assert_int_equal(match.param_count, 2);
	assert_true(slice_equals_text(route_param(&match, SLICE("workspace_id")), "w1"));
	assert_true(slice_equals_text(route_param(&match, SLICE("user_id")), "7"));
	assert_int_equal(route_param(&match, SLICE("user")).length, 0);
}

static void
test_allow(void **state)
{
	Buffer allow = BUFFER_EMPTY;
	RouteMatch match = route_match("POST", SLICE("/api/boards/b"));

	assert_null(match.route);
	assert_true(match.is_path_known);
	route_append_allow(&allow, SLICE("/api/boards/b"));
	assert_buffer_text(&allow, "GET, HEAD, PUT, DELETE");
	buffer_free(&allow);
	assert_false(route_match("POST", SLICE("/api/nothing")).is_path_known);
}

/* Every field a path, an alias or a Location names is one of its command or read. */
static void
test_table(void **state)
{
	size_t count;
	const Route *routes = route_table(&count);

	for (size_t i = 0; i < count; i++)
	{
		RouteMatch match = route_match(routes[i].method, slice_of_text(routes[i].path));
		size_t field_count;

		assert_ptr_equal(match.route, &routes[i]);
		assert_true(routes[i].status == 200 || routes[i].status == 201);
		if (routes[i].answer != ROUTE_COMMAND && routes[i].answer != ROUTE_READ)
			continue;
		assert_non_null(fields_of(routes[i].type, &field_count));
		for (size_t j = 0; j < match.param_count; j++)
			if (field_find(routes[i].type, match.params[j].name) == NULL &&
				strcmp(routes[i].type, "REVOKE_INVITE") != 0)
				fail_msg("%s: %.*s", routes[i].path, (int) match.params[j].name.length, match.params[j].name.bytes);
	}
}

/* ---- commands ---- */

static void
test_payload(void **state)
{
	assert_message("POST", "/api/boards/" BOARD "/tasks", input_of(" { \"title\" : \"a\\u00e9}\" } "),
				   "{\"type\":\"CREATE_TASK\",\"payload\":{\"title\" : \"a\\u00e9}\",\"board_id\":\"" BOARD "\"}}");
	/* the path comes last, and counts */
	assert_message("POST", "/api/boards/" BOARD "/lists", input_of("{\"board_id\":\"other\",\"name\":\"n\"}"),
				   "{\"type\":\"CREATE_LIST\",\"payload\":{\"board_id\":\"other\",\"name\":\"n\",\"board_id\":\"" BOARD
				   "\"}}");
	assert_message("POST", "/api/lists/x/archive", input_of(NULL),
				   "{\"type\":\"ARCHIVE_LIST\",\"payload\":{\"list_id\":\"x\"}}");
	assert_message("POST", "/api/lists/x/archive", input_of("{}"),
				   "{\"type\":\"ARCHIVE_LIST\",\"payload\":{\"list_id\":\"x\"}}");
	assert_message("POST", "/api/notifications/read", input_of("{\"before\":7}"),
				   "{\"type\":\"MARK_READ\",\"payload\":{\"before\":7}}");
}

static void
test_updates(void **state)
{
	assert_message("PATCH", "/api/tasks/" TASK, input_of("{\"title\":\"t\"}"),
				   "{\"type\":\"UPDATE_TASK\",\"payload\":{\"updates\":{\"title\":\"t\"},\"task_id\":\"" TASK "\"}}");
	assert_message("PATCH", "/api/tasks/" TASK, input_of("{\"version\":3,\"title\":\"t\"}"),
				   "{\"type\":\"UPDATE_TASK\",\"payload\":{\"updates\":{\"version\":3,\"title\":\"t\"},\"version\":3,"
				   "\"task_id\":\"" TASK "\"}}");
	assert_message("PUT", "/api/notifications/preferences", input_of("{\"assigned\":false}"),
				   "{\"type\":\"SET_PREFERENCES\",\"payload\":{\"preferences\":{\"assigned\":false}}}");
}

static void
test_document(void **state)
{
	static const char *query[] = {"format", "trello", "document", "no", NULL};
	RouteInput input = input_of("{\"lists\":[]}");

	input.context = query;
	assert_message("POST", "/api/workspaces/w/import", input,
				   "{\"type\":\"IMPORT_BOARD\",\"payload\":{\"document\":{\"lists\":[]},\"format\":\"trello\","
				   "\"workspace_id\":\"w\"}}");
}

static void
test_typed_path(void **state)
{
	assert_message("DELETE", "/api/workspaces/w/members/42", input_of(NULL),
				   "{\"type\":\"REMOVE_MEMBER\",\"payload\":{\"workspace_id\":\"w\",\"user_id\":42}}");
	/* the database says what is wrong with it */
	assert_message("DELETE", "/api/workspaces/w/members/4,\"x", input_of(NULL),
				   "{\"type\":\"REMOVE_MEMBER\",\"payload\":{\"workspace_id\":\"w\",\"user_id\":\"4,\\\"x\"}}");
	assert_message("DELETE", "/api/workspaces/w/members/true", input_of(NULL),
				   "{\"type\":\"REMOVE_MEMBER\",\"payload\":{\"workspace_id\":\"w\",\"user_id\":\"true\"}}");
}

static void
test_headers(void **state)
{
	RouteInput input = input_of("{\"version\":1}");

	input.if_match = SLICE("\"43\"");
	input.idempotency_key = SLICE(KEY);
	assert_message("DELETE", "/api/tasks/t", input,
				   "{\"type\":\"DELETE_TASK\",\"id\":\"" KEY
				   "\",\"payload\":{\"version\":1,\"task_id\":\"t\",\"version\":43}}");
	input.body = (Slice){0};
	input.if_match = SLICE("W/\"0\"");
	assert_message("DELETE", "/api/tasks/t", input,
				   "{\"type\":\"DELETE_TASK\",\"id\":\"" KEY "\",\"payload\":{\"task_id\":\"t\",\"version\":0}}");
	input.if_match = SLICE("*");
	assert_message("DELETE", "/api/tasks/t", input,
				   "{\"type\":\"DELETE_TASK\",\"id\":\"" KEY "\",\"payload\":{\"task_id\":\"t\"}}");
}

static void
test_bad_headers(void **state)
{
	static const char *const bad[] = {"43", "\"\"", "\"-1\"", "\"1\", \"2\"", "\"1234567890\"", "\"4", "W/", "\"a\""};

	for (size_t i = 0; i < LENGTH_OF(bad); i++)
	{
		RouteInput input = input_of(NULL);

		input.if_match = slice_of_text(bad[i]);
		assert_refused("DELETE", "/api/tasks/t", input, REFUSAL_INVALID);
	}
	assert_refused("DELETE", "/api/tasks/t", (RouteInput){.idempotency_key = SLICE("7")}, REFUSAL_INVALID);
}

static void
test_bad_bodies(void **state)
{
	static const char *const bad[] = {"[]",          "7",       "{\"a\":}", "{\"a\":\"\\u0000\"}",
									  "{\"a\":NaN}", "{'a':1}", "{} {}",    " "};

	for (size_t i = 0; i < LENGTH_OF(bad); i++)
		assert_refused("PATCH", "/api/tasks/t", input_of(bad[i]), REFUSAL_BAD_MESSAGE);
}

/* `levels` of objects around a number. */
static void
append_nested(Buffer *out, int levels)
{
	for (int i = 0; i < levels; i++)
		buffer_append_text(out, "{\"a\":");
	buffer_append_char(out, '1');
	for (int i = 0; i < levels; i++)
		buffer_append_char(out, '}');
}

/* What it becomes has 32 levels, as any message of a client. */
static void
test_deep_bodies(void **state)
{
	static const struct
	{
		const char *method;
		const char *path;
		int most;
	} cases[] = {
		{"POST", "/api/boards/b/tasks", 31}, {"PATCH", "/api/tasks/t", 30}, {"POST", "/api/workspaces/w/import", 30}};

	for (size_t i = 0; i < LENGTH_OF(cases); i++)
	{
		Buffer body = BUFFER_EMPTY;
		RouteMatch match = route_match(cases[i].method, slice_of_text(cases[i].path));
		RouteInput input;
		RouteMessage message;
		Refusal refusal;
		JsonReport report;

		append_nested(&body, cases[i].most);
		input = input_of(buffer_text(&body));
		assert_true(route_message_build(&message, &match, &input, &refusal));
		assert_true(json_validate(message.text.bytes, message.text.length, SIZE_MAX, &report));
		assert_int_equal(report.depth, JSON_MAX_DEPTH);
		route_message_free(&message);
		buffer_clear(&body);
		append_nested(&body, cases[i].most + 1);
		assert_refused(cases[i].method, cases[i].path, input_of(buffer_text(&body)), REFUSAL_BAD_MESSAGE);
		buffer_free(&body);
	}
}

static bool
has_key(const char *method, const char *path, const char *body, const char *key)
{
	RouteMatch match = route_match(method, slice_of_text(path));
	RouteInput input = input_of(body);
	RouteMessage message;
	Refusal refusal;
	char text[UUID_TEXT_SIZE] = "";

	assert_true(route_message_build(&message, &match, &input, &refusal));
	if (message.has_routing_key)
		(void) uuid_format(&message.routing_key, text);
	route_message_free(&message);
	return strcmp(text, key) == 0;
}

static void
test_routing(void **state)
{
	assert_true(has_key("POST", "/api/boards/" BOARD "/tasks", "{\"list_id\":\"" TASK "\"}", BOARD));
	assert_true(has_key("PATCH", "/api/tasks/" TASK, "{\"board_id\":\"" BOARD "\"}", TASK));
	assert_true(has_key("POST", "/api/tasks/" TASK "/move", "{\"board_id\":\"" BOARD "\"}", BOARD));
	assert_true(has_key("PATCH", "/api/comments/" TASK, "{\"text\":\"x\"}", ""));
	assert_true(has_key("PATCH", "/api/comments/" TASK, "{\"board_id\":7}", ""));
	assert_true(has_key("POST", "/api/workspaces/" BOARD "/members", "{}", BOARD));
}

/* ---- reads ---- */

static void
test_read(void **state)
{
	static const char *query[] = {"limit",  "5", "query", "a \"b\"",  "filters", "{\"completed\":true}",
								  "cursor", "7", "no",    "board_id", "other",   "board_id",
								  NULL};
	RouteInput input = input_of("{\"ignored\":1}");

	input.context = query;
	input.if_match = SLICE("rubbish");
	assert_message("GET", "/api/boards/" BOARD "/search", input,
				   "{\"type\":\"SEARCH\",\"payload\":{\"query\":\"a \\\"b\\\"\",\"filters\":{\"completed\":true},"
				   "\"limit\":5,\"cursor\":\"7\",\"board_id\":\"" BOARD "\"}}");
}

static void
test_query_names(void **state)
{
	static const char *by_alias[] = {"version", "12", "at", "2026-11-21", NULL};
	static const char *by_field[] = {"at_version", "-", NULL};
	RouteInput input = input_of(NULL);

	input.context = by_alias;
	assert_message("GET", "/api/boards/b/state", input,
				   "{\"type\":\"GET_BOARD_AT\",\"payload\":{\"at_version\":12,\"at_time\":\"2026-11-21\",\"board_id\":"
				   "\"b\"}}");
	input.context = by_field;
	assert_message("GET", "/api/boards/b/state", input,
				   "{\"type\":\"GET_BOARD_AT\",\"payload\":{\"at_version\":\"-\",\"board_id\":\"b\"}}");
}

static void
test_next(void **state)
{
	static const char *query[] = {"limit", "5", "cursor", "old", "query", "\xc3\xa4 &b", NULL};
	RouteInput input = input_of(NULL);
	RouteMatch match = route_match("GET", SLICE("/api/boards/b/search"));
	Buffer next = BUFFER_EMPTY;

	input.context = query;
	route_append_next(&next, &match, SLICE("/api/boards/b/search"), &input, SLICE("n=1/2"));
	assert_buffer_text(&next, "/api/boards/b/search?cursor=n%3D1%2F2&query=%C3%A4%20%26b&limit=5");
	buffer_clear(&next);
	match = route_match("GET", SLICE("/api/notifications"));
	route_append_next(&next, &match, SLICE("/api/notifications"), &input, SLICE("9"));
	assert_buffer_text(&next, "/api/notifications?cursor=9&limit=5");
	buffer_clear(&next);
	input.context = NULL;
	match = route_match("GET", SLICE("/api/boards/{b}>\r\n/search"));
	route_append_next(&next, &match, SLICE("/api/boards/{b}>\r\n/search"), &input, SLICE("9"));
	assert_buffer_text(&next, "/api/boards/%7Bb%7D%3E%0D%0A/search?cursor=9");
	buffer_free(&next);
}

static void
test_none_match(void **state)
{
	assert_true(route_none_match(SLICE("\"43\""), 43));
	assert_true(route_none_match(SLICE("W/\"43\""), 43));
	assert_true(route_none_match(SLICE("\"x\", \"43\" "), 43));
	assert_true(route_none_match(SLICE("*"), 43));
	assert_false(route_none_match(SLICE("\"4\""), 43));
	assert_false(route_none_match(SLICE("43"), 43));
	assert_false(route_none_match(SLICE("\"x\" \"43"), 43));
	assert_false(route_none_match(SLICE(""), 43));
}

static void
test_content_type(void **state)
{
	static const char *const good[] = {"application/json", "Application/JSON ; charset=utf-8",
									   "application/merge-patch+json", "text/json"};
	static const char *const bad[] = {
		"",      "text/plain",       "application/x-www-form-urlencoded", "application/jsonx", "application/+jso",
		"+json", ";application/json"};

	for (size_t i = 0; i < LENGTH_OF(good); i++)
		assert_true(route_is_json(slice_of_text(good[i])));
	for (size_t i = 0; i < LENGTH_OF(bad); i++)
		assert_false(route_is_json(slice_of_text(bad[i])));
}

/* ---- Location ---- */

static bool
location_is(const char *path, const char *ack, const char *message, const char *expected)
{
	RouteMatch match = route_match("POST", slice_of_text(path));
	Buffer location = BUFFER_EMPTY;
	bool is_there = route_append_location(&location, &match, slice_of_text(ack), slice_of_text(message));
	bool is_as_expected = is_there == (*expected != '\0') && strcmp(buffer_text(&location), expected) == 0;

	buffer_free(&location);
	return is_as_expected;
}

static void
test_location(void **state)
{
	assert_true(location_is("/api/boards/b/tasks", "{\"board_id\":\"b\",\"result\":{\"task_id\":\"" TASK "\"}}", "{}",
							"/api/tasks/" TASK));
	assert_true(location_is("/api/workspaces/w/import", "{\"board_id\":\"b2\",\"result\":{\"notes\":[]}}", "{}",
							"/api/boards/b2"));
	assert_true(location_is("/api/workspaces/w1/members", "{}", "{\"type\":\"\",\"payload\":{\"user_id\":42}}",
							"/api/workspaces/w1/members/42"));
	assert_true(location_is("/api/boards/b/tasks", "{\"result\":{\"task_id\":\"../x\"}}", "{}", ""));
	assert_true(location_is("/api/boards/b/tasks", "{}", "{}", ""));
	assert_true(location_is("/api/boards/b/labels", "{\"result\":{\"label_id\":\"l\"}}", "{}", ""));
}

/* ---- anything ---- */

/* Whatever stands in path, query and body: what is built is JSON. */
static void
test_always_json(void **state)
{
	static const char *const values[] = {"\"",  "\\", "\xff", "\x01", "{", "a\"},\"x\":{\"", "1e9", "{\"a\":[1,2]}",
										 "null"};

	for (size_t i = 0; i < LENGTH_OF(values); i++)
	{
		const char *query[] = {"query", values[i], "filters", values[i], "limit", values[i], NULL};
		char path[64];
		RouteInput input = {.query = query_of, .context = query};
		RouteMatch match;
		RouteMessage message;
		Refusal refusal;
		JsonReport report;

		snprintf(path, sizeof(path), "/api/workspaces/%s/search", values[i]);
		match = route_match("GET", slice_of_text(path));
		assert_true(route_message_build(&message, &match, &input, &refusal));
		if (!json_validate(message.text.bytes, message.text.length, 1000, &report))
			fail_msg("%s", buffer_text(&message.text));
		route_message_free(&message);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_match),       cmocka_unit_test(test_params),      cmocka_unit_test(test_allow),
		cmocka_unit_test(test_table),       cmocka_unit_test(test_payload),     cmocka_unit_test(test_updates),
		cmocka_unit_test(test_document),    cmocka_unit_test(test_typed_path),  cmocka_unit_test(test_headers),
		cmocka_unit_test(test_bad_headers), cmocka_unit_test(test_bad_bodies),  cmocka_unit_test(test_deep_bodies),
		cmocka_unit_test(test_routing),     cmocka_unit_test(test_read),        cmocka_unit_test(test_query_names),
		cmocka_unit_test(test_next),        cmocka_unit_test(test_none_match),  cmocka_unit_test(test_content_type),
		cmocka_unit_test(test_location),    cmocka_unit_test(test_always_json),
	};

	return RUN_TESTS(tests);
}
