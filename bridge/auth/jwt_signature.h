/*
 * jwt_signature.h - does this signature fit the key?
 *
 * Private to auth/.
 */
#ifndef COLLAB_AUTH_JWT_SIGNATURE_H
#define COLLAB_AUTH_JWT_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/keys.h"
#include "base/compiler.h"
#include "base/slice.h"

/* The token's first `signed_length` bytes are signed; after them come a point and `signature`, in base64url. */
extern bool jwt_signature_fits(const Key *key, Slice token, size_t signed_length, Slice signature) MUST_CHECK;

#endif
