/* test_frame_header.c - heads of WebSocket frames, RFC 6455 section 5.2 and its examples in 5.7. */
#include "unit_support.h"

#include "proto/frame_header.h"

static void
assert_head(FrameOpcode opcode, uint64_t length, Slice expected)
{
	uint8_t head[FRAME_HEADER_MAX];

	assert_int_equal(frame_header_encode(head, opcode, length), expected.length);
	assert_memory_equal(head, expected.bytes, expected.length);
}

static void
test_examples_of_the_rfc(void **state)
{
	assert_head(FRAME_TEXT, 5, SLICE("\x81\x05"));
	assert_head(FRAME_PING, 5, SLICE("\x89\x05"));
	assert_head(FRAME_BINARY, 256, SLICE("\x82\x7e\x01\x00"));
	assert_head(FRAME_BINARY, 65536, SLICE("\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00"));
}

static void
test_edges_of_the_three_lengths(void **state)
{
	assert_head(FRAME_TEXT, 0, SLICE("\x81\x00"));
	assert_head(FRAME_TEXT, 125, SLICE("\x81\x7d"));
	assert_head(FRAME_TEXT, 126, SLICE("\x81\x7e\x00\x7e"));
	assert_head(FRAME_TEXT, 127, SLICE("\x81\x7e\x00\x7f"));
	assert_head(FRAME_TEXT, 65535, SLICE("\x81\x7e\xff\xff"));
	assert_head(FRAME_TEXT, UINT64_C(0x0123456789abcdef), SLICE("\x81\x7f\x01\x23\x45\x67\x89\xab\xcd\xef"));
}

static void
test_other_opcodes(void **state)
{
	assert_head(FRAME_CLOSE, 2, SLICE("\x88\x02"));
	assert_head(FRAME_PONG, 0, SLICE("\x8a\x00"));
}

/* The head ends where the payload starts, whatever its length. */
static void
test_placed_before_the_payload(void **state)
{
	static const size_t lengths[] = {0, 5, 125, 126, 65535, 65536};

	for (size_t i = 0; i < LENGTH_OF(lengths); i++)
	{
		Buffer frame = BUFFER_EMPTY;
		uint8_t head[FRAME_HEADER_MAX];
		size_t head_length = frame_header_encode(head, FRAME_TEXT, lengths[i]);
		size_t start;

		frame_header_reserve(&frame);
		memset(buffer_extend(&frame, lengths[i]), 'x', lengths[i]);
		start = frame_header_place(&frame, FRAME_TEXT);
		assert_int_equal(frame.length - start, head_length + lengths[i]);
		assert_memory_equal(frame.bytes + start, head, head_length);
		for (size_t at = start + head_length; at < frame.length; at++)
			assert_int_equal(frame.bytes[at], 'x');
		buffer_free(&frame);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples_of_the_rfc),
		cmocka_unit_test(test_edges_of_the_three_lengths),
		cmocka_unit_test(test_other_opcodes),
		cmocka_unit_test(test_placed_before_the_payload),
	};

	return RUN_TESTS(tests);
}
