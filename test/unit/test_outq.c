/*
 * test_outq.c - the outgoing queue of one connection: order, one write for many frames, full sockets, limits.
 */
#include "unit_support.h"

#include "base/deflate.h"
#include "conn/outq.h"
#include "core/loop.h"
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

/* Takes one message off the front: its payload; how many frames it came in. */
static int
read_message(Slice *taken, Buffer *payload, bool *is_compressed)
{
	for (int count = 1;; count++)
	{
		const uint8_t *head = (const uint8_t *) taken->bytes;
		size_t length = head[1];
		size_t head_length = 2;

		assert_int_equal(head[0] & 0x0f, count == 1 ? FRAME_TEXT : FRAME_CONTINUATION);
		if (count == 1)
			*is_compressed = (head[0] & 0x40) != 0;
		else
			assert_int_equal(head[0] & 0x40, 0);
		assert_in_range(length, 0, 126); /* no single frame of more than 64 kB */
		if (length == 126)
		{
			length = (size_t) head[2] << 8 | head[3];
			head_length = 4;
		}
		assert_true(head_length + length <= taken->length);
		buffer_append(payload, taken->bytes + head_length, length);
		*taken = slice_of(taken->bytes + head_length + length, taken->length - head_length - length);
		if ((head[0] & 0x80) != 0)
			return count;
	}
}

/* 300,000 bytes: fragments, each in a write of its own, the rest of them when the turns before have gone. */
static void
a_large_frame_leaves_in_fragments(void **state)
{
	FakeSocket socket = {.answer = OUTQ_WRITTEN};
	Buffer payload = BUFFER_EMPTY;
	bool is_compressed;
	Slice rest;
	Outq queue;
	int turns = 0;

	outq_init(&queue, 1000000);
	push_large(&queue, 300000, true);
	push(&queue, SLICE("end"));
	while (!outq_is_empty(&queue) && turns++ < 10)
		assert_true(outq_flush(&queue, fake_write, &socket));
	assert_int_equal(turns, 2);
	assert_int_equal(socket.writes, 6);
	rest = buffer_slice(&socket.taken);
	assert_int_equal(read_message(&rest, &payload, &is_compressed), 5);
	assert_false(is_compressed);
	assert_int_equal(payload.length, 300000);
	assert_int_equal(strspn(buffer_text(&payload), "x"), 300000);
	assert_int_equal(rest.length, 5);
	assert_memory_equal(rest.bytes,
						"\x81\x03"
						"end",
						5);
	assert_int_equal(queue.bytes, 0);
	buffer_free(&payload);
	buffer_free(&socket.taken);
	outq_free(&queue);
}

/* What is no WebSocket frame has no fragments. */
static void
large_bytes_without_a_head_leave_as_they_are(void **state)
{
	FakeSocket socket = {.answer = OUTQ_WRITTEN};
	char *bytes = calloc(1, 200000);
	Frame *frame = frame_new_raw(slice_of(bytes, 200000));
	Outq queue;

	outq_init(&queue, 1000000);
	outq_push(&queue, frame, true);
	frame_unref(frame);
	while (!outq_is_empty(&queue))
		assert_true(outq_flush(&queue, fake_write, &socket));
	assert_int_equal(socket.taken.length, 200000);
	assert_memory_equal(socket.taken.bytes, bytes, 200000);
	free(bytes);
	buffer_free(&socket.taken);
	outq_free(&queue);
}

