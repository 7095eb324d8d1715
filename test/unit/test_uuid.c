/* test_uuid.c - base/uuid and base/entropy. */
#include "unit_support.h"

#include "base/entropy.h"
#include "base/uuid.h"

static const char canonical[] = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";

static void
test_parse_and_format_round_trip(void **state)
{
	Uuid uuid;
	char text[UUID_TEXT_SIZE];

	assert_true(uuid_parse(canonical, strlen(canonical), &uuid));
	assert_int_equal(uuid.bytes[0], 0x0f);
	assert_int_equal(uuid.bytes[15], 0xf0);
	assert_string_equal(uuid_format(&uuid, text), canonical);
}

static void
test_upper_case_is_read_and_lower_case_written(void **state)
{
	Uuid uuid;
	char text[UUID_TEXT_SIZE];

	assert_true(uuid_parse("0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0", UUID_TEXT_LENGTH, &uuid));
	assert_string_equal(uuid_format(&uuid, text), canonical);
}

static void
test_other_forms_are_refused(void **state)
{
	static const char *const refused[] = {
		"",
		"0f1e2d3c4b5a69788796a5b4c3d2e1f0",
		"{0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0}",
		"0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f",
		"0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f00",
		"0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1fg",
		"0f1e2d3c_4b5a_6978_8796_a5b4c3d2e1f0",
		"0f1e2d3-c4b5a-6978-8796-a5b4c3d2e1f0",
		"-f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
		" f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
		"0x1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
	};

	for (size_t i = 0; i < LENGTH_OF(refused); i++)
	{
		Uuid uuid = {{7}};

		if (uuid_parse(refused[i], strlen(refused[i]), &uuid))
			fail_msg("accepted: %s", refused[i]);
		assert_int_equal(uuid.bytes[0], 7);
	}
}

static void
test_random_ones_are_version_4_and_differ(void **state)
{
	Uuid one;
	Uuid other;

	for (int i = 0; i < 100; i++)
	{
		uuid_random(&one);
		uuid_random(&other);
		assert_int_equal(one.bytes[6] >> 4, 4);
		assert_int_equal(one.bytes[8] >> 6, 2);
		assert_false(uuid_equals(&one, &other));
	}
}

static void
test_entropy_below_covers_its_range(void **state)
{
	bool seen[5] = {false};

	assert_int_equal(entropy_below(0), 0);
	assert_int_equal(entropy_below(1), 0);
	for (int i = 0; i < 2000; i++)
	{
		uint64_t number = entropy_below(5);

		assert_true(number < 5);
		seen[number] = true;
	}
	for (int i = 0; i < 5; i++)
		assert_true(seen[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse_and_format_round_trip),
		cmocka_unit_test(test_upper_case_is_read_and_lower_case_written),
		cmocka_unit_test(test_other_forms_are_refused),
		cmocka_unit_test(test_random_ones_are_version_4_and_differ),
		cmocka_unit_test(test_entropy_below_covers_its_range),
	};

	return RUN_TESTS(tests);
}
