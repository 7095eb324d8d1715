/*
 * test_jwt.c - which tokens are believed.
 *
 * Tokens are built here with OpenSSL's HMAC, not with libjwt, so that any header, claims and signature can be made
 * and the library is checked against another implementation.
 */
#include "unit_support.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "auth/jwt.h"
#include "base/base64url.h"

#define SECRET "0123456789abcdef0123456789abcdef"
#define NOW INT64_C(1740821400)
#define HEADER "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"

static KeySet *keys;
static TokenRules rules;

static int
set_up(void **state)
{
	Buffer problem = BUFFER_EMPTY;

	keys = keys_from_secret(SLICE(SECRET), "k1", &problem);
	rules = (TokenRules){.keys = keys, .issuer = "demo", .leeway_s = 30, .max_age_s = 300};
	return keys ? 0 : -1;
}

static int
tear_down(void **state)
{
	keys_free(keys);
	return 0;
}

static void
sign(Buffer *token, const EVP_MD *digest, const char *secret)
{
	unsigned char signature[EVP_MAX_MD_SIZE];
	unsigned length = 0;

	HMAC(digest, secret, (int) strlen(secret), (const unsigned char *) token->bytes, token->length, signature, &length);
	buffer_append_char(token, '.');
	base64url_encode(token, slice_of((const char *) signature, length));
}

static void
make(Buffer *token, const char *header, const char *claims)
{
	buffer_clear(token);
	base64url_encode(token, slice_of_text(header));
	buffer_append_char(token, '.');
	base64url_encode(token, slice_of_text(claims));
}

static TokenResult
verify(Slice token, TokenOrigin origin)
{
	Claims claims;
	TokenResult result = token_verify(&rules, token, origin, NOW, &claims);

	if (result != TOKEN_VALID)
		assert_null(claims.subject);
	claims_free(&claims);
	return result;
}

static void
assert_result(TokenResult actual, TokenResult expected, const char *what)
{
	if (actual != expected)
		fail_msg("%s: \"%s\", expected \"%s\"", what, token_result_reason(actual), token_result_reason(expected));
}

/* A well-signed token of this header and these claims. */
static void
assert_signed(const char *header, const char *claims, TokenOrigin origin, TokenResult expected)
{
	Buffer token = BUFFER_EMPTY;

	make(&token, header, claims);
	sign(&token, EVP_sha256(), SECRET);
	assert_result(verify(buffer_slice(&token), origin), expected, claims);
	buffer_free(&token);
}

static void
assert_claims(const char *claims, TokenResult expected)
{
	assert_signed(HEADER, claims, TOKEN_FROM_MESSAGE, expected);
}

static void
assert_header(const char *header, TokenResult expected)
{
	assert_signed(header, "{\"iss\":\"demo\",\"sub\":\"alice\",\"exp\":1740825000}", TOKEN_FROM_MESSAGE, expected);
}

static void
assert_raw(const char *token, TokenResult expected)
{
	assert_result(verify(slice_of_text(token), TOKEN_FROM_MESSAGE), expected, token);
}

static void
test_claims_of_a_valid_token(void **state)
{
	Buffer token = BUFFER_EMPTY;
	Claims claims;

	make(
		&token, HEADER,
		"{\"iss\":\"demo\",\"sub\":\"alice\",\"name\":\"Al\\u00eece\",\"picture\":\"https://x/a.png\",\"exp\":1740825000,"
		"\"iat\":1740821400,\"nbf\":1740821399,\"other\":{\"a\":[1]}}");
	sign(&token, EVP_sha256(), SECRET);
	assert_int_equal(token_verify(&rules, buffer_slice(&token), TOKEN_FROM_URL, NOW, &claims), TOKEN_VALID);
	assert_string_equal(claims.issuer, "demo");
	assert_string_equal(claims.subject, "alice");
	assert_string_equal(claims.name, "Al\xc3\xae"
									 "ce");
	assert_string_equal(claims.picture, "https://x/a.png");
	assert_int_equal(claims.exp, 1740825000);
	assert_int_equal(claims.iat, 1740821400);
	assert_int_equal(claims.nbf, 1740821399);
	claims_free(&claims);
	assert_null(claims.subject);
	buffer_free(&token);
}

