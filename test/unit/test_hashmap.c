/* test_hashmap.c - base/hashmap, and the reference outputs of SipHash-2-4. */
#include "unit_support.h"

#include "base/hashmap.h"
#include "base/siphash.h"

static Slice
number_key(char text[16], int number)
{
	return slice_of(text, (size_t) snprintf(text, 16, "key %d", number));
}

/* vectors_sip64 of the reference implementation: key 00…0f, input 00, 01, 02, … of growing length. */
static void
test_siphash_reference(void **state)
{
	static const uint8_t expected[][8] = {
		{0x31, 0x0e, 0x0e, 0xdd, 0x47, 0xdb, 0x6f, 0x72}, {0xfd, 0x67, 0xdc, 0x93, 0xc5, 0x39, 0xf8, 0x74},
		{0x5a, 0x4f, 0xa9, 0xd9, 0x09, 0x80, 0x6c, 0x0d}, {0x2d, 0x7e, 0xfb, 0xd7, 0x96, 0x66, 0x67, 0x85},
		{0xb7, 0x87, 0x71, 0x27, 0xe0, 0x94, 0x27, 0xcf}, {0x8d, 0xa6, 0x99, 0xcd, 0x64, 0x55, 0x76, 0x18},
		{0xce, 0xe3, 0xfe, 0x58, 0x6e, 0x46, 0xc9, 0xcb}, {0x37, 0xd1, 0x01, 0x8b, 0xf5, 0x00, 0x02, 0xab},
		{0x62, 0x24, 0x93, 0x9a, 0x79, 0xf5, 0xf5, 0x93}, {0xb0, 0xe4, 0xa9, 0x0b, 0xdf, 0x82, 0x00, 0x9e},
	};
	uint8_t key[16];
	uint8_t input[16];

	for (uint8_t i = 0; i < 16; i++)
		key[i] = input[i] = i;
	for (size_t length = 0; length < LENGTH_OF(expected); length++)
	{
		uint64_t hash = siphash(key, input, length);

		for (int i = 0; i < 8; i++)
			assert_int_equal((uint8_t) (hash >> (8 * i)), expected[length][i]);
	}
}

/* The example of the paper's appendix A. */
static void
test_siphash_of_the_paper(void **state)
{
	uint8_t key[16];
	uint8_t input[15];

	for (uint8_t i = 0; i < 16; i++)
		key[i] = i;
	for (uint8_t i = 0; i < 15; i++)
		input[i] = i;
	assert_true(siphash(key, input, sizeof(input)) == UINT64_C(0xa129ca6149be45e5));
}

static void
test_put_get_remove(void **state)
{
	HashMap *map = hashmap_new();
	int one = 1;
	int two = 2;

	assert_null(hashmap_get(map, SLICE("a")));
	assert_null(hashmap_put(map, SLICE("a"), &one));
	assert_ptr_equal(hashmap_put(map, SLICE("a"), &two), &one);
	assert_int_equal(hashmap_count(map), 1);
	assert_ptr_equal(hashmap_get(map, SLICE("a")), &two);
	assert_ptr_equal(hashmap_remove(map, SLICE("a")), &two);
	assert_null(hashmap_remove(map, SLICE("a")));
	assert_int_equal(hashmap_count(map), 0);
	hashmap_free(map);
}

static void
test_keys_are_bytes(void **state)
{
	HashMap *map = hashmap_new();
	int values[4];
	Uuid uuid = {{1, 0, 2, 0}};

	hashmap_put(map, SLICE(""), &values[0]);
	hashmap_put(map, SLICE("a\0b"), &values[1]);
	hashmap_put(map, SLICE("a\0c"), &values[2]);
	hashmap_put(map, hashmap_uuid_key(&uuid), &values[3]);
	assert_ptr_equal(hashmap_get(map, SLICE("")), &values[0]);
	assert_ptr_equal(hashmap_get(map, SLICE("a\0b")), &values[1]);
	assert_ptr_equal(hashmap_get(map, SLICE("a\0c")), &values[2]);
	assert_null(hashmap_get(map, SLICE("a")));
	assert_ptr_equal(hashmap_get(map, hashmap_uuid_key(&uuid)), &values[3]);
	hashmap_free(map);
}

static void
test_key_is_copied(void **state)
{
	HashMap *map = hashmap_new();
	char key[] = "mutable";
	int value;

	hashmap_put(map, slice_of_text(key), &value);
	key[0] = 'X';
	assert_ptr_equal(hashmap_get(map, SLICE("mutable")), &value);
	hashmap_free(map);
}

static void
test_many_keys_survive_growth(void **state)
{
	HashMap *map = hashmap_new();
	static int values[5000];
	char text[16];

	for (int i = 0; i < 5000; i++)
		assert_null(hashmap_put(map, number_key(text, i), &values[i]));
	for (int i = 0; i < 5000; i += 2)
		assert_ptr_equal(hashmap_remove(map, number_key(text, i)), &values[i]);
	assert_int_equal(hashmap_count(map), 2500);
	for (int i = 0; i < 5000; i++)
		assert_ptr_equal(hashmap_get(map, number_key(text, i)), i % 2 ? &values[i] : NULL);
	hashmap_free(map);
}

static void
test_visit_in_order_and_remove_the_visited(void **state)
{
	HashMap *map = hashmap_new();
	HashMapVisit visit = HASHMAP_START;
	int values[20];
	char text[16];
	Slice key;
	int at = 0;
	int *value;

	for (int i = 0; i < 20; i++)
		hashmap_put(map, number_key(text, i), &values[i]);
	while ((value = hashmap_visit(map, &visit, &key)) != NULL)
	{
		Slice expected = number_key(text, at);

		assert_ptr_equal(value, &values[at]);
		assert_int_equal(key.length, expected.length);
		assert_memory_equal(key.bytes, expected.bytes, key.length);
		if (at++ % 3 == 0)
			assert_non_null(hashmap_remove(map, expected));
	}
	assert_int_equal(at, 20);
	assert_int_equal(hashmap_count(map), 13);
	assert_null(hashmap_visit(map, &visit, NULL));
	hashmap_free(map);
}

static void
test_visit_of_an_empty_map(void **state)
{
	HashMap *map = hashmap_new();
	HashMapVisit visit = HASHMAP_START;

	assert_null(hashmap_visit(map, &visit, NULL));
	hashmap_free(map);
	hashmap_free(NULL);
}

static void
test_hash_is_stable_within_the_process(void **state)
{
	assert_true(hashmap_hash(SLICE("board")) == hashmap_hash(SLICE("board")));
	assert_false(hashmap_hash(SLICE("board")) == hashmap_hash(SLICE("boarD")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_siphash_reference),
		cmocka_unit_test(test_siphash_of_the_paper),
		cmocka_unit_test(test_put_get_remove),
		cmocka_unit_test(test_keys_are_bytes),
		cmocka_unit_test(test_key_is_copied),
		cmocka_unit_test(test_many_keys_survive_growth),
		cmocka_unit_test(test_visit_in_order_and_remove_the_visited),
		cmocka_unit_test(test_visit_of_an_empty_map),
		cmocka_unit_test(test_hash_is_stable_within_the_process),
	};

	return RUN_TESTS(tests);
}
