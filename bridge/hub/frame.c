/*
 * frame.c - complete messages as they go out, shared by reference.
 *
 * Owns the frames' memory and one scratch buffer in which messages are encoded. A small frame is
 * copied out of it at its exact size; a large one takes the buffer's memory over, so that a board
 * state of megabytes is not copied. How forms are made is in frame_form.c. Called by hub/ and conn/.
 */
#include "hub/frame.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/metrics.h"

/* Above this a copy costs more than a new scratch buffer. */
#define FRAME_TAKE_OVER 65536
#define FRAME_OPCODE_MASK 0x0f
#define FRAME_RSV1 0x40
#define FRAME_FIN 0x80

static Buffer frame_scratch;

static void
frame_hold(Frame *frame, size_t bytes)
{
	frame->held += bytes;
	metrics_add(METRIC_HELD_BYTES, (int64_t) bytes);
}

static Frame *
frame_alloc(size_t inline_length)
{
	Frame *frame = memory_alloc(sizeof(*frame) + inline_length);

	frame->references = 1;
	frame->bytes = (const char *) (frame + 1);
	frame_hold(frame, sizeof(*frame) + inline_length);
	return frame;
}

Frame *
frame_new(Slice payload)
{
	uint8_t head[FRAME_HEADER_MAX];
	size_t head_length = frame_header_encode(head, FRAME_TEXT, payload.length);
	Frame *frame = frame_alloc(head_length + payload.length);
	char *bytes = (char *) (frame + 1);

	memcpy(bytes, head, head_length);
	if (payload.length > 0)
		memcpy(bytes + head_length, payload.bytes, payload.length);
	frame->head_length = (unsigned) head_length;
	frame->length = head_length + payload.length;
	return frame;
}

size_t
frame_fragment_head(uint8_t head[FRAME_HEADER_MAX], const Frame *frame, size_t length, bool is_first, bool is_last)
{
	size_t head_length = frame_header_encode(head, FRAME_CONTINUATION, length);

	if (is_first)
		head[0] = (uint8_t) frame->bytes[0];
	head[0] = (uint8_t) ((head[0] & ~FRAME_FIN) | (is_last ? FRAME_FIN : 0));
	return head_length;
}

Frame *
frame_new_deflated(Slice payload, bool is_first, bool is_last)
{
	uint8_t head[FRAME_HEADER_MAX];
	size_t head_length = frame_header_encode(head, is_first ? FRAME_TEXT : FRAME_CONTINUATION, payload.length);
	Frame *frame = frame_alloc(head_length + payload.length);
	char *bytes = (char *) (frame + 1);

	if (is_first)
		head[0] |= FRAME_RSV1;
	if (!is_last)
		head[0] &= (uint8_t) ~FRAME_FIN;
	memcpy(bytes, head, head_length);
	if (payload.length > 0)
		memcpy(bytes + head_length, payload.bytes, payload.length);
	frame->head_length = (unsigned) head_length;
	frame->length = head_length + payload.length;
	return frame;
}

Buffer *
frame_begin(void)
{
	buffer_clear(&frame_scratch);
	frame_header_reserve(&frame_scratch);
	return &frame_scratch;
}

Frame *
frame_finish(FrameOpcode opcode)
{
	size_t start = frame_header_place(&frame_scratch, opcode);
	size_t length = frame_scratch.length - start;
	bool takes_over = length > FRAME_TAKE_OVER;
	Frame *frame = frame_alloc(takes_over ? 0 : length);

	if (takes_over)
	{
		frame_hold(frame, frame_scratch.capacity);
		frame->block = buffer_detach(&frame_scratch, NULL);
		frame->bytes = frame->block + start;
	}
	else
		memcpy((char *) (frame + 1), frame_scratch.bytes + start, length);
	frame->head_length = (unsigned) (FRAME_HEADER_MAX - start);
	frame->length = length;
	return frame;
}

Frame *
frame_new_raw(Slice bytes)
{
	Frame *frame = frame_alloc(bytes.length);

	if (bytes.length > 0)
		memcpy((char *) (frame + 1), bytes.bytes, bytes.length);
	frame->length = bytes.length;
	return frame;
}

void
frame_note_version(Frame *frame, int version, const char *mark)
{
	free(frame->mark);
	frame->version = version;
	frame->mark = memory_copy_text(mark);
}

void
frame_note_retry(Frame *frame, int64_t milliseconds)
{
	frame->retry_ms = milliseconds;
}

void
frame_note_workspace(Frame *frame, const Uuid *workspace_id)
{
	frame->workspace_id = *workspace_id;
}

Frame *
frame_ref(Frame *frame)
{
	frame->references++;
	return frame;
}

void
frame_unref(Frame *frame)
{
	if (frame == NULL || --frame->references > 0)
		return;
	frame_unref(frame->next_form);
	metrics_add(METRIC_HELD_BYTES, -(int64_t) frame->held);
	free(frame->mark);
	free(frame->block);
	free(frame);
}

Slice
frame_payload(const Frame *frame)
{
	return slice_of(frame->bytes + frame->head_length, frame->length - frame->head_length);
}

FrameOpcode
frame_opcode(const Frame *frame)
{
	return (FrameOpcode) (frame->bytes[0] & FRAME_OPCODE_MASK);
}

void
frame_close(void)
{
	buffer_free(&frame_scratch);
}
