/* test_keys_public.c - public keys from PEM files and key sets: which are taken, as what, and which are refused. */
#include "unit_keys.h"

#include <openssl/bn.h>
#include <unistd.h>

#include "auth/keys.h"

static EVP_PKEY *rsa;
static EVP_PKEY *ec;

static int
make_keys(void **state)
{
	rsa = unit_rsa_key(2048);
	ec = unit_ec_key("P-256");
	return 0;
}

static int
free_keys(void **state)
{
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(ec);
	return 0;
}

/* Loads a file of this content as PEM, or as a JWKS; its path is cut off the problem. */
static KeySet *
load(const Buffer *content, bool is_jwks, Buffer *problem)
{
	char *path = unit_write_file(buffer_slice(content));
	KeyFiles files = {.public_key = is_jwks ? NULL : path, .public_key_id = "pem", .jwks = is_jwks ? path : NULL};
	KeySet *keys = keys_load(&files, problem);

	if (keys == NULL)
	{
		assert_int_equal(strncmp(buffer_text(problem), path, strlen(path)), 0);
		buffer_consume(problem, strlen(path) + 2);
	}
	else
		assert_int_equal(problem->length, 0);
	unlink(path);
	free(path);
	return keys;
}

/* Frees the content. */
static void
assert_pem(Buffer *content, KeyAlgorithm algorithm)
{
	Buffer problem = BUFFER_EMPTY;
	KeySet *keys = load(content, false, &problem);

	assert_non_null(keys);
	assert_int_equal(keys_total(keys), 1);
	assert_non_null(keys_find(keys, algorithm, slice_of(NULL, 0)));
	assert_non_null(keys_find(keys, algorithm, SLICE("pem")));
	assert_null(keys_find(keys, algorithm, SLICE("other")));
	assert_null(keys_find(keys, KEY_ALGORITHM_HS256, slice_of(NULL, 0)));
	keys_free(keys);
	buffer_free(content);
	buffer_free(&problem);
}

static void
assert_refused(Buffer *content, bool is_jwks, const char *expected)
{
	Buffer problem = BUFFER_EMPTY;

	assert_null(load(content, is_jwks, &problem));
	assert_buffer_text(&problem, expected);
	buffer_free(content);
	buffer_free(&problem);
}

static void
assert_text_refused(const char *text, bool is_jwks, const char *expected)
{
	Buffer content = BUFFER_EMPTY;

	buffer_append_text(&content, text);
	assert_refused(&content, is_jwks, expected);
}

static void
test_pem_of_public_keys_and_certificates(void **state)
{
	Buffer content = BUFFER_EMPTY;

	unit_public_pem(&content, rsa);
	assert_pem(&content, KEY_ALGORITHM_RS256);
	unit_public_pem(&content, ec);
	assert_pem(&content, KEY_ALGORITHM_ES256);
	unit_certificate(&content, rsa);
	assert_pem(&content, KEY_ALGORITHM_RS256);
	buffer_append_text(&content, "subject=CN = whoever\n");
	unit_certificate(&content, ec);
	assert_pem(&content, KEY_ALGORITHM_ES256);
}

static void
test_pem_that_is_refused(void **state)
{
	static const char unreadable[] = "no PEM of a public key (BEGIN PUBLIC KEY) or a certificate that can be read";
	Buffer content = BUFFER_EMPTY;

	assert_text_refused("", false, unreadable);
	assert_text_refused("nonsense", false, unreadable);
	assert_text_refused("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", false, unreadable);
	assert_text_refused("-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n"
						"-----END CERTIFICATE-----\n",
						false, unreadable);
	unit_private_pem(&content, rsa);
	assert_refused(&content, false, "a private key does not belong here, only its public key");
	memset(buffer_extend(&content, KEYS_MAX_FILE_LENGTH + 1), ' ', KEYS_MAX_FILE_LENGTH + 1);
	assert_refused(&content, false, "longer than 262144 bytes");
}

static void
assert_kind_refused(EVP_PKEY *key, const char *expected)
{
	Buffer content = BUFFER_EMPTY;

	unit_public_pem(&content, key);
	assert_refused(&content, false, expected);
	EVP_PKEY_free(key);
}

static void
test_keys_of_other_kinds_and_sizes(void **state)
{
	static const char other[] = "neither an RSA key nor one on the curve P-256";

	assert_kind_refused(unit_rsa_key(1024), "an RSA key of 1024 bits, it must have 2048 to 8192");
	assert_kind_refused(unit_ec_key("P-384"), other);
	assert_kind_refused(unit_ec_key("secp256k1"), other);
	assert_kind_refused(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), other);
}

