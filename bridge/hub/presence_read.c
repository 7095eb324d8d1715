/*
 * presence_read.c - who is on this bridge's boards through other bridges.
 *
 * A notification on collab:presence:<board> only says that somebody joined or left; what is true is
 * read. Rooms to be read are collected: one read is in flight, for all of them, and the next follows
 * after a pause, so that a storm of joins (or of forged notifications) costs 20 reads a second. Only
 * a room whose people nobody has read yet does not wait for the pause: a client is joining it.
 *
 * Owns the read and the list of rooms to be read. Called by room.c's rooms (presence_room_open) and,
 * through main.c, by the listener.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "core/metrics.h"
#include "hub/presence_private.h"
#include "hub/presence_store.h"
#include "pg/pg_listener.h"

#define PRESENCE_READ_PAUSE 0.05
#define PRESENCE_READ_RETRY 1.0
/* After an outage: the other bridges say their people anew, and who is not there yet has not left. */
#define PRESENCE_READ_GRACE 2.0
#define PRESENCE_READ_ROOMS 1000

static struct
{
	PgRead read;
	bool is_reading;
	List unread; /* RoomPresence.read_link */
	List asked; /* the same, of those in the read */
	ev_timer pause;
	bool has_failed; /* the pause is one after a failure */
	unsigned outages; /* how many there were */
	unsigned asked_outages; /* when the read was asked */
	LoopWork work;
} presence_read;

static Room *
room_of_read(ListLink *link)
{
	return CONTAINER_OF(link, Room, presence.read_link);
}

/* ---- the answer ---- */

static void
remote_set(PresentUser *present, bool is_remote)
{
	RoomPresence *presence = &present->room->presence;

	if (present->is_remote == is_remote)
		return;
	present->is_remote = is_remote;
	metrics_add(METRIC_REMOTE_USERS, is_remote ? 1 : -1);
	if (is_remote)
	{
		presence->remote_count++;
		presence->has_newcomer = true;
	}
	else
		presence->remote_count--;
}

static void
read_take_row(const PgReadResult *result, int row)
{
	Uuid board_id;
	Room *room = pg_read_uuid(result, row, 0, &board_id) ? room_find(&board_id) : NULL;
	EncodeUser user = {.user_id = pg_read_integer(result, row, 1), .username = pg_read_text(result, row, 2)};
	int64_t seen_ms = pg_read_integer(result, row, 4);
	PresentUser *present;

	if (room == NULL || !room->presence.is_asked)
		return;
	if (!pg_read_is_null(result, row, 3))
		user.avatar = pg_read_text(result, row, 3);
	present = present_enter(room, &user, NULL);
	present->is_in_answer = true;
	if (seen_ms > present->last_seen_ms)
		present->last_seen_ms = seen_ms;
	remote_set(present, true);
}

static void
remote_leave(PresentUser *present)
{
	remote_set(present, false);
	cursor_leave(present, NULL);
	present_check(present, NULL);
}

/* Who was told of and is not in the answer has left the other bridges. */
static void
room_take_answer(Room *room)
{
	RoomPresence *presence = &room->presence;
	HashMapVisit visit = HASHMAP_START;
	PresentUser *present;
	bool was_known = presence->is_known;

	while ((present = hashmap_visit(presence->users, &visit, NULL)) != NULL)
	{
		if (present->is_remote && !present->is_in_answer)
			remote_leave(present);
		else
			present->is_in_answer = false;
	}
	presence->is_asked = false;
	presence->is_known = true;
	live_follow(room);
	if (presence->is_stale)
		presence_read_soon(room);
	presence->is_stale = false;
	if (was_known)
		return;
	LIST_FOR_EACH (&room->members, RoomMember, link, member)
	{
		if (member->handlers->presence_known != NULL)
			member->handlers->presence_known(member);
	}
}

static void
read_take_answer(const PgReadResult *result)
{
	ListLink *link;

	for (int row = 0; row < result->row_count; row++)
		read_take_row(result, row);
	while ((link = list_take_first(&presence_read.asked)) != NULL)
		room_take_answer(room_of_read(link));
}

/* Asked before an outage, or before it is over: what a crash has emptied is not full again yet. */
static bool
read_is_of_outage(void)
{
	return presence_read.asked_outages != presence_read.outages || !pg_listener_is_up();
}

/* They are asked again: all of them, or those whose people were known before. */
static void
read_put_back(bool is_of_known)
{
	LIST_FOR_EACH (&presence_read.asked, Room, presence.read_link, room)
	{
		if (is_of_known && !room->presence.is_known)
			continue;
		room->presence.is_asked = false;
		room->presence.is_stale = false;
		list_remove(&room->presence.read_link);
		list_append(&presence_read.unread, &room->presence.read_link);
	}
}

