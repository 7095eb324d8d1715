/*
 * keys.c - the keys tokens are checked against, each bound to one algorithm.
 *
 * Owns the keys and wipes the secrets.  The algorithm is the key's, decided where the key is loaded; a token can only
 * ask for a key that has its algorithm.  Called by key_store.c and token_mint.c (load) and jwt.c (find).
 */
#include "auth/keys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "auth/jwt_claims.h"
#include "auth/key_file.h"
#include "auth/keys_private.h"
#include "base/memory.h"

/* A secret, its newline, and one byte more that shows it to be too long. */
#define KEYS_SECRET_FILE_LENGTH (KEYS_MAX_SECRET_LENGTH + 3)

static const char *const keys_algorithm_names[] = {
	[KEY_ALGORITHM_HS256] = "HS256",
	[KEY_ALGORITHM_RS256] = "RS256",
	[KEY_ALGORITHM_ES256] = "ES256",
};

const char *
keys_algorithm_name(KeyAlgorithm algorithm)
{
	return keys_algorithm_names[algorithm];
}

bool
keys_algorithm_of(Slice name, KeyAlgorithm *algorithm)
{
	for (size_t i = 0; i < LENGTH_OF(keys_algorithm_names); i++)
		if (slice_equals_text(name, keys_algorithm_names[i]))
		{
			*algorithm = (KeyAlgorithm) i;
			return true;
		}
	return false;
}

/* ---- a set ---- */

static bool
keys_is_taken(const KeySet *keys, KeyAlgorithm algorithm, const char *id)
{
	for (size_t i = 0; i < keys->count; i++)
		if (keys->keys[i].algorithm == algorithm && strcmp(keys->keys[i].id, id) == 0)
			return true;
	return false;
}

Key *
keys_add(KeySet *keys, KeyAlgorithm algorithm, const char *id, Buffer *problem)
{
	Key *key;

	id = id ? id : "";
	if (keys->count == KEYS_MAX_COUNT)
	{
		buffer_append_format(problem, "there are more than %d keys", KEYS_MAX_COUNT);
		return NULL;
	}
	if (keys_is_taken(keys, algorithm, id))
	{
		buffer_append_format(problem, "another %s key has %s", keys_algorithm_name(algorithm),
							 id[0] == '\0' ? "no id either" : "the same id");
		return NULL;
	}
	keys->keys = memory_resize(keys->keys, (keys->count + 1) * sizeof(Key));
	key = &keys->keys[keys->count++];
	*key = (Key){.algorithm = algorithm, .id = memory_copy_text(id)};
	return key;
}

void
keys_free(KeySet *keys)
{
	if (keys == NULL)
		return;
	for (size_t i = 0; i < keys->count; i++)
	{
		Key *key = &keys->keys[i];

		if (key->secret)
			explicit_bzero(key->secret, key->length);
		free(key->secret);
		EVP_PKEY_free(key->public_key);
		free(key->id);
	}
	free(keys->keys);
	free(keys);
}

const Key *
keys_find(const KeySet *keys, KeyAlgorithm algorithm, Slice id)
{
	const Key *found = NULL;

	if (id.bytes && id.length == 0)
		return NULL;
	for (size_t i = 0; i < keys->count; i++)
	{
		const Key *key = &keys->keys[i];

		if (key->algorithm != algorithm || (id.bytes && !slice_equals_text(id, key->id)))
			continue;
		if (found)
			return NULL;
		found = key;
	}
	return found;
}

size_t
keys_count(const KeySet *keys, KeyAlgorithm algorithm)
{
	size_t count = 0;

	for (size_t i = 0; i < keys->count; i++)
		count += keys->keys[i].algorithm == algorithm;
	return count;
}

size_t
keys_total(const KeySet *keys)
{
	return keys->count;
}

size_t
keys_ignored(const KeySet *keys)
{
	return keys->ignored;
}

/* ---- secrets ---- */

static Slice
keys_without_newline(Slice secret)
{
	if (secret.length == 0 || secret.bytes[secret.length - 1] != '\n')
		return secret;
	secret.length--;
	if (secret.length > 0 && secret.bytes[secret.length - 1] == '\r')
		secret.length--;
	return secret;
}

