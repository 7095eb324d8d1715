/*
 * room_sync.c - what a room asks of the database: missing events, heads, readers.
 *
 * Hints (NOTIFY), polls and gaps only say that something may be missing; what is there is always
 * read. A hint beyond the head after one fetch is dropped: NOTIFY can be forged, and a transaction
 * that announced can be lost in a failover. Once a second the heads of all rooms are read in one
 * call, so nothing depends on NOTIFY.
 *
 * Owns the poll timer and the reads. The rest of the room is room.c's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/hashmap.h"
#include "base/memory.h"
#include "core/log.h"
#include "core/metrics.h"
#include "hub/presence.h"
#include "hub/room_private.h"

typedef struct CatchUp
{
	PgRead read;
	RoomMember *member; /* NULL once it has left */
} CatchUp;

static struct
{
	ev_timer poll_timer;
	PgRead heads;
	bool is_polling;
	bool polls_again; /* asked while one was in flight */
	int page;
} room_sync;

static void on_fetched(PgRead *read, const PgReadResult *result);

/* ---- missing events ---- */

static void
read_event(const PgReadResult *result, int row, RoomEvent *event)
{
	event->version = (int) pg_read_integer(result, row, 0);
	event->mark = pg_read_text(result, row, 1);
	event->acl_version = pg_read_integer(result, row, 2);
	event->body = pg_read_slice(result, row, 3);
}

static void
events_read_submit(PgRead *read, const Uuid *board_id, int after)
{
	pg_read_add_uuid(read, board_id);
	pg_read_add_integer(read, after);
	pg_read_add_integer(read, room_sync.page);
	pg_read_submit(read);
}

static void
room_fetch(Room *room)
{
	room->is_fetching = true;
	room->fetch_wanted = room->wanted;
	pg_read_init(&room->fetch, PG_READ_ROOM_EVENTS, on_fetched);
	events_read_submit(&room->fetch, &room->board_id, room->head);
}

/* Where it begins is where it is first seen; where it ends, at the next look or at the next version heard of. */
static void
room_note_lag(Room *room)
{
	if (room->wanted <= room->head || room->state == ROOM_CLOSED)
		room->behind_since = 0;
	else if (room->behind_since == 0)
		room->behind_since = loop_now();
}

void
room_want(Room *room, int version)
{
	if (version > room->wanted)
		room->wanted = version;
	room_note_lag(room);
	if (room->state == ROOM_STARTING || room->state == ROOM_CLOSED || room->is_fetching)
		return;
	if (room->wanted > room->head)
		room_fetch(room);
}

void
room_measure(void)
{
	HashMapVisit visit = HASHMAP_START;
	int versions = 0;
	double seconds = 0;
	Room *room;

	while ((room = hashmap_visit(room_all(), &visit, NULL)) != NULL)
	{
		room_note_lag(room);
		if (room->behind_since == 0)
			continue;
		if (room->wanted - room->head > versions)
			versions = room->wanted - room->head;
		if (loop_now() - room->behind_since > seconds)
			seconds = loop_now() - room->behind_since;
	}
	metrics_set(METRIC_ROOM_LAG_VERSIONS, versions);
	metrics_set(METRIC_ROOM_LAG_SECONDS, (int64_t) seconds);
}

/* What was heard of before the question and is not there does not exist. */
static void
room_after_fetch(Room *room, int row_count)
{
	if (row_count < room_sync.page && room->wanted == room->fetch_wanted && room->wanted > room->head)
		room->wanted = room->head;
	room_want(room, 0);
}

