/*
 * http_server.h - plain HTTP connections: libmicrohttpd on our loop.
 *
 * Called by door.c.
 */
#ifndef COLLAB_DOOR_HTTP_SERVER_H
#define COLLAB_DOOR_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "door/head.h"

bool http_server_open(Buffer *problem) MUST_CHECK;
/* Hangs up on everybody. */
void http_server_close(void);

/* Takes the socket over; nothing was read from it. */
void http_server_add(int fd, const HeadPeer *peer);

size_t http_server_count(void); /* connections */
size_t http_server_busy(void); /* those with a request under way */

#endif
