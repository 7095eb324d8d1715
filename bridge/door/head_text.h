/*
 * head_text.h - what a request head says, and what of it the WebSocket library gets to read.
 *
 * An upgrade is changed on its way: libwebsockets 4.1 hangs up when
 * Sec-WebSocket-Protocol is longer than 127 bytes, and a token that a browser shows there
 * ("collab.v1, bearer.<jwt>") always is. It becomes an Authorization header.
 * Headers that nobody asks for are left out: after one whose name begins another's that the library knows ("X-A", of
 * X-Auth-Token) it waits for more although the head is complete, and the client is lost.
 *
 * Pure. Called by head.c.
 */
#ifndef COLLAB_DOOR_HEAD_TEXT_H
#define COLLAB_DOOR_HEAD_TEXT_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "base/slice.h"

/* Whether the head asks for an upgrade to WebSocket. */
bool head_is_websocket(Slice head);

/* The value of the last X-Forwarded-For, for a proxy appends its own; empty when there is none. */
Slice head_forwarded(Slice head);

/*
 * Appends the head with the bearer protocol moved into Authorization, and with the offers of extensions
 * replaced by the one that is taken, or by none (ws_offer.h), and without what nobody needs. `head` ends with the empty line.
 */
void head_rewrite(Buffer *out, Slice head, bool may_deflate);

#endif