/* A longer one under way goes on. */
static void
read_pause(double seconds)
{
	if (ev_is_active(&presence_read.pause) && ev_timer_remaining(loop_ev(), &presence_read.pause) > seconds)
		return;
	presence_read.pause.repeat = seconds;
	ev_timer_again(loop_ev(), &presence_read.pause);
}

static void
on_presence_read(PgRead *read, const PgReadResult *result)
{
	bool is_of_outage = read_is_of_outage();

	(void) read;
	presence_read.is_reading = false;
	presence_read.has_failed = result->status != PG_READ_OK;
	if (presence_read.has_failed || is_of_outage)
		read_put_back(!presence_read.has_failed);
	if (!presence_read.has_failed)
		read_take_answer(result);
	read_pause(presence_read.has_failed || is_of_outage ? PRESENCE_READ_RETRY : PRESENCE_READ_PAUSE);
	loop_at_turn_end(&presence_read.work);
}

/* ---- the question ---- */

static bool
read_is_urgent(void)
{
	ListLink *first = list_first(&presence_read.unread);

	return first != NULL && !room_of_read(first)->presence.is_known;
}

/* During a pause only for rooms whose people nobody has read yet; they stand in front. */
static void
read_ask(bool is_pausing)
{
	Uuid *board_ids = memory_alloc(sizeof(*board_ids) * PRESENCE_READ_ROOMS);
	size_t count = 0;
	ListLink *link;

	while (count < PRESENCE_READ_ROOMS && (link = list_first(&presence_read.unread)) != NULL)
	{
		Room *room = room_of_read(link);

		if (is_pausing && room->presence.is_known)
			break;
		list_remove(link);
		room->presence.is_asked = true;
		board_ids[count++] = room->board_id;
		list_append(&presence_read.asked, link);
	}
	presence_read.is_reading = true;
	presence_read.asked_outages = presence_read.outages;
	pg_read_init(&presence_read.read, PG_READ_ROOM_PRESENCE, on_presence_read);
	pg_read_add_uuid(&presence_read.read, presence_store_bridge_id());
	pg_read_add_uuids(&presence_read.read, board_ids, count);
	pg_read_submit(&presence_read.read);
	free(board_ids);
}

static void
read_run_work(LoopWork *work)
{
	bool is_pausing = ev_is_active(&presence_read.pause);

	(void) work;
	if (presence_read.is_reading || list_is_empty(&presence_read.unread))
		return;
	if (is_pausing && (presence_read.has_failed || !read_is_urgent()))
		return;
	read_ask(is_pausing);
}

static void
on_pause_over(struct ev_loop *ev, ev_timer *watcher, int events)
{
	(void) events;
	ev_timer_stop(ev, watcher);
	presence_read.has_failed = false;
	loop_at_turn_end(&presence_read.work);
}

/* Rooms that nobody has read yet stand in front. Part of a read in flight: it is asked again after it. */
void
presence_read_soon(Room *room)
{
	RoomPresence *presence = &room->presence;

	if (presence->is_asked)
	{
		presence->is_stale = true;
		return;
	}
	if (!presence_store_is_open() || list_link_is_listed(&presence->read_link))
		return;
	if (presence->is_known)
		list_append(&presence_read.unread, &presence->read_link);
	else
		list_prepend(&presence_read.unread, &presence->read_link);
	loop_at_turn_end(&presence_read.work);
}

/* ---- from outside ---- */

void
presence_on_listening(const Uuid *board_id)
{
	Room *room = room_find(board_id);

	if (room != NULL)
		presence_read_soon(room);
}

void
presence_on_heard(const Uuid *board_id, Slice payload)
{
	(void) payload; /* forged or not, it says no more than the channel */
	presence_on_listening(board_id);
}

void
presence_read_all(void)
{
	HashMapVisit visit = HASHMAP_START;
	Room *room;

	while ((room = hashmap_visit(room_all(), &visit, NULL)) != NULL)
	{
		if (room->kind == ROOM_BOARD)
			presence_read_soon(room);
	}
}

void
presence_resume(void)
{
	presence_read.has_failed = false;
	presence_read.outages++;
	presence_read_all();
	if (presence_store_is_open())
		read_pause(PRESENCE_READ_GRACE);
}

void
presence_read_open(void)
{
	list_init(&presence_read.unread);
	list_init(&presence_read.asked);
	presence_read.is_reading = false;
	presence_read.work.run = read_run_work;
	ev_init(&presence_read.pause, on_pause_over);
}

void
presence_read_close(void)
{
	ev_timer_stop(loop_ev(), &presence_read.pause);
	loop_work_cancel(&presence_read.work);
}
