/* test_config.c - where options come from, which source wins, and what problems say. */
#include "unit_support.h"

#include <unistd.h>

#include "core/config.h"

/* What every valid configuration needs. */
#define KEY_FLAG "--jwt_key_file=/etc/collab/jwt.key"

static char *no_environment[] = {NULL};

typedef struct Loaded
{
	Config config;
	Buffer problems;
	ConfigAction action;
} Loaded;

/* `flags` ends with NULL. */
static void
load(Loaded *loaded, char **flags, char **environment)
{
	char *argv[20] = {"collab-bridge"};
	int argc = 1;

	for (; *flags; flags++)
		argv[argc++] = *flags;
	loaded->problems = BUFFER_EMPTY;
	loaded->action = config_load(&loaded->config, argc, argv, environment, &loaded->problems);
}

#define LOAD(loaded, ...) load(loaded, (char *[]){__VA_ARGS__, NULL}, no_environment)

static void
unload(Loaded *loaded)
{
	config_free(&loaded->config);
	buffer_free(&loaded->problems);
}

static void
assert_problem(Loaded *loaded, const char *text)
{
	assert_int_equal(loaded->action, CONFIG_INVALID);
	if (strstr(buffer_text(&loaded->problems), text) == NULL)
		fail_msg("\"%s\" does not hold \"%s\"", buffer_text(&loaded->problems), text);
	unload(loaded);
}

/* The file's problems, expected to be exactly one line that starts with its path. */
static void
assert_file_problem(const char *content, const char *expected)
{
	char *path = unit_write_file(slice_of_text(content));
	Buffer line = BUFFER_EMPTY;
	Loaded loaded;

	LOAD(&loaded, "--config", path, KEY_FLAG);
	assert_int_equal(loaded.action, CONFIG_INVALID);
	buffer_append_format(&line, "%s:%s\n", path, expected);
	assert_buffer_text(&loaded.problems, buffer_text(&line));
	unload(&loaded);
	buffer_free(&line);
	unlink(path);
	free(path);
}

static void
test_defaults(void **state)
{
	Loaded loaded;

	LOAD(&loaded, KEY_FLAG);
	assert_int_equal(loaded.action, CONFIG_RUN);
	assert_buffer_text(&loaded.problems, "");
	assert_string_equal(loaded.config.listen, "127.0.0.1:8080");
	assert_string_equal(loaded.config.web_root, "");
	assert_int_equal(loaded.config.max_message, 1048576);
	assert_int_equal(loaded.config.max_headers, 16384);
	assert_int_equal(loaded.config.max_token_age, 300000);
	assert_int_equal(loaded.config.handshake_timeout, 10000);
	assert_int_equal(loaded.config.event_page, 500);
	assert_int_equal(loaded.config.ring_events, 256);
	assert_int_equal(loaded.config.log_level, 1);
	assert_false(loaded.config.behind_proxy);
	assert_null(loaded.config.config_file);
	unload(&loaded);
}

static void
test_file_then_environment_then_flags(void **state)
{
	char *path = unit_write_file(SLICE("pool_size = 3\nread_pool_size = 3\nevent_page = 3\n"));
	char *environment[] = {"PATH=/bin", "COLLAB_READ_POOL_SIZE=4", "COLLAB_EVENT_PAGE=4", NULL};
	Loaded loaded;

	load(&loaded, (char *[]){"--event-page", "5", "--config", path, KEY_FLAG, NULL}, environment);
	assert_buffer_text(&loaded.problems, "");
	assert_int_equal(loaded.config.pool_size, 3);
	assert_int_equal(loaded.config.read_pool_size, 4);
	assert_int_equal(loaded.config.event_page, 5);
	assert_int_equal(loaded.config.batch_size, 50);
	assert_string_equal(loaded.config.config_file, path);
	unload(&loaded);
	unlink(path);
	free(path);
}

static void
test_file_may_be_named_in_the_environment(void **state)
{
	char *path = unit_write_file(SLICE("pool_size = 3"));
	Buffer variable = BUFFER_EMPTY;
	char *environment[] = {NULL, "COLLAB_SERVICE_HOST=10.0.0.1", "COLLAB_PORT=tcp://10.0.0.1:8080", NULL};
	Loaded loaded;

	buffer_append_format(&variable, "COLLAB_CONFIG=%s", path);
	(void) buffer_text(&variable);
	environment[0] = variable.bytes;
	load(&loaded, (char *[]){KEY_FLAG, NULL}, environment);
	assert_buffer_text(&loaded.problems, "");
	assert_int_equal(loaded.config.pool_size, 3);
	unload(&loaded);
	buffer_free(&variable);
	unlink(path);
	free(path);
}

