/*
 * test_live_message.c - what bridges tell each other: written, sealed and read again; what is forged, changed, moved or
 * cut is refused; a message is never longer than a NOTIFY takes.
 */
#include "hub/live_message.h"
#include "unit_support.h"

static const Uuid board = {{0xb0, 1}};
static const Uuid other_board = {{0xb0, 2}};
static const LiveKey key = {{1, 2, 3}};
static const LiveKey other_key = {{1, 2, 4}};
static const LiveHead head = {.bridge_id = {{0xbb}}, .sent_ms = 1740821400123, .counter = 42};
static const Uuid task = {{0x7a, 0x5c}};

static void
add(Buffer *message, const LiveEntry *entry)
{
	assert_true(live_message_add(message, entry));
}

static void
write_message(Buffer *message)
{
	live_message_begin(message, &head);
	add(message, &(LiveEntry){.kind = LIVE_HELLO});
	add(message, &(LiveEntry){.kind = LIVE_CURSOR, .user_id = 7, .x = 0.1, .y = -1e9});
	add(message, &(LiveEntry){.kind = LIVE_CURSOR, .user_id = 8, .x = 3, .y = 4, .has_task = true, .task_id = task});
	add(message, &(LiveEntry){.kind = LIVE_FOCUS, .user_id = 7, .has_task = true, .task_id = task, .editing = "title"});
	add(message, &(LiveEntry){.kind = LIVE_FOCUS, .user_id = 8});
	live_message_seal(message, &key, &board);
}

static bool
is_taken(Slice payload, const LiveKey *with, const Uuid *on)
{
	LiveHead got;
	Slice entries;

	return live_message_open(payload, with, on, &got, &entries);
}

static void
test_what_is_written_is_read(void **state)
{
	Buffer message = BUFFER_EMPTY;
	LiveHead got;
	Slice entries;
	LiveEntry entry;

	write_message(&message);
	assert_true(live_message_open(buffer_slice(&message), &key, &board, &got, &entries));
	assert_true(uuid_equals(&got.bridge_id, &head.bridge_id));
	assert_true(got.sent_ms == head.sent_ms && got.counter == 42);
	assert_true(live_message_next(&entries, &entry) && entry.kind == LIVE_HELLO);
	assert_true(live_message_next(&entries, &entry) && entry.kind == LIVE_CURSOR);
	assert_true(entry.user_id == 7 && entry.x == 0.1 && entry.y == -1e9 && !entry.has_task);
	assert_true(live_message_next(&entries, &entry) && entry.has_task && uuid_equals(&entry.task_id, &task));
	assert_true(live_message_next(&entries, &entry) && entry.kind == LIVE_FOCUS && entry.user_id == 7);
	assert_string_equal(entry.editing, "title");
	assert_true(live_message_next(&entries, &entry) && entry.user_id == 8 && !entry.has_task);
	assert_false(live_message_next(&entries, &entry));
	buffer_free(&message);
}

static void
test_another_key_or_board_does_not_open_it(void **state)
{
	Buffer message = BUFFER_EMPTY;

	write_message(&message);
	assert_true(is_taken(buffer_slice(&message), &key, &board));
	assert_false(is_taken(buffer_slice(&message), &other_key, &board));
	assert_false(is_taken(buffer_slice(&message), &key, &other_board));
	buffer_free(&message);
}

/* Every single byte changed, and every length cut. */
static void
test_what_was_changed_is_refused(void **state)
{
	Buffer message = BUFFER_EMPTY;

	write_message(&message);
	for (size_t i = 0; i < message.length; i++)
	{
		message.bytes[i] ^= 1;
		assert_false(is_taken(buffer_slice(&message), &key, &board));
		message.bytes[i] ^= 1;
		assert_false(is_taken(slice_of(message.bytes, i), &key, &board));
	}
	buffer_append_text(&message, "c 1 1 1\n");
	assert_false(is_taken(buffer_slice(&message), &key, &board));
	buffer_free(&message);
}

/* Sealed rightly by somebody with the key: still nothing but ids, numbers and known names gets through. */
static void
test_entries_that_are_none(void **state)
{
	static const char *const wrong[] = {
		"x 1\n",
		"c\n",
		"c 1\n",
		"c 1 2\n",
		"c a 1 1\n",
		"c -1 1 1\n",
		"c 1 nan 1\n",
		"c 1 1 inf\n",
		"c 1 0x10 1\n",
		"c 1 1e10 1\n",
		"c 1 1 1 task\n",
		"c 1 1 1",
		"c 1234567890123456789 1 1\n",
		"c 1 1111111111111111111111111111111111 1\n",
		"f 1 7a5c0000-0000-0000-0000-000000000000 <b>\n",
		"f 1 7a5c0000-0000-0000-0000-00000000000\n",
		"\n",
		"",
	};
	LiveEntry entry;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
	{
		Slice entries = slice_of_text(wrong[i]);

		if (live_message_next(&entries, &entry))
			fail_msg("taken: %s", wrong[i]);
	}
}

static void
test_heads_that_are_none(void **state)
{
	static const char *const wrong[] = {
		" bb000000-0000-0000-0000-000000000000 1\n",
		" bb000000-0000-0000-0000-000000000000 1 x\n",
		" bb000000 1 1\n",
		" bb000000-0000-0000-0000-000000000000 1 1",
		"\n",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
	{
		Buffer message = BUFFER_EMPTY;

		memset(buffer_extend(&message, 64), '0', 64);
		buffer_append_text(&message, wrong[i]);
		live_message_seal(&message, &key, &board);
		assert_false(is_taken(buffer_slice(&message), &key, &board));
		buffer_free(&message);
	}
}

static void
test_a_message_is_never_too_long(void **state)
{
	LiveEntry entry = {.kind = LIVE_CURSOR,
					   .user_id = 9007199254740991,
					   .x = 0.1 + 0.2,
					   .y = -0.1 - 0.2,
					   .has_task = true,
					   .task_id = task};
	Buffer message = BUFFER_EMPTY;
	LiveHead got;
	Slice entries;
	int count = 0;
	int read = 0;

	live_message_begin(&message, &head);
	while (live_message_add(&message, &entry))
		count++;
	live_message_seal(&message, &key, &board);
	assert_true(message.length <= LIVE_MESSAGE_MAX);
	assert_true(count > 60);
	assert_true(live_message_open(buffer_slice(&message), &key, &board, &got, &entries));
	while (live_message_next(&entries, &entry))
		read++;
	assert_int_equal(read, count);
	buffer_free(&message);
}

static void
test_keys_are_64_digits(void **state)
{
	const char *text = "00ff00000000000000000000000000000000000000000000000000000000000a";
	LiveKey got;

	assert_true(live_key_parse(slice_of_text(text), &got));
	assert_int_equal(got.bytes[1], 0xff);
	assert_int_equal(got.bytes[31], 10);
	assert_false(live_key_parse(slice_of(text, 63), &got));
	assert_false(live_key_parse(slice_of_text(""), &got));
	assert_false(
		live_key_parse(slice_of_text("0XFF000000000000000000000000000000000000000000000000000000000000"), &got));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_written_is_read),
		cmocka_unit_test(test_another_key_or_board_does_not_open_it),
		cmocka_unit_test(test_what_was_changed_is_refused),
		cmocka_unit_test(test_entries_that_are_none),
		cmocka_unit_test(test_heads_that_are_none),
		cmocka_unit_test(test_a_message_is_never_too_long),
		cmocka_unit_test(test_keys_are_64_digits),
	};

	return RUN_TESTS(tests);
}
