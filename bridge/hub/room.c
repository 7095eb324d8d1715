/*
 * room.c - a board or workspace with somebody in it: its newest events, and who gets them.
 *
 * Versions are the only order. The room's head goes up by one event at a time; each member's `next`
 * follows it. Delivery to a member (room_pump_member) looks at one version after the other: an ACK
 * that belongs there leaves first, an event whose own command is still to be answered makes the
 * member wait, an event that the ring no longer holds is fetched from the log. So a connection gets
 * consecutive versions, each once, however the pieces arrived.
 *
 * Owns the room, its ring and the pending ACKs; members belong to conn/. What is asked of the
 * database is in room_sync.c, who is here in presence.c.
 */
#include "hub/room.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/hashmap.h"
#include "base/memory.h"
#include "base/timestamp.h"
#include "core/log.h"
#include "core/metrics.h"
#include "hub/event_body.h"
#include "hub/presence_private.h"
#include "hub/room_private.h"
#include "pg/pg_listener.h"

typedef struct RoomKey
{
	Uuid id;
	uint8_t kind; /* RoomKind */
} RoomKey;

static const PgChannelKind room_channels[ROOM_KIND_COUNT] = {
	[ROOM_BOARD] = PG_CHANNEL_BOARD,
	[ROOM_WORKSPACE] = PG_CHANNEL_WORKSPACE,
};

static struct
{
	HashMap *rooms;
	RingLimits limits;
} hub;

/* from → set of allowed targets; the table of the header. */
static const unsigned room_transitions[] = {
	[ROOM_STARTING] = 1u << ROOM_LIVE | 1u << ROOM_CLOSED,
	[ROOM_LIVE] = 1u << ROOM_CHECKING | 1u << ROOM_STARTING | 1u << ROOM_CLOSED,
	[ROOM_CHECKING] = 1u << ROOM_LIVE | 1u << ROOM_STARTING | 1u << ROOM_CLOSED,
	[ROOM_CLOSED] = 0,
};

void
room_set_state(Room *room, RoomState state)
{
	assert(room_transitions[room->state] & 1u << state);
	room->state = state;
}

HashMap *
room_all(void)
{
	return hub.rooms;
}

/* ---- the ring ---- */

bool
room_ring_reaches(const Room *room, int after)
{
	return room->state == ROOM_LIVE && after <= room->head && after >= room->head - room->ring.count;
}

size_t
room_ring_slices(const Room *room, int after, size_t max, Slice *slices, const char **mark)
{
	size_t count = 0;
	const RingEntry *entry;

	if (!room_ring_reaches(room, after))
		return 0;
	while (count < max && (entry = ring_at(&room->ring, after + 1 + (int) count)) != NULL)
	{
		slices[count++] = frame_payload(entry->frame);
		*mark = entry->frame->mark;
	}
	return count;
}

/* ---- delivery to one member ---- */

static void
ack_free(RoomMember *member, RoomAck *ack)
{
	list_remove(&ack->link);
	member->ack_bytes -= ack->frame->length;
	frame_unref(ack->frame);
	free(ack);
}

/* Taken out first: the handler may end the membership, which delivers what is left. */
static void
member_deliver_ack(RoomMember *member, RoomAck *ack)
{
	Frame *frame = frame_ref(ack->frame);

	if (!ack->is_echo && ack->to >= member->next)
		member->next = ack->to + 1;
	ack_free(member, ack);
	member->handlers->deliver(member, frame);
	frame_unref(frame);
}

/* ACKs whose place has come, or is past: a member that resumed may have the event already. */
static void
member_deliver_due_acks(RoomMember *member)
{
	while (!list_is_empty(&member->acks))
	{
		RoomAck *ack = CONTAINER_OF(list_first(&member->acks), RoomAck, link);

		if (ack->from > member->next)
			return;
		member_deliver_ack(member, ack);
	}
}

/* They have no place any more (leaving, reset): the sender still learns what became of them. */
static void
member_deliver_all_acks(RoomMember *member)
{
	while (!list_is_empty(&member->acks))
		member_deliver_ack(member, CONTAINER_OF(list_first(&member->acks), RoomAck, link));
}

static bool
member_gets_events(const RoomMember *member, const Room *room)
{
	return member->room == room && member->is_live && room->state == ROOM_LIVE;
}

void
room_pump_member(RoomMember *member)
{
	Room *room = member->room;

	/* A handler may end the membership: looked at anew each time. */
	while (room != NULL && member_gets_events(member, room))
	{
		const RingEntry *entry;

		member_deliver_due_acks(member);
		if (!member_gets_events(member, room) || member->next > room->head || !member->handlers->has_room(member))
			return;
		entry = ring_at(&room->ring, member->next);
		if (entry == NULL)
		{
			room_catch_up_member(member);
			return;
		}
		if (entry->has_command_id && member->handlers->awaits(member, &entry->command_id))
			return;
		member->next++;
		member->handlers->deliver(member, entry->frame);
	}
}