static void
test_a_file_that_is_there_is_read_without_being_named(void **state)
{
	char *path = unit_write_file(SLICE("pool_size = 3\n"));
	char *other = unit_write_file(SLICE("pool_size = 4\n"));
	const char *usual = config_default_file;
	Loaded loaded;

	config_default_file = path;
	LOAD(&loaded, KEY_FLAG);
	assert_int_equal(loaded.config.pool_size, 3);
	assert_string_equal(loaded.config.config_file, path);
	unload(&loaded);
	LOAD(&loaded, KEY_FLAG, "--config", other);
	assert_int_equal(loaded.config.pool_size, 4);
	unload(&loaded);
	unlink(path);
	LOAD(&loaded, KEY_FLAG);
	assert_int_equal(loaded.action, CONFIG_RUN);
	assert_null(loaded.config.config_file);
	unload(&loaded);
	config_default_file = usual;
	unlink(other);
	free(path);
	free(other);
}

/* Each source alone, each pair, all of them: the last that speaks is heard. */
static void
test_every_combination_of_sources(void **state)
{
	char *path = unit_write_file(SLICE("pool_size = 3\n"));
	char *environment[] = {"COLLAB_POOL_SIZE=4", NULL};

	for (int mask = 0; mask < 8; mask++)
	{
		char *flags[5] = {KEY_FLAG};
		int count = 1;
		int expected = 2;
		Loaded loaded;

		if (mask & 4)
			flags[count++] = "--pool-size=5";
		if (mask & 1)
		{
			flags[count++] = "--config";
			flags[count++] = path;
		}
		load(&loaded, flags, mask & 2 ? environment : no_environment);
		assert_buffer_text(&loaded.problems, "");
		if (mask & 1)
			expected = 3;
		if (mask & 2)
			expected = 4;
		if (mask & 4)
			expected = 5;
		assert_int_equal(loaded.config.pool_size, expected);
		unload(&loaded);
	}
	unlink(path);
	free(path);
}

static void
test_what_an_unknown_option_may_have_meant(void **state)
{
	assert_file_problem("lissen = 1", "1: lissen: unknown option; did you mean listen?");
	assert_file_problem("max-conections = 1", "1: max-conections: unknown option; did you mean max_connections?");
	assert_file_problem("loglevel = info", "1: loglevel: unknown option; did you mean log_level?");
	assert_file_problem("nonsense = 1", "1: nonsense: unknown option");
	assert_file_problem("x = 1", "1: x: unknown option");
	assert_file_problem(
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa = 1",
		"1: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: unknown option");
}

/* An option that could not be read is not complained of a second time for what its default means. */
static void
test_problems_of_form_and_of_meaning_together(void **state)
{
	Loaded loaded;

	LOAD(&loaded, "--pool_size=x", "--ping_interval=soon", "--idle_timeout=1s", "--listen=0.0.0.0:1");
	assert_buffer_text(
		&loaded.problems,
		"--pool_size: pool_size: \"x\" is not a whole number from 1 to 64\n"
		"--ping_interval: ping_interval: \"soon\" is not a time from 100ms to 1h\n"
		"--listen: listen: \"0.0.0.0:1\" is not a loopback address; set tls_certificate_file, or put a proxy that "
		"ends TLS in front and set behind_proxy = on\n"
		"default: jwt_key_file: must be set to a file with the secret tokens are signed with, or "
		"jwt_public_key_file or jwt_jwks_file to one with public keys\n");
	unload(&loaded);
}

