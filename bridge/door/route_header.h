/*
 * route_header.h - the request headers that mean something to every route.
 *
 * Pure: no I/O.
 */
#ifndef COLLAB_DOOR_ROUTE_HEADER_H
#define COLLAB_DOOR_ROUTE_HEADER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/slice.h"
#include "base/uuid.h"
#include "proto/parse.h"

/* Idempotency-Key: a uuid, or absent (*has_id false). */
extern bool route_read_key(Slice idempotency_key, bool *has_id, Uuid *id, Refusal *refusal) MUST_CHECK;

/* The version that If-Match names; -1: any. */
extern bool route_read_if_match(Slice if_match, int64_t *version, Refusal *refusal) MUST_CHECK;

/* Whether If-None-Match names the version, or is *. */
extern bool route_none_match(Slice if_none_match, int64_t version);

/* A version of a query: a whole number from 0; what is beyond an integer is the largest one. */
extern bool route_read_version(Slice text, int *version) MUST_CHECK;

/* Last-Event-ID, "version:mark"; false for anything else, NULL too.  *mark points into it. */
extern bool route_read_last_id(const char *last_id, int *version, const char **mark) MUST_CHECK;

/* Whether a Content-Type is JSON's, whatever its parameters. */
extern bool route_is_json(Slice content_type);

#endif
