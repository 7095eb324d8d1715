/*
 * session_cursor.c - what a connection points at: CURSOR_MOVE and FOCUS_TASK.
 *
 * Neither is acknowledged. Those above the rate are not lost: the newest cursor and the newest focus are
 * kept and taken a little later, so that what the others see last is what was said last.
 *
 * Owns nothing but what stands in the session. Called by session_message.c.
 */
#include "conn/subscription.h"
#include "hub/presence.h"
#include "proto/task_fields.h"

#define SESSION_LATE_MS 100

bool
message_is_cursor(const Message *message)
{
	return message->type == MESSAGE_CURSOR_MOVE || message->type == MESSAGE_FOCUS_TASK;
}

static void
point_read(SessionPoint *point, const Message *message)
{
	*point = (SessionPoint){
		.is_set = true,
		.board_id = message->fields.board_id,
		.x = message->fields.x,
		.y = message->fields.y,
		.has_task = message_has(message, MESSAGE_FIELD_TASK_ID),
		.task_id = message->fields.task_id,
		.editing = task_field_name(message->fields.editing),
	};
}

/* Not joined, or not yet: nothing durable depends on it, so nothing is answered. */
static RoomMember *
point_member(Session *session, const SessionPoint *point)
{
	Subscription *subscription = subscription_find(session, ROOM_BOARD, &point->board_id);

	if (subscription == NULL || subscription->phase != SUBSCRIPTION_LIVE)
		return NULL;
	presence_join(&subscription->member); /* who points at something on a board of a joined workspace looks at it */
	return &subscription->member;
}

static void
session_take_cursor(Session *session, const SessionPoint *point)
{
	RoomMember *member = point_member(session, point);

	if (member != NULL)
		presence_move_cursor(member, point->x, point->y, point->has_task ? &point->task_id : NULL);
}

static void
session_take_focus(Session *session, const SessionPoint *point)
{
	RoomMember *member = point_member(session, point);

	if (member != NULL)
		presence_focus(member, point->has_task ? &point->task_id : NULL, point->editing);
}

/* Only names of fields travel: no text of a user's gets to other people this way. */
static bool
session_knows_field(Session *session, const Message *message)
{
	Refusal refusal = {0};

	if (!message_has(message, MESSAGE_FIELD_EDITING) || task_field_name(message->fields.editing) != NULL)
		return true;
	refusal_set(&refusal, REFUSAL_INVALID, "editing must be the name of a field of a task");
	session_refuse(session, &refusal, message);
	return false;
}

void
session_point(Session *session, const Message *message)
{
	SessionPoint point;

	point_read(&point, message);
	if (message->type == MESSAGE_CURSOR_MOVE)
	{
		session->late_cursor.is_set = false;
		session_take_cursor(session, &point);
	}
	else if (session_knows_field(session, message))
	{
		session->late_focus.is_set = false;
		session_take_focus(session, &point);
	}
}

static void
on_late_timer(WheelTimer *timer)
{
	Session *session = CONTAINER_OF(timer, Session, late_timer);

	if (session->late_cursor.is_set)
		session_take_cursor(session, &session->late_cursor);
	if (session->late_focus.is_set)
		session_take_focus(session, &session->late_focus);
	session->late_cursor.is_set = session->late_focus.is_set = false;
}

void
session_point_later(Session *session, const Message *message)
{
	if (session->state != SESSION_ACTIVE)
		return;
	if (!session->late_cursor.is_set && !session->late_focus.is_set)
		session_start_timer(&session->late_timer, SESSION_LATE_MS, on_late_timer);
	point_read(message->type == MESSAGE_CURSOR_MOVE ? &session->late_cursor : &session->late_focus, message);
}
