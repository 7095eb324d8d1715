/*
 * ws_deflate.c - permessage-deflate on libwebsockets: agreed to by it, carried out by us.
 *
 * The library answers an offer with the extension's name and those of its options that the offer named.
 * head.c has put WS_OFFER_TAKEN in the place of the client's offers, when one of them can be taken, and taken
 * them all out otherwise, so that the answer is always that text.
 *
 * Owns nothing: whether a connection compresses stands in its DoorConn. Called by the library.
 */
#include "door/ws_deflate.h"

#include "door/door_private.h"
#include "door/ws_offer.h"

static const struct lws_ext_options deflate_options[] = {
	{WS_OFFER_NO_SERVER_CONTEXT, EXTARG_NONE},
	{WS_OFFER_NO_CLIENT_CONTEXT, EXTARG_NONE},
	{NULL, EXTARG_NONE},
};

/* 0 agrees; to the payload's reasons it means that the payload stays as it is. */
static int
on_deflate(struct lws_context *context, const struct lws_extension *extension, struct lws *wsi,
		   enum lws_extension_callback_reasons reason, void *user, void *in, size_t length)
{
	(void) context;
	(void) extension;
	(void) user;
	(void) length;
	if (reason == LWS_EXT_CB_CONSTRUCT)
	{
		*(const struct lws_ext_options **) in = deflate_options;
		door_conn(wsi)->is_deflated = true;
	}
	return 0;
}

const struct lws_extension ws_deflate_extensions[] = {
	{.name = WS_OFFER_EXTENSION, .callback = on_deflate},
	{0},
};
