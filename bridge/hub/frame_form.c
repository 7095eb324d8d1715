/*
 * frame_form.c - a message as each kind of receiver gets it: made once, kept with its frame.
 *
 * The table says how a form is made, and from which; a form that is not in it cannot be chosen (session_open checks).
 * A form costs memory only while its frame lives or a queue holds it: what a ring keeps is at most
 * FRAME_FORM_COUNT times its own bytes.
 *
 * Owns nothing. Called by conn/ through frame_in_form.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/deflate.h"
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

/* ---- permessage-deflate ---- */

/* Shorter ones gain nothing worth the time. */
#define DEFLATE_LEAST 128

static Frame *
deflated_make(Frame *frame)
{
	Slice payload = frame_payload(frame);
	Buffer out = BUFFER_EMPTY;
	Frame *form = NULL;

	if (frame_opcode(frame) != FRAME_TEXT || payload.length < DEFLATE_LEAST || payload.length > FRAME_DEFLATE_MOST)
		return NULL;
	deflate_message(&out, payload);
	if (out.length < payload.length)
		form = frame_new_deflated(buffer_slice(&out), true, true);
	buffer_free(&out);
	return form;
}

/* ---- all of them ---- */

typedef struct FormMake
{
	FrameMake make;
	FrameForm base; /* what it is made from */
} FormMake;

static const FormMake form_makes[FRAME_FORM_COUNT] = {
	[FRAME_FORM_WORKSPACE] = {workspace_make, FRAME_FORM_BOARD},
	[FRAME_FORM_SSE] = {sse_make, FRAME_FORM_BOARD},
	[FRAME_FORM_BOARD_DEFLATED] = {deflated_make, FRAME_FORM_BOARD},
	[FRAME_FORM_WORKSPACE_DEFLATED] = {deflated_make, FRAME_FORM_WORKSPACE},
};

bool
frame_form_is_made(FrameForm form)
{
	if (form == FRAME_FORM_BOARD)
		return true;
	return form < FRAME_FORM_COUNT && form_makes[form].make != NULL && frame_form_is_made(form_makes[form].base);
}

bool
frame_form_is_deflated(FrameForm form)
{
	return form == FRAME_FORM_BOARD_DEFLATED || form == FRAME_FORM_WORKSPACE_DEFLATED;
}

bool
frame_form_is_workspace(FrameForm form)
{
	return form == FRAME_FORM_WORKSPACE || form == FRAME_FORM_WORKSPACE_DEFLATED;
}

FrameForm
frame_form_deflated(FrameForm form)
{
	return frame_form_is_workspace(form) ? FRAME_FORM_WORKSPACE_DEFLATED : FRAME_FORM_BOARD_DEFLATED;
}

static Frame *
form_find(Frame *frame, FrameForm form)
{
	while (frame != NULL && frame->form != form)
		frame = frame->next_form;
	return frame;
}

Frame *
frame_in_form(Frame *frame, FrameForm form)
{
	Frame *made = form_find(frame, form);
	Frame *base;

	if (made != NULL)
		return made;
	assert(frame_form_is_made(form));
	base = frame_in_form(frame, form_makes[form].base);
	if ((frame->same_forms & 1u << form) != 0)
		return base;
	made = form_makes[form].make(base);
	if (made == NULL)
	{
		frame->same_forms |= 1u << form;
		return base;
	}
	made->form = form;
	made->next_form = frame->next_form;
	frame->next_form = made;
	return made;
}
