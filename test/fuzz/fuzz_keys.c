/*
 * fuzz_keys.c - files with public keys, as a JWKS and as PEM: only keys that may check tokens come in, and a refusal is one
 * line.
 */
#include "auth/keys_private.h"
#include "fuzz_support.h"

#define SECRET "a secret of the fuzz targets, long enough"

static void
claim_fit(const Key *key, Slice text)
{
	if (key->algorithm == KEY_ALGORITHM_HS256)
	{
		FUZZ_CLAIM(key->public_key == NULL && key->length == strlen(SECRET), text);
		return;
	}
	FUZZ_CLAIM(key->public_key != NULL && key->secret == NULL, text);
	FUZZ_CLAIM(EVP_PKEY_get_base_id(key->public_key) ==
				   (key->algorithm == KEY_ALGORITHM_RS256 ? EVP_PKEY_RSA : EVP_PKEY_EC),
			   text);
	FUZZ_CLAIM(key->algorithm == KEY_ALGORITHM_ES256 || EVP_PKEY_get_bits(key->public_key) >= 2048, text);
}

static void
claim_read(bool (*read)(KeySet *keys, Slice text, Buffer *problem), Slice text)
{
	Buffer problem = BUFFER_EMPTY;
	KeySet *keys = keys_from_secret(slice_of_text(SECRET), "hs", &problem);
	bool is_read = read(keys, text, &problem);

	FUZZ_CLAIM(is_read == (problem.length == 0), buffer_slice(&problem));
	FUZZ_CLAIM(!is_read || keys_total(keys) >= 2, text);
	FUZZ_CLAIM(memchr(buffer_text(&problem), '\n', problem.length) == NULL, buffer_slice(&problem));
	FUZZ_CLAIM(keys_total(keys) <= KEYS_MAX_COUNT, text);
	for (size_t i = 0; i < keys->count; i++)
		claim_fit(&keys->keys[i], text);
	keys_free(keys);
	buffer_free(&problem);
}

static bool
read_pem(KeySet *keys, Slice text, Buffer *problem)
{
	return keys_add_pem(keys, text, "pem", problem);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	Slice text = fuzz_slice(bytes, length);

	claim_read(keys_add_jwks, text);
	claim_read(read_pem, text);
	return 0;
}
