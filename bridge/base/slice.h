/*
 * slice.h - bytes somebody else owns: a pointer and a length, not NUL-terminated.
 */
#ifndef COLLAB_BASE_SLICE_H
#define COLLAB_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef struct Slice
{
	const char *bytes;
	size_t length;
} Slice;

static inline Slice
slice_of(const char *bytes, size_t length)
{
	return (Slice){bytes, length};
}

static inline Slice
slice_of_text(const char *text)
{
	return (Slice){text, text ? strlen(text) : 0};
}

static inline bool
slice_equals_text(Slice slice, const char *text)
{
	size_t length = strlen(text);

	return slice.length == length && (length == 0 || memcmp(slice.bytes, text, length) == 0);
}

#endif
