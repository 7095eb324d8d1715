/*
 * frame.h - complete WebSocket frames, shared by reference.
 *
 *      room's ring ──┐
 *      session A ────┼──► Frame { references: 3, [head][payload …] }
 *      session B ────┘
 *
 * A message is serialized once, head and payload together, and every receiver holds a reference. A
 * frame holds nothing that differs between receivers and never changes. Freed with its last
 * reference; whoever has handed bytes to the library keeps one until they have left.
 */
#ifndef COLLAB_HUB_FRAME_H
#define COLLAB_HUB_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "base/slice.h"
#include "proto/frame_header.h"

typedef struct Frame
{
	unsigned references;
	unsigned head_length; /* bytes of the WebSocket head in front of the payload */
	size_t length; /* head and payload */
	const char *bytes; /* in `block`, or right behind this struct */
	char *block; /* memory taken over from a buffer; NULL when inline */
} Frame;

/* A text frame around a payload that exists already (an event's body); copies it. */
Frame *frame_new(Slice payload) MUST_CHECK;

/*
 * A frame written in place: encode into the buffer that frame_begin returns, then frame_finish. One
 * at a time.
 */
Buffer *frame_begin(void) MUST_CHECK;
Frame *frame_finish(FrameOpcode opcode) MUST_CHECK;

Frame *frame_ref(Frame *frame);
void frame_unref(Frame *frame); /* NULL is fine */

Slice frame_payload(const Frame *frame);

/* Frees the buffer behind frame_begin: at exit. */
void frame_close(void);

#endif
