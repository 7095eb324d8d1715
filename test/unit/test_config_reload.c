/* test_config_reload.c - reading the sources again: what changes, what stays, and what makes everything stay. */
#include "unit_support.h"

#include <unistd.h>

#include "core/config_option.h"
#include "core/config_reload.h"

#define KEY_FLAG "--jwt_key_file=/etc/collab/jwt.key"

static char *path;
static char *arguments[] = {"collab-bridge", "--config", NULL, KEY_FLAG};
static char *no_environment[] = {NULL};
static const ConfigSources sources = {4, arguments, no_environment};

static Config running;
static Buffer changed;
static Buffer held_back;
static Buffer problems;

static void
write_file(const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static int
set_up(void **state)
{
	path = unit_write_file(SLICE("pool_size = 3\nlog_level = error\njwt_issuer = first\n"));
	arguments[2] = path;
	changed = held_back = problems = BUFFER_EMPTY;
	return config_load(&running, sources.argc, sources.argv, sources.environment, &problems) == CONFIG_RUN ? 0 : -1;
}

static int
tear_down(void **state)
{
	config_free(&running);
	buffer_free(&changed);
	buffer_free(&held_back);
	buffer_free(&problems);
	unlink(path);
	free(path);
	return 0;
}

static bool
reload(void)
{
	Config fresh;
	bool is_read;

	buffer_clear(&changed);
	buffer_clear(&held_back);
	buffer_clear(&problems);
	is_read = config_reload_read(&running, &sources, &fresh, &held_back, &problems);
	if (is_read)
		config_reload_apply(&running, &fresh, &changed);
	config_free(&fresh);
	return is_read;
}

static void
test_nothing_new_changes_nothing(void **state)
{
	assert_true(reload());
	assert_buffer_text(&changed, "");
	assert_buffer_text(&held_back, "");
	assert_string_equal(running.jwt_issuer, "first");
}

static void
test_what_can_change_does_and_the_rest_is_named(void **state)
{
	const char *listen = running.listen;

	write_file("pool_size = 4\nlisten = 127.0.0.1:1\nlog_level = debug\nmax_message = 2MB\njwt_issuer = second\n");
	assert_true(reload());
	assert_buffer_text(&held_back, "listen pool_size");
	assert_buffer_text(&changed, "jwt_issuer max_message log_level");
	assert_int_equal(running.pool_size, 3);
	assert_ptr_equal(running.listen, listen);
	assert_string_equal(running.listen, "127.0.0.1:8080");
	assert_string_equal(running.jwt_issuer, "second");
	assert_int_equal(running.max_message, 2097152);
	assert_int_equal(running.log_level, 0);
}

static void
test_what_is_no_longer_there_is_the_default(void **state)
{
	write_file("pool_size = 3");
	assert_true(reload());
	assert_buffer_text(&changed, "jwt_issuer log_level");
	assert_string_equal(running.jwt_issuer, "");
	assert_int_equal(running.log_level, 1);
}

static void
test_a_bad_file_changes_nothing(void **state)
{
	Buffer expected = BUFFER_EMPTY;

	write_file("log_level = debug\nmax_message = huge\nlisten = 0.0.0.0:80\n");
	assert_false(reload());
	buffer_append_format(
		&expected,
		"%s:2: max_message: \"huge\" is not a size from 1kB to 1GB\n%s:3: listen: \"0.0.0.0:80\" is not "
		"a loopback address; set tls_certificate_file, or put a proxy that ends TLS in front and set behind_proxy = on\n",
		path, path);
	assert_buffer_text(&problems, buffer_text(&expected));
	assert_int_equal(running.log_level, 3);
	unlink(path);
	assert_false(reload());
	assert_int_equal(running.log_level, 3);
	assert_string_equal(running.jwt_issuer, "first");
	write_file("");
	buffer_free(&expected);
}

/* Flags and environment are as strong the second time. */
static void
test_flags_still_win(void **state)
{
	write_file("jwt_key_file = /elsewhere\nlog_level = error\n");
	assert_true(reload());
	assert_string_equal(running.jwt_key_file, "/etc/collab/jwt.key");
}

static void
test_every_option_says_whether_it_can_change(void **state)
{
	for (OptionId option = 0; option < OPTION_COUNT; option++)
		assert_true(config_options[option].change == OPTION_CHANGE_RELOAD ||
					config_options[option].change == OPTION_CHANGE_RESTART);
	assert_int_equal(config_options[OPTION_ID_listen].change, OPTION_CHANGE_RESTART);
	assert_int_equal(config_options[OPTION_ID_log_level].change, OPTION_CHANGE_RELOAD);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_nothing_new_changes_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_what_can_change_does_and_the_rest_is_named, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_what_is_no_longer_there_is_the_default, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_bad_file_changes_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_flags_still_win, set_up, tear_down),
		cmocka_unit_test(test_every_option_says_whether_it_can_change),
	};

	return RUN_TESTS(tests);
}
