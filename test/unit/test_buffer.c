/* test_buffer.c - growth, consumption and text of base/buffer. */
#include "unit_support.h"

static void
test_empty_buffer_is_empty_text(void **state)
{
	Buffer buffer = BUFFER_EMPTY;

	assert_int_equal(buffer_slice(&buffer).length, 0);
	assert_buffer_text(&buffer, "");
	buffer_free(&buffer);
	assert_null(buffer.bytes);
}

static void
test_appends_keep_order(void **state)
{
	Buffer buffer = BUFFER_EMPTY;

	buffer_append_text(&buffer, "ab");
	buffer_append_char(&buffer, 'c');
	buffer_append(&buffer, "defg", 2);
	buffer_append_slice(&buffer, SLICE("!"));
	buffer_append(&buffer, NULL, 0);
	buffer_append_format(&buffer, " %s=%d", "x", 7);
	assert_buffer_text(&buffer, "abcde! x=7");
	buffer_free(&buffer);
}

static void
test_integers_at_the_limits(void **state)
{
	Buffer buffer = BUFFER_EMPTY;

	buffer_append_integer(&buffer, 0);
	buffer_append_char(&buffer, ' ');
	buffer_append_integer(&buffer, INT64_MIN);
	buffer_append_char(&buffer, ' ');
	buffer_append_integer(&buffer, INT64_MAX);
	assert_buffer_text(&buffer, "0 -9223372036854775808 9223372036854775807");
	buffer_free(&buffer);
}

/* Every length around the doublings, so that the NUL of buffer_text() always has its byte. */
static void
test_growth_keeps_content(void **state)
{
	Buffer buffer = BUFFER_EMPTY;

	for (size_t i = 0; i < 5000; i++)
	{
		buffer_append_char(&buffer, (char) ('a' + i % 26));
		assert_int_equal(strlen(buffer_text(&buffer)), i + 1);
	}
	for (size_t i = 0; i < 5000; i++)
		assert_int_equal(buffer.bytes[i], 'a' + (int) (i % 26));
	buffer_free(&buffer);
}

static void
test_format_longer_than_capacity(void **state)
{
	Buffer buffer = BUFFER_EMPTY;
	char expected[1001];

	memset(expected, 'z', 1000);
	expected[1000] = '\0';
	buffer_append_format(&buffer, "%s", expected);
	assert_buffer_text(&buffer, expected);
	buffer_free(&buffer);
}

static void
test_consume_takes_from_the_front(void **state)
{
	Buffer buffer = BUFFER_EMPTY;

	buffer_append_text(&buffer, "0123456789");
	buffer_consume(&buffer, 3);
	assert_buffer_text(&buffer, "3456789");
	buffer_consume(&buffer, 0);
	assert_buffer_text(&buffer, "3456789");
	buffer_append_text(&buffer, "ab");
	assert_buffer_text(&buffer, "3456789ab");
	buffer_consume(&buffer, 100);
	assert_int_equal(buffer.length, 0);
	buffer_free(&buffer);
}

static void
test_truncate_only_shortens(void **state)
{
	Buffer buffer = BUFFER_EMPTY;

	buffer_append_text(&buffer, "0123");
	buffer_truncate(&buffer, 10);
	assert_buffer_text(&buffer, "0123");
	buffer_truncate(&buffer, 2);
	assert_buffer_text(&buffer, "01");
	buffer_clear(&buffer);
	assert_buffer_text(&buffer, "");
	assert_true(buffer.capacity > 0);
	buffer_free(&buffer);
}

static void
test_detach_hands_the_memory_over(void **state)
{
	Buffer buffer = BUFFER_EMPTY;
	size_t length = 0;
	char *bytes;

	buffer_append(&buffer, "a\0b", 3);
	bytes = buffer_detach(&buffer, &length);
	assert_int_equal(length, 3);
	assert_memory_equal(bytes, "a\0b", 4);
	assert_null(buffer.bytes);
	free(bytes);
	bytes = buffer_detach(&buffer, NULL);
	assert_string_equal(bytes, "");
	free(bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty_buffer_is_empty_text),  cmocka_unit_test(test_appends_keep_order),
		cmocka_unit_test(test_integers_at_the_limits),      cmocka_unit_test(test_growth_keeps_content),
		cmocka_unit_test(test_format_longer_than_capacity), cmocka_unit_test(test_consume_takes_from_the_front),
		cmocka_unit_test(test_truncate_only_shortens),      cmocka_unit_test(test_detach_hands_the_memory_over),
	};

	return RUN_TESTS(tests);
}
