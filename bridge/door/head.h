/*
 * head.h - the first request head of a connection, before anybody reads it.
 *
 * Two libraries serve connections: libwebsockets those that begin with an upgrade to WebSocket,
 * libmicrohttpd all others. The head is looked at, not read (MSG_PEEK), until it is complete; the
 * limit on its size and on the time it takes are kept here.
 *
 * An upgrade is then read and changed on its way (head_text.h).
 *
 * Called by door.c.
 */
#ifndef COLLAB_DOOR_HEAD_H
#define COLLAB_DOOR_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "base/slice.h"

/* Who is at the other end, as accept said; never asked of the socket. */
typedef struct HeadPeer
{
	struct sockaddr_storage address;
	socklen_t length;
	char text[64]; /* the address without the port, for the log */
} HeadPeer;

typedef struct HeadOptions
{
	size_t max_bytes;
	double timeout; /* seconds */
	const bool *may_deflate; /* whether permessage-deflate may be agreed to; looked at each time */
	/* An upgrade: `bytes` is all that was read of it. The socket belongs to the callee. */
	void (*upgrade)(int fd, const HeadPeer *peer, Slice bytes);
	/* Anything else: nothing was read. The socket belongs to the callee. */
	void (*plain)(int fd, const HeadPeer *peer);
} HeadOptions;

void head_open(const HeadOptions *options);
void head_close(void); /* closes what is still being looked at */

/* Takes the socket over. */
void head_read(int fd, const HeadPeer *peer);
size_t head_count(void);

/* Whether the other end has closed; also behind bytes that nobody has read. */
bool head_peer_has_ended(int fd);

#endif
