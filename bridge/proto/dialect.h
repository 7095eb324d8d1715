/*
 * dialect.h - from one dialect of the wire to the other.
 *
 *   board       {"type": "UPDATE_TASK", "id": …, "payload": {…}}
 *   workspace   {"type": "task.update", "id": …, "workspace_id": …, "data": {…}}, from the server also user_id, timestamp
 *
 * The bridge itself speaks the board dialect only; what comes from or goes to a connection of the workspace dialect
 * passes here.  Payloads are passed on as the bytes they are.  Pure.
 */
#ifndef COLLAB_PROTO_DIALECT_H
#define COLLAB_PROTO_DIALECT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "base/slice.h"
#include "base/uuid.h"
#include "proto/codes.h"
#include "proto/parse.h"

/*
 * Appends a client's message as the board dialect has it.  The envelope's workspace_id becomes the payload's where the
 * message takes one and the payload names none (nor a board or list, which say it better).  False, with nothing
 * appended, for what is no message of the workspace dialect: malformed JSON, no type, an unknown one.
 */
extern bool dialect_from_workspace(Slice text, Buffer *out) MUST_CHECK;

/*
 * message_parse() of a client's message in the workspace dialect.  `board_text` gets the message as the board dialect
 * has it, which is what is forwarded or kept; the Message may point into neither text.
 */
extern bool dialect_parse(Message *message, Slice text, size_t max_length, Buffer *board_text,
						  Refusal *refusal) MUST_CHECK;

/*
 * Appends any complete message from the server as the workspace dialect has it, the events inside an ACK or a page of
 * events, too.  workspace_id is the one the message belongs to where its payload does not say; NULL or zero: null.
 * user_id and timestamp are the payload's, else null.  False, with nothing appended, when it is no such message.
 */
extern bool dialect_to_workspace(Slice board_message, const Uuid *workspace_id, Buffer *out) MUST_CHECK;

/* connection.disconnect, which goes before every close; reconnect_after_ms below 0: null, do not come back like this. */
extern void dialect_append_disconnect(Buffer *out, const Uuid *workspace_id, CloseCode code,
									  int64_t reconnect_after_ms);

#endif
