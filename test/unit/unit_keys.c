/*
 * unit_keys.c - key pairs made on the spot, their public halves as files hold them, and tokens they sign.
 */
#include "unit_keys.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/base64url.h"

EVP_PKEY *
unit_rsa_key(unsigned bits)
{
	EVP_PKEY *key = EVP_RSA_gen(bits);

	assert_non_null(key);
	return key;
}

EVP_PKEY *
unit_ec_key(const char *curve)
{
	EVP_PKEY *key = EVP_EC_gen(curve);

	assert_non_null(key);
	return key;
}

static void
take_text(Buffer *out, BIO *bio)
{
	char *text;
	long length = BIO_get_mem_data(bio, &text);

	buffer_append(out, text, (size_t) length);
	BIO_free(bio);
}

void
unit_public_pem(Buffer *out, EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());

	assert_int_equal(PEM_write_bio_PUBKEY(bio, key), 1);
	take_text(out, bio);
}

void
unit_private_pem(Buffer *out, EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());

	assert_int_equal(PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), 1);
	take_text(out, bio);
}

void
unit_certificate(Buffer *out, EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	X509 *certificate = X509_new();

	ASN1_TIME_set(X509_getm_notBefore(certificate), 1000);
	ASN1_TIME_set(X509_getm_notAfter(certificate), 2000);
	X509_set_pubkey(certificate, key);
	assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
	assert_int_equal(PEM_write_bio_X509(bio, certificate), 1);
	X509_free(certificate);
	take_text(out, bio);
}

static void
add_number(Buffer *out, const char *name, const BIGNUM *number, int length)
{
	unsigned char bytes[1024];

	assert_int_equal(BN_bn2binpad(number, bytes, length), length);
	buffer_append_format(out, ",\"%s\":\"", name);
	base64url_encode(out, slice_of((const char *) bytes, (size_t) length));
	buffer_append_char(out, '"');
}

static BIGNUM *
number_of(EVP_PKEY *key, const char *name)
{
	BIGNUM *number = NULL;

	assert_int_equal(EVP_PKEY_get_bn_param(key, name, &number), 1);
	return number;
}

void
unit_jwk_rsa(Buffer *out, const BIGNUM *n, const BIGNUM *e, const char *more)
{
	buffer_append_text(out, "{\"kty\":\"RSA\"");
	add_number(out, "n", n, BN_num_bytes(n));
	add_number(out, "e", e, BN_num_bytes(e));
	buffer_append_format(out, "%s%s}", more[0] ? "," : "", more);
}

static void
add_jwk_ec(Buffer *out, EVP_PKEY *key, const char *more)
{
	int length = (EVP_PKEY_get_bits(key) + 7) / 8;
	BIGNUM *x = number_of(key, OSSL_PKEY_PARAM_EC_PUB_X);
	BIGNUM *y = number_of(key, OSSL_PKEY_PARAM_EC_PUB_Y);

	buffer_append_format(out, "{\"kty\":\"EC\",\"crv\":\"P-%d\"", EVP_PKEY_get_bits(key));
	add_number(out, "x", x, length);
	add_number(out, "y", y, length);
	buffer_append_format(out, "%s%s}", more[0] ? "," : "", more);
	BN_free(x);
	BN_free(y);
}

void
unit_jwk(Buffer *out, EVP_PKEY *key, const char *more)
{
	BIGNUM *n;
	BIGNUM *e;

	if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC)
	{
		add_jwk_ec(out, key, more);
		return;
	}
	n = number_of(key, OSSL_PKEY_PARAM_RSA_N);
	e = number_of(key, OSSL_PKEY_PARAM_RSA_E);
	unit_jwk_rsa(out, n, e, more);
	BN_free(n);
	BN_free(e);
}

static void
make_parts(Buffer *out, const char *header, const char *claims)
{
	buffer_clear(out);
	base64url_encode(out, slice_of_text(header));
	buffer_append_char(out, '.');
	base64url_encode(out, slice_of_text(claims));
}

static void
add_signature(Buffer *out, const unsigned char *bytes, size_t length)
{
	buffer_append_char(out, '.');
	base64url_encode(out, slice_of((const char *) bytes, length));
}

static void
add_pair(Buffer *out, const unsigned char *der, size_t length)
{
	ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long) length);
	unsigned char bytes[64];

	assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(pair), bytes, 32), 32);
	assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(pair), bytes + 32, 32), 32);
	ECDSA_SIG_free(pair);
	add_signature(out, bytes, sizeof(bytes));
}

void
unit_signed_token(Buffer *out, EVP_PKEY *key, const char *header, const char *claims)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char signature[1024];
	size_t length = sizeof(signature);

	make_parts(out, header, claims);
	assert_int_equal(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key), 1);
	assert_int_equal(EVP_DigestSign(context, signature, &length, (const unsigned char *) out->bytes, out->length), 1);
	EVP_MD_CTX_free(context);
	if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC)
		add_pair(out, signature, length);
	else
		add_signature(out, signature, length);
}

void
unit_hmac_token(Buffer *out, Slice secret, const char *header, const char *claims)
{
	unsigned char signature[EVP_MAX_MD_SIZE];
	unsigned length = 0;

	make_parts(out, header, claims);
	HMAC(EVP_sha256(), secret.bytes, (int) secret.length, (const unsigned char *) out->bytes, out->length, signature,
		 &length);
	add_signature(out, signature, length);
}
