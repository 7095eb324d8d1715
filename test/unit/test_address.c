/*
 * test_address.c - addresses as keys of limits.
 */
#include "unit_support.h"

#include "auth/address.h"

static bool
same(const char *left, const char *right)
{
	AddressKey a;
	AddressKey b;

	assert_true(address_key(slice_of_text(left), &a));
	assert_true(address_key(slice_of_text(right), &b));
	return memcmp(&a, &b, sizeof(a)) == 0;
}

static void
forms_of_one_address(void **state)
{
	assert_true(same("192.0.2.1", "192.0.2.1:4711"));
	assert_true(same("192.0.2.1", "::ffff:192.0.2.1"));
	assert_true(same("2001:db8::1", "[2001:db8::1]:4711"));
	assert_true(same("2001:db8::1", "2001:0DB8:0:0:0:0:0:1"));
	assert_true(same("fe80::1", "fe80::1%eth0"));
	assert_false(same("192.0.2.1", "192.0.2.2"));
}

static void
a_v6_customer_is_a_64(void **state)
{
	assert_true(same("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"));
	assert_false(same("2001:db8:1:2::1", "2001:db8:1:3::1"));
}

static void
what_is_no_address(void **state)
{
	static const char *const texts[] = {"", "unknown", "_hidden", "192.0.2", "192.0.2.1.5", "[::1", "::g", "1:2", "[]"};
	char longest[200];
	AddressKey key;

	for (size_t i = 0; i < LENGTH_OF(texts); i++)
		assert_false(address_key(slice_of_text(texts[i]), &key));
	memset(longest, '1', sizeof(longest));
	assert_false(address_key(slice_of(longest, sizeof(longest)), &key));
}

static void
the_last_one_forwarded(void **state)
{
	static const char *const pairs[][2] = {
		{"192.0.2.1", "192.0.2.1"},
		{"10.0.0.1, 192.0.2.1", "192.0.2.1"},
		{"evil,192.0.2.1 \r\n", "192.0.2.1"},
		{"192.0.2.1,", ""},
		{"", ""},
		{" , ", ""},
		{"a, [2001:db8::1]:5", "[2001:db8::1]:5"},
	};

	for (size_t i = 0; i < LENGTH_OF(pairs); i++)
		assert_true(slice_equals_text(address_last_forwarded(slice_of_text(pairs[i][0])), pairs[i][1]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms_of_one_address),
		cmocka_unit_test(a_v6_customer_is_a_64),
		cmocka_unit_test(what_is_no_address),
		cmocka_unit_test(the_last_one_forwarded),
	};

	return RUN_TESTS(tests);
}
