/*
 * condition.h - conditional requests and ranges (RFC 9110, 13 and 14): what their headers mean.
 *
 * Pure. Called by static.c and attachment.c.
 */
#ifndef COLLAB_DOOR_CONDITION_H
#define COLLAB_DOOR_CONDITION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

/* Whether If-None-Match (NULL: absent) names this tag, weakly compared, or is *. */
bool condition_has_tag(const char *if_none_match, const char *etag);

typedef enum ConditionRange
{
	RANGE_ALL, /* none, several, or one that is no range: the whole body */
	RANGE_PART,
	RANGE_OUTSIDE /* 416 */
} ConditionRange;

/* Range (NULL: absent) against a body of `size` bytes: `first` to `last`, both included, of PART. */
ConditionRange condition_range(const char *range, uint64_t size, uint64_t *first, uint64_t *last) MUST_CHECK;

#endif