static void
test_optional_claims(void **state)
{
	assert_claims("{\"iss\":\"demo\",\"sub\":\"alice\",\"exp\":1740825000}", TOKEN_VALID);
	assert_claims("{\"iss\":\"demo\",\"sub\":\"alice\",\"exp\":1740825000.75,\"name\":null}", TOKEN_VALID);
}

static void
test_required_claims(void **state)
{
	assert_claims("{\"sub\":\"a\",\"exp\":1740825000}", TOKEN_NO_ISSUER);
	assert_claims("{\"iss\":\"\",\"sub\":\"a\",\"exp\":1740825000}", TOKEN_NO_ISSUER);
	assert_claims("{\"iss\":\"demo\",\"exp\":1740825000}", TOKEN_NO_SUBJECT);
	assert_claims("{\"iss\":\"demo\",\"sub\":\"\",\"exp\":1740825000}", TOKEN_NO_SUBJECT);
	assert_claims("{\"iss\":\"demo\",\"sub\":\"a\"}", TOKEN_NO_EXPIRY);
	assert_claims("{\"iss\":\"demo\",\"sub\":\"a\",\"exp\":null}", TOKEN_NO_EXPIRY);
	assert_claims("{}", TOKEN_NO_ISSUER);
}

static void
test_claims_of_wrong_types(void **state)
{
	assert_claims("{\"iss\":1,\"sub\":\"a\",\"exp\":1740825000}", TOKEN_BAD_CLAIMS);
	assert_claims("{\"iss\":\"demo\",\"sub\":5,\"exp\":1740825000}", TOKEN_BAD_CLAIMS);
	assert_claims("{\"iss\":\"demo\",\"sub\":[\"a\"],\"exp\":1740825000}", TOKEN_BAD_CLAIMS);
	assert_claims("{\"iss\":\"demo\",\"sub\":\"a\",\"exp\":\"1740825000\"}", TOKEN_BAD_CLAIMS);
	assert_claims("{\"iss\":\"demo\",\"sub\":\"a\",\"exp\":true}", TOKEN_BAD_CLAIMS);
	assert_claims("{\"iss\":\"demo\",\"sub\":\"a\",\"exp\":1e300}", TOKEN_BAD_CLAIMS);
	assert_claims("{\"iss\":\"demo\",\"sub\":\"a\",\"exp\":9223372036854775807}", TOKEN_BAD_CLAIMS);
	assert_claims("{\"iss\":\"demo\",\"sub\":\"a\",\"exp\":-1}", TOKEN_BAD_CLAIMS);
	assert_claims("{\"iss\":\"demo\",\"sub\":\"a\",\"exp\":1740825000,\"nbf\":\"x\"}", TOKEN_BAD_CLAIMS);
	assert_claims("{\"iss\":\"demo\",\"sub\":\"a\",\"exp\":1740825000,\"name\":{}}", TOKEN_BAD_CLAIMS);
}

/* libjwt reads the claims of a token before it checks the signature, and calls some of these unreadable itself. */
static void
assert_claims_refused(const char *claims)
{
	Buffer token = BUFFER_EMPTY;
	TokenResult result;

	make(&token, HEADER, claims);
	sign(&token, EVP_sha256(), SECRET);
	result = verify(buffer_slice(&token), TOKEN_FROM_MESSAGE);
	if (result != TOKEN_BAD_CLAIMS && result != TOKEN_BAD_SIGNATURE)
		fail_msg("%s: \"%s\"", claims, token_result_reason(result));
	buffer_free(&token);
}

