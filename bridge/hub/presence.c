/*
 * presence.c - who is on a board now, and where their cursors are.
 *
 * The members of a room are the truth: a user is present while at least one of theirs is. A cursor
 * that moves is sent at the end of the turn if none was sent in the last 50 ms, otherwise with the
 * next tick; the tick stops when a whole interval brought nothing.
 *
 * Owns the tick and the list of rooms with cursors to send.
 */
#include "hub/presence.h"

#include <stdlib.h>

#include "base/hashmap.h"
#include "base/memory.h"
#include "base/timestamp.h"
#include "hub/room_private.h"

#define PRESENCE_CURSOR_INTERVAL 0.05

static struct
{
	ev_timer tick;
	List dirty_rooms; /* Room.dirty_link */
} presence;

static EncodeUser
member_user(const RoomMember *member)
{
	return (EncodeUser){.user_id = member->user_id, .username = member->username, .avatar = member->avatar};
}

static bool
has_other_tab(const RoomMember *member)
{
	LIST_FOR_EACH (&member->room->members, RoomMember, link, other)
	{
		if (other != member && other->is_present && other->user_id == member->user_id)
			return true;
	}
	return false;
}

static void
presence_tell(RoomMember *member, bool has_joined)
{
	Room *room = member->room;
	EncodeUser user = member_user(member);
	Buffer *out = frame_begin();
	Frame *frame;

	if (has_joined)
		encode_user_joined(out, &room->board_id, &user);
	else
		encode_user_left(out, &room->board_id, member->user_id);
	frame = frame_finish(FRAME_TEXT);
	room_broadcast_loose(room, frame, member);
	frame_unref(frame);
}

void
presence_join(RoomMember *member)
{
	if (member->is_present || member->room == NULL)
		return;
	member->is_present = true;
	member->last_seen_ms = timestamp_now_ms();
	if (!has_other_tab(member))
		presence_tell(member, true);
}

static void
room_forget_dirty(Room *room)
{
	LIST_FOR_EACH (&room->members, RoomMember, link, member)
	{
		if (member->cursor.is_dirty)
			return;
	}
	list_remove(&room->dirty_link);
}

void
presence_leave(RoomMember *member)
{
	Room *room = member->room;

	if (!member->is_present || room == NULL)
		return;
	member->is_present = false;
	member->cursor = (RoomCursor){0};
	room_forget_dirty(room);
	if (!has_other_tab(member))
		presence_tell(member, false);
}

static void
member_send_cursor(RoomMember *member)
{
	EncodeUser user = member_user(member);
	EncodeCursor cursor = {
		.board_id = &member->room->board_id,
		.user = &user,
		.x = member->cursor.x,
		.y = member->cursor.y,
		.task_id = member->cursor.has_task ? &member->cursor.task_id : NULL,
	};
	Frame *frame;

	member->cursor.is_dirty = false;
	encode_cursor_update(frame_begin(), &cursor);
	frame = frame_finish(FRAME_TEXT);
	room_broadcast_loose(member->room, frame, member);
	frame_unref(frame);
}

/* Nothing moved in a whole interval: the next move may be sent at once. */
static void
on_tick(struct ev_loop *ev, ev_timer *watcher, int events)
{
	ListLink *link;

	(void) events;
	if (list_is_empty(&presence.dirty_rooms))
	{
		ev_timer_stop(ev, watcher);
		return;
	}
	while ((link = list_take_first(&presence.dirty_rooms)) != NULL)
	{
		Room *room = CONTAINER_OF(link, Room, dirty_link);

		LIST_FOR_EACH (&room->members, RoomMember, link, member)
		{
			if (member->cursor.is_dirty)
				member_send_cursor(member);
		}
	}
}

void
presence_move_cursor(RoomMember *member, double x, double y, const Uuid *task_id)
{
	RoomCursor *cursor = &member->cursor;

	*cursor = (RoomCursor){.is_known = true, .is_dirty = true, .x = x, .y = y};
	if (task_id != NULL)
	{
		cursor->has_task = true;
		cursor->task_id = *task_id;
	}
	presence_seen(member);
	if (!ev_is_active(&presence.tick))
	{
		ev_timer_again(loop_ev(), &presence.tick);
		member_send_cursor(member);
	}
	else if (!list_link_is_listed(&member->room->dirty_link))
		list_append(&presence.dirty_rooms, &member->room->dirty_link);
}

void
presence_seen(RoomMember *member)
{
	member->last_seen_ms = timestamp_now_ms();
}

/* The newest of the user's connections stands for all of them. */
static void
users_merge(EncodeActiveUser *user, const RoomMember *member)
{
	if (member->last_seen_ms < user->last_seen_ms)
		return;
	user->last_seen_ms = member->last_seen_ms;
	if (!member->cursor.is_known)
		return;
	user->has_cursor = true;
	user->x = member->cursor.x;
	user->y = member->cursor.y;
	user->task_id = member->cursor.has_task ? &member->cursor.task_id : NULL;
}

/* The user's entry, the next one of the array when this is the first of their connections. */
static EncodeActiveUser *
users_entry(HashMap *known, EncodeActiveUser *users, size_t *count, const RoomMember *member)
{
	Slice key = slice_of((const char *) &member->user_id, sizeof(member->user_id));
	EncodeActiveUser *user = hashmap_get(known, key);

	if (user != NULL)
		return user;
	user = &users[(*count)++];
	user->user = member_user(member);
	(void) hashmap_put(known, key, user);
	return user;
}

EncodeActiveUser *
presence_users(const Room *room, size_t *count)
{
	HashMap *known = hashmap_new();
	size_t capacity = 1;
	EncodeActiveUser *users;

	LIST_FOR_EACH (&room->members, RoomMember, link, member)
	{
		capacity += member->is_present;
	}
	users = memory_alloc(sizeof(*users) * capacity);
	*count = 0;
	LIST_FOR_EACH (&room->members, RoomMember, link, member)
	{
		if (member->is_present)
			users_merge(users_entry(known, users, count, member), member);
	}
	hashmap_free(known);
	return users;
}

void
presence_open(void)
{
	list_init(&presence.dirty_rooms);
	ev_init(&presence.tick, on_tick);
	presence.tick.repeat = PRESENCE_CURSOR_INTERVAL;
}

void
presence_close(void)
{
	ev_timer_stop(loop_ev(), &presence.tick);
}
