/*
 * test_jwt_public.c - tokens signed with private keys: RS256 and ES256, and that no key is used for anything else.
 */
#include "unit_keys.h"

#include <openssl/x509.h>
#include <unistd.h>

#include "auth/jwt.h"
#include "base/base64url.h"

#define NOW INT64_C(1740821400)
#define CLAIMS "{\"iss\":\"demo\",\"sub\":\"alice\",\"exp\":1740825000}"
#define SECRET "0123456789abcdef0123456789abcdef"

static EVP_PKEY *rsa;
static EVP_PKEY *ec;
static EVP_PKEY *other_rsa;
static EVP_PKEY *other_ec;
static TokenRules rules;
static KeySet *keys;

static int
make_keys(void **state)
{
	rsa = unit_rsa_key(2048);
	other_rsa = unit_rsa_key(2048);
	ec = unit_ec_key("P-256");
	other_ec = unit_ec_key("P-256");
	return 0;
}

static int
free_keys(void **state)
{
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(other_rsa);
	EVP_PKEY_free(ec);
	EVP_PKEY_free(other_ec);
	return 0;
}

/* A secret without id, and a set of rsa "r" and ec "e". */
static int
set_up(void **state)
{
	Buffer set = BUFFER_EMPTY;
	Buffer problem = BUFFER_EMPTY;
	char *jwks;
	char *secret = unit_write_file(SLICE(SECRET "\n"));

	buffer_append_text(&set, "{\"keys\":[");
	unit_jwk(&set, rsa, "\"kid\":\"r\"");
	buffer_append_char(&set, ',');
	unit_jwk(&set, ec, "\"kid\":\"e\"");
	buffer_append_text(&set, "]}");
	jwks = unit_write_file(buffer_slice(&set));
	keys = keys_load(&(KeyFiles){.secret = secret, .jwks = jwks}, &problem);
	rules = (TokenRules){.keys = keys, .issuer = "demo", .leeway_s = 30, .max_age_s = 300};
	unlink(jwks);
	unlink(secret);
	free(jwks);
	free(secret);
	buffer_free(&set);
	return keys ? 0 : -1;
}

static int
tear_down(void **state)
{
	keys_free(keys);
	return 0;
}

/* Frees the token. */
static void
assert_token(Buffer *token, TokenResult expected, const char *what)
{
	Claims claims;
	TokenResult actual = token_verify(&rules, buffer_slice(token), TOKEN_FROM_MESSAGE, NOW, &claims);

	claims_free(&claims);
	buffer_free(token);
	if (actual != expected)
		fail_msg("%s: \"%s\", expected \"%s\"", what, token_result_reason(actual), token_result_reason(expected));
}

static void
assert_signed(EVP_PKEY *key, const char *header, TokenResult expected)
{
	Buffer token = BUFFER_EMPTY;

	unit_signed_token(&token, key, header, CLAIMS);
	assert_token(&token, expected, header);
}

static void
assert_claims(const char *claims, TokenResult expected)
{
	Buffer token = BUFFER_EMPTY;

	unit_signed_token(&token, rsa, "{\"alg\":\"RS256\",\"kid\":\"r\"}", claims);
	assert_token(&token, expected, claims);
	unit_signed_token(&token, ec, "{\"alg\":\"ES256\",\"kid\":\"e\"}", claims);
	assert_token(&token, expected, claims);
}

static void
test_tokens_of_all_algorithms_are_believed(void **state)
{
	Buffer token = BUFFER_EMPTY;

	assert_signed(rsa, "{\"alg\":\"RS256\",\"kid\":\"r\",\"typ\":\"JWT\"}", TOKEN_VALID);
	assert_signed(ec, "{\"alg\":\"ES256\",\"kid\":\"e\",\"typ\":\"JWT\"}", TOKEN_VALID);
	assert_signed(rsa, "{\"alg\":\"RS256\"}", TOKEN_VALID);
	assert_signed(ec, "{\"alg\":\"ES256\"}", TOKEN_VALID);
	unit_hmac_token(&token, SLICE(SECRET), "{\"alg\":\"HS256\"}", CLAIMS);
	assert_token(&token, TOKEN_VALID, "HS256");
}

static void
test_the_id_selects(void **state)
{
	assert_signed(rsa, "{\"alg\":\"RS256\",\"kid\":\"x\"}", TOKEN_UNKNOWN_KEY);
	assert_signed(rsa, "{\"alg\":\"RS256\",\"kid\":\"e\"}", TOKEN_UNKNOWN_KEY);
	assert_signed(rsa, "{\"alg\":\"RS256\",\"kid\":\"\"}", TOKEN_UNKNOWN_KEY);
	assert_signed(ec, "{\"alg\":\"ES256\",\"kid\":\"r\"}", TOKEN_UNKNOWN_KEY);
	assert_signed(other_rsa, "{\"alg\":\"RS256\",\"kid\":\"r\"}", TOKEN_BAD_SIGNATURE);
	assert_signed(other_ec, "{\"alg\":\"ES256\",\"kid\":\"e\"}", TOKEN_BAD_SIGNATURE);
}