/* What everybody may know is no secret: with it anybody could sign. */
static bool
keys_is_public(Slice secret)
{
	static const char pem[] = "-----BEGIN ";
	struct json_object *object;
	bool is_jwk;

	if (memmem(secret.bytes, secret.length, pem, sizeof(pem) - 1))
		return true;
	object = jwt_parse_object(secret, KEYS_MAX_SECRET_LENGTH);
	is_jwk = object && (jwt_object_member(object, "keys") || jwt_object_member(object, "kty"));
	json_object_put(object);
	return is_jwk;
}

static bool
keys_add_secret(KeySet *keys, Slice secret, const char *id, Buffer *problem)
{
	Key *key;

	secret = keys_without_newline(secret);
	if (secret.length < KEYS_MIN_SECRET_LENGTH || secret.length > KEYS_MAX_SECRET_LENGTH)
	{
		buffer_append_format(problem, "the secret has %zu bytes, it must have %d to %d", secret.length,
							 KEYS_MIN_SECRET_LENGTH, KEYS_MAX_SECRET_LENGTH);
		return false;
	}
	if (keys_is_public(secret))
	{
		buffer_append_text(problem, "this is PEM or a JWKS, not a secret");
		return false;
	}
	key = keys_add(keys, KEY_ALGORITHM_HS256, id, problem);
	if (key == NULL)
		return false;
	key->secret = (unsigned char *) memory_copy_bytes(secret.bytes, secret.length);
	key->length = secret.length;
	return true;
}

KeySet *
keys_from_secret(Slice secret, const char *key_id, Buffer *problem)
{
	KeySet *keys = memory_alloc(sizeof(*keys));

	if (keys_add_secret(keys, secret, key_id, problem))
		return keys;
	keys_free(keys);
	return NULL;
}

/* ---- files ---- */

typedef enum KeyFileKind
{
	KEY_FILE_SECRET,
	KEY_FILE_PEM,
	KEY_FILE_JWKS,
} KeyFileKind;

static bool
keys_add_content(KeySet *keys, KeyFileKind kind, Slice content, const char *id, Buffer *problem)
{
	if (kind == KEY_FILE_SECRET)
		return keys_add_secret(keys, content, id, problem);
	if (content.length > KEYS_MAX_FILE_LENGTH)
	{
		buffer_append_format(problem, "longer than %d bytes", KEYS_MAX_FILE_LENGTH);
		return false;
	}
	return kind == KEY_FILE_PEM ? keys_add_pem(keys, content, id, problem) : keys_add_jwks(keys, content, problem);
}

static bool
keys_add_file(KeySet *keys, KeyFileKind kind, const char *path, const char *id, Buffer *problem)
{
	size_t max_length = kind == KEY_FILE_SECRET ? KEYS_SECRET_FILE_LENGTH : KEYS_MAX_FILE_LENGTH + 1;
	Buffer content = BUFFER_EMPTY;
	Buffer reason = BUFFER_EMPTY;
	bool is_good = false;

	if (path == NULL || path[0] == '\0')
		return true;
	if (!key_file_read(path, max_length, &content))
		buffer_append_text(&reason, strerror(errno));
	else
		is_good = keys_add_content(keys, kind, buffer_slice(&content), id, &reason);
	if (!is_good)
		buffer_append_format(problem, "%s: %s", path, buffer_text(&reason));
	key_file_wipe(&content);
	buffer_free(&reason);
	return is_good;
}

KeySet *
keys_load(const KeyFiles *files, Buffer *problem)
{
	KeySet *keys = memory_alloc(sizeof(*keys));

	if (keys_add_file(keys, KEY_FILE_SECRET, files->secret, files->secret_id, problem) &&
		keys_add_file(keys, KEY_FILE_PEM, files->public_key, files->public_key_id, problem) &&
		keys_add_file(keys, KEY_FILE_JWKS, files->jwks, NULL, problem))
	{
		if (keys->count > 0)
			return keys;
		buffer_append_text(problem, "no file with a key is named: without a key no token can be checked");
	}
	keys_free(keys);
	return NULL;
}