static void
test_claims_that_are_no_object(void **state)
{
	assert_claims("[]", TOKEN_BAD_CLAIMS);
	assert_claims_refused("\"alice\"");
	assert_claims_refused("null");
	assert_claims_refused("{\"iss\":\"demo\",\"sub\":\"a\",\"exp\":1740825000} x");
	assert_claims_refused("{'iss':'demo'}");
	assert_claims_refused("{\"iss\":\"demo\",\"sub\":\"a\\u0000b\",\"exp\":1740825000}");
	assert_claims_refused("{\"iss\":\"demo\",\"sub\":\"\xff\",\"exp\":1740825000}");
	assert_claims_refused("{\"iss\":\"demo\",\"sub\":\"a\",\"exp\":1740825000,\"x\":1e400}");
}

/* Two readers could take different ones. */
static void
test_duplicate_members_are_refused(void **state)
{
	assert_claims("{\"iss\":\"demo\",\"sub\":\"alice\",\"sub\":\"bob\",\"exp\":1740825000}", TOKEN_BAD_CLAIMS);
	assert_claims("{\"iss\":\"demo\",\"sub\":\"alice\",\"\\u0073ub\":\"bob\",\"exp\":1740825000}", TOKEN_BAD_CLAIMS);
	assert_header("{\"alg\":\"HS256\",\"alg\":\"none\"}", TOKEN_BAD_HEADER);
	assert_header("{\"alg\":\"none\",\"alg\":\"HS256\"}", TOKEN_BAD_HEADER);
}

static void
test_times_and_leeway(void **state)
{
	assert_claims("{\"iss\":\"demo\",\"sub\":\"a\",\"exp\":1740821371}", TOKEN_VALID); /* 29 s ago */
	assert_claims("{\"iss\":\"demo\",\"sub\":\"a\",\"exp\":1740821370}", TOKEN_EXPIRED); /* 30 s ago */
	assert_claims("{\"iss\":\"demo\",\"sub\":\"a\",\"exp\":0}", TOKEN_EXPIRED);
	assert_claims("{\"iss\":\"demo\",\"sub\":\"a\",\"exp\":1740825000,\"nbf\":1740821430}", TOKEN_VALID);
	assert_claims("{\"iss\":\"demo\",\"sub\":\"a\",\"exp\":1740825000,\"nbf\":1740821431}", TOKEN_NOT_YET_VALID);
	assert_claims("{\"iss\":\"demo\",\"sub\":\"a\",\"exp\":1740825000,\"iat\":1740821431}", TOKEN_NOT_YET_VALID);
	assert_claims("{\"iss\":\"demo\",\"sub\":\"a\",\"exp\":1740825000,\"iat\":1740821430}", TOKEN_VALID);
}

static void
test_issuer_and_audience(void **state)
{
	static const char for_board[] = "{\"iss\":\"demo\",\"sub\":\"a\",\"exp\":1740825000,\"aud\":\"board\"}";
	static const char for_both[] = "{\"iss\":\"demo\",\"sub\":\"a\",\"exp\":1740825000,\"aud\":[\"mail\",\"board\"]}";
	static const char for_mail[] = "{\"iss\":\"demo\",\"sub\":\"a\",\"exp\":1740825000,\"aud\":[\"mail\",5]}";
	static const char for_anyone[] = "{\"iss\":\"demo\",\"sub\":\"a\",\"exp\":1740825000}";
	static const char of_another[] = "{\"iss\":\"Demo\",\"sub\":\"a\",\"exp\":1740825000}";

	assert_claims(of_another, TOKEN_WRONG_ISSUER);
	assert_claims(for_board, TOKEN_WRONG_AUDIENCE);
	rules.audience = "board";
	assert_claims(for_board, TOKEN_VALID);
	assert_claims(for_both, TOKEN_VALID);
	assert_claims(for_mail, TOKEN_WRONG_AUDIENCE);
	assert_claims(for_anyone, TOKEN_WRONG_AUDIENCE);
	rules.issuer = "";
	rules.audience = "";
	assert_claims(of_another, TOKEN_VALID);
	assert_claims(for_mail, TOKEN_WRONG_AUDIENCE);
}

