/*
 * unit_keys.h - key pairs made on the spot, their public halves as files hold them, and tokens they sign.
 *
 * Everything is made with OpenSSL alone: the bridge is checked against another implementation.
 */
#ifndef COLLAB_TEST_UNIT_KEYS_H
#define COLLAB_TEST_UNIT_KEYS_H

#include <openssl/evp.h>

#include "unit_support.h"

extern EVP_PKEY *unit_rsa_key(unsigned bits);
extern EVP_PKEY *unit_ec_key(const char *curve);

extern void unit_public_pem(Buffer *out, EVP_PKEY *key);
extern void unit_private_pem(Buffer *out, EVP_PKEY *key);
extern void unit_certificate(Buffer *out, EVP_PKEY *key); /* long expired */

/* {"kty":…,<more>}; `more` is further members, or "". */
extern void unit_jwk(Buffer *out, EVP_PKEY *key, const char *more);
extern void unit_jwk_rsa(Buffer *out, const BIGNUM *n, const BIGNUM *e, const char *more);

/* header.claims.signature; ES256 in the form of RFC 7518. */
extern void unit_signed_token(Buffer *out, EVP_PKEY *key, const char *header, const char *claims);

/* The same with HMAC-SHA-256 under any bytes. */
extern void unit_hmac_token(Buffer *out, Slice secret, const char *header, const char *claims);

#endif
