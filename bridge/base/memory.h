/*
 * memory.h - allocation that does not fail.
 *
 * Policy: small allocations never return NULL; a process that cannot get them says so on standard error and
 * aborts.  Sizes that come from outside are limited before they get here (every queue and every message has a
 * limit of its own), so running out of memory means that the machine did.
 */
#ifndef COLLAB_BASE_MEMORY_H
#define COLLAB_BASE_MEMORY_H

#include <stddef.h>

#include "base/compiler.h"

extern void *memory_alloc(size_t size) MUST_CHECK; /* zeroed */
extern void *memory_resize(void *memory, size_t size) MUST_CHECK; /* new bytes are not zeroed */
extern char *memory_copy_text(const char *text) MUST_CHECK; /* NULL gives NULL */
extern char *memory_copy_bytes(const char *bytes, size_t length) MUST_CHECK; /* adds a NUL */

#endif