static Frame *
event_frame(const Room *room, const RoomEvent *event)
{
	Frame *frame = frame_new(event->body);

	frame_note_version(frame, event->version, event->mark);
	frame_note_workspace(frame, &room->workspace_id);
	return frame;
}

/*
 * An event from the log for one member that is behind the ring; false when it cannot go on. One that the room itself
 * has not taken yet goes through the room: who may read it is not known.
 */
bool
room_give(RoomMember *member, const RoomEvent *event)
{
	Room *room = member->room;
	Uuid command_id;
	Frame *frame;

	member_deliver_due_acks(member);
	if (room != NULL && event->version > room->head)
	{
		room_want(room, event->version);
		return false;
	}
	if (!member_gets_events(member, room) || event->version > member->next || !member->handlers->has_room(member))
		return false;
	if (event->version < member->next)
		return true;
	if (event_body_command_id(event->body, &command_id) && member->handlers->awaits(member, &command_id))
		return false;
	frame = event_frame(room, event);
	member->next++;
	member->handlers->deliver(member, frame);
	frame_unref(frame);
	return true;
}

bool
room_member_is_behind(const RoomMember *member)
{
	return member->room != NULL && member_gets_events(member, member->room) && member->next <= member->room->head;
}

void
room_member_ack(RoomMember *member, int from, int to, Frame *frame, bool is_echo)
{
	RoomAck *ack = memory_alloc(sizeof(*ack));
	ListLink *before = &member->acks.ends;

	*ack = (RoomAck){.from = from, .to = to, .frame = frame, .is_echo = is_echo};
	member->ack_bytes += frame->length;
	LIST_FOR_EACH (&member->acks, RoomAck, link, other)
	{
		if (other->from > from && before == &member->acks.ends)
			before = &other->link;
	}
	list_insert_before(before, &ack->link);
	room_pump_member(member);
}

void
room_member_start(RoomMember *member, int version)
{
	member->next = version + 1;
	member->is_live = true;
	room_pump_member(member);
}

void
room_member_hold(RoomMember *member)
{
	member->is_live = false;
}

void
room_member_reset(RoomMember *member)
{
	member->is_live = false;
	room_catch_up_forget(member);
	member_deliver_all_acks(member);
	if (member->room != NULL) /* not ended by an ACK too many */
		member->handlers->reset(member);
}

/* ---- events into the room ---- */

static void
room_run_delivered(LoopWork *work)
{
	Room *room = CONTAINER_OF(work, Room, delivered_work);
	double seconds = (double) (timestamp_monotonic_us() - room->arrived_us) / 1e6;

	metrics_observe(HISTOGRAM_DELIVERY_SECONDS, seconds);
	room->arrived_us = 0;
}

/* Queued after the connections' own work of this turn, so it runs when they have written. */
void
room_pump(Room *room)
{
	if (room->state != ROOM_LIVE)
		return;
	LIST_FOR_EACH (&room->members, RoomMember, link, member)
		room_pump_member(member);
	if (room->arrived_us != 0)
		loop_at_turn_end(&room->delivered_work);
}

/* Members must not fall behind the ring because many events came at once. */
static void
room_pump_if_much(Room *room, size_t length)
{
	room->unpumped++;
	room->unpumped_bytes += length;
	if (room->unpumped >= hub.limits.events / 2 || room->unpumped_bytes >= hub.limits.bytes / 2)
		room_pump(room);
}

bool
room_take_event(Room *room, const RoomEvent *event)
{
	if (room->state == ROOM_STARTING || room->state == ROOM_CLOSED)
	{
		if (event->version > room->wanted)
			room->wanted = event->version;
		return true;
	}
	if (event->version <= room->head)
		return true;
	if (event->version != room->head + 1)
	{
		metrics_add(METRIC_GAPS, 1);
		room_want(room, event->version);
		return false;
	}
	ring_push(&room->ring, &hub.limits, event_frame(room, event));
	room->head = event->version;
	free(room->head_mark);
	room->head_mark = memory_copy_text(event->mark);
	if (room->arrived_us == 0)
		room->arrived_us = timestamp_monotonic_us();
	if (event->acl_version > room->acl_version)
	{
		room->acl_version = event->acl_version;
		room_check_readers(room);
		room_boards_poll_soon();
	}
	room_pump_if_much(room, event->body.length);
	return true;
}

void
room_take_events(const PgEvent *events, size_t count)
{
	RoomKind kind = count > 0 && events[0].is_board ? ROOM_BOARD : ROOM_WORKSPACE;
	Room *room = count > 0 ? room_find_kind(kind, &events[0].aggregate_id) : NULL;

	for (size_t i = 0; room != NULL && i < count; i++)
	{
		RoomEvent event = {events[i].version, events[i].acl_version, events[i].mark, events[i].body};

		if (!room_take_event(room, &event))
			break;
		metrics_add(METRIC_EVENTS_FROM_COMMAND, 1);
	}
	if (room != NULL)
		room_pump(room);
}

