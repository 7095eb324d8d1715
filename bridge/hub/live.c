/*
 * live.c - cursors and focus between bridges, on collab:live:<board>.
 *
 * Owns the key, the send in flight, the rooms with something to tell and what was last heard from
 * each bridge. The format is live_message.c's. Called by the presence*.c files and main.c.
 */
#include "hub/live.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/timestamp.h"
#include "core/log.h"
#include "core/metrics.h"
#include "hub/live_message.h"
#include "hub/presence_private.h"
#include "hub/presence_store.h"
#include "pg/pg_listener.h"

#define LIVE_BOARDS 200 /* in one call */
/* How far the clocks of two hosts may differ, and how old a message may be. */
#define LIVE_WINDOW_MS 60000
#define LIVE_KEY_PAUSE_MS 1000
#define LIVE_FORGET_MS (5 * LIVE_WINDOW_MS)

/* Another bridge, by what its seal has vouched for. */
typedef struct LiveSender
{
	Uuid bridge_id;
	int64_t counter; /* of its newest message */
	int64_t heard_ms; /* monotonic */
} LiveSender;

static struct
{
	bool is_open;
	LiveKey key;
	bool has_key;
	PgRead key_read;
	bool is_reading_key;
	int64_t key_asked_ms; /* monotonic */
	PgRead send_read;
	bool is_sending;
	int64_t counter;
	List rooms; /* RoomPresence.live_link */
	HashMap *senders; /* bridge id → LiveSender */
} live;

static void
live_say_hello(Room *room)
{
	if (!room->presence.is_live)
		return;
	room->presence.says_hello = true;
	if (!list_link_is_listed(&room->presence.live_link))
		list_append(&live.rooms, &room->presence.live_link);
	cursor_wake();
}

/* ---- the key ---- */

static void
on_live_key(PgRead *read, const PgReadResult *result)
{
	(void) read;
	live.is_reading_key = false;
	if (result->status != PG_READ_OK || result->row_count != 1)
		return;
	live.has_key = live_key_parse(pg_read_slice(result, 0, 0), &live.key);
	cursor_wake();
}

/* Not more often than once a second: forged messages must not become questions. */
static void
live_read_key(void)
{
	int64_t now = timestamp_monotonic_ms();

	if (live.is_reading_key || (live.key_asked_ms != 0 && now - live.key_asked_ms < LIVE_KEY_PAUSE_MS))
		return;
	live.is_reading_key = true;
	live.key_asked_ms = now;
	pg_read_init(&live.key_read, PG_READ_LIVE_KEY, on_live_key);
	pg_read_submit(&live.key_read);
}

/* ---- which boards ---- */

static void
live_stop(Room *room)
{
	RoomPresence *presence = &room->presence;
	ListLink *link;

	presence->is_live = false;
	presence->says_hello = false;
	list_remove(&presence->live_link);
	while ((link = list_take_first(&presence->untold)) != NULL)
		CONTAINER_OF(link, PresentUser, untold_link)->untold = 0;
	pg_listener_remove(PG_CHANNEL_LIVE, &room->board_id);
}

void
live_follow(Room *room)
{
	RoomPresence *presence = &room->presence;

	if (!live.is_open)
		return;
	if (presence->is_live && presence->remote_count == 0)
		live_stop(room);
	else if (!presence->is_live && presence->remote_count > 0)
	{
		presence->is_live = true;
		pg_listener_add(PG_CHANNEL_LIVE, &room->board_id);
		if (!live.has_key)
			live_read_key();
	}
	if (presence->has_newcomer)
		live_say_hello(room);
	presence->has_newcomer = false;
}

void
live_leave(Room *room)
{
	if (room->presence.is_live)
		live_stop(room);
}

/* ---- sending ---- */

void
live_tell(PresentUser *present, PresenceChange change)
{
	RoomPresence *presence = &present->room->presence;

	if (!presence->is_live)
		return;
	present->untold |= change;
	if (!list_link_is_listed(&present->untold_link))
		list_append(&presence->untold, &present->untold_link);
	if (!list_link_is_listed(&presence->live_link))
		list_append(&live.rooms, &presence->live_link);
}

