/*
 * hashmap.c - a map from bytes to pointers.
 *
 * Chained buckets; every entry is also in one list in the order of insertion, which is what visiting walks.
 * Owns the entries and their copies of the keys, not the values.  Called by rooms, sessions and tables of
 * things looked up by id.
 */
#include "base/hashmap.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/entropy.h"
#include "base/list.h"
#include "base/memory.h"
#include "base/siphash.h"

#define HASHMAP_FIRST_BUCKETS 8

typedef struct HashMapEntry
{
	struct HashMapEntry *chain; /* next in the bucket */
	ListLink order;
	uint64_t hash;
	void *value;
	size_t key_length;
	char key[];
} HashMapEntry;

struct HashMap
{
	HashMapEntry **buckets;
	size_t bucket_count; /* a power of two */
	size_t count;
	List order;
};

uint64_t
hashmap_hash(Slice key)
{
	static uint8_t secret[16];
	static bool secret_is_drawn = false;

	if (!secret_is_drawn)
	{
		entropy_fill(secret, sizeof(secret));
		secret_is_drawn = true;
	}
	return siphash(secret, key.bytes, key.length);
}

HashMap *
hashmap_new(void)
{
	HashMap *map = memory_alloc(sizeof(*map));

	map->bucket_count = HASHMAP_FIRST_BUCKETS;
	map->buckets = memory_alloc(map->bucket_count * sizeof(*map->buckets));
	list_init(&map->order);
	return map;
}

void
hashmap_free(HashMap *map)
{
	if (map == NULL)
		return;
	LIST_FOR_EACH (&map->order, HashMapEntry, order, entry)
	{
		free(entry);
	}
	free(map->buckets);
	free(map);
}

size_t
hashmap_count(const HashMap *map)
{
	return map->count;
}

/* The place that points to the entry, or to the NULL where it would be. */
static HashMapEntry **
hashmap_place(const HashMap *map, Slice key, uint64_t hash)
{
	HashMapEntry **place = &map->buckets[hash & (map->bucket_count - 1)];

	for (; *place; place = &(*place)->chain)
		if ((*place)->hash == hash && (*place)->key_length == key.length &&
			(key.length == 0 || memcmp((*place)->key, key.bytes, key.length) == 0))
			break;
	return place;
}

void *
hashmap_get(const HashMap *map, Slice key)
{
	HashMapEntry *entry = *hashmap_place(map, key, hashmap_hash(key));

	return entry ? entry->value : NULL;
}

static void
hashmap_grow(HashMap *map)
{
	free(map->buckets);
	map->bucket_count *= 2;
	map->buckets = memory_alloc(map->bucket_count * sizeof(*map->buckets));
	LIST_FOR_EACH (&map->order, HashMapEntry, order, entry)
	{
		HashMapEntry **bucket = &map->buckets[entry->hash & (map->bucket_count - 1)];

		entry->chain = *bucket;
		*bucket = entry;
	}
}

void *
hashmap_put(HashMap *map, Slice key, void *value)
{
	uint64_t hash = hashmap_hash(key);
	HashMapEntry **place = hashmap_place(map, key, hash);
	HashMapEntry *entry = *place;

	assert(value != NULL);
	if (entry)
	{
		void *before = entry->value;

		entry->value = value;
		return before;
	}
	entry = memory_alloc(sizeof(*entry) + key.length);
	entry->hash = hash;
	entry->value = value;
	entry->key_length = key.length;
	if (key.length > 0)
		memcpy(entry->key, key.bytes, key.length);
	*place = entry;
	list_append(&map->order, &entry->order);
	if (++map->count > map->bucket_count)
		hashmap_grow(map);
	return NULL;
}

void *
hashmap_remove(HashMap *map, Slice key)
{
	HashMapEntry **place = hashmap_place(map, key, hashmap_hash(key));
	HashMapEntry *entry = *place;
	void *value;

	if (entry == NULL)
		return NULL;
	value = entry->value;
	*place = entry->chain;
	list_remove(&entry->order);
	map->count--;
	free(entry);
	return value;
}

void *
hashmap_visit(const HashMap *map, HashMapVisit *visit, Slice *key)
{
	ListLink *link = visit->started ? visit->upcoming : map->order.ends.next;
	HashMapEntry *entry;

	if (link == &map->order.ends)
		return NULL;
	entry = CONTAINER_OF(link, HashMapEntry, order);
	visit->started = true;
	visit->upcoming = link->next;
	if (key)
		*key = slice_of(entry->key, entry->key_length);
	return entry->value;
}
