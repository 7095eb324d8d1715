/*
 * keys_jwks.c - the public keys of a JSON Web Key Set (RFC 7517).
 *
 * Keys of other kinds and for other uses are passed over, as the RFC wants it: a set may serve others too.  One that
 * is ours and broken makes the whole file bad, so that the keys of before stay.  Secrets (kty oct) are passed over:
 * a set is public.  Called by keys.c.
 */
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <string.h>

#include "auth/jwt_claims.h"
#include "auth/keys_private.h"
#include "base/base64url.h"

#define JWKS_COORDINATE_LENGTH 32 /* of a point on P-256 */

typedef enum JwkKind
{
	JWK_OTHER,
	JWK_RSA,
	JWK_P256,
} JwkKind;

static Slice
jwk_text(struct json_object *jwk, const char *name)
{
	struct json_object *member = jwt_object_member(jwk, name);

	if (!json_object_is_type(member, json_type_string))
		return slice_of(NULL, 0);
	return slice_of(json_object_get_string(member), (size_t) json_object_get_string_len(member));
}

static bool
jwk_is_or_lacks(struct json_object *jwk, const char *name, const char *text)
{
	return jwt_object_member(jwk, name) == NULL || slice_equals_text(jwk_text(jwk, name), text);
}

static bool
jwk_may_verify(struct json_object *jwk)
{
	struct json_object *uses = jwt_object_member(jwk, "key_ops");

	if (uses == NULL)
		return true;
	if (!json_object_is_type(uses, json_type_array))
		return false;
	for (size_t i = 0; i < json_object_array_length(uses); i++)
	{
		const char *use = json_object_get_string(json_object_array_get_idx(uses, i));

		if (use && strcmp(use, "verify") == 0)
			return true;
	}
	return false;
}

static JwkKind
jwk_kind(struct json_object *jwk)
{
	Slice type = jwk_text(jwk, "kty");

	if (!jwk_is_or_lacks(jwk, "use", "sig") || !jwk_may_verify(jwk))
		return JWK_OTHER;
	if (slice_equals_text(type, "RSA") && jwk_is_or_lacks(jwk, "alg", "RS256"))
		return JWK_RSA;
	if (slice_equals_text(type, "EC") && slice_equals_text(jwk_text(jwk, "crv"), "P-256") &&
		jwk_is_or_lacks(jwk, "alg", "ES256"))
		return JWK_P256;
	return JWK_OTHER;
}

static bool
jwk_decode(struct json_object *jwk, const char *name, Buffer *bytes)
{
	Slice text = jwk_text(jwk, name);

	return text.length > 0 && base64url_decode(bytes, text);
}

static EVP_PKEY *
jwk_build(const char *type, OSSL_PARAM_BLD *builder)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
	EVP_PKEY *key = NULL;

	if (context == NULL || parameters == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
		EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
		key = NULL;
	OSSL_PARAM_free(parameters);
	EVP_PKEY_CTX_free(context);
	return key;
}

static EVP_PKEY *
jwk_read_rsa(struct json_object *jwk)
{
	Buffer modulus = BUFFER_EMPTY;
	Buffer exponent = BUFFER_EMPTY;
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	BIGNUM *n = NULL;
	BIGNUM *e = NULL;
	EVP_PKEY *key = NULL;

	if (jwk_decode(jwk, "n", &modulus) && jwk_decode(jwk, "e", &exponent))
	{
		n = BN_bin2bn((unsigned char *) modulus.bytes, (int) modulus.length, NULL);
		e = BN_bin2bn((unsigned char *) exponent.bytes, (int) exponent.length, NULL);
		if (n && e && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
			OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) == 1)
			key = jwk_build("RSA", builder);
	}
	OSSL_PARAM_BLD_free(builder);
	BN_free(n);
	BN_free(e);
	buffer_free(&modulus);
	buffer_free(&exponent);
	return key;
}

static EVP_PKEY *
jwk_read_p256(struct json_object *jwk)
{
	Buffer point = BUFFER_EMPTY;
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	EVP_PKEY *key = NULL;

	buffer_append_char(&point, POINT_CONVERSION_UNCOMPRESSED);
	if (jwk_decode(jwk, "x", &point) && point.length == 1 + JWKS_COORDINATE_LENGTH && jwk_decode(jwk, "y", &point) &&
		point.length == 1 + 2 * JWKS_COORDINATE_LENGTH &&
		OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) == 1 &&
		OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point.bytes, point.length) == 1)
		key = jwk_build("EC", builder);
	OSSL_PARAM_BLD_free(builder);
	buffer_free(&point);
	return key;
}

static bool
jwk_add(KeySet *keys, struct json_object *jwk, Buffer *problem)
{
	JwkKind kind = jwk_kind(jwk);
	struct json_object *id = jwt_object_member(jwk, "kid");
	EVP_PKEY *key;

	if (kind == JWK_OTHER)
	{
		keys->ignored++;
		return true;
	}
	if (id && !json_object_is_type(id, json_type_string))
	{
		buffer_append_text(problem, "its kid is no text");
		return false;
	}
	if (jwt_object_member(jwk, "d"))
	{
		buffer_append_text(problem, "a private key does not belong here, only its public key");
		return false;
	}
	key = kind == JWK_RSA ? jwk_read_rsa(jwk) : jwk_read_p256(jwk);
	ERR_clear_error();
	if (key)
		return keys_add_public(keys, key, id ? json_object_get_string(id) : NULL, problem);
	buffer_append_text(problem, "its numbers cannot be read");
	return false;
}

static bool
jwks_add_all(KeySet *keys, struct json_object *list, Buffer *problem)
{
	size_t before = keys->count;

	for (size_t i = 0; i < json_object_array_length(list); i++)
	{
		struct json_object *jwk = json_object_array_get_idx(list, i);
		Buffer reason = BUFFER_EMPTY;
		bool is_good = json_object_is_type(jwk, json_type_object);

		if (!is_good)
			buffer_append_text(&reason, "no object");
		else
			is_good = jwk_add(keys, jwk, &reason);
		if (!is_good)
			buffer_append_format(problem, "key %zu: %s", i + 1, buffer_text(&reason));
		buffer_free(&reason);
		if (!is_good)
			return false;
	}
	if (keys->count > before)
		return true;
	buffer_append_text(problem, "no key for RS256 or ES256 in it");
	return false;
}

bool
keys_add_jwks(KeySet *keys, Slice text, Buffer *problem)
{
	struct json_object *set = jwt_parse_object(text, KEYS_MAX_FILE_LENGTH);
	struct json_object *list = set ? jwt_object_member(set, "keys") : NULL;
	bool is_good = false;

	if (json_object_is_type(list, json_type_array))
		is_good = jwks_add_all(keys, list, problem);
	else
		buffer_append_text(problem, "no JSON object with an array \"keys\"");
	json_object_put(set);
	return is_good;
}
