/*
 * deflate.h - messages compressed and expanded as permessage-deflate has them (RFC 7692): raw DEFLATE,
 * flushed to a byte, without the four bytes 00 00 ff ff at the end, and no context from one message to
 * the next, so that a compressed message can be shared by its receivers.
 *
 * zlib does the work. One stream each way is kept for whole messages; what is compressed in pieces has a
 * stream of its own. Single-threaded. Called by hub/, conn/ and door/.
 */
#ifndef COLLAB_BASE_DEFLATE_H
#define COLLAB_BASE_DEFLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "base/slice.h"

typedef enum InflateResult
{
	INFLATE_DONE,
	INFLATE_TOO_BIG, /* more than `limit` bytes would come out */
	INFLATE_BROKEN /* no DEFLATE, or it ends in the middle */
} InflateResult;

/* Appends the compressed message. */
void deflate_message(Buffer *out, Slice message);

/* Appends what the message holds; at an error `out` may hold a part of it. */
InflateResult inflate_message(Buffer *out, Slice compressed, size_t limit) MUST_CHECK;

/* What a stream holds, about. */
#define DEFLATE_STREAM_BYTES 65536

/* A message compressed piece by piece. */
typedef struct DeflateStream DeflateStream;

DeflateStream *deflate_stream_new(void) MUST_CHECK;
void deflate_stream_free(DeflateStream *stream); /* NULL is fine */

/* Appends what the next piece gives, perhaps nothing; after the last one the message is complete. */
void deflate_stream_add(DeflateStream *stream, Slice piece, bool is_last, Buffer *out);

/* Frees the streams that are kept: at exit. */
void deflate_close(void);

#endif
