/*
 * test_json_scan.c - members found in raw JSON; what is cut off or malformed ends the walk and reads nothing beyond.
 */
#include "unit_support.h"

#include "base/compiler.h"
#include "base/json_scan.h"
#include "base/memory.h"

static void
assert_slice(Slice slice, const char *text)
{
	if (!slice_equals_text(slice, text))
		fail_msg("\"%.*s\" is not \"%s\"", (int) slice.length, slice.bytes, text);
}

static void
test_members_in_their_order(void **state)
{
	static const char *const expected[][2] = {
		{"a", "1"}, {"b", "\"}]\\\"\""}, {"c\\u0064", "{\"x\": [1, {}]}"}, {"", "[]"}, {"e", "null"}};
	Slice text = SLICE(" { \"a\":1,\"b\" : \"}]\\\"\" ,\n\"c\\u0064\":{\"x\": [1, {}]},\"\":[],\"e\":null } ");
	JsonScan scan;
	Slice name;
	Slice value;

	assert_true(json_scan_open(&scan, text, '{'));
	for (size_t i = 0; i < LENGTH_OF(expected); i++)
	{
		assert_true(json_scan_member(&scan, &name, &value));
		assert_slice(name, expected[i][0]);
		assert_slice(value, expected[i][1]);
	}
	assert_false(json_scan_member(&scan, &name, &value));
	assert_false(json_scan_open(&scan, text, '['));
}

static void
test_elements_of_an_array(void **state)
{
	static const char *const expected[] = {"1", "\"a,b\"", "{\"c\":[2]}", "[[]]", "false"};
	JsonScan scan;
	Slice value;

	assert_true(json_scan_open(&scan, SLICE("[1 , \"a,b\",{\"c\":[2]},[[]],false]"), '['));
	for (size_t i = 0; i < LENGTH_OF(expected); i++)
	{
		assert_true(json_scan_value(&scan, &value));
		assert_slice(value, expected[i]);
	}
	assert_false(json_scan_value(&scan, &value));
	assert_true(json_scan_open(&scan, SLICE("[ ]"), '['));
	assert_false(json_scan_value(&scan, &value));
}

static void
test_the_rest_is_the_last_value(void **state)
{
	JsonScan scan;
	Slice name;
	Slice value;

	assert_true(json_scan_open(&scan, SLICE("{\"type\":\"X\", \"payload\" : {\"a\": [1]} } \n"), '{'));
	assert_true(json_scan_member(&scan, &name, &value));
	assert_true(json_scan_name(&scan, &name));
	assert_slice(name, "payload");
	assert_slice(json_scan_rest(&scan), "{\"a\": [1]}");
	assert_true(json_scan_open(&scan, SLICE("{"), '{'));
	assert_int_equal(json_scan_rest(&scan).length, 0);
}

static void
test_find_takes_the_last_one(void **state)
{
	Slice text = SLICE("{\"a\":1,\"b\":{\"a\":9},\"\\u0061\":2}");

	assert_slice(json_scan_find(text, "a"), "2");
	assert_slice(json_scan_find(text, "b"), "{\"a\":9}");
	assert_int_equal(json_scan_find(text, "c").length, 0);
	assert_int_equal(json_scan_find(SLICE("[1]"), "a").length, 0);
	assert_int_equal(json_scan_find((Slice){0}, "a").length, 0);
}

static void
test_escapes(void **state)
{
	char copy[8];

	assert_true(json_scan_says(SLICE("type"), "type"));
	assert_true(json_scan_says(SLICE("t\\u0079p\\u0065"), "type"));
	assert_true(json_scan_says(SLICE("a\\/\\\\\\\""), "a/\\\""));
	assert_false(json_scan_says(SLICE("types"), "type"));
	assert_false(json_scan_says(SLICE("typ"), "type"));
	assert_false(json_scan_says(SLICE("typ\\u20ac"), "type"));
	assert_false(json_scan_says(SLICE("typ\\u00"), "type"));
	assert_false(json_scan_says(SLICE("typ\\u00zz"), "type"));
	assert_false(json_scan_says(SLICE("typ\\"), "type"));
	assert_true(json_scan_copy(SLICE("a\\u002eb"), copy, sizeof(copy)));
	assert_string_equal(copy, "a.b");
	assert_true(json_scan_copy(SLICE("1234567"), copy, sizeof(copy)));
	assert_false(json_scan_copy(SLICE("12345678"), copy, sizeof(copy)));
	assert_false(json_scan_copy(SLICE("\\n"), copy, sizeof(copy)));
	assert_false(json_scan_copy(SLICE("\\u0000"), copy, sizeof(copy)));
}

static void
test_string_values(void **state)
{
	Slice raw;

	assert_true(json_scan_string(SLICE("\"ab\""), &raw));
	assert_slice(raw, "ab");
	assert_true(json_scan_string(SLICE("\"\""), &raw));
	assert_int_equal(raw.length, 0);
	assert_false(json_scan_string(SLICE("12"), &raw));
	assert_false(json_scan_string(SLICE("\""), &raw));
	assert_false(json_scan_string((Slice){0}, &raw));
}

/* Every beginning of a document, each in memory of exactly its length: the sanitizer sees a byte read beyond. */
static void
test_what_is_cut_off_ends_the_walk(void **state)
{
	static const char text[] = "{\"a\\\"\":[1,{\"b\":\"\\u0041\"}],\"c\":{\"d\":null},\"e\":true , \"f\" : -1.5e3}";

	for (size_t length = 0; length <= sizeof(text) - 1; length++)
	{
		char *bytes = memory_copy_bytes(text, length);
		char *exact = memory_alloc(length + 1);
		JsonScan scan;
		Slice name;
		Slice value;

		memcpy(exact + 1, bytes, length);
		if (json_scan_open(&scan, slice_of(exact + 1, length), '{'))
		{
			while (json_scan_member(&scan, &name, &value))
				assert_true(value.bytes + value.length <= exact + 1 + length);
			assert_true(scan.at <= exact + 1 + length);
		}
		assert_true(json_scan_find(slice_of(exact + 1, length), "f").length <= 6);
		free(exact);
		free(bytes);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members_in_their_order),
		cmocka_unit_test(test_elements_of_an_array),
		cmocka_unit_test(test_the_rest_is_the_last_value),
		cmocka_unit_test(test_find_takes_the_last_one),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_string_values),
		cmocka_unit_test(test_what_is_cut_off_ends_the_walk),
	};

	return RUN_TESTS(tests);
}
