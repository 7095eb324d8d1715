/*
 * target.h - the target of an HTTP request: its path and its query, decoded.
 *
 * Pure. Called by http_exchange.c.
 */
#ifndef COLLAB_DOOR_TARGET_H
#define COLLAB_DOOR_TARGET_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "base/slice.h"

typedef struct Target
{
	Buffer path; /* begins with a slash */
	Buffer query; /* name NUL value NUL, and so on */
} Target;

/*
 * "/a%20b?c=d", also in absolute form. False for anything that is no path, a malformed escape, a NUL
 * or bytes that are not UTF-8 once decoded; the target is then to be freed all the same.
 */
bool target_parse(Target *target, Slice text) MUST_CHECK;
void target_free(Target *target);

const char *target_path(Target *target);
/* The first value of that name; NULL when there is none. */
const char *target_query(const Target *target, const char *name);

#endif
