/*
 * keys.h - the keys tokens are checked against, each bound to one algorithm.
 *
 * Owns the secrets: read once from a file, wiped when freed, never logged.  Today one HS256 secret.
 */
#ifndef COLLAB_AUTH_KEYS_H
#define COLLAB_AUTH_KEYS_H

#include <stddef.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "base/slice.h"

#define KEYS_MIN_SECRET_LENGTH 32
#define KEYS_MAX_SECRET_LENGTH 4096

typedef enum KeyAlgorithm
{
	KEY_ALGORITHM_HS256,
} KeyAlgorithm;

typedef struct Key
{
	KeyAlgorithm algorithm;
	char *id; /* "" when it has none */
	unsigned char *secret;
	size_t length;
} Key;

typedef struct KeySet KeySet;

/*
 * Reads an HS256 secret; one newline (\n or \r\n) at its end does not count.  NULL when the file cannot be read
 * or the secret is too short or too long; *problem then says so in one line that names the file.
 */
extern KeySet *keys_load(const char *path, const char *key_id, Buffer *problem) MUST_CHECK;

/* The same from memory. */
extern KeySet *keys_from_secret(Slice secret, const char *key_id, Buffer *problem) MUST_CHECK;
extern void keys_free(KeySet *keys);

/* The key for a token's `alg` and `kid` (id.bytes NULL: the token names none); NULL when there is none. */
extern const Key *keys_find(const KeySet *keys, KeyAlgorithm algorithm, Slice id);

extern const char *keys_algorithm_name(KeyAlgorithm algorithm); /* "HS256" */

#endif
