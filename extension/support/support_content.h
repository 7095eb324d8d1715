/*
 * support_content.h: which files may be uploaded: their types, bytes and names.
 */
#ifndef COLLAB_SUPPORT_CONTENT_H
#define COLLAB_SUPPORT_CONTENT_H

#include "postgres.h"

#include "support/support_refusal.h"

/* The type in lower case, without parameters such as "; charset=utf-8"; palloc'd. */
extern char *content_plain_type(const char *given);
/* Refuses when the type is not allowed, or the bytes are not what the type says. */
extern bool content_check(const char *type, const char *bytes, size_t length, Refusal *refusal);
/* Refuses a name under which a saved file would be run. */
extern bool content_check_name(const char *name, Refusal *refusal);

#endif
