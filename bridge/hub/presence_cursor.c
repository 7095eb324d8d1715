/*
 * presence_cursor.c - where people's cursors are and what they look at, and when it is sent.
 *
 * A change is sent at once if nothing was sent in the last 50 ms, otherwise with the next tick, newest
 * wins; the tick stops when a whole interval brought nothing. The same tick gives live.c what other
 * bridges are to be told. A user has one cursor and one focus on a board, whatever number of tabs: the
 * tab that moved last has it, and takes it along when it leaves.
 *
 * Owns the tick and the list of users with something to send. Called by conn/ and presence.c.
 */
#include "hub/presence_private.h"

#define CURSOR_INTERVAL 0.05

static struct
{
	ev_timer tick;
	List unsent; /* PresentUser.unsent_link */
} cursors;

/* ---- to the members here ---- */

static void
cursor_send_place(PresentUser *present)
{
	EncodeUser user = present_encode(present);
	EncodeCursor cursor = {
		.board_id = &present->room->board_id,
		.user = &user,
		.x = present->cursor.x,
		.y = present->cursor.y,
		.task_id = present->cursor.has_task ? &present->cursor.task_id : NULL,
	};
	Frame *frame;

	encode_cursor_update(frame_begin(), &cursor);
	frame = frame_finish(FRAME_TEXT);
	room_broadcast_loose(present->room, frame, present->cursor.of);
	frame_unref(frame);
}

static void
cursor_send_focus(PresentUser *present)
{
	EncodeUser user = present_encode(present);
	EncodeFocus focus = {
		.board_id = &present->room->board_id,
		.user = &user,
		.task_id = present->focus.has_task ? &present->focus.task_id : NULL,
		.editing = present->focus.editing,
	};
	Frame *frame;

	encode_task_focus(frame_begin(), &focus);
	frame = frame_finish(FRAME_TEXT);
	room_broadcast_loose(present->room, frame, present->focus.of);
	frame_unref(frame);
}

void
cursor_send(PresentUser *present, unsigned changes)
{
	if (changes & PRESENCE_CURSOR)
		cursor_send_place(present);
	if (changes & PRESENCE_FOCUS)
		cursor_send_focus(present);
}

static void
cursor_send_unsent(PresentUser *present)
{
	unsigned changes = present->unsent;

	list_remove(&present->unsent_link);
	present->unsent = 0;
	cursor_send(present, changes);
}

/* ---- the tick ---- */

static void
on_cursor_tick(struct ev_loop *ev, ev_timer *watcher, int events)
{
	bool has_sent = !list_is_empty(&cursors.unsent);

	(void) events;
	while (!list_is_empty(&cursors.unsent))
		cursor_send_unsent(CONTAINER_OF(list_first(&cursors.unsent), PresentUser, unsent_link));
	if (!live_send() && !has_sent)
		ev_timer_stop(ev, watcher);
}

void
cursor_wake(void)
{
	if (!ev_is_active(&cursors.tick))
		ev_timer_again(loop_ev(), &cursors.tick);
}

/* ---- what has changed ---- */

static void
cursor_changed(PresentUser *present, PresenceChange change)
{
	present->unsent |= change;
	if (!list_link_is_listed(&present->unsent_link))
		list_append(&cursors.unsent, &present->unsent_link);
	live_tell(present, change);
	if (ev_is_active(&cursors.tick))
		return;
	cursor_wake();
	cursor_send_unsent(present);
}

void
presence_move_cursor(RoomMember *member, double x, double y, const Uuid *task_id)
{
	if (member->present == NULL)
		return;
	member->present->cursor = (PresentCursor){.is_known = true, .x = x, .y = y, .of = member};
	if (task_id != NULL)
	{
		member->present->cursor.has_task = true;
		member->present->cursor.task_id = *task_id;
	}
	presence_seen(member);
	cursor_changed(member->present, PRESENCE_CURSOR);
}

void
presence_focus(RoomMember *member, const Uuid *task_id, const char *editing)
{
	if (member->present == NULL)
		return;
	member->present->focus = (PresentFocus){.of = member};
	if (task_id != NULL)
	{
		member->present->focus.has_task = true;
		member->present->focus.task_id = *task_id;
		member->present->focus.editing = editing;
	}
	presence_seen(member);
	cursor_changed(member->present, PRESENCE_FOCUS);
}

/* Sent now: the user's own entry may be gone at the next tick. */
void
cursor_leave(PresentUser *present, const RoomMember *member)
{
	if (present->cursor.of == member)
		present->cursor = (PresentCursor){0};
	present->unsent &= present->cursor.is_known ? ~0u : ~(unsigned) PRESENCE_CURSOR;
	if (present->focus.of != member)
		return;
	if (present->focus.has_task)
	{
		present->focus = (PresentFocus){.of = member};
		present->unsent &= ~(unsigned) PRESENCE_FOCUS;
		cursor_send_focus(present);
		if (member != NULL)
			live_tell(present, PRESENCE_FOCUS);
		cursor_wake();
	}
	present->focus = (PresentFocus){0};
}

void
cursor_forget(PresentUser *present)
{
	list_remove(&present->unsent_link);
	list_remove(&present->untold_link);
}

void
cursor_tell_all(Room *room)
{
	HashMapVisit visit = HASHMAP_START;
	PresentUser *present;

	while ((present = hashmap_visit(room->presence.users, &visit, NULL)) != NULL)
	{
		if (present->cursor.is_known && present->cursor.of != NULL)
			live_tell(present, PRESENCE_CURSOR);
		if (present->focus.has_task && present->focus.of != NULL)
			live_tell(present, PRESENCE_FOCUS);
	}
	cursor_wake();
}

void
cursor_open(void)
{
	list_init(&cursors.unsent);
	ev_init(&cursors.tick, on_cursor_tick);
	cursors.tick.repeat = CURSOR_INTERVAL;
}

void
cursor_close(void)
{
	ev_timer_stop(loop_ev(), &cursors.tick);
}
