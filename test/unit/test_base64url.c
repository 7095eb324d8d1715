/* test_base64url.c - strictness of base/base64url. */
#include "unit_support.h"

#include "base/base64url.h"

static void
test_rfc_4648_without_padding(void **state)
{
	static const struct
	{
		const char *plain;
		const char *text;
	} pairs[] = {{"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
				 {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff\xfe", "-__-"}};

	for (size_t i = 0; i < LENGTH_OF(pairs); i++)
	{
		Buffer out = BUFFER_EMPTY;

		base64url_encode(&out, slice_of_text(pairs[i].plain));
		assert_buffer_text(&out, pairs[i].text);
		buffer_clear(&out);
		assert_true(base64url_decode(&out, slice_of_text(pairs[i].text)));
		assert_buffer_text(&out, pairs[i].plain);
		buffer_free(&out);
	}
}

static void
test_anything_else_is_refused(void **state)
{
	static const char *const refused[] = {"Z",     "Zg==",   "Zm8=", "Zm9vY", "Zm+v", "Zm/v",    "Zm9v ",
										  " Zm9v", "Zm\n9v", "Zh",   "Zm9",   "Zg.",  "\xc3\xa9"};

	for (size_t i = 0; i < LENGTH_OF(refused); i++)
	{
		Buffer out = BUFFER_EMPTY;

		buffer_append_text(&out, "before");
		if (base64url_decode(&out, slice_of_text(refused[i])))
			fail_msg("accepted: %s", refused[i]);
		assert_buffer_text(&out, "before");
		buffer_free(&out);
	}
}

static void
test_every_byte_survives(void **state)
{
	Buffer bytes = BUFFER_EMPTY;
	Buffer text = BUFFER_EMPTY;
	Buffer back = BUFFER_EMPTY;

	for (int i = 0; i < 256; i++)
		buffer_append_char(&bytes, (char) i);
	base64url_encode(&text, buffer_slice(&bytes));
	assert_true(base64url_decode(&back, buffer_slice(&text)));
	assert_int_equal(back.length, 256);
	assert_memory_equal(back.bytes, bytes.bytes, 256);
	buffer_free(&bytes);
	buffer_free(&text);
	buffer_free(&back);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc_4648_without_padding),
		cmocka_unit_test(test_anything_else_is_refused),
		cmocka_unit_test(test_every_byte_survives),
	};

	return RUN_TESTS(tests);
}
