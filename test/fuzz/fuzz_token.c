/*
 * fuzz_token.c - tokens: nothing is believed without a signature of our keys, and what is believed is whole.
 *
 * The first byte of an input says what follows: `r`, a token as it comes; `h`, `e` or `s`, lines with a header and claims,
 * which are signed as HS256, ES256 or RS256.
 */
#include <openssl/hmac.h>

#include "../unit/unit_keys.h"
#include "auth/jwt.h"
#include "auth/keys_private.h"
#include "base/base64url.h"
#include "fuzz_support.h"

#define SECRET "a secret of the fuzz targets, long enough"
#define NOW_S INT64_C(1750000000)
#define LEEWAY_S 30
#define RSA_BITS 2048

static KeySet *keys;
static EVP_PKEY *rsa_key;
static EVP_PKEY *ec_key;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	Buffer problem = BUFFER_EMPTY;
	bool is_added;

	(void) argc;
	(void) argv;
	rsa_key = unit_rsa_key(RSA_BITS);
	ec_key = unit_ec_key("P-256");
	EVP_PKEY_up_ref(rsa_key);
	EVP_PKEY_up_ref(ec_key);
	keys = keys_from_secret(slice_of_text(SECRET), "hs", &problem);
	is_added = keys_add_public(keys, rsa_key, "rs", &problem) && keys_add_public(keys, ec_key, "es", &problem);
	FUZZ_CLAIM(is_added, buffer_slice(&problem));
	return 0;
}

static bool
is_text(const char *text)
{
	return text == NULL || fuzz_is_utf8(slice_of_text(text));
}

static void
claim_whole(const Claims *claims, TokenOrigin origin, Slice token)
{
	FUZZ_CLAIM(claims->subject != NULL && claims->subject[0] != '\0', token);
	FUZZ_CLAIM(claims->issuer != NULL && strcmp(claims->issuer, "demo") == 0, token);
	FUZZ_CLAIM(is_text(claims->subject) && is_text(claims->name) && is_text(claims->picture), token);
	FUZZ_CLAIM(claims->exp + LEEWAY_S > NOW_S && claims->nbf - LEEWAY_S <= NOW_S, token);
	FUZZ_CLAIM(origin == TOKEN_FROM_MESSAGE || claims->iat > 0, token);
}

static void
claim_nothing(const Claims *claims, Slice token)
{
	static const Claims none;

	FUZZ_CLAIM(memcmp(claims, &none, sizeof(none)) == 0, token);
}

static bool
is_believed(Slice token, TokenOrigin origin)
{
	TokenRules rules = {.keys = keys, .issuer = "demo", .audience = "board", .leeway_s = LEEWAY_S, .max_age_s = 300};
	Claims claims;
	TokenResult result = token_verify(&rules, token, origin, NOW_S, &claims);

	if (result == TOKEN_VALID)
		claim_whole(&claims, origin, token);
	else
		claim_nothing(&claims, token);
	FUZZ_CLAIM(token_result_reason(result)[0] != '\0', token);
	claims_free(&claims);
	return result == TOKEN_VALID;
}

/* With another character anywhere in its signature it is believed no more. */
static void
claim_sealed(Slice token, uint8_t chance)
{
	Buffer forged = BUFFER_EMPTY;
	const char *dot = memrchr(token.bytes, '.', token.length);
	size_t first = (size_t) (dot - token.bytes) + 1;
	char *place;

	buffer_append_slice(&forged, token);
	place = forged.bytes + first + chance % (token.length - first);
	*place = *place == 'A' ? 'B' : 'A';
	FUZZ_CLAIM(!is_believed(buffer_slice(&forged), TOKEN_FROM_MESSAGE), token);
	buffer_free(&forged);
}

/* The other keys of this process are made at random: it can only be the secret's. */
static void
claim_of_secret(Slice token)
{
	const char *dot = memrchr(token.bytes, '.', token.length);
	Slice signed_part = slice_of(token.bytes, (size_t) (dot - token.bytes));
	unsigned char signature[EVP_MAX_MD_SIZE];
	unsigned length = 0;
	Buffer expected = BUFFER_EMPTY;

	HMAC(EVP_sha256(), SECRET, (int) strlen(SECRET), (const unsigned char *) signed_part.bytes, signed_part.length,
		 signature, &length);
	base64url_encode(&expected, slice_of((const char *) signature, length));
	FUZZ_CLAIM(slice_equals_text(slice_of(dot + 1, token.length - signed_part.length - 1), buffer_text(&expected)),
			   token);
	buffer_free(&expected);
}

static void
try_signed(char how, Slice rest)
{
	Buffer token = BUFFER_EMPTY;
	char *header = fuzz_text(fuzz_take_line(&rest));
	char *claims = fuzz_text(rest);

	if (how == 'h')
		unit_hmac_token(&token, slice_of_text(SECRET), header, claims);
	else
		unit_signed_token(&token, how == 'e' ? ec_key : rsa_key, header, claims);
	(void) is_believed(buffer_slice(&token), TOKEN_FROM_URL);
	if (is_believed(buffer_slice(&token), TOKEN_FROM_MESSAGE))
		claim_sealed(buffer_slice(&token), (uint8_t) rest.length);
	buffer_free(&token);
	free(header);
	free(claims);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	Slice rest;

	if (length == 0)
		return 0;
	rest = fuzz_slice(bytes + 1, length - 1);
	if (bytes[0] == 'h' || bytes[0] == 'e' || bytes[0] == 's')
		try_signed((char) bytes[0], rest);
	else if (is_believed(rest, TOKEN_FROM_MESSAGE))
		claim_of_secret(rest);
	return 0;
}