/* Two keys of one algorithm: a token has to say which. */
static void
test_without_an_id_there_must_be_one_key(void **state)
{
	Buffer pem = BUFFER_EMPTY;
	Buffer set = BUFFER_EMPTY;
	Buffer problem = BUFFER_EMPTY;
	char *pem_file;
	char *jwks;
	KeySet *both;

	unit_public_pem(&pem, other_rsa);
	buffer_append_text(&set, "{\"keys\":[");
	unit_jwk(&set, rsa, "\"kid\":\"r\"");
	buffer_append_text(&set, "]}");
	pem_file = unit_write_file(buffer_slice(&pem));
	jwks = unit_write_file(buffer_slice(&set));
	both = keys_load(&(KeyFiles){.public_key = pem_file, .public_key_id = "new", .jwks = jwks}, &problem);
	assert_non_null(both);
	rules.keys = both;
	assert_signed(rsa, "{\"alg\":\"RS256\"}", TOKEN_NO_KEY_ID);
	assert_signed(rsa, "{\"alg\":\"RS256\",\"kid\":\"r\"}", TOKEN_VALID);
	assert_signed(rsa, "{\"alg\":\"RS256\",\"kid\":\"new\"}", TOKEN_BAD_SIGNATURE);
	assert_signed(other_rsa, "{\"alg\":\"RS256\",\"kid\":\"new\"}", TOKEN_VALID);
	assert_signed(ec, "{\"alg\":\"ES256\"}", TOKEN_WRONG_ALGORITHM); /* no such key at all */
	keys_free(both);
	unlink(pem_file);
	unlink(jwks);
	free(pem_file);
	free(jwks);
	buffer_free(&pem);
	buffer_free(&set);
}

static void
assert_hmac(Slice secret, const char *header, TokenResult expected)
{
	Buffer token = BUFFER_EMPTY;

	unit_hmac_token(&token, secret, header, CLAIMS);
	assert_token(&token, expected, header);
}

/* A public key, in whatever form, is no secret: with an HS256 key in the set and without. */
static void
assert_no_confusion(EVP_PKEY *key, const char *id, bool has_secret)
{
	unsigned char *der = NULL;
	int der_length = i2d_PUBKEY(key, &der);
	Buffer pem = BUFFER_EMPTY;
	Buffer jwk = BUFFER_EMPTY;
	char header[64];

	unit_public_pem(&pem, key);
	unit_jwk(&jwk, key, "");
	snprintf(header, sizeof(header), "{\"alg\":\"HS256\",\"kid\":\"%s\"}", id);
	for (int i = 0; i < 2; i++)
	{
		const char *with = i == 0 ? "{\"alg\":\"HS256\"}" : header;
		TokenResult refusal = TOKEN_WRONG_ALGORITHM;

		if (has_secret)
			refusal = i == 0 ? TOKEN_BAD_SIGNATURE : TOKEN_UNKNOWN_KEY;
		assert_hmac(buffer_slice(&pem), with, refusal);
		assert_hmac(slice_of(pem.bytes, pem.length - 1), with, refusal);
		assert_hmac(buffer_slice(&jwk), with, refusal);
		assert_hmac(slice_of((const char *) der, (size_t) der_length), with, refusal);
	}
	OPENSSL_free(der);
	buffer_free(&pem);
	buffer_free(&jwk);
}

static void
test_a_public_key_is_no_secret(void **state)
{
	Buffer pem = BUFFER_EMPTY;
	Buffer problem = BUFFER_EMPTY;
	char *path;
	KeySet *only_rsa;

	assert_no_confusion(rsa, "r", true);
	assert_no_confusion(ec, "e", true);
	unit_public_pem(&pem, rsa);
	path = unit_write_file(buffer_slice(&pem));
	only_rsa = keys_load(&(KeyFiles){.public_key = path}, &problem);
	assert_non_null(only_rsa);
	rules.keys = only_rsa;
	assert_no_confusion(rsa, "r", false);
	assert_signed(rsa, "{\"alg\":\"RS256\"}", TOKEN_VALID);
	keys_free(only_rsa);
	unlink(path);
	free(path);
	buffer_free(&pem);
}

static void
test_other_algorithms_are_refused(void **state)
{
	static const char *const names[] = {"none", "None", "", "RS384", "PS256", "ES384", "rs256", "ES256K", "EdDSA"};

	for (size_t i = 0; i < LENGTH_OF(names); i++)
	{
		Buffer token = BUFFER_EMPTY;
		char header[64];

		snprintf(header, sizeof(header), "{\"alg\":\"%s\",\"kid\":\"r\"}", names[i]);
		assert_signed(rsa, header, TOKEN_WRONG_ALGORITHM);
		unit_signed_token(&token, rsa, header, CLAIMS);
		buffer_truncate(&token, (size_t) ((char *) memrchr(token.bytes, '.', token.length) + 1 - token.bytes));
		assert_token(&token, TOKEN_WRONG_ALGORITHM, header);
	}
	assert_signed(rsa, "{\"alg\":\"ES256\"}", TOKEN_BAD_SIGNATURE);
	assert_signed(ec, "{\"alg\":\"RS256\"}", TOKEN_BAD_SIGNATURE);
	assert_signed(ec, "{\"alg\":\"HS256\"}", TOKEN_BAD_SIGNATURE);
}

