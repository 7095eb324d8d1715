/*
 * rest_user.c - who asks: from the claims of a token to a user of the database.
 *
 * A request shows its token each time, and each sight of one would be a question to the database. So who a token's holder is is
 * remembered for a moment. Nothing rests on it: whether the user may do something, and is active at all, the database says at
 * each read and command.
 *
 * Owns what is remembered. Called by the rest*.c files and whoever else answers HTTP.
 */
#include <stdlib.h>
#include <string.h>

#include "auth/limit.h"
#include "base/hashmap.h"
#include "base/memory.h"
#include "base/timestamp.h"
#include "door/poll.h"
#include "door/rest.h"

#define USER_REMEMBERED_MS 10000
#define USERS_REMEMBERED_MAX 10000 /* then all are forgotten */

typedef struct KnownUser
{
	int64_t user_id;
	int64_t until_ms; /* monotonic */
} KnownUser;

static HashMap *known_users; /* by claims; the values are ours */

static void
known_key(Buffer *key, const Claims *claims)
{
	const char *parts[] = {claims->issuer, claims->subject, claims->name, claims->picture};

	for (size_t i = 0; i < LENGTH_OF(parts); i++)
	{
		buffer_append_char(key, parts[i] != NULL ? '+' : '-');
		buffer_append(key, parts[i] != NULL ? parts[i] : "", parts[i] != NULL ? strlen(parts[i]) + 1 : 1);
	}
}

static void
known_forget_all(void)
{
	HashMapVisit visit = HASHMAP_START;
	KnownUser *known;

	while (known_users != NULL && (known = hashmap_visit(known_users, &visit, NULL)) != NULL)
		free(known);
	hashmap_free(known_users);
	known_users = NULL;
}

/* 0: not remembered. */
static int64_t
known_find(const Claims *claims)
{
	Buffer key = BUFFER_EMPTY;
	const KnownUser *known;

	if (known_users == NULL)
		return 0;
	known_key(&key, claims);
	known = hashmap_get(known_users, buffer_slice(&key));
	buffer_free(&key);
	return known != NULL && known->until_ms > timestamp_monotonic_ms() ? known->user_id : 0;
}

static void
known_remember(const Claims *claims, int64_t user_id)
{
	Buffer key = BUFFER_EMPTY;
	KnownUser *known = memory_alloc(sizeof(*known));

	if (known_users != NULL && hashmap_count(known_users) >= USERS_REMEMBERED_MAX)
		known_forget_all();
	if (known_users == NULL)
		known_users = hashmap_new();
	*known = (KnownUser){.user_id = user_id, .until_ms = timestamp_monotonic_ms() + USER_REMEMBERED_MS};
	known_key(&key, claims);
	free(hashmap_put(known_users, buffer_slice(&key), known));
	buffer_free(&key);
}

void
rest_close(void)
{
	poll_close();
	known_forget_all();
}

/* ---- the question ---- */

static void
user_refuse(RestUser *user, const PgReadResult *result)
{
	bool is_refused = (result->status == PG_READ_FAILED && strncmp(result->sqlstate, "TB", 2) == 0) ||
					  (result->status == PG_READ_OK && result->row_count == 0);

	if (is_refused)
		http_refuse_text(user->exchange, REFUSAL_UNAUTHENTICATED, "no valid token");
	else
		http_refuse_text(user->exchange, REFUSAL_UNAVAILABLE, "the database is not available");
	user->done(user, 0);
}

/* The rate of requests counts from here on: now it is known whose they are. */
static void
user_take(RestUser *user, int64_t user_id)
{
	Refusal refusal;
	int64_t retry_after_ms;

	if (limit_take(LIMIT_REQUEST, limit_user_key(&user_id), timestamp_monotonic_ms(), &retry_after_ms))
	{
		user->done(user, user_id);
		return;
	}
	refusal_set(&refusal, REFUSAL_RATE_LIMITED, "too many requests");
	refusal.retry_after_ms = retry_after_ms;
	http_refuse(user->exchange, &refusal);
	user->done(user, 0);
}

static void
on_user_read(PgRead *read, const PgReadResult *result)
{
	RestUser *user = CONTAINER_OF(read, RestUser, read);
	int64_t user_id;

	if (result->status != PG_READ_OK || result->row_count != 1)
	{
		user_refuse(user, result);
		return;
	}
	user_id = pg_read_integer(result, 0, 0);
	known_remember(&user->exchange->claims, user_id);
	user_take(user, user_id);
}

void
rest_user_find(RestUser *user)
{
	const Claims *claims = &user->exchange->claims;
	int64_t user_id = known_find(claims);

	if (user_id != 0)
	{
		user_take(user, user_id);
		return;
	}
	pg_read_init(&user->read, PG_READ_UPSERT_USER, on_user_read);
	pg_read_add_text(&user->read, slice_of_text(claims->issuer));
	pg_read_add_text(&user->read, slice_of_text(claims->subject));
	pg_read_add_text(&user->read, slice_of_text(claims->name));
	pg_read_add_text(&user->read, slice_of_text(claims->picture));
	pg_read_submit(&user->read);
}
