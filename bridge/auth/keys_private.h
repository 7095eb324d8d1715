/*
 * keys_private.h - what keys.c, keys_public.c and keys_jwks.c share: a set while it is being filled.
 *
 * Private to auth/.
 */
#ifndef COLLAB_AUTH_KEYS_PRIVATE_H
#define COLLAB_AUTH_KEYS_PRIVATE_H

#include <openssl/evp.h>

#include "auth/keys.h"

struct KeySet
{
	Key *keys;
	size_t count;
	size_t ignored;
};

/* A new key at the end, owned by the set; NULL when another one has this algorithm and id, or there are too many. */
extern Key *keys_add(KeySet *keys, KeyAlgorithm algorithm, const char *id, Buffer *problem) MUST_CHECK;

/* Takes the key, whatever it answers: false when it is too weak, broken, or of a kind no algorithm here is for. */
extern bool keys_add_public(KeySet *keys, EVP_PKEY *key, const char *id, Buffer *problem) MUST_CHECK;

/* What a file holds; false with a reason. */
extern bool keys_add_pem(KeySet *keys, Slice text, const char *id, Buffer *problem) MUST_CHECK;
extern bool keys_add_jwks(KeySet *keys, Slice text, Buffer *problem) MUST_CHECK;

#endif