/* What a token brings along is never a key. */
static void
test_keys_in_headers_count_for_nothing(void **state)
{
	Buffer header = BUFFER_EMPTY;

	buffer_append_text(&header, "{\"alg\":\"RS256\",\"jku\":\"https://example.org/\",\"jwk\":");
	unit_jwk(&header, other_rsa, "");
	buffer_append_char(&header, '}');
	assert_signed(other_rsa, buffer_text(&header), TOKEN_BAD_SIGNATURE);
	assert_signed(rsa, buffer_text(&header), TOKEN_VALID);
	buffer_free(&header);
}

static void
test_claims_are_checked_alike(void **state)
{
	assert_claims(CLAIMS, TOKEN_VALID);
	assert_claims("{\"iss\":\"demo\",\"sub\":\"a\",\"exp\":1740821371}", TOKEN_VALID); /* 29 s ago */
	assert_claims("{\"iss\":\"demo\",\"sub\":\"a\",\"exp\":1740821370}", TOKEN_EXPIRED);
	assert_claims("{\"iss\":\"demo\",\"sub\":\"a\",\"exp\":1740825000,\"nbf\":1740821431}", TOKEN_NOT_YET_VALID);
	assert_claims("{\"iss\":\"else\",\"sub\":\"a\",\"exp\":1740825000}", TOKEN_WRONG_ISSUER);
	assert_claims("{\"iss\":\"demo\",\"sub\":\"a\",\"exp\":1740825000,\"aud\":\"x\"}", TOKEN_WRONG_AUDIENCE);
	assert_claims("{\"iss\":\"demo\",\"sub\":\"a\"}", TOKEN_NO_EXPIRY);
	assert_claims("{\"iss\":\"demo\",\"sub\":\"a\",\"sub\":\"b\",\"exp\":1740825000}", TOKEN_BAD_CLAIMS);
}

static void
assert_every_character_matters(EVP_PKEY *key, const char *header)
{
	Buffer token = BUFFER_EMPTY;
	Claims claims;

	unit_signed_token(&token, key, header, CLAIMS);
	for (size_t i = 0; i < token.length; i++)
	{
		char before = token.bytes[i];

		token.bytes[i] = before == 'A' ? 'B' : 'A';
		assert_int_not_equal(token_verify(&rules, buffer_slice(&token), TOKEN_FROM_MESSAGE, NOW, &claims), TOKEN_VALID);
		token.bytes[i] = before;
		assert_int_not_equal(token_verify(&rules, slice_of(token.bytes, i), TOKEN_FROM_MESSAGE, NOW, &claims),
							 TOKEN_VALID);
	}
	buffer_append_char(&token, 'A');
	assert_token(&token, TOKEN_BAD_SIGNATURE, "one character more");
}

static void
test_one_character_changed_anywhere(void **state)
{
	assert_every_character_matters(rsa, "{\"alg\":\"RS256\"}");
	assert_every_character_matters(ec, "{\"alg\":\"ES256\"}");
}

/* Signatures of zeros, of DER where two numbers belong, and of no length at all. */
static void
test_signatures_of_other_forms(void **state)
{
	static const char *const headers[] = {"{\"alg\":\"RS256\"}", "{\"alg\":\"ES256\"}"};
	static const size_t lengths[] = {0, 1, 32, 63, 64, 65, 72, 255, 256, 257, 1000};
	char zeros[1000] = {0};

	for (size_t i = 0; i < LENGTH_OF(headers); i++)
		for (size_t j = 0; j < LENGTH_OF(lengths); j++)
		{
			Buffer token = BUFFER_EMPTY;

			base64url_encode(&token, slice_of_text(headers[i]));
			buffer_append_char(&token, '.');
			base64url_encode(&token, SLICE(CLAIMS));
			buffer_append_char(&token, '.');
			base64url_encode(&token, slice_of(zeros, lengths[j]));
			assert_token(&token, TOKEN_BAD_SIGNATURE, headers[i]);
		}
}

#define JWT_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		JWT_TEST(test_tokens_of_all_algorithms_are_believed),
		JWT_TEST(test_the_id_selects),
		JWT_TEST(test_without_an_id_there_must_be_one_key),
		JWT_TEST(test_a_public_key_is_no_secret),
		JWT_TEST(test_other_algorithms_are_refused),
		JWT_TEST(test_keys_in_headers_count_for_nothing),
		JWT_TEST(test_claims_are_checked_alike),
		JWT_TEST(test_one_character_changed_anywhere),
		JWT_TEST(test_signatures_of_other_forms),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
