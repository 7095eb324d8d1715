/* test_token_mint.c - tokens made by auth/token_mint are those auth/jwt believes, and how the sub-command fails. */
#include "unit_support.h"

#include <unistd.h>

#include "auth/jwt.h"
#include "auth/token_mint.h"
#include "base/timestamp.h"

#define SECRET "0123456789abcdef0123456789abcdef"

static char *key_file;
static char *output;
static char *problems;

static int
set_up(void **state)
{
	key_file = unit_write_file(SLICE(SECRET "\n"));
	return 0;
}

static int
tear_down(void **state)
{
	unlink(key_file);
	free(key_file);
	free(output);
	free(problems);
	output = problems = NULL;
	return 0;
}

/* Runs the sub-command; what it wrote is in output and problems. */
static int
mint(int argc, char **argv)
{
	size_t length;
	FILE *out;
	FILE *errors;
	int status;

	free(output);
	free(problems);
	out = open_memstream(&output, &length);
	errors = open_memstream(&problems, &length);
	status = token_mint_main(argc, argv, out, errors);
	fclose(out);
	fclose(errors);
	return status;
}

#define MINT(...) mint((int) LENGTH_OF(((char *[]){"token", __VA_ARGS__})), (char *[]){"token", __VA_ARGS__, NULL})

static void
test_minted_tokens_are_believed(void **state)
{
	Buffer problem = BUFFER_EMPTY;
	KeySet *keys = keys_load(&(KeyFiles){.secret = key_file, .secret_id = "k1"}, &problem);
	TokenRules rules = {.keys = keys, .issuer = "demo", .audience = "board", .max_age_s = 300};
	int64_t now = timestamp_now_ms() / 1000;
	Claims claims;

	assert_int_equal(MINT("--key-file", key_file, "--issuer", "demo", "--subject", "alice", "--name",
						  "Al \"ice\" \xe2\x82\xac", "--picture=https://x/a.png", "--audience", "board", "--key-id",
						  "k1", "--ttl", "43200"),
					 EXIT_SUCCESS);
	assert_string_equal(problems, "");
	assert_int_equal(output[strlen(output) - 1], '\n');
	output[strlen(output) - 1] = '\0';
	assert_int_equal(token_verify(&rules, slice_of_text(output), TOKEN_FROM_URL, now + 1, &claims), TOKEN_VALID);
	assert_string_equal(claims.subject, "alice");
	assert_string_equal(claims.name, "Al \"ice\" \xe2\x82\xac");
	assert_string_equal(claims.picture, "https://x/a.png");
	assert_in_range(claims.iat, now, now + 60);
	assert_int_equal(claims.exp - claims.iat, 43200);
	claims_free(&claims);
	keys_free(keys);
}

static void
test_defaults_leave_claims_out(void **state)
{
	Buffer problem = BUFFER_EMPTY;
	KeySet *keys = keys_load(&(KeyFiles){.secret = key_file}, &problem);
	TokenRules rules = {.keys = keys};
	int64_t now = timestamp_now_ms() / 1000;
	Claims claims;

	assert_int_equal(MINT("--issuer=demo", "--subject=bob", "--key-file", key_file), EXIT_SUCCESS);
	output[strlen(output) - 1] = '\0';
	assert_int_equal(token_verify(&rules, slice_of_text(output), TOKEN_FROM_MESSAGE, now + 1, &claims), TOKEN_VALID);
	assert_null(claims.name);
	assert_null(claims.picture);
	assert_int_equal(claims.exp - claims.iat, 300);
	claims_free(&claims);
	assert_int_equal(token_verify(&rules, slice_of_text(output), TOKEN_FROM_MESSAGE, now + 400, &claims),
					 TOKEN_EXPIRED);
	keys_free(keys);
}

static void
assert_usage(int status)
{
	assert_int_equal(status, EXIT_FAILURE);
	assert_string_equal(output, "");
	assert_int_equal(strncmp(problems, "usage: collab-bridge token", 26), 0);
}

static void
test_wrong_arguments_show_the_usage(void **state)
{
	assert_usage(mint(1, (char *[]){"token", NULL}));
	assert_usage(MINT("--issuer=demo", "--subject=bob"));
	assert_usage(MINT("--key-file", key_file, "--subject=bob"));
	assert_usage(MINT("--key-file", key_file, "--issuer=demo"));
	assert_usage(MINT("--key-file", key_file, "--issuer=demo", "--subject=bob", "--colour=red"));
	assert_usage(MINT("--key-file", key_file, "--issuer=demo", "--subject=bob", "stray"));
	assert_usage(MINT("--key-file", key_file, "--issuer=demo", "--subject"));
	assert_usage(MINT("--key-file", key_file, "--issuer=demo", "--subject=bob", "--ttl=0"));
	assert_usage(MINT("--key-file", key_file, "--issuer=demo", "--subject=bob", "--ttl=1h"));
	assert_usage(MINT("--key-file", key_file, "--issuer=demo", "--subject=bob", "--ttl=99999999999999999999"));
}

static void
test_a_key_that_cannot_be_read(void **state)
{
	assert_int_equal(MINT("--key-file=/nonexistent/key", "--issuer=demo", "--subject=bob"), EXIT_FAILURE);
	assert_string_equal(output, "");
	assert_string_equal(problems, "collab-bridge: /nonexistent/key: No such file or directory\n");
}

#define MINT_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		MINT_TEST(test_minted_tokens_are_believed),
		MINT_TEST(test_defaults_leave_claims_out),
		MINT_TEST(test_wrong_arguments_show_the_usage),
		MINT_TEST(test_a_key_that_cannot_be_read),
	};

	return RUN_TESTS(tests);
}
