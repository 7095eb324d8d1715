/*
 * route_message.h - a request as the message that does what it asks: {"type", "id"?, "payload"} of the board dialect.
 *
 * Pure: no I/O.
 */
#ifndef COLLAB_DOOR_ROUTE_MESSAGE_H
#define COLLAB_DOOR_ROUTE_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "base/slice.h"
#include "base/uuid.h"
#include "door/route.h"
#include "proto/parse.h"

typedef struct RouteInput
{
	/* The query parameter of this name, decoded; false when there is none. */
	bool (*query)(void *context, const char *name, Slice *value);
	void *context;
	Slice body; /* NULL bytes: none */
	Slice if_match; /* header values; empty: absent */
	Slice idempotency_key;
} RouteInput;

typedef struct RouteMessage
{
	Buffer text; /* owned */
	bool has_id;
	Uuid id; /* from Idempotency-Key */
	bool has_routing_key; /* of a command */
	Uuid routing_key;
} RouteMessage;

/*
 * For routes that are one command or one read.  What the path says counts before the body, If-Match before a `version` there.
 * False: refused.  *message need not be initialised and always goes to route_message_free().
 */
extern bool route_message_build(RouteMessage *message, const RouteMatch *match, const RouteInput *input,
								Refusal *refusal) MUST_CHECK;
extern void route_message_free(RouteMessage *message);

/*
 * Appends the path (decoded, as it is matched) and query of the page that begins at `cursor`, the parameters of this one otherwise.
 */
extern void route_append_next(Buffer *out, const RouteMatch *match, Slice path, const RouteInput *input, Slice cursor);

/*
 * Appends a route's Location.  The names in braces are looked up in the path, the ACK's result, the ACK and the message's
 * payload; false, with nothing appended, when one is found nowhere.
 */
extern bool route_append_location(Buffer *out, const RouteMatch *match, Slice ack, Slice message) MUST_CHECK;

#endif
