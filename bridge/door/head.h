/*
 * head.h - the first request head of a connection, before the library sees it.
 *
 * libwebsockets 4.1 hangs up when Sec-WebSocket-Protocol is longer than 127 bytes, and a token that
 * a browser shows there ("collab.v1, bearer.<jwt>") always is. So the head is read here, the token
 * moved into an Authorization header, and socket and bytes are given on. The limit on the size of a
 * head and on the time it takes are kept here, too.
 *
 * Called by door.c.
 */
#ifndef COLLAB_DOOR_HEAD_H
#define COLLAB_DOOR_HEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "base/slice.h"

typedef struct HeadOptions
{
	size_t max_bytes;
	double timeout; /* seconds */
	/* The head is complete: the socket and what was read of it belong to the callee. */
	void (*complete)(int fd, Slice bytes);
} HeadOptions;

void head_open(const HeadOptions *options);
void head_close(void); /* closes what is still being read */

/* Takes the socket over. */
void head_read(int fd);
size_t head_count(void);

/*
 * Appends the head with the bearer protocol moved into Authorization. `head` ends with the empty
 * line. Pure; public for the tests.
 */
void head_rewrite(Buffer *out, Slice head);

#endif
