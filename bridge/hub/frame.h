/*
 * frame.h - complete messages as they go out, shared by reference.
 *
 *      room's ring ──┐
 *      session A ────┼──► Frame { references: 3, [head][payload …] }
 *      session B ────┘
 *
 * A message is serialized once, head and payload together, and every receiver holds a reference. A
 * frame holds nothing that differs between receivers and never changes. Freed with its last
 * reference; whoever has handed bytes to the library keeps one until they have left.
 *
 * A frame is a WebSocket frame in the board dialect. What a receiver of another kind gets is one of
 * its forms (frame_form.c): made when the first such receiver takes it and kept with it, so that a
 * change is translated once for all of them. A form has references of its own and may outlive the
 * frame it was made from.
 *
 *      Frame (board) ──► Frame (SSE) ──► Frame (workspace) …      the forms made so far
 */
#ifndef COLLAB_HUB_FRAME_H
#define COLLAB_HUB_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "base/slice.h"
#include "base/uuid.h"
#include "proto/frame_header.h"

typedef enum FrameForm
{
	FRAME_FORM_BOARD, /* the frame itself */
	FRAME_FORM_WORKSPACE, /* a WebSocket frame in the workspace dialect */
	FRAME_FORM_SSE, /* an event of a text/event-stream: id (when it has a version) and data, board dialect */
	FRAME_FORM_BOARD_DEFLATED, /* permessage-deflate, where that makes the message smaller */
	FRAME_FORM_WORKSPACE_DEFLATED,
	FRAME_FORM_COUNT
} FrameForm;

/* Longer messages are not compressed in one go, but see outq_push_in_pieces. */
#define FRAME_DEFLATE_MOST 262144

typedef struct Frame Frame;
struct Frame
{
	unsigned references;
	FrameForm form;
	unsigned head_length; /* bytes of the WebSocket head in front of the payload */
	size_t length; /* head and payload */
	const char *bytes; /* in `block`, or right behind this struct */
	size_t held; /* bytes of memory, for METRIC_HELD_BYTES */
	char *block; /* memory taken over from a buffer; NULL when inline */
	Frame *next_form; /* one reference, held by the frame in front of it; of a form too */
	unsigned same_forms; /* bit per FrameForm: known to be no different from the form below it */

	/* what forms say beside the payload; set before the first one is made */
	Uuid workspace_id; /* where the message belongs; zero: nowhere that is known */
	int version; /* to resume after it: a version and its mark; 0 and NULL: this is none */
	char *mark; /* owned */
	int64_t retry_ms; /* the pause before a stream is opened again; 0: as always */
};

/* A text frame around a payload that exists already (an event's body); copies it. */
Frame *frame_new(Slice payload) MUST_CHECK;

/*
 * A frame written in place: encode into the buffer that frame_begin returns, then frame_finish. One
 * at a time.
 */
Buffer *frame_begin(void) MUST_CHECK;
Frame *frame_finish(FrameOpcode opcode) MUST_CHECK;

/*
 * A compressed text message (permessage-deflate), or one of the pieces it goes out in: the first says
 * that it is compressed, the last that it is the end. Copies the payload.
 */
Frame *frame_new_deflated(Slice payload, bool is_first, bool is_last) MUST_CHECK;

/* The head of a part of this message, as a fragment; its length. */
size_t frame_fragment_head(uint8_t head[FRAME_HEADER_MAX], const Frame *frame, size_t length, bool is_first,
						   bool is_last) MUST_CHECK;

/* Bytes that are complete as they are, for a form that is no WebSocket frame; copies them. */
Frame *frame_new_raw(Slice bytes) MUST_CHECK;

/* Before the frame is given to anyone: what its forms say beside the payload. */
void frame_note_version(Frame *frame, int version, const char *mark);
void frame_note_retry(Frame *frame, int64_t milliseconds);
void frame_note_workspace(Frame *frame, const Uuid *workspace_id);

/*
 * The frame as receivers of this kind get it, borrowed: it lives as long as `frame`, longer with a
 * reference. Control frames stay what they are in every WebSocket form. The form must be one that is
 * made.
 */
Frame *frame_in_form(Frame *frame, FrameForm form) MUST_CHECK;
bool frame_form_is_made(FrameForm form);
bool frame_form_is_deflated(FrameForm form);
bool frame_form_is_workspace(FrameForm form); /* the dialect it speaks */
FrameForm frame_form_deflated(FrameForm form); /* the same dialect, compressed */

Frame *frame_ref(Frame *frame);
void frame_unref(Frame *frame); /* NULL is fine */

Slice frame_payload(const Frame *frame);
FrameOpcode frame_opcode(const Frame *frame); /* of a WebSocket form */

/* Frees the buffer behind frame_begin: at exit. */
void frame_close(void);

#endif
