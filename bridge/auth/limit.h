/*
 * limit.h - how often a user, an address or a connection may do something.
 *
 * Token buckets in the form of GCRA: the whole state of a bucket is one number, the time at which it
 * is full again, so it can be changed by one compare-and-swap. A bucket that is full needs no entry:
 *
 *     tat ≤ now            full: nothing is known about the key, and nothing need be
 *     tat - now ≤ burst    may take
 *     tat - now > burst    refused; retry after tat - now - burst
 *
 * Buckets of users and addresses stand in one table of fixed size, in memory that processes forked
 * after limit_open share: the count is that of the bridge, over all its workers, not across bridges.
 * Places are found by SipHash under a random key; among the few places of a key the one that has
 * been full for longest, or else will be full soonest, makes room. Under a flood of keys the limits
 * become slack, never stricter, and no memory is used.
 *
 * Owns the table. Called by conn/ and door/.
 */
#ifndef COLLAB_AUTH_LIMIT_H
#define COLLAB_AUTH_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "base/slice.h"
#include "core/config.h"

typedef enum LimitKind
{
#define LIMIT(ID, name, key, has_grace) LIMIT_##ID,
#include "auth/limit.def"
#undef LIMIT
	LIMIT_COUNT
} LimitKind;

/* A bucket of its owner's own; zero is a full one. */
typedef struct LimitBucket
{
	int64_t full_us; /* when it is full again */
} LimitBucket;

/* The options are read from *config at each call: it may be changed. `now_ms` is monotonic, as everywhere here. */
bool limit_open(const Config *config, int64_t now_ms, Buffer *problem) MUST_CHECK;
void limit_close(void);

/*
 * Takes one from the bucket of that key. False: none was left, counted; the next one is there after
 * *retry_after_ms (at least 1; may be NULL).
 */
bool limit_take(LimitKind kind, Slice key, int64_t now_ms, int64_t *retry_after_ms) MUST_CHECK;

/* The same for a kind whose key is CONNECTION. */
bool limit_take_own(LimitKind kind, LimitBucket *bucket, int64_t now_ms, int64_t *retry_after_ms) MUST_CHECK;

static inline Slice
limit_user_key(const int64_t *user_id)
{
	return slice_of((const char *) user_id, sizeof(*user_id));
}

#endif
