/*
 * jwt_claims.h - the two JSON parts of a token, after their signature was checked and before.
 *
 * Private to auth/.
 */
#ifndef COLLAB_AUTH_JWT_CLAIMS_H
#define COLLAB_AUTH_JWT_CLAIMS_H

#include <json-c/json.h>
#include <stdint.h>

#include "auth/jwt.h"
#include "base/compiler.h"
#include "base/slice.h"

/* One JSON object without duplicate members, to json-c; NULL when it is anything else.  The caller puts it back. */
extern struct json_object *jwt_parse_object(Slice text, size_t max_length) MUST_CHECK;

/*
 * Base64url of one JSON object without duplicate members, to json-c; NULL when it is anything else.  The caller
 * puts it back.
 */
extern struct json_object *jwt_decode_object(Slice part) MUST_CHECK;

/* The member, or NULL when absent or null. */
extern struct json_object *jwt_object_member(struct json_object *object, const char *name);

/* Checks issuer, audience and times, and copies what the bridge needs. */
extern TokenResult jwt_claims_read(const TokenRules *rules, struct json_object *object, TokenOrigin origin,
								   int64_t now_s, Claims *claims) MUST_CHECK;

#endif
