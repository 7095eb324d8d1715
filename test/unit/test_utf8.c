/* test_utf8.c - what base/utf8 takes for a character. */
#include "unit_support.h"

#include "base/utf8.h"

static void
assert_valid(const char *text, bool expected)
{
	if (utf8_is_valid(text, strlen(text)) != expected)
		fail_msg("%s: %02x %02x …", expected ? "refused" : "accepted", (unsigned char) text[0],
				 (unsigned char) text[1]);
}

static void
test_edges_of_every_length(void **state)
{
	static const char *const valid[] = {"",
										"\x7f",
										"\xc2\x80",
										"\xdf\xbf",
										"\xe0\xa0\x80",
										"\xed\x9f\xbf",
										"\xee\x80\x80",
										"\xef\xbf\xbf",
										"\xf0\x90\x80\x80",
										"\xf4\x8f\xbf\xbf"};

	for (size_t i = 0; i < LENGTH_OF(valid); i++)
		assert_valid(valid[i], true);
}

static void
test_what_is_not_utf8(void **state)
{
	static const char *const refused[] = {
		"\x80", /* a continuation alone */
		"\xbf",
		"\xc0\x80", /* overlong NUL */
		"\xc1\xbf", /* overlong */
		"\xe0\x80\x80",
		"\xe0\x9f\xbf",
		"\xf0\x80\x80\x80",
		"\xf0\x8f\xbf\xbf",
		"\xed\xa0\x80", /* surrogates */
		"\xed\xbf\xbf",
		"\xf4\x90\x80\x80", /* beyond U+10FFFF */
		"\xf5\x80\x80\x80",
		"\xfe",
		"\xff",
		"\xc2", /* cut off */
		"\xe1\x80",
		"\xf1\x80\x80",
		"\xc2\x41", /* continuation missing */
		"\xe1\x80\x41",
		"\xf1\x80\x80\x41",
	};

	for (size_t i = 0; i < LENGTH_OF(refused); i++)
		assert_valid(refused[i], false);
}

/* Against the definition: encode every number, and see which are characters. */
static void
test_every_code_point(void **state)
{
	for (unsigned point = 0x80; point <= 0x110000; point++)
	{
		bool is_character = point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);
		char bytes[4];
		size_t length = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;

		for (size_t i = length - 1; i > 0; i--)
			bytes[i] = (char) (0x80 | (point >> (6 * (length - 1 - i)) & 0x3f));
		bytes[0] = (char) ((0xf00 >> length & 0xff) | point >> (6 * (length - 1)));
		assert_int_equal(utf8_character_length(bytes, length), is_character ? length : 0);
		assert_int_equal(utf8_character_length(bytes, length - 1), 0);
	}
}

static void
test_cut_does_not_split_characters(void **state)
{
	const char text[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"; /* a é € 😀 */
	const size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};

	for (size_t limit = 0; limit < LENGTH_OF(expected); limit++)
		assert_int_equal(utf8_cut(text, strlen(text), limit), expected[limit]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_edges_of_every_length),
		cmocka_unit_test(test_what_is_not_utf8),
		cmocka_unit_test(test_every_code_point),
		cmocka_unit_test(test_cut_does_not_split_characters),
	};

	return RUN_TESTS(tests);
}
