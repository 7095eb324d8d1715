/*
 * deflate.c - messages compressed and expanded as permessage-deflate has them (RFC 7692).
 *
 * The fastest level and small tables: on boards' JSON they come within a fifth of the best level's size
 * at a quarter of its time, and many streams may be under way at once.
 *
 * Owns the two streams that are kept between messages.
 */
#include "base/deflate.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/memory.h"

#define DEFLATE_LEVEL 1
/* 8 kB of window, 48 kB of tables: a stream is 64 kB instead of 256. */
#define DEFLATE_WINDOW_BITS (-13)
#define DEFLATE_MEMORY_LEVEL 6
#define INFLATE_WINDOW_BITS (-15)
#define DEFLATE_TAIL "\x00\x00\xff\xff"
#define DEFLATE_TAIL_LENGTH 4
#define DEFLATE_ROOM 16384
/* z_stream.data_type after inflate(): zlib.h */
#define INFLATE_BLOCK_END 128
#define INFLATE_UNUSED_BITS 7

struct DeflateStream
{
	z_stream z;
};

static DeflateStream *kept_deflate;
static DeflateStream *kept_inflate;

DeflateStream *
deflate_stream_new(void)
{
	DeflateStream *stream = memory_alloc(sizeof(*stream));

	if (deflateInit2(&stream->z, DEFLATE_LEVEL, Z_DEFLATED, DEFLATE_WINDOW_BITS, DEFLATE_MEMORY_LEVEL,
					 Z_DEFAULT_STRATEGY) != Z_OK)
		abort(); /* out of memory */
	return stream;
}

void
deflate_stream_free(DeflateStream *stream)
{
	if (stream == NULL)
		return;
	(void) deflateEnd(&stream->z);
	free(stream);
}

/* Runs until all input is taken and, with a flush, everything has come out. */
static void
deflate_run(z_stream *z, Slice piece, int flush, Buffer *out)
{
	z->next_in = (Bytef *) (uintptr_t) piece.bytes;
	z->avail_in = (uInt) piece.length;
	do
	{
		char *place = buffer_extend(out, DEFLATE_ROOM);

		z->next_out = (Bytef *) place;
		z->avail_out = DEFLATE_ROOM;
		(void) deflate(z, flush);
		buffer_truncate(out, out->length - z->avail_out);
	} while (z->avail_out == 0);
}

void
deflate_stream_add(DeflateStream *stream, Slice piece, bool is_last, Buffer *out)
{
	size_t start = out->length;

	deflate_run(&stream->z, piece, is_last ? Z_SYNC_FLUSH : Z_NO_FLUSH, out);
	/* a flush always ends in the tail */
	if (is_last && out->length - start >= DEFLATE_TAIL_LENGTH)
		buffer_truncate(out, out->length - DEFLATE_TAIL_LENGTH);
}

void
deflate_message(Buffer *out, Slice message)
{
	if (kept_deflate == NULL)
		kept_deflate = deflate_stream_new();
	else
		(void) deflateReset(&kept_deflate->z);
	deflate_stream_add(kept_deflate, message, true, out);
}

static z_stream *
inflate_start(void)
{
	if (kept_inflate == NULL)
	{
		kept_inflate = memory_alloc(sizeof(*kept_inflate));
		if (inflateInit2(&kept_inflate->z, INFLATE_WINDOW_BITS) != Z_OK)
			abort(); /* out of memory */
	}
	else
		(void) inflateReset(&kept_inflate->z);
	return &kept_inflate->z;
}

/* Of the next room in `out`; one byte more than the limit tells whether there is more. */
static int
inflate_some(z_stream *z, size_t limit, Buffer *out)
{
	size_t left = limit + 1 - out->length;
	size_t room = left < DEFLATE_ROOM ? left : DEFLATE_ROOM;
	char *place = buffer_extend(out, room);
	int result;

	z->next_out = (Bytef *) place;
	z->avail_out = (uInt) room;
	result = inflate(z, Z_SYNC_FLUSH);
	buffer_truncate(out, out->length - z->avail_out);
	return result;
}

/* A message may hold final blocks; what follows one begins anew. */
static InflateResult
inflate_piece(z_stream *z, Slice piece, size_t limit, Buffer *out)
{
	z->next_in = (Bytef *) (uintptr_t) piece.bytes;
	z->avail_in = (uInt) piece.length;
	for (;;)
	{
		int result = inflate_some(z, limit, out);

		if (out->length > limit)
			return INFLATE_TOO_BIG;
		if (result == Z_STREAM_END)
			(void) inflateReset(z);
		else if (result != Z_OK && result != Z_BUF_ERROR)
			return INFLATE_BROKEN;
		if (z->avail_in == 0 && z->avail_out > 0)
			return INFLATE_DONE;
		if (result == Z_BUF_ERROR)
			return INFLATE_BROKEN;
	}
}

/* Between two blocks and two bytes: nothing of a message is missing. */
static bool
inflate_is_between_blocks(const z_stream *z)
{
	return (z->data_type & (INFLATE_BLOCK_END | INFLATE_UNUSED_BITS)) == INFLATE_BLOCK_END;
}

InflateResult
inflate_message(Buffer *out, Slice compressed, size_t limit)
{
	static const char tail[] = DEFLATE_TAIL;
	z_stream *z = inflate_start();
	InflateResult result = inflate_piece(z, compressed, limit, out);

	if (result == INFLATE_DONE)
		result = inflate_piece(z, slice_of(tail, DEFLATE_TAIL_LENGTH), limit, out);
	if (result == INFLATE_DONE && !inflate_is_between_blocks(z))
		result = INFLATE_BROKEN;
	return result;
}

void
deflate_close(void)
{
	deflate_stream_free(kept_deflate);
	kept_deflate = NULL;
	if (kept_inflate != NULL)
		(void) inflateEnd(&kept_inflate->z);
	free(kept_inflate);
	kept_inflate = NULL;
}
