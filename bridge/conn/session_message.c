/*
 * session_message.c - a message in: which part of the session handles it, and when.
 *
 * What one connection sends is carried out in the order sent. Commands go to the pool, which keeps
 * their order; reads (and LEAVE_BOARD) wait until the commands before them are answered and until
 * the read before them is finished, kept here as text meanwhile. Whatever comes while the user is
 * being looked up waits, too.
 *
 * Owns the deferred messages. Called by door/ through session_receive.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "base/timestamp.h"
#include "conn/session_private.h"
#include "core/log.h"
#include "core/metrics.h"
#include "proto/dialect.h"

#define MALFORMED_MAX 3

typedef struct DeferredMessage
{
	ListLink link;
	uint64_t after_command; /* wait until this command is answered */
	bool is_command;
	size_t length;
	char text[];
} DeferredMessage;

static void
session_defer(Session *session, const Message *message, Slice text)
{
	DeferredMessage *deferred;
	Refusal refusal = {0};

	if (session->deferred_count >= (size_t) session_hub.config->max_waiting_commands ||
		session->deferred_bytes + text.length > (size_t) session_hub.config->max_message)
	{
		refusal_set(&refusal, REFUSAL_RATE_LIMITED, "too many requests are waiting");
		refusal.retry_after_ms = 1000;
		session_refuse(session, &refusal, message);
		return;
	}
	deferred = memory_alloc(sizeof(*deferred) + text.length + 1);
	deferred->after_command = session->command_number;
	deferred->is_command = message_role(message->type) == MESSAGE_ROLE_COMMAND;
	session->deferred_commands += deferred->is_command;
	deferred->length = text.length;
	memcpy(deferred->text, text.bytes, text.length);
	list_append(&session->deferred, &deferred->link);
	session->deferred_count++;
	session->deferred_bytes += text.length;
	metrics_add(METRIC_HELD_BYTES, (int64_t) text.length);
}

static void
deferred_free(Session *session, DeferredMessage *deferred)
{
	list_remove(&deferred->link);
	session->deferred_count--;
	session->deferred_bytes -= deferred->length;
	metrics_add(METRIC_HELD_BYTES, -(int64_t) deferred->length);
	session->deferred_commands -= deferred->is_command;
	free(deferred);
}

static bool
session_may_read(const Session *session, uint64_t after_command)
{
	return session->reads_in_flight == 0 && session_boards_are_settled(session) &&
		   !outq_holds_uncounted(&session->queue) && session_commands_done(session, after_command);
}

/* ---- what each message means ---- */

static void
session_heartbeat(Session *session)
{
	encode_heartbeat_ack(frame_begin(), timestamp_now_ms());
	session_send(session, frame_finish(FRAME_TEXT));
}

static void
session_auth(Session *session, const Message *message)
{
	if (session_refresh_token(session, message->fields.token, message))
		session_acknowledge(session, message);
}

/* JOIN_BOARD may bring a token and a user id, which must both be this user's. */
static bool
session_join_is_own(Session *session, const Message *message)
{
	Refusal refusal = {0};

	if (message_has(message, MESSAGE_FIELD_AUTH_TOKEN) &&
		!session_refresh_token(session, message->fields.auth_token, message))
		return false;
	if (!message_has(message, MESSAGE_FIELD_USER_ID) || message->fields.user_id == session->user_id)
		return true;
	refusal_set(&refusal, REFUSAL_FORBIDDEN, "user_id is not the token's user");
	session_refuse(session, &refusal, message);
	return false;
}

static void
session_handle_ordered(Session *session, const Message *message, Slice text)
{
	switch (message->type)
	{
		case MESSAGE_JOIN_BOARD:
			if (session_join_is_own(session, message))
				session_join_board(session, message);
			break;
		case MESSAGE_LEAVE_BOARD:
			session_leave_board(session, message);
			break;
		case MESSAGE_GET_BOARD:
			session_get_board(session, message);
			break;
		case MESSAGE_GET_EVENTS:
			session_get_events(session, message);
			break;
		case MESSAGE_JOIN_WORKSPACE:
			session_join_workspace(session, message);
			break;
		case MESSAGE_LEAVE_WORKSPACE:
			session_leave_workspace(session, message);
			break;
		default:
			session_ask(session, message, text);
			break;
	}
}

static void
session_handle_local(Session *session, const Message *message)
{
	if (message->type == MESSAGE_AUTH)
		session_auth(session, message);
	else if (message->type == MESSAGE_HEARTBEAT)
		session_heartbeat(session);
	else if (message_is_cursor(message))
		session_point(session, message);
}

static bool
message_is_ordered(const Message *message)
{
	return message_role(message->type) == MESSAGE_ROLE_READ || message->type == MESSAGE_LEAVE_BOARD ||
		   message->type == MESSAGE_LEAVE_WORKSPACE;
}

static void
session_handle_active(Session *session, const Message *message, Slice text)
{
	if (!session_token_covers(session, message))
		return;
	session_note_first_message(session, message);
	if (message_role(message->type) == MESSAGE_ROLE_COMMAND)
	{
		/* Only what came before the user was known leaves commands waiting here. */
		if (session->deferred_commands > 0)
			session_defer(session, message, text);
		else
			session_submit_command(session, message, text);
	}
	else if (message_is_ordered(message))
	{
		if (list_is_empty(&session->deferred) && session_may_read(session, session->command_number))
			session_handle_ordered(session, message, text);
		else
			session_defer(session, message, text);
	}
	else
		session_handle_local(session, message);
}

