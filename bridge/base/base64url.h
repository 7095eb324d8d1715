/*
 * base64url.h - RFC 4648 section 5 without padding, as JSON Web Tokens use it.
 */
#ifndef COLLAB_BASE_BASE64URL_H
#define COLLAB_BASE_BASE64URL_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "base/slice.h"

extern void base64url_encode(Buffer *out, Slice bytes);

/* Strict: no padding, no other characters, no stray bits at the end.  False leaves *out as it was. */
extern bool base64url_decode(Buffer *out, Slice text) MUST_CHECK;

#endif
