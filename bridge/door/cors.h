/*
 * cors.h - what browsers are told of requests to the REST door from pages of other sites.
 *
 * Called by http_request.c for every head that was read, by http.c for preflights.
 */
#ifndef COLLAB_DOOR_CORS_H
#define COLLAB_DOOR_CORS_H

#include "door/http_private.h"

/*
 * Adds the headers that the answer will have, whatever it is. False: the page's site may not do this,
 * which is refused and answered. Sets exchange->is_preflight.
 */
bool cors_admits(HttpExchange *exchange) MUST_CHECK;

/* Which methods and headers requests to this path may have. */
void cors_answer_preflight(HttpExchange *exchange);

#endif
