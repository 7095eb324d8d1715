/*
 * ws_deflate.h - permessage-deflate on libwebsockets: agreed to by it, carried out by us.
 *
 * The library's own implementation aborts the process on valid traffic, so it is never offered. The extension
 * here only takes part in the upgrade; what comes compressed is handed through as it came and expanded by
 * ws.c, what goes out is a form of the frame (hub/frame_form.c).
 */
#ifndef COLLAB_DOOR_WS_DEFLATE_H
#define COLLAB_DOOR_WS_DEFLATE_H

#include <libwebsockets.h>

/* For lws_context_creation_info.extensions; ends with an empty one. */
extern const struct lws_extension ws_deflate_extensions[];

#endif
