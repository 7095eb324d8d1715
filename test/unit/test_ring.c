/*
 * test_ring.c - the newest events of a room: bounded by count and bytes, without a gap.
 */
#include "unit_support.h"

#include "hub/ring.h"

static void
push_body(Ring *ring, const RingLimits *limits, int version, const char *mark, Slice body)
{
	Frame *frame = frame_new(body);

	frame_note_version(frame, version, mark);
	ring_push(ring, limits, frame);
}

static void
push(Ring *ring, const RingLimits *limits, int version)
{
	char mark[16];
	char body[64];

	snprintf(mark, sizeof(mark), "m%d", version);
	snprintf(body, sizeof(body), "{\"payload\":{\"version\":%d}}", version);
	push_body(ring, limits, version, mark, slice_of_text(body));
}

static void
the_oldest_leave_first(void **state)
{
	const RingLimits limits = {.events = 100, .bytes = 1000000};
	Ring ring = {0};

	for (int version = 7; version < 307; version++)
		push(&ring, &limits, version);
	assert_int_equal(ring.count, 100);
	assert_int_equal(ring_first(&ring), 207);
	assert_null(ring_at(&ring, 206));
	assert_null(ring_at(&ring, 307));
	for (int version = 207; version < 307; version++)
	{
		char mark[16];

		snprintf(mark, sizeof(mark), "m%d", version);
		assert_string_equal(ring_at(&ring, version)->frame->mark, mark);
	}
	ring_free(&ring);
}

static void
bytes_are_bounded_but_a_large_event_is_held(void **state)
{
	const RingLimits limits = {.events = 100, .bytes = 100};
	char large[500];
	Ring ring = {0};

	memset(large, 'x', sizeof(large));
	for (int version = 1; version < 20; version++)
		push(&ring, &limits, version);
	assert_true(ring.bytes <= limits.bytes);
	assert_true(ring.count > 1);
	push_body(&ring, &limits, 20, "m", slice_of(large, sizeof(large)));
	assert_int_equal(ring.count, 1);
	assert_non_null(ring_at(&ring, 20));
	push(&ring, &limits, 21);
	assert_int_equal(ring.count, 1);
	assert_non_null(ring_at(&ring, 21));
	ring_free(&ring);
}

static void
after_clearing_any_version_may_come(void **state)
{
	const RingLimits limits = {.events = 10, .bytes = 1000};
	Ring ring = {0};

	push(&ring, &limits, 5);
	ring_clear(&ring);
	assert_int_equal(ring.bytes, 0);
	assert_null(ring_at(&ring, 5));
	push(&ring, &limits, 3);
	assert_non_null(ring_at(&ring, 3));
	ring_free(&ring);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_oldest_leave_first),
		cmocka_unit_test(bytes_are_bounded_but_a_large_event_is_held),
		cmocka_unit_test(after_clearing_any_version_may_come),
	};

	return RUN_TESTS(tests);
}
