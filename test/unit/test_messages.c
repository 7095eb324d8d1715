/* test_messages.c - the message table: names, roles, dialects, fields. */
#include "unit_support.h"

#include "proto/messages.h"

static void
assert_workspace_name(MessageType type, const char *expected)
{
	Buffer name = BUFFER_EMPTY;

	message_append_workspace_name(&name, type);
	assert_buffer_text(&name, expected);
	buffer_free(&name);
}

static void
test_every_type_has_a_name_and_finds_itself(void **state)
{
	for (MessageType type = MESSAGE_UNKNOWN + 1; type < MESSAGE_TYPE_COUNT; type++)
	{
		MessageType found = message_from_client_name(slice_of_text(message_name(type)));

		assert_true(strlen(message_name(type)) > 0);
		assert_int_not_equal(message_role(type), MESSAGE_ROLE_NONE);
		assert_int_equal(found, message_role(type) == MESSAGE_ROLE_SERVER ? MESSAGE_UNKNOWN : type);
	}
}

static void
test_roles(void **state)
{
	assert_int_equal(message_role(MESSAGE_HEARTBEAT), MESSAGE_ROLE_LOCAL);
	assert_int_equal(message_role(MESSAGE_JOIN_BOARD), MESSAGE_ROLE_READ);
	assert_int_equal(message_role(MESSAGE_MOVE_TASK), MESSAGE_ROLE_COMMAND);
	assert_int_equal(message_role(MESSAGE_ACK), MESSAGE_ROLE_SERVER);
	assert_int_equal(message_role(MESSAGE_UNKNOWN), MESSAGE_ROLE_NONE);
}

static void
test_aggregates_come_from_the_commands(void **state)
{
	assert_int_equal(message_aggregate(MESSAGE_CREATE_WORKSPACE), MESSAGE_AGGREGATE_WORKSPACE_NEW);
	assert_int_equal(message_aggregate(MESSAGE_ADD_MEMBER), MESSAGE_AGGREGATE_WORKSPACE);
	assert_int_equal(message_aggregate(MESSAGE_CREATE_BOARD), MESSAGE_AGGREGATE_BOARD_NEW);
	assert_int_equal(message_aggregate(MESSAGE_MOVE_TASK), MESSAGE_AGGREGATE_BOARD);
	assert_int_equal(message_aggregate(MESSAGE_JOIN_BY_INVITE), MESSAGE_AGGREGATE_INVITED);
	assert_int_equal(message_aggregate(MESSAGE_MARK_READ), MESSAGE_AGGREGATE_ACTOR);
	assert_int_equal(message_aggregate(MESSAGE_JOIN_BOARD), MESSAGE_AGGREGATE_NONE);
}

static void
test_only_what_makes_a_whole_board_is_bulk(void **state)
{
	for (MessageType type = 0; type < MESSAGE_TYPE_COUNT; type++)
		assert_int_equal(message_is_bulk(type), type == MESSAGE_IMPORT_BOARD || type == MESSAGE_DUPLICATE_BOARD);
}

static void
test_names_of_the_workspace_dialect(void **state)
{
	assert_workspace_name(MESSAGE_UPDATE_TASK, "task.update");
	assert_workspace_name(MESSAGE_CREATE_WORKSPACE, "workspace.create");
	assert_workspace_name(MESSAGE_ADD_MEMBER, "member.add");
	assert_workspace_name(MESSAGE_UNDO, "board.undo");
	assert_workspace_name(MESSAGE_CURSOR_MOVE, "cursor.move");
	assert_workspace_name(MESSAGE_CURSOR_UPDATE, "cursor.update");
	assert_workspace_name(MESSAGE_WELCOME, "connection.welcome");
	assert_workspace_name(MESSAGE_AUTH, "auth.refresh");
	assert_workspace_name(MESSAGE_UNKNOWN, "");
}

/* message_uses() hands out one run of the table, so a message's lines must stand together. */
static void
test_uses_of_one_message_stand_together(void **state)
{
	for (MessageType type = 0; type < MESSAGE_TYPE_COUNT; type++)
	{
		size_t count;
		const MessageUse *uses = message_uses(type, &count);

		assert_int_equal(uses == NULL, count == 0);
		for (size_t i = 0; i < count; i++)
			assert_int_equal(uses[i].type, type);
		if (message_role(type) == MESSAGE_ROLE_COMMAND || message_role(type) == MESSAGE_ROLE_SERVER)
			assert_int_equal(count, 0);
	}
}

static void
test_join_board_reads_what_the_protocol_lists(void **state)
{
	size_t count;
	const MessageUse *uses = message_uses(MESSAGE_JOIN_BOARD, &count);

	assert_int_equal(count, 7);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(uses[i].is_required, uses[i].field == MESSAGE_FIELD_BOARD_ID);
	assert_string_equal(message_field_info(MESSAGE_FIELD_SINCE_VERSION)->name, "since_version");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_type_has_a_name_and_finds_itself),
		cmocka_unit_test(test_roles),
		cmocka_unit_test(test_aggregates_come_from_the_commands),
		cmocka_unit_test(test_only_what_makes_a_whole_board_is_bulk),
		cmocka_unit_test(test_names_of_the_workspace_dialect),
		cmocka_unit_test(test_uses_of_one_message_stand_together),
		cmocka_unit_test(test_join_board_reads_what_the_protocol_lists),
	};

	return RUN_TESTS(tests);
}
