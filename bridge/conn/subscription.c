/*
 * subscription.c - a connection on a board or workspace: its life, what the room says, BOARD_STATE.
 *
 * Owns the subscriptions. Called by session_board.c and, through the member's handlers, by rooms.
 */
#include <stdlib.h>

#include "base/json_scan.h"
#include "base/memory.h"
#include "conn/board_question.h"
#include "conn/subscription.h"
#include "core/metrics.h"
#include "hub/presence.h"

#define SUBSCRIPTION_RETRY_MS 1000
#define SUBSCRIPTION_PEOPLE_MS 500

/* ---- life ---- */

static void
subscription_free(void *object)
{
	Subscription *subscription = object;

	free(subscription->mark);
	free(subscription);
}

static bool
subscription_is_gone(const Subscription *subscription)
{
	return !list_link_is_listed(&subscription->link);
}

/* With a read in flight it lives on until the answer. */
void
subscription_end(Subscription *subscription)
{
	if (subscription_is_gone(subscription))
		return;
	if (subscription->boards != NULL)
		workspace_end_boards(subscription);
	list_remove(&subscription->link);
	timer_wheel_stop(session_hub.wheel, &subscription->retry_timer);
	room_leave(&subscription->member);
	session_run_deferred_soon(subscription->session);
	if (subscription->is_reading)
		return;
	session_unref(subscription->session);
	loop_free_later(subscription, subscription_free);
}

/* First thing in every answer; false when nobody waits for it any more. */
bool
subscription_take_answer(Subscription *subscription)
{
	subscription->is_reading = false;
	if (!subscription_is_gone(subscription))
		return true;
	session_unref(subscription->session);
	loop_free_later(subscription, subscription_free);
	return false;
}

static void
subscription_refuse(Subscription *subscription, RefusalCode code, const char *text)
{
	Refusal refusal = {0};

	refusal_set(&refusal, code, "%s", text);
	if (code == REFUSAL_UNAVAILABLE)
		refusal.retry_after_ms = 1000;
	session_refuse_command(subscription->session, &refusal, subscription->command,
						   subscription->has_command_id ? &subscription->command_id : NULL);
}

static bool
subscription_is_board(const Subscription *subscription)
{
	return subscription->member.kind == ROOM_BOARD;
}

/* Not there, or not for this user: the same answer. */
void
subscription_end_without_access(Subscription *subscription)
{
	Session *session = subscription->session;
	bool is_from_path = subscription->is_from_path;
	const char *text = subscription_is_board(subscription) ? "board not found or access denied"
														   : "workspace not found or access denied";

	if (subscription->workspace != NULL)
		workspace_tell_removed(subscription->workspace, &subscription->id);
	if (subscription->is_joined)
		subscription_refuse(subscription, REFUSAL_NOT_FOUND, text);
	subscription_end(subscription);
	if (is_from_path)
		session_close(session, CLOSE_NO_ACCESS, text);
}

void
subscription_lose(Subscription *subscription)
{
	subscription->has_command_id = false;
	subscription->command[0] = '\0';
	subscription_end_without_access(subscription);
}

void
subscription_go_live(Subscription *subscription, int version)
{
	subscription->phase = SUBSCRIPTION_LIVE;
	subscription->was_live = true;
	room_member_start(&subscription->member, version);
	session_check_behind(subscription->session);
	session_run_deferred_soon(subscription->session);
}

static void
subscription_go_on(Subscription *subscription)
{
	if (subscription->is_reading)
		return;
	if (subscription->phase == SUBSCRIPTION_READING_STATE)
		subscription_read_state(subscription);
	else if (subscription->phase == SUBSCRIPTION_READING_RESUME)
		subscription_ask_resume(subscription);
	else if (subscription->phase == SUBSCRIPTION_PAGES)
		subscription_send_pages(subscription);
}

static void
on_retry_timer(WheelTimer *timer)
{
	subscription_go_on(CONTAINER_OF(timer, Subscription, retry_timer));
}