static void
test_age_of_tokens_from_urls(void **state)
{
	static const char old[] = "{\"iss\":\"demo\",\"sub\":\"a\",\"exp\":1740825000,\"iat\":1740821069}"; /* 331 s */
	static const char young[] = "{\"iss\":\"demo\",\"sub\":\"a\",\"exp\":1740825000,\"iat\":1740821070}"; /* 330 s */
	static const char ageless[] = "{\"iss\":\"demo\",\"sub\":\"a\",\"exp\":1740821500}";

	assert_signed(HEADER, old, TOKEN_FROM_URL, TOKEN_TOO_OLD);
	assert_signed(HEADER, young, TOKEN_FROM_URL, TOKEN_VALID);
	assert_signed(HEADER, ageless, TOKEN_FROM_URL, TOKEN_NO_ISSUE_TIME);
	assert_signed(HEADER, old, TOKEN_FROM_MESSAGE, TOKEN_VALID);
	assert_signed(HEADER, ageless, TOKEN_FROM_MESSAGE, TOKEN_VALID);
	rules.max_age_s = 43200;
	assert_signed(HEADER, old, TOKEN_FROM_URL, TOKEN_VALID);
}

static void
test_names_of_claims_are_settable(void **state)
{
	Buffer token = BUFFER_EMPTY;
	Claims claims;

	rules.subject_claim = "uid";
	rules.name_claim = "preferred_username";
	rules.picture_claim = "avatar";
	make(
		&token, HEADER,
		"{\"iss\":\"demo\",\"sub\":\"x\",\"uid\":\"alice\",\"preferred_username\":\"Al\",\"avatar\":\"p\",\"exp\":1740825000}");
	sign(&token, EVP_sha256(), SECRET);
	assert_int_equal(token_verify(&rules, buffer_slice(&token), TOKEN_FROM_MESSAGE, NOW, &claims), TOKEN_VALID);
	assert_string_equal(claims.subject, "alice");
	assert_string_equal(claims.name, "Al");
	assert_string_equal(claims.picture, "p");
	claims_free(&claims);
	buffer_free(&token);
	assert_claims("{\"iss\":\"demo\",\"sub\":\"x\",\"exp\":1740825000}", TOKEN_NO_SUBJECT);
}

/* The signature is right in all of them: the header alone has to be refused. */
static void
test_algorithms_that_are_not_the_keys(void **state)
{
	assert_header("{\"alg\":\"none\"}", TOKEN_WRONG_ALGORITHM);
	assert_header("{\"alg\":\"None\"}", TOKEN_WRONG_ALGORITHM);
	assert_header("{\"alg\":\"hs256\"}", TOKEN_WRONG_ALGORITHM);
	assert_header("{\"alg\":\"HS384\"}", TOKEN_WRONG_ALGORITHM);
	assert_header("{\"alg\":\"RS256\"}", TOKEN_WRONG_ALGORITHM);
	assert_header("{\"alg\":\"ES256\"}", TOKEN_WRONG_ALGORITHM);
	assert_header("{\"alg\":\"\"}", TOKEN_WRONG_ALGORITHM);
	assert_header("{\"alg\":null}", TOKEN_WRONG_ALGORITHM);
	assert_header("{\"alg\":[\"HS256\"]}", TOKEN_WRONG_ALGORITHM);
	assert_header("{\"typ\":\"JWT\"}", TOKEN_WRONG_ALGORITHM);
	assert_header("{}", TOKEN_WRONG_ALGORITHM);
}