/* While readers are reloaded nobody hears of anybody either: who has lost the room may be among them. */
static bool
room_withholds(const Room *room)
{
	return room->state == ROOM_CHECKING && room->readers_acl_version < room->acl_version;
}

void
room_broadcast_loose(Room *room, Frame *frame, const RoomMember *except)
{
	if (room_withholds(room))
	{
		room->has_withheld = true;
		return;
	}
	LIST_FOR_EACH (&room->members, RoomMember, link, member)
	{
		if (member != except && member->is_live)
			member->handlers->deliver_loose(member, frame);
	}
}

/* ---- coming and going ---- */

static void
room_free(void *object)
{
	Room *room = object;

	ring_free(&room->ring);
	free(room->boards_mark);
	free(room->head_mark);
	free(room->asked_mark);
	free(room->readers);
	loop_work_cancel(&room->delivered_work);
	loop_work_cancel(&room->retire_work);
	free(room);
}

/* Bytes only, without padding. */
static Slice
room_key(const RoomKey *key)
{
	return slice_of((const char *) key, sizeof(*key));
}

/* A closed room waits for the reads that point into it; they call this again. */
static void
room_retire(LoopWork *work)
{
	Room *room = CONTAINER_OF(work, Room, retire_work);
	const RoomKey key = {.id = room->board_id, .kind = (uint8_t) room->kind};

	if (!list_is_empty(&room->members))
		return;
	if (room->state != ROOM_CLOSED)
	{
		room_set_state(room, ROOM_CLOSED);
		(void) hashmap_remove(hub.rooms, room_key(&key));
		pg_listener_remove(room_channels[room->kind], &room->board_id);
		room_people_stop(room);
		presence_room_close(room);
		metrics_set(METRIC_ROOMS, (int64_t) hashmap_count(hub.rooms));
	}
	if (!room->is_fetching && !room->is_reading_readers && !room->is_reading_people)
		loop_free_later(room, room_free);
}

static Room *
room_new(RoomKind kind, const Uuid *id)
{
	const RoomKey key = {.id = *id, .kind = (uint8_t) kind};
	Room *room = memory_alloc(sizeof(*room));

	room->kind = kind;
	room->board_id = *id;
	if (kind == ROOM_WORKSPACE)
		room->workspace_id = *id;
	room->state = ROOM_STARTING;
	room->head_mark = memory_copy_text("");
	list_init(&room->members);
	room->delivered_work.run = room_run_delivered;
	room->retire_work.run = room_retire;
	(void) hashmap_put(hub.rooms, room_key(&key), room);
	metrics_set(METRIC_ROOMS, (int64_t) hashmap_count(hub.rooms));
	pg_listener_add(room_channels[kind], id);
	if (kind == ROOM_BOARD)
		presence_room_open(room);
	return room;
}

void
room_join(RoomMember *member, const Uuid *id)
{
	Room *room = room_find_kind(member->kind, id);

	if (room == NULL)
		room = room_new(member->kind, id);
	member->room = room;
	member->is_live = false;
	list_init(&member->acks);
	list_append(&room->members, &member->link);
	metrics_add(METRIC_ROOM_MEMBERS, 1);
}

void
room_leave(RoomMember *member)
{
	Room *room = member->room;

	if (room == NULL)
		return;
	presence_leave(member);
	room_catch_up_forget(member);
	member->is_live = false;
	member_deliver_all_acks(member);
	list_remove(&member->link);
	member->room = NULL;
	metrics_add(METRIC_ROOM_MEMBERS, -1);
	if (list_is_empty(&room->members))
		loop_at_turn_end(&room->retire_work);
}

Room *
room_find_kind(RoomKind kind, const Uuid *id)
{
	const RoomKey key = {.id = *id, .kind = (uint8_t) kind};

	return hashmap_get(hub.rooms, room_key(&key));
}

Room *
room_find(const Uuid *board_id)
{
	return room_find_kind(ROOM_BOARD, board_id);
}

const Uuid *
room_board_id(const Room *room)
{
	return &room->board_id;
}

void
room_note_workspace(Room *room, const Uuid *workspace_id)
{
	room->workspace_id = *workspace_id;
}

const Uuid *
room_workspace_id(const Room *room)
{
	return &room->workspace_id;
}

RoomState
room_state(const Room *room)
{
	return room->state;
}

int
room_head(const Room *room)
{
	return room->head;
}

const char *
room_head_mark(const Room *room)
{
	return room->head_mark;
}

void
room_hub_configure(const Config *config)
{
	hub.limits = (RingLimits){(int) config->ring_events, (size_t) config->ring_bytes};
	room_sync_configure(config);
}

void
room_hub_open(const Config *config)
{
	hub.rooms = hashmap_new();
	room_hub_configure(config);
	presence_open();
	room_people_open();
}

void
room_hub_close(void)
{
	room_people_close();
	presence_close();
	room_sync_close();
	hashmap_free(hub.rooms);
	hub.rooms = NULL;
}