/* Before a token: only what brings one, and a heartbeat. */
static void
session_handle_opening(Session *session, const Message *message, Slice text)
{
	Refusal refusal = {0};

	if (message->type == MESSAGE_HEARTBEAT)
		session_heartbeat(session);
	else if (message->type == MESSAGE_AUTH)
		session_show_token(session, message->fields.token, TOKEN_FROM_MESSAGE);
	else if (message->type == MESSAGE_JOIN_BOARD && message_has(message, MESSAGE_FIELD_AUTH_TOKEN))
	{
		session_show_token(session, message->fields.auth_token, TOKEN_FROM_MESSAGE);
		if (session->state == SESSION_IDENTIFYING)
			session_defer(session, message, text);
	}
	else
	{
		refusal_set(&refusal, REFUSAL_UNAUTHENTICATED, "no valid token");
		session_refuse(session, &refusal, message);
		session_close(session, CLOSE_NO_TOKEN, "a message before a token");
	}
}

static void
session_take_refused(Session *session, const Refusal *refusal, const Message *message)
{
	metrics_add(METRIC_BAD_MESSAGES, 1);
	session_refuse(session, refusal, message);
	if (refusal->code == REFUSAL_LIMIT)
		session_close(session, CLOSE_TOO_BIG, "message too big");
	else if (refusal->code != REFUSAL_BAD_MESSAGE)
		session->malformed_count = 0;
	else if (++session->malformed_count >= MALFORMED_MAX)
		session_close(session, CLOSE_PROTOCOL, "malformed messages in a row");
}

static void
session_handle(Session *session, const Message *message, Slice text)
{
	session->malformed_count = 0;
	if (session->state == SESSION_OPENING)
		session_handle_opening(session, message, text);
	else if (session->state == SESSION_IDENTIFYING || session->awaits_inbox)
		session_defer(session, message, text);
	else
		session_handle_active(session, message, text);
}

static void
session_dispatch(Session *session, Slice text)
{
	Message message;
	Refusal refusal = {0};
	Buffer board_text = BUFFER_EMPTY;
	size_t max = (size_t) session_hub.config->max_message;
	bool is_valid = session_speaks_workspace(session) ? dialect_parse(&message, text, max, &board_text, &refusal)
													  : message_parse(&message, text.bytes, text.length, max, &refusal);

	if (is_valid && session_speaks_workspace(session))
		text = buffer_slice(&board_text);
	if (session_takes_message(session, &message))
	{
		if (is_valid)
			session_handle(session, &message, text);
		else
			session_take_refused(session, &refusal, &message);
	}
	else if (is_valid && message_is_cursor(&message))
		session_point_later(session, &message);
	message_release(&message);
	buffer_free(&board_text);
}

void
session_receive(Session *session, const char *text, size_t length)
{
	session_seen(session);
	if (!session_is_open(session))
		return;
	metrics_add(METRIC_MESSAGES_RECEIVED, 1);
	metrics_add(METRIC_BYTES_RECEIVED, (int64_t) length);
	session_dispatch(session, slice_of(text, length));
}

/* ---- what had to wait ---- */

static void
session_dispatch_deferred(Session *session, DeferredMessage *deferred)
{
	Message message;
	Refusal refusal = {0};
	Slice text = slice_of(deferred->text, deferred->length);

	/* It parsed once; parsing again costs less than keeping the tree of every waiting message. */
	if (message_parse(&message, text.bytes, text.length, (size_t) session_hub.config->max_message, &refusal) &&
		session_token_covers(session, &message))
	{
		session_note_first_message(session, &message);
		if (message_is_ordered(&message))
			session_handle_ordered(session, &message, text);
		else if (message_role(message.type) == MESSAGE_ROLE_COMMAND)
			session_submit_command(session, &message, text);
		else
			session_handle_local(session, &message);
	}
	message_release(&message);
}

static void
session_run_deferred(LoopWork *work)
{
	Session *session = CONTAINER_OF(work, Session, deferred_work);

	while (session->state == SESSION_ACTIVE && !session->awaits_inbox && !list_is_empty(&session->deferred))
	{
		DeferredMessage *deferred = CONTAINER_OF(list_first(&session->deferred), DeferredMessage, link);

		if (!session_may_read(session, deferred->after_command))
			return;
		list_remove(&deferred->link);
		session_dispatch_deferred(session, deferred);
		deferred_free(session, deferred);
	}
}

void
session_run_deferred_soon(Session *session)
{
	if (!list_is_empty(&session->deferred))
		loop_at_turn_end(&session->deferred_work);
}

void
session_message_open(Session *session)
{
	list_init(&session->deferred);
	session->deferred_work.run = session_run_deferred;
}

void
session_message_free(Session *session)
{
	loop_work_cancel(&session->deferred_work);
	while (!list_is_empty(&session->deferred))
		deferred_free(session, CONTAINER_OF(list_first(&session->deferred), DeferredMessage, link));
}