/* The client gets a list of who is there: that the other bridges' people are on it is worth a moment. */
bool
subscription_waits_for_people(Subscription *subscription)
{
	if (subscription->has_waited || !subscription->is_joined || presence_is_known(subscription->member.room))
		return false;
	subscription->has_waited = true;
	session_start_timer(&subscription->retry_timer, SUBSCRIPTION_PEOPLE_MS, on_retry_timer);
	return true;
}

/* A read of ours failed or timed out. What nobody has asked for, and the client waits for, is tried again. */
void
subscription_fail(Subscription *subscription)
{
	if (subscription->is_reset || !subscription->is_joined)
	{
		session_start_timer(&subscription->retry_timer, SUBSCRIPTION_RETRY_MS, on_retry_timer);
		return;
	}
	subscription_refuse(subscription, REFUSAL_UNAVAILABLE, "the database is not available");
	/* A stream cannot join again: its client has to ask for another. */
	if (subscription->session->form == FRAME_FORM_SSE)
		session_close(subscription->session, CLOSE_OVERLOADED, "database not available");
	else if (subscription->was_live)
		subscription_go_live(subscription, subscription->member.next - 1);
	else
		subscription_end(subscription);
}

/* ---- what the room says ---- */

static Subscription *
subscription_of(RoomMember *member)
{
	return CONTAINER_OF(member, Subscription, member);
}

static void
on_deliver(RoomMember *member, Frame *frame)
{
	session_send_shared(subscription_of(member)->session, frame_ref(frame));
}

static void
on_deliver_loose(RoomMember *member, Frame *frame)
{
	session_send_loose(subscription_of(member)->session, frame);
}

static bool
on_has_room(RoomMember *member)
{
	Session *session = subscription_of(member)->session;
	bool has_room = outq_has_room(&session->queue);

	if (!has_room)
		session_check_behind(session);
	return has_room;
}

static bool
on_awaits(RoomMember *member, const Uuid *command_id)
{
	return session_awaits_command(subscription_of(member)->session, command_id);
}

static void
on_reset(RoomMember *member)
{
	Subscription *subscription = subscription_of(member);

	metrics_add(METRIC_RESYNCS_RESET, 1);
	subscription->is_reset = true;
	subscription->has_archive = false;
	if (subscription->is_reading)
		subscription->starts_over = true;
	else
		subscription_read_state(subscription);
}

static void
on_lost_access(RoomMember *member)
{
	subscription_lose(subscription_of(member));
}

static void
on_boards_changed(RoomMember *member)
{
	workspace_read_boards(subscription_of(member));
}

static void
on_presence_known(RoomMember *member)
{
	subscription_go_on(subscription_of(member));
}

static const RoomMemberHandlers member_handlers = {
	.deliver = on_deliver,
	.deliver_loose = on_deliver_loose,
	.has_room = on_has_room,
	.awaits = on_awaits,
	.reset = on_reset,
	.lost_access = on_lost_access,
	.boards_changed = on_boards_changed,
	.presence_known = on_presence_known,
};

/* ---- entering ---- */

Subscription *
subscription_find(const Session *session, RoomKind kind, const Uuid *id)
{
	LIST_FOR_EACH (&session->subscriptions, Subscription, link, subscription)
	{
		if (subscription->member.kind == kind && uuid_equals(&subscription->id, id))
			return subscription;
	}
	return NULL;
}

Subscription *
subscription_new(Session *session, RoomKind kind, const Uuid *id)
{
	Subscription *subscription = memory_alloc(sizeof(*subscription));

	subscription->session = session_ref(session);
	subscription->id = *id;
	if (kind == ROOM_WORKSPACE)
		subscription->boards = workspace_boards_new(subscription);
	subscription->member.handlers = &member_handlers;
	subscription->member.kind = kind;
	subscription->member.user_id = session->user_id;
	subscription->member.username = session->username;
	subscription->member.avatar = session->avatar;
	subscription->member.connection_id = &session->connection_id;
	list_append(&session->subscriptions, &subscription->link);
	room_join(&subscription->member, id);
	return subscription;
}

Subscription *
subscription_open(Session *session, RoomKind kind, const Uuid *id)
{
	Subscription *subscription = subscription_find(session, kind, id);

	return subscription != NULL ? subscription : subscription_new(session, kind, id);
}

