/*
 * test_frame.c - shared frames: head and payload together, references, and what is looked up in an event's body.
 */
#include "unit_support.h"

#include "hub/event_body.h"
#include "hub/frame.h"

static void
a_frame_is_head_and_payload(void **state)
{
	Frame *frame = frame_new(SLICE("{\"a\":1}"));

	assert_int_equal(frame->length, 9);
	assert_memory_equal(frame->bytes, "\x81\x07{\"a\":1}", 9);
	assert_int_equal(frame_payload(frame).length, 7);
	assert_memory_equal(frame_payload(frame).bytes, "{\"a\":1}", 7);
	frame_unref(frame);
}

/* 65,535 bytes have a head of 4, 65,536 one of 10; the larger one takes the scratch buffer's memory over. */
static void
a_frame_written_in_place_has_the_head_of_its_length(void **state)
{
	const size_t lengths[] = {0, 125, 126, 65535, 65536, 300000};
	const unsigned heads[] = {2, 2, 4, 4, 10, 10};

	for (size_t i = 0; i < 6; i++)
	{
		char *place = buffer_extend(frame_begin(), lengths[i]);
		Frame *frame;

		memset(place, 'x', lengths[i]);
		frame = frame_finish(FRAME_TEXT);
		assert_int_equal(frame->head_length, heads[i]);
		assert_int_equal(frame->length, heads[i] + lengths[i]);
		assert_int_equal((unsigned char) frame->bytes[0], 0x81);
		if (lengths[i] > 0)
			assert_int_equal(frame_payload(frame).bytes[lengths[i] - 1], 'x');
		frame_unref(frame);
	}
}

/* AddressSanitizer sees a frame that goes too early or not at all. */
static void
a_frame_lives_as_long_as_its_last_reference(void **state)
{
	Frame *frame = frame_new(SLICE("x"));

	assert_ptr_equal(frame_ref(frame), frame);
	frame_unref(frame);
	assert_int_equal(frame->references, 1);
	assert_int_equal(frame_payload(frame).bytes[0], 'x');
	frame_unref(frame);
	frame_unref(NULL);
}

static void
expect_bytes(const Frame *frame, const char *expected)
{
	assert_int_equal(frame->length, strlen(expected));
	assert_memory_equal(frame->bytes, expected, strlen(expected));
}

static void
an_event_of_a_stream_has_the_id_to_resume_after(void **state)
{
	Frame *event = frame_new(SLICE("{\"type\":\"X\"}"));
	Frame *other = frame_new(SLICE("{\"type\":\n\"X\"\r\n}"));

	frame_note_version(event, 7, "12-34");
	expect_bytes(frame_in_form(event, FRAME_FORM_SSE), "id: 7:12-34\ndata: {\"type\":\"X\"}\n\n");
	expect_bytes(frame_in_form(other, FRAME_FORM_SSE), "data: {\"type\": \"X\"  }\n\n");
	frame_unref(event);
	frame_unref(other);
}

static void
the_workspace_dialect_is_made_with_its_workspace(void **state)
{
	Frame *frame = frame_new(SLICE("{\"type\":\"USER_LEFT\",\"payload\":{\"user_id\":7}}"));
	Uuid workspace_id;
	Slice text;

	assert_true(uuid_parse("c0ffee00-0000-4000-8000-000000000001", 36, &workspace_id));
	frame_note_workspace(frame, &workspace_id);
	text = frame_payload(frame_in_form(frame, FRAME_FORM_WORKSPACE));
	assert_non_null(memmem(text.bytes, text.length, "\"presence.user_left\"", 20));
	assert_non_null(memmem(text.bytes, text.length, "c0ffee00-0000-4000-8000-000000000001", 36));
	frame_unref(frame);
}

static void
a_ping_of_a_stream_is_a_comment(void **state)
{
	Frame *ping;

	buffer_append_text(frame_begin(), "collab");
	ping = frame_finish(FRAME_PING);
	expect_bytes(frame_in_form(ping, FRAME_FORM_SSE), ":\n\n");
	assert_ptr_equal(frame_in_form(ping, FRAME_FORM_BOARD), ping);
	assert_ptr_equal(frame_in_form(ping, FRAME_FORM_WORKSPACE), ping);
	frame_unref(ping);
}

/* One translation for all receivers; a queue's reference keeps the form when the frame has gone. */
static void
a_form_is_made_once_and_may_outlive_its_frame(void **state)
{
	Frame *frame = frame_new(SLICE("{}"));
	Frame *form = frame_ref(frame_in_form(frame, FRAME_FORM_SSE));

	assert_ptr_equal(frame_in_form(frame, FRAME_FORM_SSE), form);
	assert_int_equal(form->references, 2);
	frame_unref(frame);
	assert_int_equal(form->references, 1);
	expect_bytes(form, "data: {}\n\n");
	frame_unref(form);
}

static void
a_form_that_is_not_made_cannot_be_chosen(void **state)
{
	assert_true(frame_form_is_made(FRAME_FORM_BOARD));
	assert_true(frame_form_is_made(FRAME_FORM_SSE));
	assert_false(frame_form_is_made(FRAME_FORM_COUNT));
}

static void
expect_command_id(const char *body, bool is_there)
{
	Uuid expected = {{0}};
	Uuid found;

	assert_true(uuid_parse("c0ffee00-0000-4000-8000-000000000001", 36, &expected));
	assert_int_equal(event_body_command_id(slice_of_text(body), &found), is_there);
	if (is_there)
		assert_true(uuid_equals(&found, &expected));
}

#define ID "\"c0ffee00-0000-4000-8000-000000000001\""

static void
the_command_id_is_the_payloads_own(void **state)
{
	expect_command_id("{\"type\":\"X\",\"payload\":{\"command_id\":" ID "}}", true);
	expect_command_id("{\"type\": \"X\", \"payload\": {\"version\": 1, \"command_id\" : " ID "}}", true);
	expect_command_id("{\"payload\":{\"task\":{\"title\":\"a \\\"}{[\"},\"command_id\":" ID "}}", true);
	expect_command_id("{\"payload\":{\"task\":{\"config\":{\"command_id\":" ID "}}}}", false);
	expect_command_id("{\"command_id\":" ID ",\"payload\":{}}", false);
	expect_command_id("{\"payload\":{\"title\":\"\\\"command_id\\\":\",\"x\":" ID "}}", false);
	expect_command_id("{\"payload\":{\"title\":\"command_id\",\"x\":" ID "}}", false);
	expect_command_id("{\"payload\":{\"command_id\":null}}", false);
	expect_command_id("{\"payload\":{\"command_id\":\"short\"}}", false);
	expect_command_id("{\"payload\":{\"command_id", false);
	expect_command_id("", false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_is_head_and_payload),
		cmocka_unit_test(a_frame_written_in_place_has_the_head_of_its_length),
		cmocka_unit_test(a_frame_lives_as_long_as_its_last_reference),
		cmocka_unit_test(an_event_of_a_stream_has_the_id_to_resume_after),
		cmocka_unit_test(the_workspace_dialect_is_made_with_its_workspace),
		cmocka_unit_test(a_ping_of_a_stream_is_a_comment),
		cmocka_unit_test(a_form_is_made_once_and_may_outlive_its_frame),
		cmocka_unit_test(a_form_that_is_not_made_cannot_be_chosen),
		cmocka_unit_test(the_command_id_is_the_payloads_own),
	};
	int failed = RUN_TESTS(tests);

	frame_close();
	return failed;
}
