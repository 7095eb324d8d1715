/*
 * frame_form.c - a message as each kind of receiver gets it: made once, kept with its frame.
 *
 * The table says how a form is made; a form that is not in it cannot be chosen (session_open checks).
 * A form costs memory only while its frame lives or a queue holds it: what a ring keeps is at most
 * FRAME_FORM_COUNT times its own bytes.
 *
 * Owns nothing. Called by conn/ through frame_in_form.
 */
#include <assert.h>
#include <stdlib.h>

#include "hub/frame.h"
#include "proto/dialect.h"

/* A new frame, or NULL: the message is the same in this form. */
typedef Frame *(*FrameMake)(Frame *frame);

/* ---- workspace dialect ---- */

static Frame *
workspace_make(Frame *frame)
{
	if (frame_opcode(frame) != FRAME_TEXT ||
		!dialect_to_workspace(frame_payload(frame), &frame->workspace_id, frame_begin()))
		return NULL;
	return frame_finish(FRAME_TEXT);
}

/* ---- text/event-stream ---- */

/* A line break inside the JSON would end the line; outside of strings it means nothing there. */
static void
sse_append_payload(Buffer *out, Slice payload)
{
	size_t start = out->length;

	buffer_append_text(out, "data: ");
	buffer_append_slice(out, payload);
	for (size_t i = start; i < out->length; i++)
	{
		if (out->bytes[i] == '\n' || out->bytes[i] == '\r')
			out->bytes[i] = ' ';
	}
	buffer_append_text(out, "\n\n");
}

/*
 * Only what can be resumed after has an id, which the client gives back as Last-Event-ID. A ping is a
 * comment: nobody but the proxies in between sees it.
 */
static Frame *
sse_make(Frame *frame)
{
	Buffer out = BUFFER_EMPTY;
	Frame *form;

	if (frame_opcode(frame) == FRAME_TEXT)
	{
		if (frame->mark != NULL)
			buffer_append_format(&out, "id: %d:%s\n", frame->version, frame->mark);
		if (frame->retry_ms > 0)
			buffer_append_format(&out, "retry: %lld\n", (long long) frame->retry_ms);
		sse_append_payload(&out, frame_payload(frame));
	}
	else
		buffer_append_text(&out, ":\n\n");
	form = frame_new_raw(buffer_slice(&out));
	buffer_free(&out);
	return form;
}

/* ---- all of them ---- */

static const FrameMake frame_makes[FRAME_FORM_COUNT] = {
	[FRAME_FORM_WORKSPACE] = workspace_make,
	[FRAME_FORM_SSE] = sse_make,
};

bool
frame_form_is_made(FrameForm form)
{
	return form == FRAME_FORM_BOARD || (form < FRAME_FORM_COUNT && frame_makes[form] != NULL);
}

Frame *
frame_in_form(Frame *frame, FrameForm form)
{
	Frame *made = frame;

	while (made != NULL && made->form != form)
		made = made->next_form;
	if (made != NULL)
		return made;
	assert(frame_form_is_made(form));
	made = frame_makes[form](frame);
	if (made == NULL)
		return frame;
	made->form = form;
	made->next_form = frame->next_form;
	frame->next_form = made;
	return made;
}