void
subscription_note_command(Subscription *subscription, const Message *message)
{
	memcpy(subscription->command, message->type_text, sizeof(subscription->command));
	subscription->has_command_id = message->has_id;
	subscription->command_id = message->id;
}

/* ---- BOARD_STATE ---- */

/* The board says which workspace it is in, where nobody has said it yet. */
static void
room_learn_workspace(Room *room, Slice board)
{
	JsonScan scan;
	Slice name;
	Slice value = {0};
	Uuid workspace_id;

	if (!uuid_is_zero(room_workspace_id(room)) || !json_scan_open(&scan, board, '{'))
		return;
	/* It stands before the lists, which may be long. */
	while (json_scan_member(&scan, &name, &value) && !json_scan_says(name, "workspace_id"))
		;
	if (json_scan_string(value, &value) && uuid_parse(value.bytes, value.length, &workspace_id))
		room_note_workspace(room, &workspace_id);
}

static void
subscription_send_state(Subscription *subscription, const PgReadResult *result)
{
	size_t count;
	EncodeActiveUser *users = presence_users(subscription->member.room, &count);
	EncodeState state = {
		.board = board_question_document(result, subscription->has_archive),
		.version = pg_read_integer(result, 0, 1),
		.event = pg_read_text(result, 0, 2),
		.active_users = {users, count},
		.is_reset = subscription->is_reset,
	};
	Frame *frame;

	room_learn_workspace(subscription->member.room, state.board);
	encode_board_state(frame_begin(), &state);
	free(users);
	frame = frame_finish(FRAME_TEXT);
	frame_note_version(frame, (int) state.version, state.event);
	frame_note_workspace(frame, room_workspace_id(subscription->member.room));
	session_send_state(subscription->session, frame);
	subscription->is_reset = false;
	subscription->has_archive = false;
}

/* Whether the answer of room_state or room_resume lets this user in. */
bool
subscription_has_access(const Subscription *subscription, const PgReadResult *result, int64_t acl_version)
{
	return result->row_count >= 1 && pg_read_is_null(result, 0, 0) &&
		   room_may_read(subscription->member.room, subscription->session->user_id, acl_version);
}

static void
on_state(PgRead *read, const PgReadResult *result)
{
	Subscription *subscription = CONTAINER_OF(read, Subscription, read);
	RoomMember *member = &subscription->member;
	int64_t acl_version;
	int version;

	if (!subscription_take_answer(subscription))
		return;
	if (result->status != PG_READ_OK)
	{
		subscription_fail(subscription);
		return;
	}
	if (subscription->starts_over)
	{
		subscription_read_state(subscription);
		return;
	}
	acl_version = board_question_acl_version(result, subscription->has_archive);
	if (!subscription_has_access(subscription, result, acl_version))
	{
		subscription_end_without_access(subscription);
		return;
	}
	version = (int) pg_read_integer(result, 0, 1);
	room_note_head(member->room, version, pg_read_text(result, 0, 2), acl_version);
	if (subscription->is_joined)
		presence_join(member);
	subscription_send_state(subscription, result);
	subscription_go_live(subscription, version);
}

void
subscription_submit(Subscription *subscription)
{
	timer_wheel_stop(session_hub.wheel, &subscription->retry_timer);
	subscription->is_reading = true;
	pg_read_submit(&subscription->read);
}

void
subscription_read_state(Subscription *subscription)
{
	const BoardQuestion question = {
		.user_id = subscription->session->user_id,
		.board_id = &subscription->id,
		.detail = subscription->detail,
		.has_archive = subscription->has_archive,
	};

	if (!subscription_is_board(subscription))
	{
		workspace_read_state(subscription);
		return;
	}
	subscription->phase = SUBSCRIPTION_READING_STATE;
	subscription->starts_over = false;
	room_member_hold(&subscription->member);
	if (subscription_waits_for_people(subscription))
		return;
	board_question_init(&subscription->read, &question, on_state);
	subscription_submit(subscription);
}
