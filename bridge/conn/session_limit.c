/*
 * session_limit.c - too much from one client: messages and cursors of a connection, commands and
 * connections of a user.
 *
 * What is refused is answered with the time after which it may be tried again; of cursors only the newest
 * is taken, later (session_cursor.c). A client that goes on for another burst of refusals is closed. Connections of other
 * users are not touched by any of it.
 *
 * Owns the table of users with their number of connections. Called by the other session*.c.
 */
#include <stdlib.h>
#include <string.h>

#include "auth/address.h"
#include "base/buffer.h"
#include "base/memory.h"
#include "base/timestamp.h"
#include "conn/session_private.h"
#include "core/metrics.h"

#define SESSION_RETRY_AFTER_MS 1000

struct SessionAddress
{
	AddressKey key;
	size_t connections;
};

struct SessionUser
{
	int64_t user_id;
	size_t connections;
};

/* ---- messages ---- */

static void
session_refuse_rate(Session *session, const Message *message, const char *what, int64_t retry_after_ms)
{
	Refusal refusal;

	refusal_set(&refusal, REFUSAL_RATE_LIMITED, "%s", what);
	refusal.retry_after_ms = retry_after_ms;
	session_refuse(session, &refusal, message);
}

bool
session_takes_message(Session *session, const Message *message)
{
	int64_t now_ms = timestamp_monotonic_ms();
	int64_t retry_after_ms;

	if (message_is_cursor(message))
		return limit_take_own(LIMIT_CURSOR, &session->cursors, now_ms, NULL);
	if (limit_take_own(LIMIT_MESSAGE, &session->messages, now_ms, &retry_after_ms))
	{
		session->refused_messages = 0;
		return true;
	}
	session_refuse_rate(session, message, "too many messages", retry_after_ms);
	if (++session->refused_messages > session_hub.config->message_burst)
		session_close(session, CLOSE_PROTOCOL, "messages far above the rate");
	return false;
}

bool
session_takes_command(Session *session, const Message *message)
{
	int64_t retry_after_ms;
	Refusal refusal;

	if (session_hub.is_draining)
	{
		refusal_set(&refusal, REFUSAL_UNAVAILABLE, "the server is shutting down");
		refusal.retry_after_ms = SESSION_RETRY_AFTER_MS;
		session_refuse(session, &refusal, message);
	}
	else if (session->command_count >= (size_t) session_hub.config->max_waiting_commands)
		session_refuse_rate(session, message, "too many commands are waiting", SESSION_RETRY_AFTER_MS);
	else if (!limit_take(LIMIT_COMMAND, limit_user_key(&session->user_id), timestamp_monotonic_ms(), &retry_after_ms))
		session_refuse_rate(session, message, "too many commands", retry_after_ms);
	else
		return true;
	return false;
}

/* ---- connections ---- */

bool
session_memory_is_short(void)
{
	int64_t limit = session_hub.config->memory_limit;

	return limit > 0 && metrics_get(METRIC_HELD_BYTES) >= limit;
}

/* False: it has too many. */
static bool
session_join_address(Session *session)
{
	AddressKey key;
	SessionAddress *address;

	if (session->peer == NULL || !address_key(slice_of_text(session->peer), &key))
		return true;
	address = hashmap_get(session_hub.addresses, address_key_slice(&key));
	if (address != NULL && address->connections >= (size_t) session_hub.config->max_address_connections)
		return false;
	if (address == NULL)
	{
		address = memory_alloc(sizeof(*address));
		address->key = key;
		(void) hashmap_put(session_hub.addresses, address_key_slice(&key), address);
	}
	address->connections++;
	session->address = address;
	return true;
}

static void
session_leave_address(Session *session)
{
	SessionAddress *address = session->address;

	session->address = NULL;
	if (address == NULL || --address->connections > 0)
		return;
	(void) hashmap_remove(session_hub.addresses, address_key_slice(&address->key));
	free(address);
}

bool
session_has_room(Session *session)
{
	if (session_hub.count > (size_t) session_hub.config->max_connections)
	{
		metrics_add(METRIC_REFUSED_FULL, 1);
		session_close(session, CLOSE_OVERLOADED, "too many connections");
	}
	else if (session_memory_is_short())
	{
		metrics_add(METRIC_REFUSED_MEMORY, 1);
		session_close(session, CLOSE_OVERLOADED, "memory_limit is reached");
	}
	else if (!session_join_address(session))
	{
		metrics_add(METRIC_REFUSED_ADDRESS, 1);
		session_close(session, CLOSE_TOO_MANY, "too many connections of this address");
	}
	return session_is_open(session);
}

static void
session_refuse_connection(Session *session, const Refusal *refusal)
{
	session_refuse_command(session, refusal, NULL, NULL);
	session_close(session, CLOSE_TOO_MANY, refusal->message);
}

bool
session_takes_attempt(Session *session, const Claims *claims)
{
	Buffer key = BUFFER_EMPTY;
	Refusal refusal;
	int64_t retry_after_ms;
	bool is_taken;

	if (session->is_poll)
		return true;
	buffer_append(&key, claims->issuer, strlen(claims->issuer) + 1);
	buffer_append_text(&key, claims->subject);
	is_taken = limit_take(LIMIT_USER_CONNECTION, buffer_slice(&key), timestamp_monotonic_ms(), &retry_after_ms);
	buffer_free(&key);
	if (is_taken)
		return true;
	refusal_set(&refusal, REFUSAL_RATE_LIMITED, "too many attempts to connect");
	refusal.retry_after_ms = retry_after_ms;
	session_refuse_connection(session, &refusal);
	return false;
}

bool
session_join_user(Session *session)
{
	Slice key = limit_user_key(&session->user_id);
	SessionUser *user = hashmap_get(session_hub.users, key);
	Refusal refusal;

	if (user != NULL && user->connections >= (size_t) session_hub.config->max_user_connections)
	{
		refusal_set(&refusal, REFUSAL_LIMIT, "too many connections of this user");
		session_refuse_connection(session, &refusal);
		return false;
	}
	if (user == NULL)
	{
		user = memory_alloc(sizeof(*user));
		user->user_id = session->user_id;
		(void) hashmap_put(session_hub.users, key, user);
	}
	user->connections++;
	session->user = user;
	return true;
}

void
session_leave_user(Session *session)
{
	SessionUser *user = session->user;

	session_leave_address(session);
	session->user = NULL;
	if (user == NULL || --user->connections > 0)
		return;
	(void) hashmap_remove(session_hub.users, limit_user_key(&user->user_id));
	free(user);
}