static void
test_form_of_the_file(void **state)
{
	char *path = unit_write_file(SLICE("# a comment\r\n"
									   "\n"
									   "  listen=localhost:0   # any port\r\n"
									   "database = 'host=/run/x password=a#b ''q'' dbname=c' # quoted\n"
									   "jwt-issuer = name with spaces#and a hash\n"
									   "behind_proxy = yes\n"
									   "web_root =\n"
									   "jwt_audience = ''\n"
									   "max_message = 2 MB\n"
									   "session_queue = 64kB\n"
									   "lock_timeout = 1500\n"
									   "idle_timeout = 90\n"
									   "max_token_age = 12h\n"
									   "log_format = json"));
	Loaded loaded;

	LOAD(&loaded, "--config", path, KEY_FLAG);
	assert_buffer_text(&loaded.problems, "");
	assert_string_equal(loaded.config.listen, "localhost:0");
	assert_string_equal(loaded.config.database, "host=/run/x password=a#b 'q' dbname=c");
	assert_string_equal(loaded.config.jwt_issuer, "name with spaces#and a hash");
	assert_true(loaded.config.behind_proxy);
	assert_string_equal(loaded.config.web_root, "");
	assert_string_equal(loaded.config.jwt_audience, "");
	assert_int_equal(loaded.config.max_message, 2097152);
	assert_int_equal(loaded.config.session_queue, 65536);
	assert_int_equal(loaded.config.lock_timeout, 1500);
	assert_int_equal(loaded.config.idle_timeout, 90000);
	assert_int_equal(loaded.config.max_token_age, 43200000);
	assert_int_equal(loaded.config.log_format, 1);
	unload(&loaded);
	unlink(path);
	free(path);
}

static void
test_problems_name_file_line_and_option(void **state)
{
	assert_file_problem("\n# x\npool_size = many\n", "3: pool_size: \"many\" is not a whole number from 1 to 64");
	assert_file_problem("pool_size = 0", "1: pool_size: \"0\" is not a whole number from 1 to 64");
	assert_file_problem("pool_size = 65", "1: pool_size: \"65\" is not a whole number from 1 to 64");
	assert_file_problem("pool_size = 2x", "1: pool_size: \"2x\" is not a whole number from 1 to 64");
	assert_file_problem("pool_size =", "1: pool_size: \"\" is not a whole number from 1 to 64");
	assert_file_problem("pool_size = 99999999999999999999",
						"1: pool_size: \"99999999999999999999\" is not a whole number from 1 to 64");
	assert_file_problem("max_message = 1TB", "1: max_message: \"1TB\" is not a size from 1kB to 1GB");
	assert_file_problem("max_message = 9223372036854775807GB",
						"1: max_message: \"9223372036854775807GB\" is not a size from 1kB to 1GB");
	assert_file_problem("lock_timeout = 1 fortnight",
						"1: lock_timeout: \"1 fortnight\" is not a time from 10ms to 10min");
	assert_file_problem("lock_timeout = -5s", "1: lock_timeout: \"-5s\" is not a time from 10ms to 10min");
	assert_file_problem("behind_proxy = maybe", "1: behind_proxy: \"maybe\" is neither on nor off");
	assert_file_problem("log_level = loud", "1: log_level: \"loud\" is none of debug|info|warning|error");
	assert_file_problem("\nlisten", "2: not of the form name = value");
	assert_file_problem("listen = 'a", "1: listen: the quoted value does not end with its line");
	assert_file_problem("listen = 'a' b", "1: listen: the quoted value does not end with its line");
}

static void
test_every_problem_is_reported(void **state)
{
	Loaded loaded;

	LOAD(&loaded, "--pool_size", "x", "--nonsense=1", KEY_FLAG, "stray", "--batch-size");
	assert_int_equal(loaded.action, CONFIG_INVALID);
	assert_buffer_text(&loaded.problems, "--pool_size: pool_size: \"x\" is not a whole number from 1 to 64\n"
										 "--nonsense: unknown option\n"
										 "stray: not an option\n"
										 "--batch-size: needs a value\n");
	unload(&loaded);
}

static void
test_problems_of_the_environment(void **state)
{
	char *environment[] = {"COLLAB_LOG_LEVEL=shout", NULL};
	Loaded loaded;

	load(&loaded, (char *[]){KEY_FLAG, NULL}, environment);
	assert_problem(&loaded, "COLLAB_LOG_LEVEL: log_level: \"shout\" is none of");
}

static void
test_a_file_that_cannot_be_read(void **state)
{
	Loaded loaded;

	LOAD(&loaded, "--config", "/nonexistent/bridge.conf", KEY_FLAG);
	assert_problem(&loaded, "/nonexistent/bridge.conf: No such file or directory\n");
	LOAD(&loaded, "--config", "/", KEY_FLAG);
	assert_problem(&loaded, "/: Is a directory\n");
	LOAD(&loaded, KEY_FLAG, "--config");
	assert_problem(&loaded, "--config: needs a value\n");
}

