/*
 * door_private.h - what door.c and ws.c share, and the HTTP files of it.
 *
 * The library keeps one pointer for us with each of its connections (its "opaque user data"): a
 * DoorConn, made when the library takes the connection and freed when it destroys its side.
 */
#ifndef COLLAB_DOOR_PRIVATE_H
#define COLLAB_DOOR_PRIVATE_H

#include <libwebsockets.h>

#include "base/buffer.h"
#include "conn/session.h"
#include "core/config.h"
#include "proto/encode.h"
#include "proto/parse.h"

typedef struct DoorConn
{
	struct lws *wsi;
	char peer[64];
	Session *session; /* NULL before and after */
	Buffer assembly; /* of the message that comes in pieces */
	size_t assembly_held; /* of it, counted in METRIC_HELD_BYTES */
	bool is_oversized; /* its rest is ignored */
	bool is_deflated; /* permessage-deflate was agreed to */
	bool is_compressed; /* the message that is coming in */
	bool is_in_frame; /* the rest of its frame is still to come */
	Buffer token; /* of the upgrade request */
	TokenOrigin token_origin;
	bool has_token;
	SessionRequest request;
	Buffer since_event;
} DoorConn;

typedef struct Door
{
	const Config *config;
	const TokenRules *rules;
	bool is_draining;
} Door;

extern Door door;

DoorConn *door_conn(struct lws *wsi); /* makes it */
DoorConn *door_conn_if_any(const struct lws *wsi);

/* A header or query value into `out`; false when absent. */
bool door_header(struct lws *wsi, enum lws_token_indexes token, Buffer *out);
bool door_query(struct lws *wsi, const char *name, Buffer *out);
/* The token of "Authorization: Bearer …". */
bool door_bearer(struct lws *wsi, Buffer *out);

/* ws.c; the results are the library's: 0 goes on, -1 hangs up */
int ws_filter(struct lws *wsi, const char *upgrade); /* the upgrade request is complete */
int ws_established(struct lws *wsi);
int ws_receive(struct lws *wsi, const char *bytes, size_t length);
int ws_writable(struct lws *wsi);
int ws_peer_closes(struct lws *wsi);
void ws_closed(DoorConn *conn);

#endif