static bool
message_add_user(Buffer *message, const PresentUser *present)
{
	LiveEntry cursor = {
		.kind = LIVE_CURSOR,
		.user_id = present->user_id,
		.x = present->cursor.x,
		.y = present->cursor.y,
		.has_task = present->cursor.has_task,
		.task_id = present->cursor.task_id,
	};
	LiveEntry focus = {
		.kind = LIVE_FOCUS,
		.user_id = present->user_id,
		.has_task = present->focus.has_task,
		.task_id = present->focus.task_id,
		.editing = present->focus.editing,
	};

	if ((present->untold & PRESENCE_CURSOR) && present->cursor.is_known && !live_message_add(message, &cursor))
		return false;
	return !(present->untold & PRESENCE_FOCUS) || live_message_add(message, &focus);
}

/* As much of the room as fits; what does not comes with the next tick. */
static void
message_fill(Buffer *message, Room *room)
{
	RoomPresence *presence = &room->presence;
	LiveHead head = {.sent_ms = timestamp_now_ms(), .counter = ++live.counter};

	head.bridge_id = *presence_store_bridge_id();
	live_message_begin(message, &head);
	if (presence->says_hello)
		presence->says_hello = !live_message_add(message, &(LiveEntry){.kind = LIVE_HELLO});
	while (!list_is_empty(&presence->untold))
	{
		PresentUser *present = CONTAINER_OF(list_first(&presence->untold), PresentUser, untold_link);

		if (!message_add_user(message, present))
			break;
		list_remove(&present->untold_link);
		present->untold = 0;
	}
	live_message_seal(message, &live.key, &room->board_id);
}

static void
on_live_sent(PgRead *read, const PgReadResult *result)
{
	(void) read;
	live.is_sending = false;
	if (result->status == PG_READ_OK)
		metrics_add(METRIC_LIVE_SENT, result->row_count);
	if (!list_is_empty(&live.rooms))
		cursor_wake();
}

static size_t
live_fill(Buffer *messages, Uuid *board_ids)
{
	List rest;
	size_t count = 0;

	list_init(&rest);
	while (count < LIVE_BOARDS && !list_is_empty(&live.rooms))
	{
		Room *room = CONTAINER_OF(list_take_first(&live.rooms), Room, presence.live_link);

		message_fill(&messages[count], room);
		board_ids[count++] = room->board_id;
		if (!list_is_empty(&room->presence.untold))
			list_append(&rest, &room->presence.live_link);
	}
	list_move_all(&live.rooms, &rest);
	return count;
}

static void
live_submit(void)
{
	Buffer *messages = memory_alloc(sizeof(*messages) * LIVE_BOARDS);
	Slice *payloads = memory_alloc(sizeof(*payloads) * LIVE_BOARDS);
	Uuid *board_ids = memory_alloc(sizeof(*board_ids) * LIVE_BOARDS);
	size_t count = live_fill(messages, board_ids);

	live.is_sending = true;
	for (size_t i = 0; i < count; i++)
		payloads[i] = buffer_slice(&messages[i]);
	pg_read_init(&live.send_read, PG_READ_LIVE_SEND, on_live_sent);
	pg_read_add_uuids(&live.send_read, board_ids, count);
	pg_read_add_texts(&live.send_read, payloads, count);
	pg_read_submit(&live.send_read);
	for (size_t i = 0; i < count; i++)
		buffer_free(&messages[i]);
	free(board_ids);
	free(payloads);
	free(messages);
}

/* Without a key, or with a call in flight, whoever brings the answer starts the tick again. */
bool
live_send(void)
{
	if (!live.is_open || live.is_sending || list_is_empty(&live.rooms))
		return false;
	if (!live.has_key)
	{
		live_read_key();
		return false;
	}
	live_submit();
	return true;
}

/* ---- hearing ---- */

static bool
task_equals(bool has_task, const Uuid *task_id, const LiveEntry *entry)
{
	return has_task == entry->has_task && (!has_task || uuid_equals(task_id, &entry->task_id));
}

static void
live_take_cursor(PresentUser *present, const LiveEntry *entry)
{
	const PresentCursor *old = &present->cursor;
	bool is_known =
		old->is_known && old->x == entry->x && old->y == entry->y && task_equals(old->has_task, &old->task_id, entry);

	present->last_seen_ms = timestamp_now_ms();
	present->cursor = (PresentCursor){
		.is_known = true, .x = entry->x, .y = entry->y, .has_task = entry->has_task, .task_id = entry->task_id};
	if (!is_known)
		cursor_send(present, PRESENCE_CURSOR);
}