static void
test_what_options_mean_together(void **state)
{
	Loaded loaded;

	LOAD(&loaded, "--pool_size=2");
	assert_problem(&loaded, "default: jwt_key_file: must be set");
	LOAD(&loaded, "--jwt_jwks_file=/etc/collab/jwks.json");
	assert_int_equal(loaded.action, CONFIG_RUN);
	unload(&loaded);
	LOAD(&loaded, "--jwt_public_key_file=/etc/collab/jwt.pem");
	assert_int_equal(loaded.action, CONFIG_RUN);
	unload(&loaded);
	LOAD(&loaded, KEY_FLAG, "--listen=0.0.0.0:8080");
	assert_problem(&loaded, "--listen: listen: \"0.0.0.0:8080\" is not a loopback address");
	LOAD(&loaded, KEY_FLAG, "--listen=192.168.0.1:8080");
	assert_problem(&loaded, "is not a loopback address");
	LOAD(&loaded, KEY_FLAG, "--listen=:8080");
	assert_problem(&loaded, "is not a loopback address");
	LOAD(&loaded, KEY_FLAG, "--listen=[::]:8080");
	assert_problem(&loaded, "is not a loopback address");
	LOAD(&loaded, KEY_FLAG, "--listen=127.0.0.1.example.org:8080");
	assert_problem(&loaded, "is not a loopback address");
	LOAD(&loaded, KEY_FLAG, "--listen=0.0.0.0:8080", "--tls_key_file=x");
	assert_problem(&loaded, "tls_certificate_file: must be set, too");
	LOAD(&loaded, KEY_FLAG, "--listen=0.0.0.0:8080", "--tls_certificate_file=x");
	assert_problem(&loaded, "tls_key_file: must be set, too");
	LOAD(&loaded, KEY_FLAG, "--listen=8080");
	assert_problem(&loaded, "is not of the form address:port");
	LOAD(&loaded, KEY_FLAG, "--ping_interval=60s");
	assert_problem(&loaded, "idle_timeout: must be longer than ping_interval");
	LOAD(&loaded, KEY_FLAG, "--jwt_subject_claim=");
	assert_problem(&loaded, "--jwt_subject_claim: jwt_subject_claim: must not be empty");
	LOAD(&loaded, KEY_FLAG, "--database", "");
	assert_problem(&loaded, "database: must not be empty");
	LOAD(&loaded, KEY_FLAG, "--allowed_origins", "https://a.example, b.example");
	assert_problem(&loaded, "allowed_origins: \"b.example\" is not of the form https://host");
	LOAD(&loaded, KEY_FLAG, "--allowed_origins", "https://a.example/");
	assert_problem(&loaded, "allowed_origins: \"https://a.example/\" is not");
}

static void
test_addresses_that_may_be_listened_on(void **state)
{
	static const char *const flags[] = {"--listen=127.0.0.1:0", "--listen=127.8.9.10:1",
										"--allowed_origins=*, https://a.example:8443 , ", "--listen=[::1]:8080",
										"--listen=localhost:65535"};
	Loaded loaded;

	for (size_t i = 0; i < LENGTH_OF(flags); i++)
	{
		LOAD(&loaded, KEY_FLAG, (char *) flags[i]);
		assert_buffer_text(&loaded.problems, "");
		unload(&loaded);
	}
	LOAD(&loaded, KEY_FLAG, "--listen=0.0.0.0:80", "--behind_proxy=on");
	assert_int_equal(loaded.action, CONFIG_RUN);
	unload(&loaded);
}

static void
test_splitting_listen(void **state)
{
	static const char *const refused[] = {"",    "8080",   "host",    "host:",   "host:x",  "host:65536", "host:-1",
										  "::1", "::1:80", "[::1]80", "[::1:80", "::1]:80", "h:123456",   "h:+1"};
	char host[256];
	int port;

	assert_true(config_split_listen("example.org:443", host, &port));
	assert_string_equal(host, "example.org");
	assert_int_equal(port, 443);
	assert_true(config_split_listen("[2001:db8::1]:0", host, &port));
	assert_string_equal(host, "2001:db8::1");
	assert_int_equal(port, 0);
	assert_true(config_split_listen(":65535", host, &port));
	assert_string_equal(host, "");
	assert_int_equal(port, 65535);
	for (size_t i = 0; i < LENGTH_OF(refused); i++)
		if (config_split_listen(refused[i], host, &port))
			fail_msg("accepted: %s", refused[i]);
}

