/*
 * keys.c - the keys tokens are checked against, each bound to one algorithm.
 *
 * Owns the secrets and wipes them.  The algorithm is the key's, decided where the key is loaded; a token can only
 * ask for a key that has its algorithm.  Called by main.c (load) and jwt.c (find).
 */
#include "auth/keys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct KeySet
{
	Key key; /* one today; more when there is rotation */
};

const char *
keys_algorithm_name(KeyAlgorithm algorithm)
{
	switch (algorithm)
	{
		case KEY_ALGORITHM_HS256:
			return "HS256";
	}
	return "";
}

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

KeySet *
keys_from_secret(Slice secret, const char *key_id, Buffer *problem)
{
	KeySet *keys;

	secret = keys_without_newline(secret);
	if (secret.length < KEYS_MIN_SECRET_LENGTH || secret.length > KEYS_MAX_SECRET_LENGTH)
	{
		buffer_append_format(problem, "the secret has %zu bytes, it must have %d to %d", secret.length,
							 KEYS_MIN_SECRET_LENGTH, KEYS_MAX_SECRET_LENGTH);
		return NULL;
	}
	keys = memory_alloc(sizeof(*keys));
	keys->key.algorithm = KEY_ALGORITHM_HS256;
	keys->key.id = memory_copy_text(key_id ? key_id : "");
	keys->key.secret = (unsigned char *) memory_copy_bytes(secret.bytes, secret.length);
	keys->key.length = secret.length;
	return keys;
}

/* Reads at most one byte more than a secret with its newline may have; -1 with errno when it cannot. */
static ssize_t
keys_read_file(const char *path, char *content, size_t size)
{
	FILE *file = fopen(path, "re");
	ssize_t length;

	if (file == NULL)
		return -1;
	setvbuf(file, NULL, _IONBF, 0); /* no second copy of the secret in a stdio buffer */
	length = (ssize_t) fread(content, 1, size, file);
	if (ferror(file))
		length = -1;
	fclose(file);
	return length;
}

KeySet *
keys_load(const char *path, const char *key_id, Buffer *problem)
{
	char content[KEYS_MAX_SECRET_LENGTH + 3];
	Buffer reason = BUFFER_EMPTY;
	KeySet *keys = NULL;
	ssize_t length;

	errno = 0;
	length = keys_read_file(path, content, sizeof(content));
	if (length < 0)
		buffer_append_format(problem, "%s: %s", path, strerror(errno));
	else
	{
		keys = keys_from_secret(slice_of(content, (size_t) length), key_id, &reason);
		if (keys == NULL)
			buffer_append_format(problem, "%s: %s", path, buffer_text(&reason));
	}
	explicit_bzero(content, sizeof(content));
	buffer_free(&reason);
	return keys;
}

void
keys_free(KeySet *keys)
{
	if (keys == NULL)
		return;
	explicit_bzero(keys->key.secret, keys->key.length);
	free(keys->key.secret);
	free(keys->key.id);
	free(keys);
}

const Key *
keys_find(const KeySet *keys, KeyAlgorithm algorithm, Slice id)
{
	if (keys->key.algorithm != algorithm)
		return NULL;
	if (id.bytes && !slice_equals_text(id, keys->key.id))
		return NULL;
	return &keys->key;
}
