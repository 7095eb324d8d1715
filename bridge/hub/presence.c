/*
 * presence.c - who is on a board now.
 *
 * A user is present while at least one member of the room is theirs, or another bridge has one. Who
 * enters the room's map is announced, who leaves it too, so whatever happens in between each is told
 * once.
 *
 * Owns the users of each room. Called by conn/ and room.c; presence_read.c brings the people of
 * other bridges.
 */
#include "hub/presence.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/timestamp.h"
#include "core/metrics.h"
#include "hub/presence_private.h"
#include "hub/presence_store.h"
#include "pg/pg_listener.h"

EncodeUser
present_encode(const PresentUser *user)
{
	return (EncodeUser){.user_id = user->user_id, .username = user->username, .avatar = user->avatar};
}

static Slice
user_key(const int64_t *user_id)
{
	return slice_of((const char *) user_id, sizeof(*user_id));
}

PresentUser *
present_find(const Room *room, int64_t user_id)
{
	return hashmap_get(room->presence.users, user_key(&user_id));
}

static void
presence_tell(const PresentUser *present, bool has_joined, const RoomMember *except)
{
	EncodeUser user = present_encode(present);
	Buffer *out = frame_begin();
	Frame *frame;

	if (has_joined)
		encode_user_joined(out, &present->room->board_id, &user);
	else
		encode_user_left(out, &present->room->board_id, present->user_id);
	frame = frame_finish(FRAME_TEXT);
	room_broadcast_loose(present->room, frame, except);
	frame_unref(frame);
}

PresentUser *
present_enter(Room *room, const EncodeUser *user, const RoomMember *except)
{
	PresentUser *present = present_find(room, user->user_id);

	if (present != NULL)
		return present;
	present = memory_alloc(sizeof(*present));
	*present = (PresentUser){
		.room = room,
		.user_id = user->user_id,
		.username = memory_copy_text(user->username),
		.avatar = memory_copy_text(user->avatar),
	};
	(void) hashmap_put(room->presence.users, user_key(&present->user_id), present);
	presence_tell(present, true, except);
	return present;
}

static void
present_free(PresentUser *present)
{
	cursor_forget(present);
	(void) hashmap_remove(present->room->presence.users, user_key(&present->user_id));
	free(present->username);
	free(present->avatar);
	free(present);
}

void
present_check(PresentUser *present, const RoomMember *except)
{
	if (present->tabs > 0 || present->is_remote)
		return;
	presence_tell(present, false, except);
	present_free(present);
}

void
presence_join(RoomMember *member)
{
	const EncodeUser user = {.user_id = member->user_id, .username = member->username, .avatar = member->avatar};

	if (member->present != NULL || member->room == NULL)
		return;
	member->present = present_enter(member->room, &user, member);
	member->present->tabs++;
	presence_seen(member);
	if (member->connection_id != NULL)
		presence_store_enter(member->connection_id, &member->room->board_id);
}

void
presence_leave(RoomMember *member)
{
	PresentUser *present = member->present;

	if (present == NULL)
		return;
	if (member->connection_id != NULL)
		presence_store_leave(member->connection_id, &member->room->board_id);
	cursor_leave(present, member);
	member->present = NULL;
	present->tabs--;
	present_check(present, member);
}

void
presence_seen(RoomMember *member)
{
	if (member->present != NULL)
		member->present->last_seen_ms = timestamp_now_ms();
}

EncodeActiveUser *
presence_users(const Room *room, size_t *count)
{
	HashMapVisit visit = HASHMAP_START;
	EncodeActiveUser *users = memory_alloc(sizeof(*users) * (hashmap_count(room->presence.users) + 1));
	const PresentUser *present;

	*count = 0;
	while ((present = hashmap_visit(room->presence.users, &visit, NULL)) != NULL)
	{
		const Uuid *cursor_task = present->cursor.has_task ? &present->cursor.task_id : NULL;

		users[(*count)++] = (EncodeActiveUser){
			.user = present_encode(present),
			.has_cursor = present->cursor.is_known,
			.x = present->cursor.x,
			.y = present->cursor.y,
			.task_id = present->focus.has_task ? &present->focus.task_id : cursor_task,
			.editing = present->focus.editing,
			.last_seen_ms = present->last_seen_ms,
		};
	}
	return users;
}

void
presence_tell_all(Room *room)
{
	EncodeUsers users;
	EncodeActiveUser *list = presence_users(room, &users.count);
	Frame *frame;

	users.users = list;
	encode_presence(frame_begin(), &room->board_id, users);
	free(list);
	frame = frame_finish(FRAME_TEXT);
	room_broadcast_loose(room, frame, NULL);
	frame_unref(frame);
}

bool
presence_is_known(const Room *room)
{
	return room->kind != ROOM_BOARD || room->presence.is_known || !presence_store_is_open();
}

/* ---- rooms ---- */

void
presence_room_open(Room *room)
{
	room->presence.users = hashmap_new();
	list_init(&room->presence.untold);
	pg_listener_add(PG_CHANNEL_PRESENCE, &room->board_id);
	presence_read_soon(room);
}

/* The last member has left; what remains are people of other bridges. Rooms of workspaces have nobody. */
void
presence_room_close(Room *room)
{
	HashMapVisit visit = HASHMAP_START;
	PresentUser *present;

	if (room->presence.users == NULL)
		return;
	while ((present = hashmap_visit(room->presence.users, &visit, NULL)) != NULL)
	{
		if (present->is_remote)
			metrics_add(METRIC_REMOTE_USERS, -1);
		present_free(present);
	}
	hashmap_free(room->presence.users);
	room->presence.users = NULL;
	list_remove(&room->presence.read_link);
	live_leave(room);
	pg_listener_remove(PG_CHANNEL_PRESENCE, &room->board_id);
}

void
presence_open(void)
{
	cursor_open();
	presence_read_open();
}

void
presence_close(void)
{
	presence_read_close();
	cursor_close();
}
