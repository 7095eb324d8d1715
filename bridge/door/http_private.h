/*
 * http_private.h - what http.c, http_api.c and static.c share.
 */
#ifndef COLLAB_DOOR_HTTP_PRIVATE_H
#define COLLAB_DOOR_HTTP_PRIVATE_H

#include "door/door_private.h"
#include "pg/pg_read.h"

/* One request and its answer. */
struct HttpExchange
{
	DoorConn *conn; /* NULL once the connection is gone */
	bool is_head;
	bool closes; /* the connection ends after the answer */
	int status;
	const char *content_type;
	const char *cache_control;
	Buffer etag; /* of the answer; empty: none */
	Buffer body;
	size_t sent;
	bool headers_sent;

	/* http_api.c: a question to the database */
	PgRead read;
	bool is_reading; /* the exchange lives until the answer */
	bool wants_workspaces;
};

/* Completes the exchange: fill body first. cache_control NULL is no-store. */
void http_reply(HttpExchange *exchange, int status, const char *content_type, const char *cache_control);
/* A problem document. */
void http_refuse(HttpExchange *exchange, const Refusal *refusal);
void http_refuse_text(HttpExchange *exchange, RefusalCode code, const char *text);

/* http_api.c: false when the path is none of its. */
bool http_api_request(HttpExchange *exchange, struct lws *wsi, const char *path);

/* static.c */
void static_serve(HttpExchange *exchange, struct lws *wsi, const char *path);

#endif
