/*
 * frame_header.c - the head of a WebSocket frame a server sends.
 *
 * Owns nothing.  Called by hub/ for shared frames and by conn/ for private ones.
 */
#include "proto/frame_header.h"

#include <assert.h>
#include <string.h>

#define FRAME_FINAL 0x80
#define FRAME_LENGTH_16 126
#define FRAME_LENGTH_64 127

static size_t
frame_put_length(uint8_t *at, uint64_t length, size_t byte_count)
{
	for (size_t i = 0; i < byte_count; i++)
		at[i] = (uint8_t) (length >> (8 * (byte_count - 1 - i)));
	return byte_count;
}

size_t
frame_header_encode(uint8_t head[FRAME_HEADER_MAX], FrameOpcode opcode, uint64_t payload_length)
{
	head[0] = (uint8_t) (FRAME_FINAL | opcode);
	if (payload_length < FRAME_LENGTH_16)
	{
		head[1] = (uint8_t) payload_length;
		return 2;
	}
	if (payload_length <= UINT16_MAX)
	{
		head[1] = FRAME_LENGTH_16;
		return 2 + frame_put_length(head + 2, payload_length, 2);
	}
	head[1] = FRAME_LENGTH_64;
	return 2 + frame_put_length(head + 2, payload_length, 8);
}

void
frame_header_reserve(Buffer *empty)
{
	assert(empty->length == 0);
	memset(buffer_extend(empty, FRAME_HEADER_MAX), 0, FRAME_HEADER_MAX);
}

size_t
frame_header_place(Buffer *frame, FrameOpcode opcode)
{
	uint8_t head[FRAME_HEADER_MAX];
	size_t length;
	size_t start;

	assert(frame->length >= FRAME_HEADER_MAX);
	length = frame_header_encode(head, opcode, frame->length - FRAME_HEADER_MAX);
	start = FRAME_HEADER_MAX - length;
	memcpy(frame->bytes + start, head, length);
	return start;
}