static void
test_headers(void **state)
{
	assert_header("{\"alg\":\"HS256\"}", TOKEN_VALID);
	assert_header("{\"alg\":\"HS256\",\"typ\":\"jwt\"}", TOKEN_VALID);
	assert_header("{\"alg\":\"HS256\",\"kid\":\"k1\"}", TOKEN_VALID);
	assert_header("{\"alg\":\"HS256\",\"kid\":\"k2\"}", TOKEN_UNKNOWN_KEY);
	assert_header("{\"alg\":\"HS256\",\"kid\":\"\"}", TOKEN_UNKNOWN_KEY);
	assert_header("{\"alg\":\"HS256\",\"kid\":\"../../dev/null\"}", TOKEN_UNKNOWN_KEY);
	assert_header("{\"alg\":\"HS256\",\"kid\":1}", TOKEN_BAD_HEADER);
	assert_header("{\"alg\":\"HS256\",\"typ\":\"JWE\"}", TOKEN_BAD_HEADER);
	assert_header("{\"alg\":\"HS256\",\"crit\":[\"b64\"],\"b64\":false}", TOKEN_BAD_HEADER);
	assert_header("[\"HS256\"]", TOKEN_BAD_HEADER);
	assert_header("HS256", TOKEN_BAD_HEADER);
}

static void
test_signatures(void **state)
{
	static const char claims[] = "{\"iss\":\"demo\",\"sub\":\"a\",\"exp\":1740825000}";
	Buffer token = BUFFER_EMPTY;

	make(&token, HEADER, claims);
	sign(&token, EVP_sha256(), "another secret, 32 bytes or more");
	assert_result(verify(buffer_slice(&token), TOKEN_FROM_MESSAGE), TOKEN_BAD_SIGNATURE, "another key");
	make(&token, HEADER, claims);
	sign(&token, EVP_sha512(), SECRET);
	assert_result(verify(buffer_slice(&token), TOKEN_FROM_MESSAGE), TOKEN_BAD_SIGNATURE, "another digest");
	make(&token, HEADER, claims);
	buffer_append_char(&token, '.');
	assert_result(verify(buffer_slice(&token), TOKEN_FROM_MESSAGE), TOKEN_BAD_SIGNATURE, "no signature");
	make(&token, "{\"alg\":\"none\"}", claims);
	buffer_append_char(&token, '.');
	assert_result(verify(buffer_slice(&token), TOKEN_FROM_MESSAGE), TOKEN_WRONG_ALGORITHM, "none, unsigned");
	buffer_free(&token);
}

/* Every character of a token matters. */
static void
test_one_character_changed_anywhere(void **state)
{
	Buffer token = BUFFER_EMPTY;

	make(&token, HEADER, "{\"iss\":\"demo\",\"sub\":\"a\",\"exp\":1740825000}");
	sign(&token, EVP_sha256(), SECRET);
	assert_result(verify(buffer_slice(&token), TOKEN_FROM_MESSAGE), TOKEN_VALID, "unchanged");
	for (size_t i = 0; i < token.length; i++)
	{
		char before = token.bytes[i];

		token.bytes[i] = before == 'A' ? 'B' : 'A';
		if (verify(buffer_slice(&token), TOKEN_FROM_MESSAGE) == TOKEN_VALID)
			fail_msg("still valid with character %zu changed", i);
		token.bytes[i] = before;
	}
	for (size_t length = 0; length < token.length; length++)
		if (verify(slice_of(token.bytes, length), TOKEN_FROM_MESSAGE) == TOKEN_VALID)
			fail_msg("still valid when cut to %zu characters", length);
	buffer_free(&token);
}

static void
test_form(void **state)
{
	assert_raw("", TOKEN_ABSENT);
	assert_raw("x", TOKEN_MALFORMED);
	assert_raw("x.y", TOKEN_MALFORMED);
	assert_raw("..", TOKEN_MALFORMED);
	assert_raw(".y.z", TOKEN_MALFORMED);
	assert_raw("x..z", TOKEN_MALFORMED);
	assert_raw("x.y.z.w", TOKEN_MALFORMED);
	assert_raw("x.y.z.w.v", TOKEN_MALFORMED);
	assert_raw("!!.y.z", TOKEN_BAD_HEADER);
	assert_raw("e30=.e30.", TOKEN_BAD_HEADER);
	assert_raw("eyJhbGciOiJIUzI1NiJ9.e30.z z", TOKEN_BAD_SIGNATURE);
}