static void
on_fetched(PgRead *read, const PgReadResult *result)
{
	Room *room = CONTAINER_OF(read, Room, fetch);
	RoomEvent event;

	room->is_fetching = false;
	if (room->state == ROOM_CLOSED)
	{
		loop_at_turn_end(&room->retire_work);
		return;
	}
	if (result->status != PG_READ_OK || room->state == ROOM_STARTING)
		return; /* the poll asks again */
	for (int row = 0; row < result->row_count; row++)
	{
		int head = room->head;

		read_event(result, row, &event);
		if (event.version > head + 1)
			break; /* the log itself has a hole: a reset will tell */
		(void) room_take_event(room, &event);
		metrics_add(METRIC_EVENTS_FROM_FETCH, room->head - head);
	}
	room_after_fetch(room, result->row_count);
	room_pump(room);
}

/* ---- a member behind the ring ---- */

static void
on_caught_up(PgRead *read, const PgReadResult *result)
{
	CatchUp *catch_up = CONTAINER_OF(read, CatchUp, read);
	RoomMember *member = catch_up->member;
	RoomEvent event;
	int row;

	free(catch_up);
	if (member == NULL)
		return;
	member->catch_up = NULL;
	if (result->status != PG_READ_OK)
		return; /* the next event or the poll pumps again */
	if (result->row_count == 0 && room_member_is_behind(member))
	{
		room_poll_soon();
		return;
	}
	for (row = 0; row < result->row_count; row++)
	{
		read_event(result, row, &event);
		if (!room_give(member, &event))
			return;
	}
	room_pump_member(member);
}

void
room_catch_up_member(RoomMember *member)
{
	CatchUp *catch_up;

	if (member->catch_up != NULL)
		return;
	catch_up = memory_alloc(sizeof(*catch_up));
	catch_up->member = member;
	member->catch_up = &catch_up->read;
	metrics_add(METRIC_RESYNCS_SLOW, 1);
	pg_read_init(&catch_up->read, PG_READ_ROOM_EVENTS, on_caught_up);
	events_read_submit(&catch_up->read, &member->room->board_id, member->next - 1);
}

void
room_catch_up_forget(RoomMember *member)
{
	if (member->catch_up == NULL)
		return;
	CONTAINER_OF(member->catch_up, CatchUp, read)->member = NULL;
	member->catch_up = NULL;
}

/* ---- readers ---- */

static int
compare_users(const void *left, const void *right)
{
	int64_t a = *(const int64_t *) left;
	int64_t b = *(const int64_t *) right;

	return (a > b) - (a < b);
}

static bool
room_has_reader(const Room *room, int64_t user_id)
{
	return room->reader_count > 0 &&
		   bsearch(&user_id, room->readers, room->reader_count, sizeof(*room->readers), compare_users) != NULL;
}

bool
room_may_read(const Room *room, int64_t user_id, int64_t acl_version)
{
	return room->readers == NULL || acl_version >= room->readers_acl_version || room_has_reader(room, user_id);
}

static void
room_remove_strangers(Room *room)
{
	LIST_FOR_EACH (&room->members, RoomMember, link, member)
	{
		if (!room_has_reader(room, member->user_id))
			member->handlers->lost_access(member);
	}
}

static void
room_forget_readers(Room *room)
{
	free(room->readers);
	room->readers = NULL;
	room->reader_count = 0;
	room->readers_acl_version = 0;
}

static void
room_take_readers(Room *room, const PgReadResult *result)
{
	room_forget_readers(room);
	room->readers_acl_version = room->acl_version;
	if (result->row_count > 0)
	{
		room->readers_acl_version = pg_read_integer(result, 0, 0);
		room->readers = pg_read_integers(result, 0, 1, &room->reader_count);
		qsort(room->readers, room->reader_count, sizeof(*room->readers), compare_users);
	}
	if (room->readers_acl_version > room->acl_version)
		room->acl_version = room->readers_acl_version;
	room_remove_strangers(room);
}

/* In the place of all that came and went meanwhile: how it is now. */
static void
room_tell_withheld(Room *room)
{
	Frame *people = room_people(room);

	if (!room->has_withheld)
		return;
	room->has_withheld = false;
	if (room->kind == ROOM_BOARD)
		presence_tell_all(room);
	else if (people != NULL)
		room_broadcast_loose(room, people, NULL);
}

