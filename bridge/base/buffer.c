/*
 * buffer.c - a byte buffer that grows at its end and can be consumed from its front.
 *
 * Owns the bytes of each Buffer.  Knows nothing of what they mean.  Called by everyone who builds text or frames.
 */
#include "base/buffer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define BUFFER_FIRST_CAPACITY 64

void
buffer_free(Buffer *buffer)
{
	free(buffer->bytes);
	*buffer = BUFFER_EMPTY;
}

void
buffer_clear(Buffer *buffer)
{
	buffer->length = 0;
}

void
buffer_reserve(Buffer *buffer, size_t more)
{
	size_t wanted;
	size_t capacity = buffer->capacity > 0 ? buffer->capacity : BUFFER_FIRST_CAPACITY;

	/* One byte is kept for the NUL of buffer_text(). */
	if (__builtin_add_overflow(buffer->length, more, &wanted) || wanted >= SIZE_MAX / 2)
		abort();
	if (wanted < buffer->capacity)
		return;
	while (capacity <= wanted)
		capacity *= 2;
	buffer->bytes = memory_resize(buffer->bytes, capacity);
	buffer->capacity = capacity;
}

char *
buffer_extend(Buffer *buffer, size_t length)
{
	char *start;

	buffer_reserve(buffer, length);
	start = buffer->bytes + buffer->length;
	buffer->length += length;
	return start;
}

void
buffer_append(Buffer *buffer, const void *bytes, size_t length)
{
	if (length > 0)
		memcpy(buffer_extend(buffer, length), bytes, length);
}

void
buffer_append_slice(Buffer *buffer, Slice slice)
{
	buffer_append(buffer, slice.bytes, slice.length);
}

void
buffer_append_text(Buffer *buffer, const char *text)
{
	buffer_append(buffer, text, strlen(text));
}

void
buffer_append_char(Buffer *buffer, char character)
{
	*buffer_extend(buffer, 1) = character;
}

void
buffer_append_integer(Buffer *buffer, int64_t number)
{
	char digits[20];
	size_t at = sizeof(digits);
	uint64_t rest = number < 0 ? 0 - (uint64_t) number : (uint64_t) number;

	do
	{
		digits[--at] = (char) ('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (number < 0)
		digits[--at] = '-';
	buffer_append(buffer, digits + at, sizeof(digits) - at);
}

void
buffer_append_format(Buffer *buffer, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	buffer_append_va(buffer, format, arguments);
	va_end(arguments);
}

void
buffer_append_va(Buffer *buffer, const char *format, va_list arguments)
{
	va_list again;
	int length;

	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0)
		abort();
	buffer_reserve(buffer, (size_t) length + 1);
	vsnprintf(buffer->bytes + buffer->length, (size_t) length + 1, format, arguments);
	buffer->length += (size_t) length;
}

void
buffer_consume(Buffer *buffer, size_t length)
{
	if (length >= buffer->length)
	{
		buffer->length = 0;
		return;
	}
	memmove(buffer->bytes, buffer->bytes + length, buffer->length - length);
	buffer->length -= length;
}

void
buffer_truncate(Buffer *buffer, size_t length)
{
	if (length < buffer->length)
		buffer->length = length;
}

const char *
buffer_text(Buffer *buffer)
{
	buffer_reserve(buffer, 0);
	buffer->bytes[buffer->length] = '\0';
	return buffer->bytes;
}

Slice
buffer_slice(const Buffer *buffer)
{
	return slice_of(buffer->bytes, buffer->length);
}

char *
buffer_detach(Buffer *buffer, size_t *length)
{
	char *bytes;

	(void) buffer_text(buffer);
	bytes = buffer->bytes;
	if (length)
		*length = buffer->length;
	*buffer = BUFFER_EMPTY;
	return bytes;
}
