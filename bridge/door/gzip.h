/*
 * gzip.h - answers made smaller: whether the client takes it, whether it is worth it, and doing it.
 *
 * Pure. Called by http_answer.c.
 */
#ifndef COLLAB_DOOR_GZIP_H
#define COLLAB_DOOR_GZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/compiler.h"
#include "base/slice.h"

/* Whether Accept-Encoding (NULL: absent) takes gzip. */
bool gzip_is_accepted(const char *accept_encoding);

/* Whether bodies of this type shrink: text, and not what is compressed already. */
bool gzip_helps(const char *content_type);

typedef struct Gzip Gzip;

Gzip *gzip_new(void) MUST_CHECK; /* NULL: no memory */
void gzip_free(Gzip *gzip); /* NULL is fine */

/*
 * The next up to `most` bytes of the compressed body, as much as that takes and no more. `body` is the
 * whole of it, the same at every call. 0: it is complete; -1: broken.
 */
ssize_t gzip_read(Gzip *gzip, Slice body, char *place, size_t most) MUST_CHECK;

#endif
