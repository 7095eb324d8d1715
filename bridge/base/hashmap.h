/*
 * hashmap.h - a map from bytes, text or uuids to pointers.
 *
 * Keys are copied in, values are the caller's.  Hashing is SipHash-2-4 under a key drawn once per process, so
 * that nobody outside can choose keys that collide.  Visiting goes in the order of insertion.
 */
#ifndef COLLAB_BASE_HASHMAP_H
#define COLLAB_BASE_HASHMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/slice.h"
#include "base/uuid.h"

typedef struct HashMap HashMap;

extern HashMap *hashmap_new(void) MUST_CHECK;
extern void hashmap_free(HashMap *map); /* the values stay the caller's; NULL is fine */
extern size_t hashmap_count(const HashMap *map);

/* NULL when absent. */
extern void *hashmap_get(const HashMap *map, Slice key);

/* Returns the value that was there before, or NULL.  `value` may not be NULL. */
extern void *hashmap_put(HashMap *map, Slice key, void *value);

/* Returns the value taken out, or NULL. */
extern void *hashmap_remove(HashMap *map, Slice key);

static inline Slice
hashmap_uuid_key(const Uuid *uuid)
{
	return (Slice){(const char *) uuid->bytes, sizeof(uuid->bytes)};
}

/*
 * Visiting: start with HASHMAP_START; returns NULL at the end.  The entry visited last may be removed before
 * the next call, no other one; what is put in meanwhile may be visited or not.
 */
typedef struct HashMapVisit
{
	void *upcoming; /* entry to come; private */
	bool started;
} HashMapVisit;

#define HASHMAP_START ((HashMapVisit){0})

extern void *hashmap_visit(const HashMap *map, HashMapVisit *visit, Slice *key); /* key may be NULL */

/* The hash itself, for choosing a shard; the same for equal bytes within one process only. */
extern uint64_t hashmap_hash(Slice key);

#endif
