/*
 * ws_offer.h - which of a client's offers of permessage-deflate is taken (RFC 7692, section 7).
 *
 * Pure. Called by head.c, which puts WS_OFFER_TAKEN in the place of the offers: the library answers with
 * what stands there.
 */
#ifndef COLLAB_DOOR_WS_OFFER_H
#define COLLAB_DOOR_WS_OFFER_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/slice.h"

#define WS_OFFER_EXTENSION "permessage-deflate"

/* Each message stands alone, both ways: compressed once for all receivers, and no memory between two. */
#define WS_OFFER_NO_SERVER_CONTEXT "server_no_context_takeover"
#define WS_OFFER_NO_CLIENT_CONTEXT "client_no_context_takeover"
#define WS_OFFER_TAKEN WS_OFFER_EXTENSION "; " WS_OFFER_NO_SERVER_CONTEXT "; " WS_OFFER_NO_CLIENT_CONTEXT

/*
 * Whether one of the offers in a Sec-WebSocket-Extensions value can be taken as WS_OFFER_TAKEN. One that asks for
 * a smaller window of ours cannot: messages are shared with clients that did not.
 */
bool ws_offer_can_be_taken(Slice value) MUST_CHECK;

#endif
