/*
 * jwt_signature.c - does this signature fit the key?
 *
 * The key's algorithm alone says what is done; that the token names the same one was seen before.  HS256 is libjwt's
 * work, RS256 and ES256 are OpenSSL's.  Owns nothing.  Called by jwt.c.
 */
#include "auth/jwt_signature.h"

#include <jwt.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "base/base64url.h"
#include "base/memory.h"

#define HS256_LENGTH 32 /* bytes of a signature */
#define ES256_LENGTH 64 /* r and s, half of it each */

/* libjwt compares texts; a signature in any but the one canonical form does not get that far. */
static bool
signature_fits_secret(const Key *key, Slice token, Slice signature)
{
	jwt_t *decoded = NULL;
	char *text;
	bool fits;

	if (signature.length != HS256_LENGTH)
		return false;
	text = memory_copy_bytes(token.bytes, token.length);
	fits = jwt_decode(&decoded, text, key->secret, (int) key->length) == 0 && jwt_get_alg(decoded) == JWT_ALG_HS256;
	jwt_free(decoded);
	free(text);
	return fits;
}

static bool
signature_fits_public_key(const Key *key, Slice text, const unsigned char *signature, size_t length)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool fits = context && EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key->public_key) == 1 &&
				EVP_DigestVerify(context, signature, length, (const unsigned char *) text.bytes, text.length) == 1;

	EVP_MD_CTX_free(context);
	return fits;
}

/* A token has the two numbers side by side, OpenSSL wants them in DER. */
static bool
signature_fits_point(const Key *key, Slice text, Slice signature)
{
	const unsigned char *bytes = (const unsigned char *) signature.bytes;
	ECDSA_SIG *pair = NULL;
	unsigned char *der = NULL;
	BIGNUM *r;
	BIGNUM *s;
	int length;
	bool fits;

	if (signature.length != ES256_LENGTH)
		return false;
	r = BN_bin2bn(bytes, ES256_LENGTH / 2, NULL);
	s = BN_bin2bn(bytes + ES256_LENGTH / 2, ES256_LENGTH / 2, NULL);
	pair = ECDSA_SIG_new();
	if (r == NULL || s == NULL || pair == NULL || ECDSA_SIG_set0(pair, r, s) != 1)
	{
		BN_free(r);
		BN_free(s);
		ECDSA_SIG_free(pair);
		return false;
	}
	length = i2d_ECDSA_SIG(pair, &der);
	fits = length > 0 && signature_fits_public_key(key, text, der, (size_t) length);
	OPENSSL_free(der);
	ECDSA_SIG_free(pair);
	return fits;
}

static bool
signature_bytes_fit(const Key *key, Slice token, size_t signed_length, Slice bytes)
{
	Slice text = slice_of(token.bytes, signed_length);

	switch (key->algorithm)
	{
		case KEY_ALGORITHM_HS256:
			return signature_fits_secret(key, token, bytes);
		case KEY_ALGORITHM_RS256:
			return signature_fits_public_key(key, text, (const unsigned char *) bytes.bytes, bytes.length);
		case KEY_ALGORITHM_ES256:
			return signature_fits_point(key, text, bytes);
	}
	return false;
}

bool
jwt_signature_fits(const Key *key, Slice token, size_t signed_length, Slice signature)
{
	Buffer bytes = BUFFER_EMPTY;
	bool fits = signature.length > 0 && base64url_decode(&bytes, signature) &&
				signature_bytes_fit(key, token, signed_length, buffer_slice(&bytes));

	/* a refusal leaves notes in OpenSSL's queue, where the next one to look would take them for its own */
	ERR_clear_error();
	buffer_free(&bytes);
	return fits;
}
