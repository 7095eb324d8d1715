/*
 * uuid.h - 128-bit identifiers: parse, print, compare, make at random.
 *
 * Text is the canonical form of 36 characters, 8-4-4-4-12; input in either case, output in lower case.
 */
#ifndef COLLAB_BASE_UUID_H
#define COLLAB_BASE_UUID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/compiler.h"

#define UUID_TEXT_LENGTH 36
#define UUID_TEXT_SIZE 37 /* with the NUL */

typedef struct Uuid
{
	uint8_t bytes[16];
} Uuid;

/* False, with *uuid untouched, for anything but the canonical form. */
extern bool uuid_parse(const char *text, size_t length, Uuid *uuid) MUST_CHECK;

/* Writes 36 characters and a NUL, and returns `text`. */
extern char *uuid_format(const Uuid *uuid, char text[UUID_TEXT_SIZE]);

/* Version 4, from the kernel's generator. */
extern void uuid_random(Uuid *uuid);

static inline bool
uuid_equals(const Uuid *left, const Uuid *right)
{
	return memcmp(left->bytes, right->bytes, sizeof(left->bytes)) == 0;
}

/* No id at all. */
static inline bool
uuid_is_zero(const Uuid *uuid)
{
	static const Uuid zero;

	return uuid_equals(uuid, &zero);
}

#endif