static void
test_padding_and_line_ends_are_refused(void **state)
{
	static const char *const ends[] = {"=", "\n", " ", ".", "%3D"};

	for (size_t i = 0; i < LENGTH_OF(ends); i++)
	{
		Buffer token = BUFFER_EMPTY;

		make(&token, HEADER, "{\"iss\":\"demo\",\"sub\":\"a\",\"exp\":1740825000}");
		sign(&token, EVP_sha256(), SECRET);
		buffer_append_text(&token, ends[i]);
		assert_int_not_equal(verify(buffer_slice(&token), TOKEN_FROM_MESSAGE), TOKEN_VALID);
		buffer_free(&token);
	}
}

static void
test_nul_does_not_end_a_token(void **state)
{
	Buffer token = BUFFER_EMPTY;

	make(&token, HEADER, "{\"iss\":\"demo\",\"sub\":\"a\",\"exp\":1740825000}");
	sign(&token, EVP_sha256(), SECRET);
	buffer_append(&token, "\0x", 2);
	assert_int_not_equal(verify(buffer_slice(&token), TOKEN_FROM_MESSAGE), TOKEN_VALID);
	buffer_free(&token);
}

static void
test_length_limit(void **state)
{
	Buffer token = BUFFER_EMPTY;
	Buffer claims = BUFFER_EMPTY;

	memset(buffer_extend(&token, JWT_MAX_TOKEN_LENGTH + 1), 'A', JWT_MAX_TOKEN_LENGTH + 1);
	assert_int_equal(verify(buffer_slice(&token), TOKEN_FROM_MESSAGE), TOKEN_TOO_LONG);
	buffer_truncate(&token, JWT_MAX_TOKEN_LENGTH);
	assert_int_equal(verify(buffer_slice(&token), TOKEN_FROM_MESSAGE), TOKEN_MALFORMED);
	buffer_append_text(&claims, "{\"iss\":\"demo\",\"sub\":\"a\",\"exp\":1740825000,\"pad\":\"");
	memset(buffer_extend(&claims, 5900), 'x', 5900);
	buffer_append_text(&claims, "\"}");
	assert_claims(buffer_text(&claims), TOKEN_VALID);
	buffer_free(&token);
	buffer_free(&claims);
}

static void
test_every_result_has_a_reason(void **state)
{
	for (TokenResult result = TOKEN_VALID; result <= TOKEN_TOO_OLD; result++)
		assert_true(strlen(token_result_reason(result)) > 0);
}

#define JWT_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		JWT_TEST(test_claims_of_a_valid_token),
		JWT_TEST(test_optional_claims),
		JWT_TEST(test_required_claims),
		JWT_TEST(test_claims_of_wrong_types),
		JWT_TEST(test_claims_that_are_no_object),
		JWT_TEST(test_duplicate_members_are_refused),
		JWT_TEST(test_times_and_leeway),
		JWT_TEST(test_issuer_and_audience),
		JWT_TEST(test_age_of_tokens_from_urls),
		JWT_TEST(test_names_of_claims_are_settable),
		JWT_TEST(test_algorithms_that_are_not_the_keys),
		JWT_TEST(test_headers),
		JWT_TEST(test_signatures),
		JWT_TEST(test_one_character_changed_anywhere),
		JWT_TEST(test_form),
		JWT_TEST(test_padding_and_line_ends_are_refused),
		JWT_TEST(test_nul_does_not_end_a_token),
		JWT_TEST(test_length_limit),
		JWT_TEST(test_every_result_has_a_reason),
	};

	return RUN_TESTS(tests);
}