static void
test_a_set_of_keys(void **state)
{
	Buffer content = BUFFER_EMPTY;
	Buffer problem = BUFFER_EMPTY;
	KeySet *keys;

	buffer_append_text(&content, "{\"other\": 1, \"keys\": [");
	unit_jwk(&content, rsa, "\"kid\":\"a\",\"alg\":\"RS256\",\"use\":\"sig\",\"x5c\":[\"MIIB\"]");
	buffer_append_text(&content, ", ");
	unit_jwk(&content, ec, "\"kid\":\"a\",\"key_ops\":[\"verify\"]");
	buffer_append_text(&content, ", ");
	unit_jwk(&content, ec, "\"kid\":\"b\"");
	buffer_append_text(&content, "]}\n");
	keys = load(&content, true, &problem);
	assert_non_null(keys);
	assert_int_equal(keys_total(keys), 3);
	assert_int_equal(keys_ignored(keys), 0);
	assert_int_equal(keys_count(keys, KEY_ALGORITHM_ES256), 2);
	assert_int_equal(keys_find(keys, KEY_ALGORITHM_RS256, SLICE("a"))->algorithm, KEY_ALGORITHM_RS256);
	assert_int_equal(keys_find(keys, KEY_ALGORITHM_ES256, SLICE("a"))->algorithm, KEY_ALGORITHM_ES256);
	assert_null(keys_find(keys, KEY_ALGORITHM_RS256, SLICE("b")));
	assert_null(keys_find(keys, KEY_ALGORITHM_HS256, SLICE("a")));
	assert_non_null(keys_find(keys, KEY_ALGORITHM_RS256, slice_of(NULL, 0)));
	assert_null(keys_find(keys, KEY_ALGORITHM_ES256, slice_of(NULL, 0))); /* which of the two? */
	keys_free(keys);
	buffer_free(&content);
}

/* A set may serve others too; a secret in it is no secret. */
static void
test_keys_that_are_passed_over(void **state)
{
	static const char *const others[] = {
		"\"kid\":\"x\",\"use\":\"enc\"",
		"\"kid\":\"x\",\"alg\":\"RS512\"",
		"\"kid\":\"x\",\"alg\":\"HS256\"",
		"\"kid\":\"x\",\"alg\":5",
		"\"kid\":\"x\",\"key_ops\":[\"encrypt\", 1]",
		"\"kid\":\"x\",\"key_ops\":\"verify\"",
	};
	EVP_PKEY *big = unit_ec_key("P-384");
	Buffer content = BUFFER_EMPTY;
	Buffer problem = BUFFER_EMPTY;
	KeySet *keys;

	buffer_append_text(
		&content, "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"x\",\"k\":\"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY\"},"
				  "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA\"},{},{\"kty\":5},");
	for (size_t i = 0; i < LENGTH_OF(others); i++)
	{
		unit_jwk(&content, rsa, others[i]);
		buffer_append_char(&content, ',');
	}
	unit_jwk(&content, big, "\"kid\":\"x\"");
	buffer_append_char(&content, ',');
	unit_jwk(&content, ec, "");
	buffer_append_text(&content, "]}");
	keys = load(&content, true, &problem);
	assert_non_null(keys);
	assert_int_equal(keys_total(keys), 1);
	assert_int_equal(keys_ignored(keys), 5 + LENGTH_OF(others));
	keys_free(keys);
	EVP_PKEY_free(big);
	buffer_free(&content);
}

static void
test_sets_that_are_refused(void **state)
{
	static const char no_set[] = "no JSON object with an array \"keys\"";
	static const char numbers[] = "key 1: its numbers cannot be read";

	assert_text_refused("", true, no_set);
	assert_text_refused("[]", true, no_set);
	assert_text_refused("{\"keys\":{}}", true, no_set);
	assert_text_refused("{\"keys\":[],\"keys\":[]}", true, no_set);
	assert_text_refused("{\"keys\":[]} x", true, no_set);
	assert_text_refused("{\"keys\":[]}", true, "no key for RS256 or ES256 in it");
	assert_text_refused("{\"keys\":[5]}", true, "key 1: no object");
	assert_text_refused("{\"keys\":[{\"kty\":\"RSA\"}]}", true, numbers);
	assert_text_refused("{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQ==\",\"e\":\"AQAB\"}]}", true, numbers);
	assert_text_refused("{\"keys\":[{\"kty\":\"RSA\",\"n\":5,\"e\":\"AQAB\"}]}", true, numbers);
	assert_text_refused("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQ\",\"y\":\"AQ\"}]}", true, numbers);
	assert_text_refused("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":1}]}", true, "key 1: its kid is no text");
}

