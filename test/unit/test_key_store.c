/* test_key_store.c - when keys are replaced, when the old ones stay, and what the log says of it. */
#include "unit_support.h"

#include <sys/stat.h>
#include <unistd.h>

#include "auth/key_store.h"
#include "core/log.h"

#define FIRST "0123456789abcdef0123456789abcdef"
#define SECOND "fedcba9876543210fedcba9876543210"

static char *path;
static char *lines;
static size_t lines_length;
static FILE *stream;
static TokenRules rules;

static void
write_key(const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static int
set_up(void **state)
{
	Buffer problem = BUFFER_EMPTY;

	path = unit_write_file(SLICE(FIRST));
	stream = open_memstream(&lines, &lines_length);
	log_set_stream(stream);
	rules = (TokenRules){0};
	return key_store_open(&(KeyFiles){.secret = path}, &rules, &problem) ? 0 : -1;
}

static int
tear_down(void **state)
{
	key_store_close();
	log_set_stream(NULL);
	fclose(stream);
	free(lines);
	unlink(path);
	free(path);
	return 0;
}

static void
assert_secret(const char *secret)
{
	const Key *key = keys_find(rules.keys, KEY_ALGORITHM_HS256, slice_of(NULL, 0));

	assert_int_equal(key->length, strlen(secret));
	assert_memory_equal(key->secret, secret, key->length);
}

static int
count_lines(const char *event)
{
	int count = 0;

	fflush(stream);
	for (const char *at = lines; (at = strstr(at, event)); at += strlen(event))
		count++;
	return count;
}

static void
test_unchanged_files_are_left_alone(void **state)
{
	const KeySet *before = rules.keys;

	key_store_look();
	write_key(FIRST);
	key_store_look();
	assert_ptr_equal(rules.keys, before);
	assert_int_equal(count_lines("keys_loaded"), 1);
	assert_int_equal(count_lines("keys_reloaded"), 0);
}

static void
test_a_change_is_found(void **state)
{
	write_key(SECOND);
	assert_secret(FIRST);
	key_store_look();
	assert_secret(SECOND);
	key_store_look();
	assert_int_equal(count_lines("keys_reloaded"), 1);
}

static void
test_a_bad_file_is_said_once_and_the_old_keys_stay(void **state)
{
	write_key("short");
	for (int i = 0; i < 3; i++)
		key_store_look();
	assert_secret(FIRST);
	assert_int_equal(count_lines("keys_not_reloaded"), 1);
	assert_int_equal(unlink(path), 0);
	key_store_look();
	key_store_look();
	assert_secret(FIRST);
	assert_int_equal(count_lines("keys_not_reloaded"), 2);
	write_key(SECOND);
	key_store_look();
	assert_secret(SECOND);
}

static void
test_reloading_does_not_ask_for_a_change(void **state)
{
	assert_true(key_store_change(&(KeyFiles){.secret = path}));
	assert_int_equal(count_lines("keys_reloaded"), 1);
	write_key(SECOND);
	assert_true(key_store_change(&(KeyFiles){.secret = path}));
	key_store_look();
	assert_secret(SECOND);
	assert_int_equal(count_lines("keys_reloaded"), 2);
}

/* Opening it would wait for a writer for ever. */
static void
test_a_pipe_is_not_looked_into(void **state)
{
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	key_store_look();
	assert_secret(FIRST);
	assert_int_equal(count_lines("keys_not_reloaded"), 0);
}

static void
test_no_secret_in_the_log(void **state)
{
	write_key(SECOND);
	key_store_look();
	write_key("5h0rt");
	key_store_look();
	assert_int_equal(count_lines("0123456789"), 0);
	assert_int_equal(count_lines("fedcba"), 0);
	assert_int_equal(count_lines("5h0rt"), 0);
}

#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(test_unchanged_files_are_left_alone),
		STORE_TEST(test_a_change_is_found),
		STORE_TEST(test_a_bad_file_is_said_once_and_the_old_keys_stay),
		STORE_TEST(test_reloading_does_not_ask_for_a_change),
		STORE_TEST(test_a_pipe_is_not_looked_into),
		STORE_TEST(test_no_secret_in_the_log),
	};

	return RUN_TESTS(tests);
}
