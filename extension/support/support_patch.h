/*
 * support_patch.h: JSON Merge Patch (RFC 7396).
 */
#ifndef COLLAB_SUPPORT_PATCH_H
#define COLLAB_SUPPORT_PATCH_H

#include "postgres.h"
#include "utils/jsonb.h"

extern Jsonb *patch_jsonb(const Jsonb *target, const Jsonb *patch);
/* The same on JSON text; the result is jsonb's text. */
extern char *patch_json_text(const char *target, const char *patch);

/* The patch that makes `to` of `from`, both objects. A null inside an object cannot be said by a patch: the member goes. */
extern char *patch_between(JsonbContainer *from, JsonbContainer *to);

#endif
