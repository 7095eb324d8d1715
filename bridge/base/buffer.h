/*
 * buffer.h - a byte buffer that grows at its end and can be consumed from its front.
 *
 * The owner calls buffer_free().  A Buffer that is all zero (BUFFER_EMPTY) is valid and owns nothing.  Growth
 * doubles, never fails (see memory.h); whoever appends bytes from outside checks a limit first.
 * `bytes` may move at every append: keep offsets, not pointers.
 */
#ifndef COLLAB_BASE_BUFFER_H
#define COLLAB_BASE_BUFFER_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/slice.h"

typedef struct Buffer
{
	char *bytes; /* owned; NULL while nothing was appended */
	size_t length; /* bytes in use */
	size_t capacity; /* bytes allocated */
} Buffer;

#define BUFFER_EMPTY ((Buffer){0})

extern void buffer_free(Buffer *buffer); /* back to BUFFER_EMPTY */
extern void buffer_clear(Buffer *buffer); /* length 0, memory kept */
extern void buffer_reserve(Buffer *buffer, size_t more);

extern void buffer_append(Buffer *buffer, const void *bytes, size_t length);
extern void buffer_append_slice(Buffer *buffer, Slice slice);
extern void buffer_append_text(Buffer *buffer, const char *text);
extern void buffer_append_char(Buffer *buffer, char character);
extern void buffer_append_integer(Buffer *buffer, int64_t number);
extern void buffer_append_format(Buffer *buffer, const char *format, ...) PRINTF_LIKE(2, 3);
extern void buffer_append_va(Buffer *buffer, const char *format, va_list arguments) PRINTF_LIKE(2, 0);

/* Appends `length` uninitialised bytes and returns where they start. */
extern char *buffer_extend(Buffer *buffer, size_t length);

/* Drops `length` bytes (at most all) from the front. */
extern void buffer_consume(Buffer *buffer, size_t length);

/* Shortens to `length` bytes; longer than it is changes nothing. */
extern void buffer_truncate(Buffer *buffer, size_t length);

/* The content with a NUL after it (not counted); never NULL.  Valid until the next change. */
extern const char *buffer_text(Buffer *buffer);

extern Slice buffer_slice(const Buffer *buffer);

/* Gives the memory (NUL-terminated) to the caller, who free()s it; the buffer is empty afterwards. */
extern char *buffer_detach(Buffer *buffer, size_t *length) MUST_CHECK;

#endif
