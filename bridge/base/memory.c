/*
 * memory.c - allocation that does not fail; see memory.h for the policy.
 *
 * Owns nothing: what it returns is the caller's, to be given to free().  Called by everyone.
 */
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *
memory_or_abort(void *memory, size_t size)
{
	if (memory == NULL)
	{
		fprintf(stderr, "collab-bridge: out of memory (%zu bytes wanted)\n", size);
		abort();
	}
	return memory;
}

void *
memory_alloc(size_t size)
{
	return memory_or_abort(calloc(1, size > 0 ? size : 1), size);
}

void *
memory_resize(void *memory, size_t size)
{
	return memory_or_abort(realloc(memory, size > 0 ? size : 1), size);
}

char *
memory_copy_text(const char *text)
{
	return text ? memory_copy_bytes(text, strlen(text)) : NULL;
}

char *
memory_copy_bytes(const char *bytes, size_t length)
{
	char *copy = memory_alloc(length + 1);

	if (length > 0)
		memcpy(copy, bytes, length);
	return copy;
}