/* A million bytes need four turns, and those of two connections share what a turn may spend. */
static void
what_leaves_in_pieces_is_compressed_a_part_a_turn(void **state)
{
	FakeSocket sockets[2] = {{.answer = OUTQ_WRITTEN}, {.answer = OUTQ_WRITTEN}};
	Outq queues[2];
	int turns = 0;

	metrics_reset();
	assert_true(loop_open());
	for (int i = 0; i < 2; i++)
	{
		char *bytes = buffer_extend(frame_begin(), 1000000);
		Frame *frame;

		memset(bytes, 'a' + i, 1000000);
		frame = frame_finish(FRAME_TEXT);
		outq_init(&queues[i], 10);
		outq_push_in_pieces(&queues[i], frame, i == 0);
		push(&queues[i], SLICE("end"));
		frame_unref(frame);
	}
	assert_int_equal(queues[0].bytes, 1000010 + 5);
	while (!(outq_is_empty(&queues[0]) && outq_is_empty(&queues[1])) && turns++ < 100)
	{
		for (int i = 0; i < 2; i++)
			assert_true(outq_flush(&queues[(turns + i) % 2], fake_write, &sockets[(turns + i) % 2]));
		loop_turn();
	}
	assert_in_range(turns, 7, 12);
	for (int i = 0; i < 2; i++)
	{
		Slice rest = buffer_slice(&sockets[i].taken);
		Buffer payload = BUFFER_EMPTY;
		Buffer message = BUFFER_EMPTY;
		bool is_compressed;

		(void) read_message(&rest, &payload, &is_compressed);
		assert_true(is_compressed);
		assert_int_equal(inflate_message(&message, buffer_slice(&payload), 1000000), INFLATE_DONE);
		assert_int_equal(message.length, 1000000);
		assert_int_equal(message.bytes[999999], 'a' + i);
		assert_int_equal(rest.length, 5);
		assert_int_equal(queues[i].bytes, 0);
		buffer_free(&payload);
		buffer_free(&message);
		buffer_free(&sockets[i].taken);
		outq_free(&queues[i]);
	}
	assert_int_equal(metrics_get(METRIC_QUEUE_BYTES), 0);
	deflate_close();
	loop_close();
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

/* A message in fragments may end where it is, before a close frame; a frame may not. */
static void
dropping_leaves_no_frame_unfinished(void **state)
{
	FakeSocket socket = {.answer = OUTQ_FULL};
	Outq queue;

	outq_init(&queue, 1000000);
	push_large(&queue, 100000, true);
	push(&queue, SLICE("lost"));
	assert_true(outq_flush(&queue, fake_write, &socket));
	assert_int_equal(socket.taken.length, 65520 + 4);
	outq_drop_pending(&queue);
	assert_int_equal(queue.bytes, 0);
	push(&queue, SLICE("bye"));
	socket.answer = OUTQ_WRITTEN;
	outq_drained(&queue);
	assert_true(outq_flush(&queue, fake_write, &socket));
	assert_int_equal(socket.taken.length, 65520 + 4 + 5);
	assert_memory_equal(socket.taken.bytes + 65526, "bye", 3);
	assert_int_equal(queue.bytes, 0);
	buffer_free(&socket.taken);
	outq_free(&queue);
}

static void
dropping_ends_bytes_without_a_head(void **state)
{
	FakeSocket socket = {.answer = OUTQ_FULL};
	char *bytes = calloc(1, 100000);
	Frame *frame = frame_new_raw(slice_of(bytes, 100000));
	Outq queue;

	outq_init(&queue, 1000000);
	outq_push(&queue, frame, true);
	push(&queue, SLICE("lost"));
	assert_true(outq_flush(&queue, fake_write, &socket));
	outq_drop_pending(&queue);
	socket.answer = OUTQ_WRITTEN;
	outq_drained(&queue);
	assert_true(outq_flush(&queue, fake_write, &socket));
	assert_int_equal(socket.taken.length, 100000);
	assert_true(outq_is_empty(&queue));
	assert_int_equal(queue.bytes, 0);
	frame_unref(frame);
	free(bytes);
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
		cmocka_unit_test(a_large_frame_leaves_in_fragments),
		cmocka_unit_test(large_bytes_without_a_head_leave_as_they_are),
		cmocka_unit_test(what_leaves_in_pieces_is_compressed_a_part_a_turn),
		cmocka_unit_test(loose_frames_are_dropped_when_the_socket_is_full),
		cmocka_unit_test(one_state_is_not_held_against_the_limit),
		cmocka_unit_test(dropping_leaves_no_frame_unfinished),
		cmocka_unit_test(dropping_ends_bytes_without_a_head),
	};
	int failed = RUN_TESTS(tests);

	frame_close();
	return failed;
}
