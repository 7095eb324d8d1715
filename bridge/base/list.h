/*
 * list.h - a doubly linked list whose links live inside the things listed.
 *
 * The list owns nothing.  A ListLink is in at most one list; list_link_init() makes one that is in none, and
 * a zeroed link counts as being in none too.
 */
#ifndef COLLAB_BASE_LIST_H
#define COLLAB_BASE_LIST_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

typedef struct ListLink
{
	struct ListLink *previous;
	struct ListLink *next;
} ListLink;

typedef struct List
{
	ListLink ends; /* ends.next is the first, ends.previous the last */
} List;

static inline void
list_init(List *list)
{
	list->ends.next = list->ends.previous = &list->ends;
}

static inline void
list_link_init(ListLink *link)
{
	link->next = link->previous = NULL;
}

static inline bool
list_link_is_listed(const ListLink *link)
{
	return link->next != NULL;
}

static inline bool
list_is_empty(const List *list)
{
	return list->ends.next == &list->ends;
}

static inline void
list_insert_before(ListLink *position, ListLink *link)
{
	assert(!list_link_is_listed(link));
	link->next = position;
	link->previous = position->previous;
	position->previous->next = link;
	position->previous = link;
}

static inline void
list_append(List *list, ListLink *link)
{
	list_insert_before(&list->ends, link);
}

static inline void
list_prepend(List *list, ListLink *link)
{
	list_insert_before(list->ends.next, link);
}

/* Does nothing to a link that is in no list. */
static inline void
list_remove(ListLink *link)
{
	if (!list_link_is_listed(link))
		return;
	link->previous->next = link->next;
	link->next->previous = link->previous;
	list_link_init(link);
}

/* NULL when empty. */
static inline ListLink *
list_first(const List *list)
{
	return list_is_empty(list) ? NULL : list->ends.next;
}

/* NULL when empty. */
static inline ListLink *
list_last(const List *list)
{
	return list_is_empty(list) ? NULL : list->ends.previous;
}

/* NULL after the last. */
static inline ListLink *
list_next(const List *list, const ListLink *link)
{
	return link->next == &list->ends ? NULL : link->next;
}

/* Takes the first one out; NULL when empty. */
static inline ListLink *
list_take_first(List *list)
{
	ListLink *link = list_first(list);

	if (link)
		list_remove(link);
	return link;
}

/* Moves all of `from` to the end of `to`; `from` is empty afterwards. */
static inline void
list_move_all(List *to, List *from)
{
	if (list_is_empty(from))
		return;
	from->ends.next->previous = to->ends.previous;
	to->ends.previous->next = from->ends.next;
	from->ends.previous->next = &to->ends;
	to->ends.previous = from->ends.previous;
	list_init(from);
}

/* The body may leave the loop, and remove and free `item`, but no other item of the list. */
#define LIST_FOR_EACH(list, Type, member, item)                                                                        \
	for (Type *item = CONTAINER_OF((list)->ends.next, Type, member),                                                   \
			  *item##_after = CONTAINER_OF(item->member.next, Type, member);                                           \
		 &item->member != &(list)->ends;                                                                               \
		 item = item##_after, item##_after = CONTAINER_OF(item->member.next, Type, member))

#endif
