/* test_keys.c - secrets from files, and which key a token may ask for. */
#include "unit_support.h"

#include <unistd.h>

#include "auth/keys.h"

#define SECRET "0123456789abcdef0123456789abcdef" /* 32 bytes */

/* The secret a file of this content gives; expected NULL: refused. */
static void
assert_loaded(Slice content, const char *expected)
{
	char *path = unit_write_file(content);
	Buffer problem = BUFFER_EMPTY;
	KeySet *keys = keys_load(&(KeyFiles){.secret = path}, &problem);

	if (expected)
	{
		const Key *key;

		assert_non_null(keys);
		key = keys_find(keys, KEY_ALGORITHM_HS256, slice_of(NULL, 0));
		assert_int_equal(key->length, strlen(expected));
		assert_memory_equal(key->secret, expected, key->length);
		assert_int_equal(problem.length, 0);
	}
	else
	{
		assert_null(keys);
		assert_int_equal(strncmp(buffer_text(&problem), path, strlen(path)), 0);
		assert_null(strstr(buffer_text(&problem), "0123456789"));
	}
	keys_free(keys);
	buffer_free(&problem);
	unlink(path);
	free(path);
}

static void
test_one_newline_at_the_end_does_not_count(void **state)
{
	assert_loaded(SLICE(SECRET), SECRET);
	assert_loaded(SLICE(SECRET "\n"), SECRET);
	assert_loaded(SLICE(SECRET "\r\n"), SECRET);
	assert_loaded(SLICE(SECRET "\n\n"), SECRET "\n");
	assert_loaded(SLICE(SECRET "\r"), SECRET "\r");
	assert_loaded(SLICE(" " SECRET " \n"), " " SECRET " ");
}

static void
test_short_secrets_are_refused(void **state)
{
	assert_loaded(SLICE(""), NULL);
	assert_loaded(SLICE("\n"), NULL);
	assert_loaded(SLICE("0123456789abcdef0123456789abcde"), NULL);
	assert_loaded(SLICE("0123456789abcdef0123456789abcde\n"), NULL);
}

static void
test_secrets_that_are_no_text(void **state)
{
	char secret[40] = {0};
	Buffer problem = BUFFER_EMPTY;
	KeySet *keys = keys_from_secret(slice_of(secret, sizeof(secret)), "", &problem);

	assert_non_null(keys);
	assert_int_equal(keys_find(keys, KEY_ALGORITHM_HS256, slice_of(NULL, 0))->length, sizeof(secret));
	keys_free(keys);
	keys_free(NULL);
}

static void
test_files_too_long_for_a_secret(void **state)
{
	Buffer content = BUFFER_EMPTY;

	memset(buffer_extend(&content, KEYS_MAX_SECRET_LENGTH), 'x', KEYS_MAX_SECRET_LENGTH);
	assert_loaded(buffer_slice(&content), buffer_text(&content));
	buffer_append_char(&content, 'x');
	assert_loaded(buffer_slice(&content), NULL);
	memset(buffer_extend(&content, 100000), 'x', 100000);
	assert_loaded(buffer_slice(&content), NULL);
	buffer_free(&content);
}

static void
test_files_that_cannot_be_read(void **state)
{
	Buffer problem = BUFFER_EMPTY;

	assert_null(keys_load(&(KeyFiles){.secret = "/nonexistent/jwt.key"}, &problem));
	assert_buffer_text(&problem, "/nonexistent/jwt.key: No such file or directory");
	buffer_clear(&problem);
	assert_null(keys_load(&(KeyFiles){.secret = "/"}, &problem));
	assert_buffer_text(&problem, "/: Is a directory");
	buffer_free(&problem);
}

static void
test_a_named_key_must_be_this_one(void **state)
{
	Buffer problem = BUFFER_EMPTY;
	KeySet *keys = keys_from_secret(SLICE(SECRET), "2025-03", &problem);

	assert_non_null(keys_find(keys, KEY_ALGORITHM_HS256, slice_of(NULL, 0)));
	assert_non_null(keys_find(keys, KEY_ALGORITHM_HS256, SLICE("2025-03")));
	assert_null(keys_find(keys, KEY_ALGORITHM_HS256, SLICE("2025-02")));
	assert_null(keys_find(keys, KEY_ALGORITHM_HS256, SLICE("")));
	assert_null(keys_find(keys, (KeyAlgorithm) 99, slice_of(NULL, 0)));
	keys_free(keys);
	keys = keys_from_secret(SLICE(SECRET), NULL, &problem);
	assert_non_null(keys_find(keys, KEY_ALGORITHM_HS256, slice_of(NULL, 0)));
	assert_null(keys_find(keys, KEY_ALGORITHM_HS256, SLICE("any")));
	assert_null(keys_find(keys, KEY_ALGORITHM_HS256, SLICE("")));
	keys_free(keys);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_newline_at_the_end_does_not_count),
		cmocka_unit_test(test_short_secrets_are_refused),
		cmocka_unit_test(test_secrets_that_are_no_text),
		cmocka_unit_test(test_files_too_long_for_a_secret),
		cmocka_unit_test(test_files_that_cannot_be_read),
		cmocka_unit_test(test_a_named_key_must_be_this_one),
	};

	return RUN_TESTS(tests);
}
