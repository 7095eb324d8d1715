/* test_list.c - the intrusive list of base/list.h. */
#include "unit_support.h"

#include "base/list.h"

typedef struct Item
{
	int number;
	ListLink link;
} Item;

static void
fill(List *list, Item *items, int count)
{
	list_init(list);
	for (int i = 0; i < count; i++)
	{
		items[i] = (Item){.number = i};
		list_append(list, &items[i].link);
	}
}

static void
assert_numbers(const List *list, const char *expected)
{
	Buffer numbers = BUFFER_EMPTY;

	LIST_FOR_EACH (list, Item, link, item)
	{
		buffer_append_integer(&numbers, item->number);
	}
	assert_buffer_text(&numbers, expected);
	buffer_free(&numbers);
}

static void
test_order_of_insertion(void **state)
{
	List list;
	Item items[4];
	Item front = {.number = 9};

	fill(&list, items, 4);
	list_prepend(&list, &front.link);
	assert_numbers(&list, "90123");
	assert_ptr_equal(list_first(&list), &front.link);
	assert_ptr_equal(list_next(&list, &front.link), &items[0].link);
	assert_null(list_next(&list, &items[3].link));
}

static void
test_remove_is_harmless_twice(void **state)
{
	List list;
	Item items[3];

	fill(&list, items, 3);
	list_remove(&items[1].link);
	assert_false(list_link_is_listed(&items[1].link));
	list_remove(&items[1].link);
	assert_numbers(&list, "02");
}

static void
test_body_may_remove_its_item(void **state)
{
	List list;
	Item items[5];

	fill(&list, items, 5);
	LIST_FOR_EACH (&list, Item, link, item)
	{
		if (item->number % 2 == 0)
			list_remove(&item->link);
	}
	assert_numbers(&list, "13");
}

static void
test_break_leaves_the_loop(void **state)
{
	List list;
	Item items[5];
	int seen = 0;

	fill(&list, items, 5);
	LIST_FOR_EACH (&list, Item, link, item)
	{
		seen++;
		if (item->number == 1)
			break;
	}
	assert_int_equal(seen, 2);
}

static void
test_take_first_until_empty(void **state)
{
	List list;
	Item items[2];

	fill(&list, items, 2);
	assert_ptr_equal(list_take_first(&list), &items[0].link);
	assert_ptr_equal(list_take_first(&list), &items[1].link);
	assert_null(list_take_first(&list));
	assert_true(list_is_empty(&list));
}

static void
test_move_all_keeps_order(void **state)
{
	List from;
	List to;
	Item items[4];
	Item others[2];

	fill(&to, others, 2);
	fill(&from, items, 4);
	list_move_all(&to, &from);
	assert_numbers(&to, "010123");
	assert_true(list_is_empty(&from));
	list_move_all(&to, &from);
	assert_numbers(&to, "010123");
	list_remove(&items[3].link);
	assert_numbers(&to, "01012");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_of_insertion),       cmocka_unit_test(test_remove_is_harmless_twice),
		cmocka_unit_test(test_body_may_remove_its_item), cmocka_unit_test(test_break_leaves_the_loop),
		cmocka_unit_test(test_take_first_until_empty),   cmocka_unit_test(test_move_all_keeps_order),
	};

	return RUN_TESTS(tests);
}