static void
test_actions(void **state)
{
	Loaded loaded;

	LOAD(&loaded, KEY_FLAG, "--check-config");
	assert_int_equal(loaded.action, CONFIG_CHECK);
	unload(&loaded);
	LOAD(&loaded, "--check-config", "--pool-size=0");
	assert_problem(&loaded, "pool_size");
	LOAD(&loaded, "--version");
	assert_int_equal(loaded.action, CONFIG_VERSION);
	unload(&loaded);
	LOAD(&loaded, "--nonsense=1", "--check-config", "--help");
	assert_int_equal(loaded.action, CONFIG_HELP);
	unload(&loaded);
}

static char *
printed(const Config *config)
{
	char *text = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&text, &length);

	if (config)
		config_print(config, stream);
	else
		config_print_help(stream);
	fclose(stream);
	return text;
}

static void
test_help_has_every_option(void **state)
{
	char *help = printed(NULL);

#define OPTION(name, TYPE, CHANGE, initial, minimum, maximum, unit, help_text)                                         \
	assert_non_null(strstr(help, "--" #name " <" unit ">"));                                                           \
	assert_non_null(strstr(help, help_text));
#include "core/options.def"
#undef OPTION
	free(help);
}

/* What is printed can be read back, and prints the same again. */
static void
test_printed_configuration_reads_back(void **state)
{
	Loaded first;
	Loaded second;
	char *text;
	char *again;
	char *path;

	LOAD(&first, KEY_FLAG, "--web_root= it's # here ", "--max_message=3MB", "--lock_timeout=1500ms",
		 "--log_level=error", "--behind_proxy=on", "--jwt_leeway=0");
	assert_buffer_text(&first.problems, "");
	text = printed(&first.config);
	path = unit_write_file(slice_of_text(text));
	LOAD(&second, "--config", path);
	assert_buffer_text(&second.problems, "");
	assert_string_equal(second.config.web_root, " it's # here ");
	assert_int_equal(second.config.jwt_leeway, 0);
	again = printed(&second.config);
	assert_string_equal(text, again);
	assert_non_null(strstr(text, "\nmax_message = 3MB\n"));
	unload(&first);
	unload(&second);
	free(text);
	free(again);
	unlink(path);
	free(path);
}

static void
test_passwords_are_not_printed(void **state)
{
	static const char *const databases[] = {
		"dbname=c password=geheim user=u",
		"password = 'geheim \\' geheim' dbname=c",
		"postgresql://u:geheim@host:5432/c?sslmode=require",
		"postgres://host/c?user=u&password=geheim&x=1",
		"dbname=c sslpassword=geheim",
		"host=a password=''geheim'' user=b",
		"host=a password='x'geheim user=b",
		"host=a password=x&geheim user=b",
		"host=a password\t=\tgeheim user=b",
		"postgresql://u:x@geheim@h/d",
	};

	for (size_t i = 0; i < LENGTH_OF(databases); i++)
	{
		Loaded loaded;
		char *text;

		LOAD(&loaded, KEY_FLAG, "--database", (char *) databases[i]);
		text = printed(&loaded.config);
		assert_null(strstr(text, "geheim"));
		assert_non_null(strstr(text, "********"));
		free(text);
		unload(&loaded);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_file_then_environment_then_flags),
		cmocka_unit_test(test_file_may_be_named_in_the_environment),
		cmocka_unit_test(test_a_file_that_is_there_is_read_without_being_named),
		cmocka_unit_test(test_every_combination_of_sources),
		cmocka_unit_test(test_what_an_unknown_option_may_have_meant),
		cmocka_unit_test(test_problems_of_form_and_of_meaning_together),
		cmocka_unit_test(test_form_of_the_file),
		cmocka_unit_test(test_problems_name_file_line_and_option),
		cmocka_unit_test(test_every_problem_is_reported),
		cmocka_unit_test(test_problems_of_the_environment),
		cmocka_unit_test(test_a_file_that_cannot_be_read),
		cmocka_unit_test(test_what_options_mean_together),
		cmocka_unit_test(test_addresses_that_may_be_listened_on),
		cmocka_unit_test(test_splitting_listen),
		cmocka_unit_test(test_actions),
		cmocka_unit_test(test_help_has_every_option),
		cmocka_unit_test(test_printed_configuration_reads_back),
		cmocka_unit_test(test_passwords_are_not_printed),
	};

	config_default_file = "/nonexistent/bridge.conf"; /* not this machine's */
	return RUN_TESTS(tests);
}
