/*
 * keys_public.c - which public keys are good enough, and PEM.
 *
 * What a key is decides its algorithm; nothing else does.  A certificate is only where the key comes in: that the
 * file is there is the trust, so neither its dates nor its issuer are looked at.  Called by keys.c and keys_jwks.c.
 */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

#include "auth/keys_private.h"

#define KEYS_MIN_RSA_BITS 2048
#define KEYS_MAX_RSA_BITS 8192 /* checking a signature must stay cheap */

static bool
keys_is_p256(const EVP_PKEY *key)
{
	char group[32];

	return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC && EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) == 1 &&
		   strcmp(group, "prime256v1") == 0;
}

static bool
keys_choose_algorithm(const EVP_PKEY *key, KeyAlgorithm *algorithm, Buffer *problem)
{
	int bits = EVP_PKEY_get_bits(key);

	if (keys_is_p256(key))
	{
		*algorithm = KEY_ALGORITHM_ES256;
		return true;
	}
	if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA)
		buffer_append_text(problem, "neither an RSA key nor one on the curve P-256");
	else if (bits < KEYS_MIN_RSA_BITS || bits > KEYS_MAX_RSA_BITS)
		buffer_append_format(problem, "an RSA key of %d bits, it must have %d to %d", bits, KEYS_MIN_RSA_BITS,
							 KEYS_MAX_RSA_BITS);
	else
	{
		*algorithm = KEY_ALGORITHM_RS256;
		return true;
	}
	return false;
}

/* A point beside the curve, an exponent of 1. */
static bool
keys_is_sound(EVP_PKEY *key)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
	bool is_sound = context && EVP_PKEY_public_check(context) == 1;

	EVP_PKEY_CTX_free(context);
	return is_sound;
}

bool
keys_add_public(KeySet *keys, EVP_PKEY *public_key, const char *id, Buffer *problem)
{
	KeyAlgorithm algorithm;
	Key *key = NULL;

	if (keys_choose_algorithm(public_key, &algorithm, problem))
	{
		if (keys_is_sound(public_key))
			key = keys_add(keys, algorithm, id, problem);
		else
			buffer_append_text(problem, "the numbers are not those of a public key");
	}
	ERR_clear_error();
	if (key == NULL)
	{
		EVP_PKEY_free(public_key);
		return false;
	}
	key->public_key = public_key;
	return true;
}

/* Without it OpenSSL would ask whoever sits at the terminal. */
static int
keys_no_passphrase(char *text, int size, int is_writing, void *argument)
{
	return -1;
}

static EVP_PKEY *
keys_pem_public_key(Slice text)
{
	BIO *input = BIO_new_mem_buf(text.bytes, (int) text.length);
	EVP_PKEY *key = PEM_read_bio_PUBKEY(input, NULL, keys_no_passphrase, NULL);

	BIO_free(input);
	return key;
}

static EVP_PKEY *
keys_pem_certificate(Slice text)
{
	BIO *input = BIO_new_mem_buf(text.bytes, (int) text.length);
	X509 *certificate = PEM_read_bio_X509(input, NULL, keys_no_passphrase, NULL);
	EVP_PKEY *key = certificate ? X509_get_pubkey(certificate) : NULL;

	X509_free(certificate);
	BIO_free(input);
	return key;
}

static bool
keys_has_text(Slice text, const char *what)
{
	return text.length > 0 && memmem(text.bytes, text.length, what, strlen(what));
}

bool
keys_add_pem(KeySet *keys, Slice text, const char *id, Buffer *problem)
{
	EVP_PKEY *key;

	if (keys_has_text(text, "PRIVATE KEY-----"))
	{
		buffer_append_text(problem, "a private key does not belong here, only its public key");
		return false;
	}
	if (keys_has_text(text, "-----BEGIN PUBLIC KEY-----"))
		key = keys_pem_public_key(text);
	else
		key = keys_pem_certificate(text);
	ERR_clear_error();
	if (key)
		return keys_add_public(keys, key, id, problem);
	buffer_append_text(problem, "no PEM of a public key (BEGIN PUBLIC KEY) or a certificate that can be read");
	return false;
}