static void
live_take_focus(PresentUser *present, const LiveEntry *entry)
{
	const PresentFocus *old = &present->focus;
	bool is_known = task_equals(old->has_task, &old->task_id, entry) && old->editing == entry->editing;

	present->last_seen_ms = timestamp_now_ms();
	present->focus = (PresentFocus){.has_task = entry->has_task, .task_id = entry->task_id, .editing = entry->editing};
	if (!is_known)
		cursor_send(present, PRESENCE_FOCUS);
}

/* Somebody not known to be there through another bridge is nobody: whoever sealed it, names come from the database. */
static void
live_take_entry(Room *room, const LiveEntry *entry)
{
	PresentUser *present = entry->kind == LIVE_HELLO ? NULL : present_find(room, entry->user_id);

	if (entry->kind == LIVE_HELLO)
		cursor_tell_all(room);
	else if (present == NULL || !present->is_remote)
		presence_read_soon(room);
	else if (entry->kind == LIVE_CURSOR)
		live_take_cursor(present, entry);
	else
		live_take_focus(present, entry);
}

/* Newer than everything this bridge has said before, and not long ago. */
static bool
live_is_fresh(const LiveHead *head)
{
	LiveSender *sender = hashmap_get(live.senders, hashmap_uuid_key(&head->bridge_id));
	int64_t age = timestamp_now_ms() - head->sent_ms;

	if (age > LIVE_WINDOW_MS || age < -LIVE_WINDOW_MS || (sender != NULL && head->counter <= sender->counter))
		return false;
	if (sender == NULL)
	{
		sender = memory_alloc(sizeof(*sender));
		sender->bridge_id = head->bridge_id;
		(void) hashmap_put(live.senders, hashmap_uuid_key(&sender->bridge_id), sender);
	}
	sender->counter = head->counter;
	sender->heard_ms = timestamp_monotonic_ms();
	return true;
}

void
live_on_heard(const Uuid *board_id, Slice payload)
{
	Room *room = room_find(board_id);
	LiveHead head;
	LiveEntry entry;
	Slice entries;

	if (room == NULL || !room->presence.is_live || !live.has_key)
		return;
	if (!live_message_open(payload, &live.key, board_id, &head, &entries))
	{
		metrics_add(METRIC_LIVE_FORGED, 1);
		live_read_key(); /* it may be another one since a crash */
		return;
	}
	if (uuid_equals(&head.bridge_id, presence_store_bridge_id()))
		return;
	if (!live_is_fresh(&head))
	{
		metrics_add(METRIC_LIVE_STALE, 1);
		return;
	}
	metrics_add(METRIC_LIVE_TAKEN, 1);
	while (live_message_next(&entries, &entry))
		live_take_entry(room, &entry);
}

/* Of two bridges that begin to listen the later one asks and tells, when both hear. */
void
live_on_listening(const Uuid *board_id)
{
	Room *room = room_find(board_id);

	if (room == NULL || !room->presence.is_live)
		return;
	live_say_hello(room);
	cursor_tell_all(room);
}

/* ---- from time to time ---- */

void
live_resume(void)
{
	HashMapVisit visit = HASHMAP_START;
	Room *room;

	if (!live.is_open)
		return;
	live_read_key();
	while ((room = hashmap_visit(room_all(), &visit, NULL)) != NULL)
	{
		live_on_listening(&room->board_id);
	}
}

void
live_tidy(void)
{
	HashMapVisit visit = HASHMAP_START;
	int64_t now = timestamp_monotonic_ms();
	LiveSender *sender;

	while (live.is_open && (sender = hashmap_visit(live.senders, &visit, NULL)) != NULL)
	{
		if (now - sender->heard_ms < LIVE_FORGET_MS)
			continue;
		(void) hashmap_remove(live.senders, hashmap_uuid_key(&sender->bridge_id));
		free(sender);
	}
}

void
live_open(void)
{
	live.is_open = true;
	live.has_key = false;
	live.key_asked_ms = 0;
	live.senders = hashmap_new();
	list_init(&live.rooms);
}

void
live_close(void)
{
	HashMapVisit visit = HASHMAP_START;
	LiveSender *sender;

	while ((sender = hashmap_visit(live.senders, &visit, NULL)) != NULL)
	{
		(void) hashmap_remove(live.senders, hashmap_uuid_key(&sender->bridge_id));
		free(sender);
	}
	hashmap_free(live.senders);
	live.senders = NULL;
	live.is_open = false;
	live.key = (LiveKey){0};
}
