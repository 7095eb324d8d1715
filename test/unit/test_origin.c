/*
 * test_origin.c - which sites' pages may use the bridge.
 */
#include "unit_support.h"

#include "door/origin.h"

static OriginVerdict
check(const char *allowed, const char *origin, const char *host)
{
	return origin_check(allowed, slice_of_text(origin), slice_of_text(host));
}

static void
no_browser_is_fine(void **state)
{
	assert_int_equal(check("", NULL, "board.example"), ORIGIN_ABSENT);
	assert_int_equal(check("https://a.example", NULL, NULL), ORIGIN_ABSENT);
}

static void
the_own_host_is_fine(void **state)
{
	static const char *const pairs[][2] = {
		{"https://board.example", "board.example"},     {"https://board.example", "board.example:443"},
		{"https://board.example:443", "board.example"}, {"http://board.example", "board.example:80"},
		{"http://127.0.0.1:8080", "127.0.0.1:8080"},    {"http://[::1]:8080", "[::1]:8080"},
		{"HTTPS://Board.Example", "board.example"},
	};

	for (size_t i = 0; i < LENGTH_OF(pairs); i++)
	{
		assert_int_equal(check("", pairs[i][0], pairs[i][1]), ORIGIN_SAME);
		assert_int_equal(check("*", pairs[i][0], pairs[i][1]), ORIGIN_SAME);
	}
}

static void
others_are_refused(void **state)
{
	static const char *const pairs[][2] = {
		{"https://evil.example", "board.example"},
		{"https://board.example.evil.example", "board.example"},
		{"https://evilboard.example", "board.example"},
		{"https://board.example:8443", "board.example"},
		{"http://board.example:443", "board.example"},
		{"https://board.example/", "board.example"},
		{"https://user@board.example", "board.example"},
		{"ftp://board.example", "board.example"},
		{"board.example", "board.example"},
		{"null", "board.example"},
		{"", "board.example"},
		{"https://", ""},
		{"https://:443", ":443"},
	};

	for (size_t i = 0; i < LENGTH_OF(pairs); i++)
		assert_int_equal(check("", pairs[i][0], pairs[i][1]), ORIGIN_REFUSED);
	assert_int_equal(check("", "https://a.example", NULL), ORIGIN_REFUSED);
}

static void
the_list_allows(void **state)
{
	const char *list = "https://a.example , http://localhost:5173,https://b.example";

	assert_int_equal(check(list, "https://a.example", "board.example"), ORIGIN_ALLOWED);
	assert_int_equal(check(list, "https://A.example", "board.example"), ORIGIN_ALLOWED);
	assert_int_equal(check(list, "http://localhost:5173", "board.example"), ORIGIN_ALLOWED);
	assert_int_equal(check(list, "https://b.example", NULL), ORIGIN_ALLOWED);
	assert_int_equal(check(list, "http://a.example", "board.example"), ORIGIN_REFUSED);
	assert_int_equal(check(list, "https://a.example:444", "board.example"), ORIGIN_REFUSED);
	assert_int_equal(check(list, "", "board.example"), ORIGIN_REFUSED);
	assert_int_equal(check(" , ,", "", "board.example"), ORIGIN_REFUSED);
	assert_int_equal(check("*", "https://anything.example", "board.example"), ORIGIN_ALLOWED);
	assert_int_equal(check("*", "null", "board.example"), ORIGIN_ALLOWED);
}

/* It is said again in an answer's header. */
static void
what_no_browser_says_is_refused_whatever_the_list_is(void **state)
{
	assert_int_equal(check("*", "", "board.example"), ORIGIN_REFUSED);
	assert_int_equal(check("*", "https://a\texample", "board.example"), ORIGIN_REFUSED);
	assert_int_equal(check("*", "https://a.example b", "board.example"), ORIGIN_REFUSED);
	assert_int_equal(check("*", "https://\xc3\xa4.example", "board.example"), ORIGIN_REFUSED);
	assert_int_equal(check("*", "https://a\x7f.example", "board.example"), ORIGIN_REFUSED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_browser_is_fine),
		cmocka_unit_test(the_own_host_is_fine),
		cmocka_unit_test(others_are_refused),
		cmocka_unit_test(the_list_allows),
		cmocka_unit_test(what_no_browser_says_is_refused_whatever_the_list_is),
	};

	return RUN_TESTS(tests);
}
