/*
 * rest.h - the REST door: everything of routes.def but the services of http.c.
 */
#ifndef COLLAB_DOOR_REST_H
#define COLLAB_DOOR_REST_H

#include <stdint.h>

#include "door/http_private.h"

/* Answers the request, at once or later: whatever its path and method. */
void rest_request(HttpExchange *exchange);

/*
 * Who asks. The token has been accepted (http_authenticate); the user is looked up, or remembered from a moment ago. `done` is called
 * once, perhaps at once: with 0 the exchange has been refused and answered. Must live until then; the exchange is held by its owner.
 */
typedef struct RestUser RestUser;
struct RestUser
{
	HttpExchange *exchange;
	void (*done)(RestUser *user, int64_t user_id);
	PgRead read; /* private */
};

void rest_user_find(RestUser *user);

/* What is remembered of users; at the end. */
void rest_close(void);

#endif
