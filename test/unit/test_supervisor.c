/* test_supervisor.c - what arrives at a service manager's socket, and when. */
#include "unit_support.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/loop.h"
#include "core/supervisor.h"

static char *path;
static int listener = -1;

static int
set_up(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct timeval patience = {.tv_sec = 5};

	path = unit_write_file(SLICE(""));
	unlink(path);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	listener = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (bind(listener, (struct sockaddr *) &address, sizeof(address)) != 0 ||
		setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0)
		return -1;
	setenv("NOTIFY_SOCKET", path, 1);
	return loop_open() ? 0 : -1;
}

static int
tear_down(void **state)
{
	supervisor_close();
	loop_close();
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	close(listener);
	unlink(path);
	free(path);
	return 0;
}

static void
assert_told(const char *expected)
{
	char text[512];
	ssize_t length = recv(listener, text, sizeof(text) - 1, 0);

	assert_true(length > 0);
	text[length] = '\0';
	assert_string_equal(text, expected);
}

static void
assert_told_nothing_more(void)
{
	char text[512];

	assert_int_equal(recv(listener, text, sizeof(text), MSG_DONTWAIT), -1);
}

static void
test_the_words_of_a_life(void **state)
{
	char text[512];
	ssize_t length;

	supervisor_ready();
	assert_told("READY=1");
	supervisor_reloading();
	length = recv(listener, text, sizeof(text) - 1, 0);
	assert_true(length > 0);
	text[length] = '\0';
	assert_memory_equal(text, "RELOADING=1\nMONOTONIC_USEC=", 27);
	assert_true(strtoull(text + 27, NULL, 10) > 0);
	supervisor_reloaded();
	assert_told("READY=1");
	supervisor_stopping();
	assert_told("STOPPING=1");
	loop_turn();
	assert_told_nothing_more();
}

static void
test_a_status_is_told_once(void **state)
{
	supervisor_status("the database is away");
	supervisor_status("the database is away");
	supervisor_status("1 connection");
	assert_told("STATUS=the database is away");
	assert_told("STATUS=1 connection");
	assert_told_nothing_more();
}

static void
test_the_watchdog_lives_as_long_as_the_loop_turns(void **state)
{
	setenv("WATCHDOG_USEC", "20000", 1);
	supervisor_ready();
	assert_told("READY=1");
	assert_told_nothing_more();
	for (int i = 0; i < 3; i++)
	{
		ev_run(loop_ev(), EVRUN_ONCE);
		assert_told("WATCHDOG=1");
	}
	assert_told_nothing_more();
}

static void
test_without_a_manager_nothing_happens(void **state)
{
	unsetenv("NOTIFY_SOCKET");
	supervisor_ready();
	supervisor_status("x");
	supervisor_stopping();
	setenv("NOTIFY_SOCKET", path, 1);
	assert_told_nothing_more();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_the_words_of_a_life, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_status_is_told_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_the_watchdog_lives_as_long_as_the_loop_turns, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_without_a_manager_nothing_happens, set_up, tear_down),
	};

	return RUN_TESTS(tests);
}
