/*
 * keys.h - the keys tokens are checked against, each bound to one algorithm.
 *
 * Owns the keys: read from files, secrets wiped when freed, nothing of a file ever logged.  The algorithm is decided
 * by where a key comes from and what it is, never by a token: a secret file is HS256, an RSA key RS256, a key on the
 * curve P-256 ES256.
 */
#ifndef COLLAB_AUTH_KEYS_H
#define COLLAB_AUTH_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "base/slice.h"

#define KEYS_MIN_SECRET_LENGTH 32
#define KEYS_MAX_SECRET_LENGTH 4096
#define KEYS_MAX_FILE_LENGTH 262144 /* of public keys */
#define KEYS_MAX_COUNT 64

typedef enum KeyAlgorithm
{
	KEY_ALGORITHM_HS256,
	KEY_ALGORITHM_RS256,
	KEY_ALGORITHM_ES256,
} KeyAlgorithm;

typedef struct Key
{
	KeyAlgorithm algorithm;
	char *id; /* "" when it has none */
	unsigned char *secret; /* HS256 only */
	size_t length;
	struct evp_pkey_st *public_key; /* the others: OpenSSL's EVP_PKEY */
} Key;

typedef struct KeySet KeySet;

/* Where keys are; NULL or "" is not used.  Borrowed. */
typedef struct KeyFiles
{
	const char *secret; /* of HS256 */
	const char *secret_id;
	const char *public_key; /* PEM: a public key or a certificate */
	const char *public_key_id;
	const char *jwks; /* RFC 7517 */
} KeyFiles;

/*
 * Reads all the files.  One newline (\n or \r\n) at the end of a secret does not count.  NULL when one of them cannot
 * be read or used, or none is named; *problem then says so in one line that names the file and quotes nothing of it.
 */
extern KeySet *keys_load(const KeyFiles *files, Buffer *problem) MUST_CHECK;

/* One HS256 secret from memory. */
extern KeySet *keys_from_secret(Slice secret, const char *key_id, Buffer *problem) MUST_CHECK;
extern void keys_free(KeySet *keys);

/*
 * The key for a token's `alg` and `kid` (id.bytes NULL: the token names none, then it must be the only one of that
 * algorithm); NULL when there is none.
 */
extern const Key *keys_find(const KeySet *keys, KeyAlgorithm algorithm, Slice id);
extern size_t keys_count(const KeySet *keys, KeyAlgorithm algorithm);
extern size_t keys_total(const KeySet *keys);
extern size_t keys_ignored(const KeySet *keys); /* of a JWKS: kinds and uses that are not ours */

extern const char *keys_algorithm_name(KeyAlgorithm algorithm); /* "HS256" */
extern bool keys_algorithm_of(Slice name, KeyAlgorithm *algorithm) MUST_CHECK;

#endif
