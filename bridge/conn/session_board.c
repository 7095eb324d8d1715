/*
 * session_board.c - what a connection asks of boards: JOIN_BOARD, LEAVE_BOARD, GET_BOARD.
 *
 * Owns nothing; the subscriptions are subscription.c's. Called by session_message.c and session.c.
 */
#include <stdlib.h>

#include "conn/subscription.h"
#include "hub/presence.h"

void
session_join_board(Session *session, const Message *message)
{
	Subscription *subscription = subscription_open(session, ROOM_BOARD, &message->fields.board_id);

	subscription_note_command(subscription, message);
	subscription->is_joined = true;
	subscription->detail = message->fields.detail;
	subscription->is_echo = message->fields.echo;
	if (message_has(message, MESSAGE_FIELD_SINCE_VERSION))
		subscription_read_resume(subscription, (int) message->fields.since_version, message->fields.since_event);
	else
		subscription_read_state(subscription);
}

static void
session_join_path_board(Session *session)
{
	Subscription *subscription = subscription_open(session, ROOM_BOARD, &session->path_board_id);

	subscription->is_joined = subscription->is_from_path = true;
	subscription->detail = session->path_detail;
	if (session->has_path_since)
		subscription_read_resume(subscription, session->path_since_version, slice_of_text(session->path_since_event));
	else
		subscription_read_state(subscription);
}

void
session_join_path(Session *session)
{
	MessageType type = session->has_path_board ? MESSAGE_JOIN_BOARD : MESSAGE_JOIN_WORKSPACE;
	Refusal refusal = {0};

	if (!session_is_open(session) || (!session->has_path_board && !session->has_path_workspace))
		return;
	if (session->has_path_since && session->path_since_version < 0)
	{
		refusal_set(&refusal, REFUSAL_INVALID, "since must be an integer from 0");
		session_refuse_command(session, &refusal, message_name(type), NULL);
	}
	else if (session->has_path_board)
		session_join_path_board(session);
	else
		session_join_path_workspace(session);
}

void
session_leave_board(Session *session, const Message *message)
{
	Subscription *subscription = subscription_find(session, ROOM_BOARD, &message->fields.board_id);

	/* A board of a joined workspace goes on as such. */
	if (subscription != NULL && subscription->workspace != NULL)
	{
		subscription->is_joined = false;
		presence_leave(&subscription->member);
	}
	else if (subscription != NULL)
		subscription_end(subscription);
	session_acknowledge(session, message);
}

/* On a board that is joined the state becomes the new base of the order. */
void
session_get_board(Session *session, const Message *message)
{
	Subscription *subscription = subscription_find(session, ROOM_BOARD, &message->fields.board_id);

	if (subscription == NULL)
	{
		session_query_board(session, message);
		return;
	}
	subscription_note_command(subscription, message);
	subscription->detail = message->fields.detail;
	subscription->has_archive = message->fields.archived;
	subscription_read_state(subscription);
}

/* ---- for the rest of the session ---- */

void
session_seen_on_boards(Session *session)
{
	LIST_FOR_EACH (&session->subscriptions, Subscription, link, subscription)
		presence_seen(&subscription->member);
}

bool
session_boards_are_settled(const Session *session)
{
	LIST_FOR_EACH (&session->subscriptions, Subscription, link, subscription)
	{
		if (subscription->phase != SUBSCRIPTION_LIVE || workspace_awaits_boards(subscription))
			return false;
	}
	return true;
}

void
session_pump_boards(Session *session)
{
	LIST_FOR_EACH (&session->subscriptions, Subscription, link, subscription)
	{
		if (subscription->phase == SUBSCRIPTION_PAGES && !subscription->is_reading)
			subscription_send_pages(subscription);
		else
			room_pump_member(&subscription->member);
		if (!session_is_open(session))
			return;
	}
	session_check_behind(session);
}

void
session_leave_boards(Session *session)
{
	while (!list_is_empty(&session->subscriptions))
		subscription_end(CONTAINER_OF(list_first(&session->subscriptions), Subscription, link));
}

RoomMember *
session_find_member(Session *session, RoomKind kind, const Uuid *id, bool *is_echo)
{
	Subscription *subscription = subscription_find(session, kind, id);

	if (subscription == NULL)
		return NULL;
	*is_echo = subscription->is_echo;
	return &subscription->member;
}

size_t
session_ack_bytes(const Session *session)
{
	size_t bytes = 0;

	LIST_FOR_EACH (&session->subscriptions, Subscription, link, subscription)
		bytes += subscription->member.ack_bytes;
	return bytes;
}

/* Events are held back because the connection does not take them. */
bool
session_is_behind(const Session *session)
{
	if (outq_has_room(&session->queue))
		return false;
	LIST_FOR_EACH (&session->subscriptions, Subscription, link, subscription)
	{
		if (subscription->phase == SUBSCRIPTION_PAGES || room_member_is_behind(&subscription->member))
			return true;
	}
	return false;
}
