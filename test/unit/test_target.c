/*
 * test_target.c - the target of a request: path and query decoded, and everything that is refused.
 */
#include "unit_support.h"

#include "door/target.h"

static bool
parses(const char *text)
{
	Target target;
	bool is_good = target_parse(&target, slice_of_text(text));

	target_free(&target);
	return is_good;
}

static void
a_path_is_decoded(void **state)
{
	Target target;

	assert_true(target_parse(&target, slice_of_text("/a%20b/%C3%A9+c?x")));
	assert_string_equal(target_path(&target), "/a b/\xc3\xa9+c");
	assert_string_equal(target_query(&target, "x"), "");
	target_free(&target);
}

static void
a_query_is_names_and_values(void **state)
{
	Target target;

	assert_true(target_parse(&target, slice_of_text("/?a=1&b=x+y%26z&&=no&c&a=2&d=e=f")));
	assert_string_equal(target_query(&target, "a"), "1");
	assert_string_equal(target_query(&target, "b"), "x y&z");
	assert_string_equal(target_query(&target, "c"), "");
	assert_string_equal(target_query(&target, "d"), "e=f");
	assert_null(target_query(&target, "x y"));
	assert_null(target_query(&target, ""));
	target_free(&target);
}

static void
a_name_that_begins_like_another_is_another(void **state)
{
	Target target;

	assert_true(target_parse(&target, slice_of_text("/?since_event=1&since=2")));
	assert_string_equal(target_query(&target, "since"), "2");
	target_free(&target);
}

static void
the_absolute_form_is_stripped(void **state)
{
	Target target;

	assert_true(target_parse(&target, slice_of_text("http://host:1/path?q=1")));
	assert_string_equal(target_path(&target), "/path");
	assert_string_equal(target_query(&target, "q"), "1");
	target_free(&target);
	assert_true(target_parse(&target, slice_of_text("HTTP://host")));
	assert_string_equal(target_path(&target), "/");
	target_free(&target);
}

static void
what_is_no_target_is_refused(void **state)
{
	static const char *const refused[] = {"",     "*",       "a",     "?a=1", "/%",      "/%4",   "/%4g",
										  "/%00", "/?a=%00", "/?%00", "/%ff", "/?a=%c3", "/?a=%", "https://h/"};

	for (size_t i = 0; i < LENGTH_OF(refused); i++)
		assert_false(parses(refused[i]));
	assert_true(parses("/"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_is_decoded),
		cmocka_unit_test(a_query_is_names_and_values),
		cmocka_unit_test(a_name_that_begins_like_another_is_another),
		cmocka_unit_test(the_absolute_form_is_stripped),
		cmocka_unit_test(what_is_no_target_is_refused),
	};

	return RUN_TESTS(tests);
}
