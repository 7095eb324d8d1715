/* test_json_text.c - strings and numbers written by proto/json_text. */
#include "unit_support.h"

#include <float.h>
#include <math.h>

#include "proto/json_text.h"

static void
assert_string(Slice text, const char *expected)
{
	Buffer out = BUFFER_EMPTY;

	json_append_string(&out, text);
	assert_buffer_text(&out, expected);
	buffer_free(&out);
}

static void
test_strings_are_escaped(void **state)
{
	assert_string(SLICE(""), "\"\"");
	assert_string(SLICE("plain / \x7f"), "\"plain / \x7f\"");
	assert_string(SLICE("\"\\\b\f\n\r\t"), "\"\\\"\\\\\\b\\f\\n\\r\\t\"");
	assert_string(SLICE("a\0b\x01\x1f"), "\"a\\u0000b\\u0001\\u001f\"");
	assert_string(SLICE("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"");
}

static void
test_bytes_that_are_not_utf8_are_replaced(void **state)
{
	assert_string(SLICE("a\xff"
						"b"),
				  "\"a\xef\xbf\xbd"
				  "b\"");
	assert_string(SLICE("\xe2\x82"), "\"\xef\xbf\xbd\xef\xbf\xbd\"");
	assert_string(SLICE("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

static void
test_null_is_null(void **state)
{
	Buffer out = BUFFER_EMPTY;

	json_append_text(&out, NULL);
	json_append_uuid(&out, NULL);
	json_append_number(&out, NAN);
	json_append_number(&out, -INFINITY);
	assert_buffer_text(&out, "nullnullnullnull");
	buffer_free(&out);
}

static void
test_numbers_read_back_the_same(void **state)
{
	static const double numbers[] = {0,
									 1,
									 -1,
									 0.1,
									 1.0 / 3,
									 123456789.123456789,
									 1e9,
									 -1e-7,
									 DBL_MAX,
									 DBL_MIN,
									 1e21,
									 9007199254740991.0,
									 0.30000000000000004};

	for (size_t i = 0; i < LENGTH_OF(numbers); i++)
	{
		Buffer out = BUFFER_EMPTY;

		json_append_number(&out, numbers[i]);
		assert_true(strtod(buffer_text(&out), NULL) == numbers[i]);
		assert_true(out.length <= 24);
		buffer_free(&out);
	}
}

static void
test_numbers_are_short(void **state)
{
	Buffer out = BUFFER_EMPTY;

	json_append_number(&out, 0.1);
	buffer_append_char(&out, ' ');
	json_append_number(&out, 1000000);
	buffer_append_char(&out, ' ');
	json_append_number(&out, -2.5);
	assert_buffer_text(&out, "0.1 1000000 -2.5");
	buffer_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strings_are_escaped), cmocka_unit_test(test_bytes_that_are_not_utf8_are_replaced),
		cmocka_unit_test(test_null_is_null),        cmocka_unit_test(test_numbers_read_back_the_same),
		cmocka_unit_test(test_numbers_are_short),
	};

	return RUN_TESTS(tests);
}
