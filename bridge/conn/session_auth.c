/*
 * session_auth.c - whose connection it is: tokens, WELCOME, expiry.
 *
 * A bad token never refuses the upgrade (a browser could not see why): the client gets ERROR
 * unauthenticated and close 4001. What the log says of the reason stays in the log.
 *
 * Owns the session's identity. Called by session.c (opening) and session_message.c (AUTH, JOIN_BOARD).
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/timestamp.h"
#include "conn/inbox.h"
#include "conn/session_private.h"
#include "core/log.h"
#include "core/metrics.h"

static void
session_refuse_token(Session *session, const char *reason)
{
	Refusal refusal = {0};

	metrics_add(METRIC_AUTH_FAILURES, 1);
	refusal_set(&refusal, REFUSAL_UNAUTHENTICATED, "no valid token");
	session_refuse_command(session, &refusal, NULL, NULL);
	session_close(session, CLOSE_NO_TOKEN, reason);
}

static void
on_handshake_timer(WheelTimer *timer)
{
	session_refuse_token(CONTAINER_OF(timer, Session, auth_timer), "no token in time");
}

static void
on_expiry_timer(WheelTimer *timer)
{
	Session *session = CONTAINER_OF(timer, Session, auth_timer);
	Refusal refusal;

	/* Who cannot read a close code is told in words. */
	if (session->form == FRAME_FORM_SSE)
	{
		refusal_set(&refusal, REFUSAL_UNAUTHENTICATED, "the token has expired");
		session_refuse_command(session, &refusal, NULL, NULL);
	}
	session_close(session, CLOSE_EXPIRED, "token expired and was not refreshed");
}

/* One that was accepted only because clocks differ is good for as long as it would be accepted. */
static int64_t
token_end(const Claims *claims)
{
	bool is_past = claims->exp <= timestamp_now_ms() / 1000;

	return is_past ? claims->exp + session_hub.rules->leeway_s : claims->exp;
}

bool
session_token_covers(Session *session, const Message *message)
{
	Refusal refusal;

	if (timestamp_now_ms() < session->token_end_s * 1000 || message->type == MESSAGE_AUTH ||
		message->type == MESSAGE_HEARTBEAT)
		return true;
	refusal_set(&refusal, REFUSAL_UNAUTHENTICATED, "the token has expired: AUTH with a fresh one");
	session_refuse(session, &refusal, message);
	return false;
}

static void
session_watch_expiry(Session *session)
{
	int64_t left_ms = session->token_end_s * 1000 - timestamp_now_ms();

	/* A stream hears nothing: nobody could show a fresh one. */
	if (session->form != FRAME_FORM_SSE)
		left_ms += session_hub.config->expiry_grace;
	session_start_timer(&session->auth_timer, left_ms, on_expiry_timer);
}

static void
session_welcome(Session *session, int64_t unread_count)
{
	const Config *config = session_hub.config;
	EncodeWelcome welcome = {
		.connection_id = &session->connection_id,
		.user = {session->user_id, session->username, session->handle, session->avatar},
		.server_time_ms = timestamp_now_ms(),
		.heartbeat_interval_ms = config->heartbeat_interval,
		.max_message = config->max_message,
		.event_page = config->event_page,
		.command_rate = config->command_rate,
		.command_burst = config->command_burst,
		.unread_count = unread_count,
	};

	encode_welcome(frame_begin(), &welcome);
	session_send(session, frame_finish(FRAME_TEXT));
}

static void
session_take_user(Session *session, const PgReadResult *result)
{
	session->user_id = pg_read_integer(result, 0, 0);
	session->username = memory_copy_text(pg_read_text(result, 0, 1));
	session->handle = memory_copy_text(pg_read_text(result, 0, 2));
	if (!pg_read_is_null(result, 0, 3))
		session->avatar = memory_copy_text(pg_read_text(result, 0, 3));
}