/* Opens a set, adds the key and what is given, and closes it. */
static void
assert_key_refused(EVP_PKEY *key, const char *more, const char *further, const char *expected)
{
	Buffer content = BUFFER_EMPTY;

	buffer_append_text(&content, "{\"keys\":[");
	unit_jwk(&content, key, more);
	if (further)
	{
		buffer_append_char(&content, ',');
		unit_jwk(&content, key, further);
	}
	buffer_append_text(&content, "]}");
	assert_refused(&content, true, expected);
}

static void
test_keys_in_a_set_that_are_refused(void **state)
{
	EVP_PKEY *weak = unit_rsa_key(1024);

	assert_key_refused(weak, "", NULL, "key 1: an RSA key of 1024 bits, it must have 2048 to 8192");
	assert_key_refused(rsa, "\"d\":\"AQ\"", NULL, "key 1: a private key does not belong here, only its public key");
	assert_key_refused(rsa, "\"kid\":\"a\"", "\"kid\":\"a\"", "key 2: another RS256 key has the same id");
	assert_key_refused(ec, "", "\"kid\":\"\"", "key 2: another ES256 key has no id either");
	assert_key_refused(ec, "\"y\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"", NULL,
					   "key 1: its numbers cannot be read"); /* beside the curve */
	EVP_PKEY_free(weak);
}

/* With it every number is its own signature. */
static void
test_an_exponent_of_one_is_refused(void **state)
{
	Buffer content = BUFFER_EMPTY;
	BIGNUM *n = NULL;

	assert_int_equal(EVP_PKEY_get_bn_param(rsa, "n", &n), 1);
	buffer_append_text(&content, "{\"keys\":[");
	unit_jwk_rsa(&content, n, BN_value_one(), "");
	buffer_append_text(&content, "]}");
	assert_refused(&content, true, "key 1: the numbers are not those of a public key");
	BN_free(n);
}

static void
test_too_many_keys(void **state)
{
	Buffer content = BUFFER_EMPTY;

	buffer_append_text(&content, "{\"keys\":[");
	for (int i = 0; i <= KEYS_MAX_COUNT; i++)
	{
		char id[32];

		snprintf(id, sizeof(id), "\"kid\":\"%d\"", i);
		if (i > 0)
			buffer_append_char(&content, ',');
		unit_jwk(&content, ec, id);
	}
	buffer_append_text(&content, "]}");
	assert_refused(&content, true, "key 65: there are more than 64 keys");
}

/* As a secret it would let everybody sign who knows the public key. */
static void
test_public_keys_are_no_secrets(void **state)
{
	Buffer content = BUFFER_EMPTY;
	Buffer problem = BUFFER_EMPTY;

	unit_public_pem(&content, rsa);
	assert_null(keys_from_secret(buffer_slice(&content), NULL, &problem));
	assert_buffer_text(&problem, "this is PEM or a JWKS, not a secret");
	buffer_clear(&content);
	buffer_clear(&problem);
	unit_jwk(&content, rsa, "");
	assert_null(keys_from_secret(buffer_slice(&content), NULL, &problem));
	assert_buffer_text(&problem, "this is PEM or a JWKS, not a secret");
	buffer_free(&content);
	buffer_free(&problem);
}

static void
test_no_file_at_all(void **state)
{
	Buffer problem = BUFFER_EMPTY;

	assert_null(keys_load(&(KeyFiles){.secret = ""}, &problem));
	assert_buffer_text(&problem, "no file with a key is named: without a key no token can be checked");
	buffer_free(&problem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pem_of_public_keys_and_certificates),
		cmocka_unit_test(test_pem_that_is_refused),
		cmocka_unit_test(test_keys_of_other_kinds_and_sizes),
		cmocka_unit_test(test_a_set_of_keys),
		cmocka_unit_test(test_keys_that_are_passed_over),
		cmocka_unit_test(test_sets_that_are_refused),
		cmocka_unit_test(test_keys_in_a_set_that_are_refused),
		cmocka_unit_test(test_an_exponent_of_one_is_refused),
		cmocka_unit_test(test_too_many_keys),
		cmocka_unit_test(test_public_keys_are_no_secrets),
		cmocka_unit_test(test_no_file_at_all),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
