/*
 * test_outq.c - the outgoing queue of one connection: order, one write for many frames, full sockets, limits.
 */
#include "unit_support.h"

#include "conn/outq.h"
#include "core/metrics.h"

/* A socket that takes what it is told to and remembers everything it took. */
typedef struct FakeSocket
{
	OutqWritten answer;
	int writes;
	Buffer taken;
} FakeSocket;

static OutqWritten
fake_write(void *transport, const struct iovec *pieces, int count, size_t length)
{
	FakeSocket *socket = transport;
	size_t sum = 0;

	socket->writes++;
	for (int i = 0; i < count; i++)
		sum += pieces[i].iov_len;
	assert_int_equal(sum, length);
	assert_true(length <= OUTQ_WRITE_BYTES);
	if (socket->answer == OUTQ_WRITTEN || socket->answer == OUTQ_FULL)
		for (int i = 0; i < count; i++)
			buffer_append(&socket->taken, pieces[i].iov_base, pieces[i].iov_len);
	return socket->answer;
}

static void
push(Outq *queue, Slice payload)
{
	Frame *frame = frame_new(payload);

	outq_push(queue, frame, true);
	frame_unref(frame);
}

static void
push_large(Outq *queue, size_t length, bool is_counted)
{
	char *bytes = buffer_extend(frame_begin(), length);
	Frame *frame;

	memset(bytes, 'x', length);
	frame = frame_finish(FRAME_TEXT);
	outq_push(queue, frame, is_counted);
	frame_unref(frame);
}

static void
many_frames_leave_in_one_write(void **state)
{
	FakeSocket socket = {.answer = OUTQ_WRITTEN};
	Outq queue;

	outq_init(&queue, 1000);
	push(&queue, SLICE("a"));
	push(&queue, SLICE("b"));
	push(&queue, SLICE("c"));
	assert_int_equal(queue.bytes, 9);
	assert_true(outq_flush(&queue, fake_write, &socket));
	assert_int_equal(socket.writes, 1);
	assert_buffer_text(&socket.taken, "\x81\x01"
									  "a\x81\x01"
									  "b\x81\x01"
									  "c");
	assert_true(outq_is_empty(&queue));
	assert_int_equal(queue.bytes, 0);
	buffer_free(&socket.taken);
	outq_free(&queue);
}

/* A full socket has taken everything; the frames stay until it has drained. */
static void
frames_are_held_until_the_socket_has_drained(void **state)
{
	FakeSocket socket = {.answer = OUTQ_FULL};
	Frame *frame = frame_new(SLICE("a"));
	Outq queue;

	outq_init(&queue, 1000);
	outq_push(&queue, frame, true);
	assert_true(outq_flush(&queue, fake_write, &socket));
	assert_true(queue.is_full);
	assert_true(outq_is_empty(&queue));
	assert_int_equal(frame->references, 2);
	push(&queue, SLICE("b"));
	assert_true(outq_flush(&queue, fake_write, &socket));
	assert_int_equal(socket.writes, 1);
	outq_drained(&queue);
	assert_int_equal(frame->references, 1);
	socket.answer = OUTQ_WRITTEN;
	assert_true(outq_flush(&queue, fake_write, &socket));
	assert_buffer_text(&socket.taken, "\x81\x01"
									  "a\x81\x01"
									  "b");
	frame_unref(frame);
	buffer_free(&socket.taken);
	outq_free(&queue);
}

static void
a_socket_that_takes_nothing_is_asked_again_later(void **state)
{
	FakeSocket socket = {.answer = OUTQ_LATER};
	Outq queue;

	outq_init(&queue, 1000);
	push(&queue, SLICE("a"));
	assert_true(outq_flush(&queue, fake_write, &socket));
	assert_false(outq_is_empty(&queue));
	assert_int_equal(queue.bytes, 3);
	outq_drained(&queue);
	assert_false(outq_is_empty(&queue));
	socket.answer = OUTQ_BROKEN;
	assert_false(outq_flush(&queue, fake_write, &socket));
	outq_free(&queue);
}

/* 300,000 bytes: pieces of 64 KB, the rest of it when the turns before have gone. */
static void
a_large_frame_leaves_in_pieces(void **state)
{
	FakeSocket socket = {.answer = OUTQ_WRITTEN};
	Outq queue;
	int turns = 0;

	outq_init(&queue, 1000000);
	push_large(&queue, 300000, true);
	push(&queue, SLICE("end"));
	while (!outq_is_empty(&queue) && turns++ < 10)
		assert_true(outq_flush(&queue, fake_write, &socket));
	assert_int_equal(turns, 2);
	assert_int_equal(socket.taken.length, 300010 + 5);
	assert_memory_equal(socket.taken.bytes + 300010,
						"\x81\x03"
						"end",
						5);
	assert_int_equal(queue.bytes, 0);
	buffer_free(&socket.taken);
	outq_free(&queue);
}

static void
loose_frames_are_dropped_when_the_socket_is_full(void **state)
{
	FakeSocket socket = {.answer = OUTQ_FULL};
	Frame *cursor = frame_new(SLICE("cursor"));
	Outq queue;

	metrics_reset();
	outq_init(&queue, 1000);
	assert_true(outq_push_loose(&queue, cursor));
	assert_true(outq_flush(&queue, fake_write, &socket));
	assert_false(outq_push_loose(&queue, cursor));
	assert_int_equal(metrics_get(METRIC_DROPPED), 1);
	outq_drained(&queue);
	assert_true(outq_push_loose(&queue, cursor));
	frame_unref(cursor);
	buffer_free(&socket.taken);
	outq_free(&queue);
	assert_int_equal(metrics_get(METRIC_QUEUE_BYTES), 0);
}

static void
one_state_is_not_held_against_the_limit(void **state)
{
	Outq queue;

	outq_init(&queue, 1000);
	push_large(&queue, 5000, false);
	assert_true(outq_holds_uncounted(&queue));
	assert_true(outq_has_room(&queue));
	assert_false(outq_is_over(&queue, 1000));
	push_large(&queue, 800, true);
	assert_false(outq_has_room(&queue));
	assert_true(outq_is_over(&queue, 200));
	outq_free(&queue);
}

/* What has begun must be ended, or the client reads rubbish. */
static void
dropping_leaves_the_frame_that_has_begun(void **state)
{
	FakeSocket socket = {.answer = OUTQ_FULL};
	Outq queue;

	outq_init(&queue, 1000000);
	push_large(&queue, 100000, true);
	push(&queue, SLICE("lost"));
	assert_true(outq_flush(&queue, fake_write, &socket));
	outq_drop_pending(&queue);
	push(&queue, SLICE("bye"));
	socket.answer = OUTQ_WRITTEN;
	outq_drained(&queue);
	assert_true(outq_flush(&queue, fake_write, &socket));
	assert_int_equal(socket.taken.length, 100010 + 5);
	assert_memory_equal(socket.taken.bytes + 100012, "bye", 3);
	assert_int_equal(queue.bytes, 0);
	buffer_free(&socket.taken);
	outq_free(&queue);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_frames_leave_in_one_write),
		cmocka_unit_test(frames_are_held_until_the_socket_has_drained),
		cmocka_unit_test(a_socket_that_takes_nothing_is_asked_again_later),
		cmocka_unit_test(a_large_frame_leaves_in_pieces),
		cmocka_unit_test(loose_frames_are_dropped_when_the_socket_is_full),
		cmocka_unit_test(one_state_is_not_held_against_the_limit),
		cmocka_unit_test(dropping_leaves_the_frame_that_has_begun),
	};
	int failed = RUN_TESTS(tests);

	frame_close();
	return failed;
}
