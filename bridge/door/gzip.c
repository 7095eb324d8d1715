/*
 * gzip.c - answers made smaller: whether the client takes it, whether it is worth it, and doing it.
 *
 * The fastest level: a large board is compressed piece by piece while it is sent, in the one loop
 * that everybody shares.
 *
 * Owns the zlib state behind a Gzip.
 */
#include "door/gzip.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#define GZIP_LEVEL 1
#define GZIP_WINDOW (15 + 16) /* the largest; 16 asks for gzip's head and end */
#define GZIP_MEMORY 8

struct Gzip
{
	z_stream stream;
	size_t taken; /* of the body */
};

/* ---- whether ---- */

/* "q=0", "q=0.0" and so on; anything else is not nothing. */
static bool
weight_is_zero(Slice parameters)
{
	const char *end = parameters.bytes + parameters.length;
	const char *at = memmem(parameters.bytes, parameters.length, "q=", 2);

	if (at == NULL)
		at = memmem(parameters.bytes, parameters.length, "Q=", 2);
	if (at == NULL)
		return false;
	for (at += 2; at < end && (*at == '0' || *at == '.'); at++)
		;
	return at == end || *at == ' ' || *at == '\t';
}

static Slice
trim(Slice text)
{
	while (text.length > 0 && (text.bytes[0] == ' ' || text.bytes[0] == '\t'))
		text = slice_of(text.bytes + 1, text.length - 1);
	while (text.length > 0 && (text.bytes[text.length - 1] == ' ' || text.bytes[text.length - 1] == '\t'))
		text.length--;
	return text;
}

static bool
coding_is(Slice coding, const char *name)
{
	return coding.length == strlen(name) && strncasecmp(coding.bytes, name, coding.length) == 0;
}

bool
gzip_is_accepted(const char *accept_encoding)
{
	bool accepts_any = false;

	for (const char *at = accept_encoding; at != NULL && *at != '\0';)
	{
		size_t length = strcspn(at, ",");
		const char *semicolon = memchr(at, ';', length);
		Slice coding = trim(slice_of(at, semicolon != NULL ? (size_t) (semicolon - at) : length));
		bool is_accepted =
			semicolon == NULL || !weight_is_zero(slice_of(semicolon, length - (size_t) (semicolon - at)));

		if (coding_is(coding, "gzip") || coding_is(coding, "x-gzip"))
			return is_accepted;
		accepts_any |= coding_is(coding, "*") && is_accepted;
		at += length;
		at += *at == ',';
	}
	return accepts_any;
}

bool
gzip_helps(const char *content_type)
{
	static const char *const prefixes[] = {"text/", "application/json", "application/problem+json",
										   "application/manifest+json", "image/svg+xml"};

	for (size_t i = 0; content_type != NULL && i < LENGTH_OF(prefixes); i++)
		if (strncmp(content_type, prefixes[i], strlen(prefixes[i])) == 0)
			return strcmp(content_type, "text/event-stream") != 0;
	return false;
}

/* ---- doing it ---- */

Gzip *
gzip_new(void)
{
	Gzip *gzip = calloc(1, sizeof(*gzip));

	if (gzip != NULL &&
		deflateInit2(&gzip->stream, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
	{
		free(gzip);
		gzip = NULL;
	}
	return gzip;
}

void
gzip_free(Gzip *gzip)
{
	if (gzip == NULL)
		return;
	(void) deflateEnd(&gzip->stream);
	free(gzip);
}

ssize_t
gzip_read(Gzip *gzip, Slice body, char *place, size_t most)
{
	size_t left = body.length - gzip->taken;
	unsigned offered = left < UINT_MAX / 2 ? (unsigned) left : UINT_MAX / 2;
	unsigned room = most < UINT_MAX / 2 ? (unsigned) most : UINT_MAX / 2;
	int result;

	gzip->stream.next_in = (Bytef *) (size_t) (body.bytes + gzip->taken);
	gzip->stream.avail_in = offered;
	gzip->stream.next_out = (Bytef *) place;
	gzip->stream.avail_out = room;
	result = deflate(&gzip->stream, offered == left ? Z_FINISH : Z_NO_FLUSH);
	if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
		return -1;
	gzip->taken += offered - gzip->stream.avail_in;
	return room - gzip->stream.avail_out;
}