static void
on_readers(PgRead *read, const PgReadResult *result)
{
	Room *room = CONTAINER_OF(read, Room, readers_read);

	room->is_reading_readers = false;
	if (room->state == ROOM_CLOSED)
	{
		loop_at_turn_end(&room->retire_work);
		return;
	}
	if (result->status != PG_READ_OK || room->state != ROOM_CHECKING)
		return; /* the poll asks again */
	room_take_readers(room, result);
	if (room->readers_acl_version < room->acl_version)
	{
		room_check_readers(room);
		return;
	}
	room_set_state(room, ROOM_LIVE);
	room_want(room, 0);
	room_pump(room);
	room_tell_withheld(room);
	room_tell_boards_changed(room);
}

/* Nothing is broadcast until it is known who may read it. */
void
room_check_readers(Room *room)
{
	if (room->state == ROOM_LIVE)
		room_set_state(room, ROOM_CHECKING);
	if (room->state != ROOM_CHECKING || room->is_reading_readers)
		return;
	room->is_reading_readers = true;
	pg_read_init(&room->readers_read, room->kind == ROOM_BOARD ? PG_READ_ROOM_READERS : PG_READ_WORKSPACE_READERS,
				 on_readers);
	pg_read_add_uuid(&room->readers_read, &room->board_id);
	pg_read_submit(&room->readers_read);
}

/* ---- heads ---- */

void
room_reset(Room *room)
{
	log_warning("room_reset", LOG_UUID("board", &room->board_id), LOG_INTEGER("head", room->head));
	ring_clear(&room->ring);
	room->has_withheld = false;
	room_forget_readers(room); /* numbers of rights may be others in this database */
	room->wanted = 0;
	room_set_state(room, ROOM_STARTING);
	LIST_FOR_EACH (&room->members, RoomMember, link, member)
	{
		room_member_reset(member);
	}
}

void
room_note_head(Room *room, int version, const char *mark, int64_t acl_version)
{
	if (room->state == ROOM_STARTING)
	{
		room->head = version;
		free(room->head_mark);
		room->head_mark = memory_copy_text(mark);
		room->acl_version = acl_version;
		room_set_state(room, ROOM_LIVE);
		room_people_start(room);
		room_want(room, 0);
		return;
	}
	if (version == room->head && strcmp(mark, room->head_mark) != 0)
		room_poll_soon(); /* compares properly and resets */
	room_want(room, version);
	if (acl_version > room->acl_version)
		room->acl_version = acl_version;
	else if (acl_version == room->acl_version || room->readers_acl_version == room->acl_version)
		return;
	/* Rights have changed since readers were read, or since the read that let this member in. */
	room_check_readers(room);
}

/*
 * The answer may be older than the room by now, but never older than the question: a head below
 * what the room had then, or another event at that version, means that the database has lost events.
 */
static void
room_compare_head(Room *room, const PgReadResult *result, int row)
{
	int version = (int) pg_read_integer(result, row, 1);
	const char *mark = pg_read_text(result, row, 2);

	if (version < room->asked_head || (version == room->asked_head && strcmp(mark, room->asked_mark) != 0))
	{
		room_reset(room);
		return;
	}
	room_note_head(room, version, mark, pg_read_integer(result, row, 3));
	if (room->state == ROOM_CHECKING)
		room_check_readers(room); /* its last attempt may have failed */
	room_pump(room);
}

/* Rooms that were asked about and have no row: the database does not know their boards any more. */
static void
heads_reset_missing(void)
{
	HashMapVisit visit = HASHMAP_START;
	Room *room;

	while ((room = hashmap_visit(room_all(), &visit, NULL)) != NULL)
	{
		if (room->is_asked && room->state != ROOM_STARTING)
			room_reset(room); /* the members' next read says not_found */
		room->is_asked = false;
	}
}

