/*
 * room_people.c - which members of a workspace are online: PRESENCE to those who have joined it.
 *
 * The database knows, over all bridges; it announces on collab:presence:<workspace> that somebody came
 * or went, not who. The list is read at once, then at most once a second for each workspace however
 * many come and go, and sent when somebody is there now who was not, or the other way round.
 *
 * Owns the tick and the list of rooms to read. Called by room*.c, main.c and conn/.
 */
#include <string.h>

#include "base/json_scan.h"
#include "hub/room_private.h"
#include "pg/pg_listener.h"
#include "proto/encode.h"

#define PEOPLE_INTERVAL 1.0

static struct
{
	ev_timer tick;
	List due; /* Room.people_link */
} people;

static void on_people(PgRead *read, const PgReadResult *result);

static void
people_read(Room *room)
{
	room->is_reading_people = true;
	pg_read_init(&room->people_read, PG_READ_MEMBERS_PRESENCE, on_people);
	pg_read_add_uuid(&room->people_read, &room->board_id);
	pg_read_submit(&room->people_read);
}

static void
people_want(Room *room)
{
	if (ev_is_active(&people.tick) || room->is_reading_people)
	{
		if (!list_link_is_listed(&room->people_link))
			list_append(&people.due, &room->people_link);
		if (!ev_is_active(&people.tick))
			ev_timer_again(loop_ev(), &people.tick);
		return;
	}
	ev_timer_again(loop_ev(), &people.tick);
	people_read(room);
}

/* A whole interval brought nothing: the next change may be read at once. */
static void
on_tick(struct ev_loop *ev, ev_timer *watcher, int events)
{
	List due;
	ListLink *link;

	(void) events;
	if (list_is_empty(&people.due))
	{
		ev_timer_stop(ev, watcher);
		return;
	}
	list_init(&due);
	list_move_all(&due, &people.due);
	while ((link = list_take_first(&due)) != NULL)
	{
		Room *room = CONTAINER_OF(link, Room, people_link);

		if (room->is_reading_people)
			list_append(&people.due, &room->people_link);
		else
			people_read(room);
	}
}

/* Who is a member and who of them is online; when they were last seen is no news. */
static void
people_sign(Buffer *out, Slice members)
{
	JsonScan scan;
	Slice member;

	if (!json_scan_open(&scan, members, '['))
		return;
	while (json_scan_value(&scan, &member))
	{
		buffer_append_slice(out, json_scan_find(member, "user_id"));
		buffer_append_slice(out, json_scan_find(member, "online"));
		buffer_append_slice(out, json_scan_find(member, "role"));
		buffer_append_char(out, ' ');
	}
}

static bool
people_are_others(Room *room, Slice members)
{
	Buffer sign = BUFFER_EMPTY;
	bool are_others;

	people_sign(&sign, members);
	are_others = sign.length != room->people_sign.length ||
				 (sign.length > 0 && memcmp(sign.bytes, room->people_sign.bytes, sign.length) != 0);
	buffer_free(&room->people_sign);
	room->people_sign = sign;
	return are_others;
}

static void
people_take(Room *room, Slice members)
{
	frame_unref(room->people);
	encode_workspace_presence(frame_begin(), &room->board_id, members);
	room->people = frame_finish(FRAME_TEXT);
	frame_note_workspace(room->people, &room->board_id);
	if (people_are_others(room, members))
		room_broadcast_loose(room, room->people, NULL);
}

static void
on_people(PgRead *read, const PgReadResult *result)
{
	Room *room = CONTAINER_OF(read, Room, people_read);

	room->is_reading_people = false;
	if (room->state == ROOM_CLOSED)
	{
		loop_at_turn_end(&room->retire_work);
		return;
	}
	if (result->status == PG_READ_OK && result->row_count == 1)
		people_take(room, pg_read_slice(result, 0, 0));
	else
		people_want(room);
}

Frame *
room_people(Room *room)
{
	return room->people;
}

void
room_people_start(Room *room)
{
	if (room->kind != ROOM_WORKSPACE || room->hears_people)
		return;
	room->hears_people = true;
	pg_listener_add(PG_CHANNEL_PRESENCE, &room->board_id);
	people_want(room);
}

/* An id that is no workspace's never gets here, so this takes no board's channel away. */
void
room_people_stop(Room *room)
{
	list_remove(&room->people_link);
	frame_unref(room->people);
	room->people = NULL;
	buffer_free(&room->people_sign);
	if (room->hears_people)
		pg_listener_remove(PG_CHANNEL_PRESENCE, &room->board_id);
	room->hears_people = false;
}

void
room_on_people(const Uuid *workspace_id)
{
	Room *room = room_find_kind(ROOM_WORKSPACE, workspace_id);

	if (room != NULL && room->hears_people)
		people_want(room);
}

void
room_people_catch_up(void)
{
	HashMapVisit visit = HASHMAP_START;
	Room *room;

	while (room_all() != NULL && (room = hashmap_visit(room_all(), &visit, NULL)) != NULL)
	{
		if (room->hears_people)
			people_want(room);
	}
}

void
room_people_open(void)
{
	list_init(&people.due);
	ev_init(&people.tick, on_tick);
	people.tick.repeat = PEOPLE_INTERVAL;
}

void
room_people_close(void)
{
	ev_timer_stop(loop_ev(), &people.tick);
}
