/*
 * sse.h - GET /sse/boards/{id}: a board's events as a text/event-stream.
 *
 * Called by whoever finds the route.
 */
#ifndef COLLAB_DOOR_SSE_H
#define COLLAB_DOOR_SSE_H

#include "door/http_private.h"

/* `board_id` is what stood in the path. */
void sse_start(HttpExchange *exchange, Slice board_id);

#endif
