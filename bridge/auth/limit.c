/*
 * limit.c - how often a user, an address or a connection may do something: the table of buckets.
 *
 * Owns the shared table. Each kind has its own part of it, so that a flood of addresses does not
 * push users out. Processes change a bucket by compare-and-swap only; what two of them do to one
 * place at the same moment costs at most one token.
 */
#include "auth/limit.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "base/entropy.h"
#include "base/siphash.h"
#include "core/metrics.h"

/* Of each kind: 512 kB, touched as they are used. */
#define LIMIT_SETS 4096
#define LIMIT_WAYS 8
#define LIMIT_MINUTE_US INT64_C(60000000)

typedef struct LimitPlace
{
	_Atomic uint64_t key; /* the hash; 0: never used */
	_Atomic int64_t full_us;
} LimitPlace;

typedef struct LimitSet
{
	LimitPlace places[LIMIT_WAYS];
} LimitSet;

typedef struct LimitTable
{
	uint8_t hash_key[16];
	int64_t start_ms;
	LimitSet sets[LIMIT_COUNT][LIMIT_SETS];
} LimitTable;

static struct
{
	const Config *config;
	LimitTable *table;
} limits;

static const Metric limit_metrics[LIMIT_COUNT] = {
#define LIMIT(ID, name, key, has_grace) METRIC_RATE_LIMITED_##ID,
#include "auth/limit.def"
#undef LIMIT
};

typedef struct LimitRule
{
	int64_t rate; /* a minute */
	int64_t burst;
	bool has_grace;
} LimitRule;

static LimitRule
limit_rule(LimitKind kind)
{
	switch (kind)
	{
#define LIMIT(ID, name, key, grace)                                                                                    \
	case LIMIT_##ID:                                                                                                   \
		return (LimitRule){limits.config->name##_rate, limits.config->name##_burst, grace};
#include "auth/limit.def"
#undef LIMIT
		case LIMIT_COUNT:
			break;
	}
	return (LimitRule){0};
}

static bool
limit_counts(const LimitRule *rule, int64_t now_ms)
{
	return rule->rate > 0 && !(rule->has_grace && now_ms - limits.table->start_ms < limits.config->connection_grace);
}

/* The bucket that is full at `full_us`, with one taken. False: none is there, *retry_after_ms says when. */
static bool
limit_spend(const LimitRule *rule, int64_t *full_us, int64_t now_us, int64_t *retry_after_ms)
{
	int64_t step = LIMIT_MINUTE_US / rule->rate;
	int64_t taken = *full_us > now_us ? *full_us - now_us : 0;
	int64_t over = taken + step - rule->burst * step;

	if (over > 0)
	{
		*retry_after_ms = (over + 999) / 1000;
		return false;
	}
	*full_us = now_us + taken + step;
	return true;
}

static bool
limit_answer(LimitKind kind, bool is_taken, int64_t retry_ms, int64_t *retry_after_ms)
{
	if (is_taken)
		return true;
	metrics_add(limit_metrics[kind], 1);
	if (retry_after_ms != NULL)
		*retry_after_ms = retry_ms;
	return false;
}

/* The key's place, or the one that is to become its own: full for longest, or full soonest. */
static LimitPlace *
limit_find(LimitSet *set, uint64_t key)
{
	LimitPlace *oldest = &set->places[0];

	for (size_t i = 0; i < LIMIT_WAYS; i++)
	{
		LimitPlace *place = &set->places[i];

		if (atomic_load_explicit(&place->key, memory_order_relaxed) == key)
			return place;
		if (atomic_load_explicit(&place->full_us, memory_order_relaxed) <
			atomic_load_explicit(&oldest->full_us, memory_order_relaxed))
			oldest = place;
	}
	return oldest;
}

static bool
limit_take_shared(const LimitRule *rule, LimitSet *set, uint64_t key, int64_t now_us, int64_t *retry_ms)
{
	for (;;)
	{
		LimitPlace *place = limit_find(set, key);
		bool is_own = atomic_load(&place->key) == key;
		int64_t before = atomic_load(&place->full_us);
		int64_t after = is_own ? before : 0;

		if (!limit_spend(rule, &after, now_us, retry_ms))
			return false;
		if (!atomic_compare_exchange_strong(&place->full_us, &before, after))
			continue; /* another process was faster */
		atomic_store(&place->key, key);
		return true;
	}
}

bool
limit_take(LimitKind kind, Slice key, int64_t now_ms, int64_t *retry_after_ms)
{
	LimitRule rule = limit_rule(kind);
	int64_t retry_ms = 0;
	uint64_t hash;
	bool is_taken;

	if (!limit_counts(&rule, now_ms))
		return true;
	hash = siphash(limits.table->hash_key, key.bytes, key.length) | 1;
	is_taken = limit_take_shared(&rule, &limits.table->sets[kind][hash >> 32 & (LIMIT_SETS - 1)], hash, now_ms * 1000,
								 &retry_ms);
	return limit_answer(kind, is_taken, retry_ms, retry_after_ms);
}

bool
limit_take_own(LimitKind kind, LimitBucket *bucket, int64_t now_ms, int64_t *retry_after_ms)
{
	LimitRule rule = limit_rule(kind);
	int64_t retry_ms = 0;
	bool is_taken;

	if (!limit_counts(&rule, now_ms))
		return true;
	is_taken = limit_spend(&rule, &bucket->full_us, now_ms * 1000, &retry_ms);
	return limit_answer(kind, is_taken, retry_ms, retry_after_ms);
}

bool
limit_open(const Config *config, int64_t now_ms, Buffer *problem)
{
	void *memory = mmap(NULL, sizeof(LimitTable), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
	{
		buffer_append_format(problem, "no memory for the table of limits: %s", strerror(errno));
		return false;
	}
	limits.config = config;
	limits.table = memory;
	limits.table->start_ms = now_ms;
	entropy_fill(limits.table->hash_key, sizeof(limits.table->hash_key));
	return true;
}

void
limit_close(void)
{
	if (limits.table != NULL)
		(void) munmap(limits.table, sizeof(*limits.table));
	limits.table = NULL;
}