static void
heads_compare_row(Room *room, const PgReadResult *result, int row)
{
	if (room == NULL || !room->is_asked)
		return;
	room->is_asked = false;
	if (room->state != ROOM_STARTING)
		room_compare_head(room, result, row);
}

static void
heads_compare(const PgReadResult *result)
{
	for (int row = 0; row < result->row_count; row++)
	{
		Uuid id;

		if (!pg_read_uuid(result, row, 0, &id))
			continue;
		for (RoomKind kind = 0; kind < ROOM_KIND_COUNT; kind++)
			heads_compare_row(room_find_kind(kind, &id), result, row);
	}
	heads_reset_missing();
}

static void
on_heads(PgRead *read, const PgReadResult *result)
{
	(void) read;
	room_sync.is_polling = false;
	if (result->status == PG_READ_OK && room_all() != NULL)
		heads_compare(result);
	if (room_sync.polls_again)
		room_poll_soon();
}

/* Remembers what each room had at the moment of the question. */
static size_t
heads_collect(Uuid *board_ids)
{
	HashMapVisit visit = HASHMAP_START;
	size_t count = 0;
	Room *room;

	while ((room = hashmap_visit(room_all(), &visit, NULL)) != NULL)
	{
		room->is_asked = room->state != ROOM_STARTING;
		if (!room->is_asked)
			continue;
		room->asked_head = room->head;
		free(room->asked_mark);
		room->asked_mark = memory_copy_text(room->head_mark);
		board_ids[count++] = room->board_id;
	}
	return count;
}

void
room_poll_soon(void)
{
	size_t room_count = room_all() != NULL ? hashmap_count(room_all()) : 0;
	Uuid *board_ids;
	size_t count;

	room_sync.polls_again = room_sync.is_polling;
	if (room_count == 0 || room_sync.is_polling)
		return;
	board_ids = memory_alloc(sizeof(*board_ids) * room_count);
	count = heads_collect(board_ids);
	if (count > 0)
	{
		room_sync.is_polling = true;
		pg_read_init(&room_sync.heads, PG_READ_ROOM_HEADS, on_heads);
		pg_read_add_uuids(&room_sync.heads, board_ids, count);
		pg_read_submit(&room_sync.heads);
	}
	free(board_ids);
}

static void
on_poll_timer(struct ev_loop *ev, ev_timer *watcher, int events)
{
	(void) ev;
	(void) watcher;
	(void) events;
	if (!room_sync.is_polling)
		room_poll_soon();
	room_boards_poll_soon();
}

static void
room_take_hint(Room *room, int version)
{
	if (room != NULL)
		room_want(room, version);
}

static void
room_take_listening(Room *room)
{
	/* An event between the first read and the LISTEN: ask for one more than is known. */
	if (room != NULL && room->state != ROOM_STARTING)
		room_want(room, room->head + 1);
}

void
room_on_hint(const Uuid *board_id, int version)
{
	room_take_hint(room_find(board_id), version);
}

void
room_on_listening(const Uuid *board_id)
{
	room_take_listening(room_find(board_id));
}

void
room_on_workspace_hint(const Uuid *workspace_id, int version)
{
	room_take_hint(room_find_kind(ROOM_WORKSPACE, workspace_id), version);
}

void
room_on_workspace_listening(const Uuid *workspace_id)
{
	room_take_listening(room_find_kind(ROOM_WORKSPACE, workspace_id));
}

void
room_catch_up_all(void)
{
	room_poll_soon();
	room_boards_poll_soon();
}

void
room_sync_configure(const Config *config)
{
	double interval = (double) config->poll_interval / 1000.0;

	room_sync.page = (int) config->event_page;
	ev_timer_stop(loop_ev(), &room_sync.poll_timer);
	ev_timer_init(&room_sync.poll_timer, on_poll_timer, interval, interval);
	ev_timer_start(loop_ev(), &room_sync.poll_timer);
}

void
room_sync_close(void)
{
	ev_timer_stop(loop_ev(), &room_sync.poll_timer);
}