static void
session_fail_identification(Session *session, const PgReadResult *result)
{
	Refusal refusal = {0};

	/* No row: the user is deactivated. */
	if (result->status == PG_READ_OK || strncmp(result->sqlstate, "TB", 2) == 0)
	{
		session_refuse_token(session, "the database refused the user");
		return;
	}
	refusal_set(&refusal, REFUSAL_UNAVAILABLE, "the database is not available");
	refusal.retry_after_ms = 1000;
	session_refuse_command(session, &refusal, NULL, NULL);
	session_close(session, CLOSE_OVERLOADED, "database not available");
}

void
session_begin(Session *session)
{
	session_join_path(session);
	session_run_deferred_soon(session);
}

static void
session_activate(Session *session, const PgReadResult *result)
{
	session_take_user(session, result);
	if (!session_join_user(session))
		return;
	session_set_state(session, SESSION_ACTIVE);
	session_watch_expiry(session);
	if (session->form != FRAME_FORM_SSE)
		session_welcome(session, pg_read_integer(result, 0, 4));
	/* One request of many brings no notifications. */
	if (session->is_poll)
		session_begin(session);
	else if (session_is_open(session))
		inbox_enter(session);
}

static void
on_identified(PgRead *read, const PgReadResult *result)
{
	Session *session = CONTAINER_OF(read, Session, identify_read);

	if (session->state == SESSION_IDENTIFYING)
	{
		if (result->status != PG_READ_OK || result->row_count != 1)
			session_fail_identification(session, result);
		else
			session_activate(session, result);
	}
	session_unref(session);
}

static void
session_identify(Session *session, Claims *claims)
{
	if (!session_takes_attempt(session, claims))
		return;
	session->issuer = claims->issuer;
	session->subject = claims->subject;
	session->token_end_s = token_end(claims);
	claims->issuer = claims->subject = NULL; /* taken over */
	session_set_state(session, SESSION_IDENTIFYING);
	timer_wheel_stop(session_hub.wheel, &session->auth_timer);
	pg_read_init(&session->identify_read, PG_READ_UPSERT_USER, on_identified);
	pg_read_add_text(&session->identify_read, slice_of_text(session->issuer));
	pg_read_add_text(&session->identify_read, slice_of_text(session->subject));
	pg_read_add_text(&session->identify_read, slice_of_text(claims->name));
	pg_read_add_text(&session->identify_read, slice_of_text(claims->picture));
	session_ref(session);
	pg_read_submit(&session->identify_read);
}

static bool
session_verify(Session *session, Slice token, TokenOrigin origin, Claims *claims)
{
	TokenResult result = token_verify(session_hub.rules, token, origin, timestamp_now_ms() / 1000, claims);

	if (result == TOKEN_VALID)
		return true;
	claims_free(claims);
	session_refuse_token(session, token_result_reason(result));
	return false;
}

void
session_show_token(Session *session, Slice token, TokenOrigin origin)
{
	Claims claims;

	if (session->state != SESSION_OPENING || !session_verify(session, token, origin, &claims))
		return;
	session_identify(session, &claims);
	claims_free(&claims);
}

bool
session_refresh_token(Session *session, Slice token, const Message *message)
{
	Claims claims;
	Refusal refusal = {0};
	bool is_same_user;

	if (!session_verify(session, token, TOKEN_FROM_MESSAGE, &claims))
		return false;
	is_same_user = strcmp(claims.issuer, session->issuer) == 0 && strcmp(claims.subject, session->subject) == 0;
	if (is_same_user)
	{
		session->token_end_s = token_end(&claims);
		session_watch_expiry(session);
	}
	else
	{
		refusal_set(&refusal, REFUSAL_FORBIDDEN, "the token is another user's");
		session_refuse(session, &refusal, message);
	}
	claims_free(&claims);
	return is_same_user;
}

void
session_auth_start(Session *session, const SessionRequest *request)
{
	if (request->token.bytes != NULL)
		session_show_token(session, request->token, request->token_origin);
	else
		session_start_timer(&session->auth_timer, session_hub.config->handshake_timeout, on_handshake_timer);
}

void
session_auth_free(Session *session)
{
	free(session->issuer);
	free(session->subject);
	free(session->username);
	free(session->handle);
	free(session->avatar);
}
