/*
 * session_users.c - closes the connections of users who may not be here any more.
 *
 * Somebody who is deactivated loses their connections. The notification that says so may be forged or
 * lost, so it only makes the database be asked, which also happens each time the bridge has said that
 * it is alive. One question is in flight at a time.
 *
 * Owns that question. Called by main.c.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "conn/session_private.h"

static struct
{
	PgRead read;
	bool is_asking;
	bool asks_again; /* something was heard meanwhile */
	int64_t *asked; /* sorted: who came later is not judged by the answer */
	size_t asked_count;
} session_users;

static int
compare_users(const void *left, const void *right)
{
	int64_t a = *(const int64_t *) left;
	int64_t b = *(const int64_t *) right;

	return (a > b) - (a < b);
}

static bool
users_hold(const int64_t *sorted, size_t count, int64_t user_id)
{
	return count > 0 && bsearch(&user_id, sorted, count, sizeof(*sorted), compare_users) != NULL;
}

/* As a token of theirs would be refused. */
static void
session_end_deactivated(Session *session)
{
	Refusal refusal = {0};

	refusal_set(&refusal, REFUSAL_UNAUTHENTICATED, "no valid token");
	session_refuse_command(session, &refusal, NULL, NULL);
	session_close(session, CLOSE_NO_TOKEN, "the user is deactivated");
}

static void
users_judge(const PgReadResult *result)
{
	size_t count;
	int64_t *active = pg_read_integers(result, 0, 0, &count);

	qsort(active, count, sizeof(*active), compare_users);
	LIST_FOR_EACH (&session_hub.sessions, Session, link, session)
	{
		if (session->state == SESSION_ACTIVE &&
			users_hold(session_users.asked, session_users.asked_count, session->user_id) &&
			!users_hold(active, count, session->user_id))
			session_end_deactivated(session);
	}
	free(active);
}

static void
on_users_known(PgRead *read, const PgReadResult *result)
{
	(void) read;
	session_users.is_asking = false;
	if (result->status == PG_READ_OK && result->row_count == 1)
		users_judge(result);
	free(session_users.asked);
	session_users.asked = NULL;
	if (session_users.asks_again && result->status == PG_READ_OK)
		session_check_users();
}

static void
users_collect(void)
{
	size_t kept = 0;

	session_users.asked = memory_alloc(sizeof(*session_users.asked) * (session_hub.count + 1));
	session_users.asked_count = 0;
	LIST_FOR_EACH (&session_hub.sessions, Session, link, session)
	{
		if (session->state == SESSION_ACTIVE)
			session_users.asked[session_users.asked_count++] = session->user_id;
	}
	qsort(session_users.asked, session_users.asked_count, sizeof(*session_users.asked), compare_users);
	for (size_t i = 0; i < session_users.asked_count; i++)
	{
		if (kept == 0 || session_users.asked[i] != session_users.asked[kept - 1])
			session_users.asked[kept++] = session_users.asked[i];
	}
	session_users.asked_count = kept;
}

void
session_check_users(void)
{
	session_users.asks_again = session_users.is_asking;
	if (session_users.is_asking || session_hub.count == 0)
		return;
	users_collect();
	session_users.is_asking = true;
	pg_read_init(&session_users.read, PG_READ_USER_IS_ACTIVE, on_users_known);
	pg_read_add_integers(&session_users.read, session_users.asked, session_users.asked_count);
	pg_read_submit(&session_users.read);
}
