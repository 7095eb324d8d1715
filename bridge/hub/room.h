/*
 * room.h - a board or workspace with somebody in it: its newest events, and who gets them.
 *
 * A workspace's room holds the workspace's own log (members, name, invites). The boards in it have
 * rooms of their own; of them it only notices that one has come, gone or changed hands.
 *
 * A room accepts only the version after its last one, drops what it knows and fetches what is
 * missing, one fetch in flight. It keeps recent events as shared frames in a ring; every member has
 * `next`, the version it gets next, and takes frames from the ring as fast as its connection allows.
 * A member that has fallen behind the ring is served from the event log.
 *
 *   from       to         when
 *   --------   --------   -------------------------------------------------------------------------
 *   STARTING   LIVE       a read of the database has told the head
 *   LIVE       CHECKING   an event or a head with a newer acl_version: readers are being reloaded
 *   CHECKING   LIVE       readers are known, members without the right are gone
 *   LIVE       STARTING   the database's (version, event) is not a continuation of ours: reset
 *   CHECKING   STARTING   the same
 *   any        CLOSED     the last member has left
 *
 * Called by conn/ (members), main.c (hints, polls) and the reads it asks for itself.
 */
#ifndef COLLAB_HUB_ROOM_H
#define COLLAB_HUB_ROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/list.h"
#include "base/slice.h"
#include "base/uuid.h"
#include "core/config.h"
#include "hub/frame.h"
#include "pg/pg_command.h"
#include "pg/pg_read.h"

typedef enum RoomState
{
	ROOM_STARTING,
	ROOM_LIVE,
	ROOM_CHECKING,
	ROOM_CLOSED
} RoomState;

/* Rooms of both kinds may have the same id: anybody can ask for a workspace by a board's id. */
typedef enum RoomKind
{
	ROOM_BOARD,
	ROOM_WORKSPACE,
	ROOM_KIND_COUNT
} RoomKind;

typedef struct Room Room;
typedef struct RoomMember RoomMember;

/* How a room speaks to its members; conn/ provides them. None may free the member. */
typedef struct RoomMemberHandlers
{
	/* Queue this frame; it belongs to the room, take a reference. May leave the room. */
	void (*deliver)(RoomMember *member, Frame *frame);
	/* The same for presence and cursors: may be dropped. */
	void (*deliver_loose)(RoomMember *member, Frame *frame);
	/* Whether the connection's queue takes more events; if not, room_pump_member is called later. */
	bool (*has_room)(RoomMember *member);
	/* Whether this command's answer is still to come: its ACK takes the event's place. */
	bool (*awaits)(RoomMember *member, const Uuid *command_id);
	/* What the member has is no longer true: read the state anew, with reset. */
	void (*reset)(RoomMember *member);
	/* The right to read was lost. The handler leaves the room. */
	void (*lost_access)(RoomMember *member);
	/* Workspaces: the member may see other boards of it than before; NULL in members of boards. */
	void (*boards_changed)(RoomMember *member);
	/* presence_is_known has become true. May be NULL. */
	void (*presence_known)(RoomMember *member);
} RoomMemberHandlers;

/* An ACK that leaves in the place of versions from … to. */
typedef struct RoomAck
{
	ListLink link;
	int from;
	int to;
	Frame *frame;
	bool is_echo; /* the events follow it, too */
} RoomAck;

struct RoomMember
{
	/* set by conn/ before room_join */
	const RoomMemberHandlers *handlers;
	RoomKind kind;
	int64_t user_id;
	const char *username;
	const char *avatar; /* NULL: none */
	const Uuid *connection_id; /* as the database's presence knows it; NULL: it does not */

	/* the room's */
	Room *room;
	ListLink link;
	bool is_live; /* next is valid, events are delivered */
	int next;
	List acks; /* RoomAck, ascending */
	size_t ack_bytes; /* of their frames */
	PgRead *catch_up; /* in flight; outlives the member */
	struct PresentUser *present; /* presence.c's, while counted in it */
};

void room_hub_open(const Config *config);
void room_measure(void); /* sets the metrics of rooms that lag behind what they have heard of */
void room_hub_configure(const Config *config); /* after a reload */
void room_hub_close(void);

/* NULL when nobody is in it. */
Room *room_find(const Uuid *board_id);
Room *room_find_kind(RoomKind kind, const Uuid *id);

/* Enters the room, which is made if need be. Events come after room_member_start. */
void room_join(RoomMember *member, const Uuid *id);
void room_leave(RoomMember *member);

const Uuid *room_board_id(const Room *room);
/* The workspace that the room's frames name; zero until somebody knows it. */
void room_note_workspace(Room *room, const Uuid *workspace_id);
const Uuid *room_workspace_id(const Room *room);
RoomState room_state(const Room *room);
int room_head(const Room *room);
const char *room_head_mark(const Room *room);

/* A read that is not older than `version` has seen this head. */
void room_note_head(Room *room, int version, const char *mark, int64_t acl_version);

/* Whether a read under this acl_version may be believed although the room knows a newer one. */
bool room_may_read(const Room *room, int64_t user_id, int64_t acl_version);

/* The member has everything up to `version`: what follows is delivered from now on. */
void room_member_start(RoomMember *member, int version);
/* Stops delivery until the next room_member_start. */
void room_member_hold(RoomMember *member);
/* Delivers what can be delivered: after the queue has drained, after a command was answered. */
void room_pump_member(RoomMember *member);
/* The member has not got everything that is in the room. */
bool room_member_is_behind(const RoomMember *member);
/* The frame leaves in the place of these versions; takes over the caller's reference. */
void room_member_ack(RoomMember *member, int from, int to, Frame *frame, bool is_echo);

/*
 * Payloads of the events after `after` from the ring, at most `max`; 0 when the ring does not reach
 * back so far. *mark is that of the last one.
 */
size_t room_ring_slices(const Room *room, int after, size_t max, Slice *slices, const char **mark);
bool room_ring_reaches(const Room *room, int after);

/* Events of one board or workspace that a command has made, ascending. */
void room_take_events(const PgEvent *events, size_t count);

/* A frame for everyone live in the room but `except` (may be NULL); may be dropped. */
void room_broadcast_loose(Room *room, Frame *frame, const RoomMember *except);

/* What the listener says; registered by main. */
void room_on_hint(const Uuid *board_id, int version);
void room_on_listening(const Uuid *board_id);
void room_catch_up_all(void);
/* Compares all rooms' heads with the database's now instead of at the next poll. */
void room_poll_soon(void);

/* The same for workspaces, whose channel says {workspace_id, version}. */
void room_on_workspace_hint(const Uuid *workspace_id, int version);
void room_on_workspace_listening(const Uuid *workspace_id);

/* The newest PRESENCE of a workspace's members, borrowed; NULL: it is being read, and all get it. */
Frame *room_people(Room *room);
/* What the listener says of collab:presence:<workspace>; ids that are no workspace here are ignored. */
void room_on_people(const Uuid *workspace_id);
void room_people_catch_up(void);

/* What was read of its boards after the last look was lost: the next poll tells the members again. */
void room_forget_boards(Room *room);

/* Some workspace may have other boards than before: looks now instead of at the next poll. */
void room_boards_poll_soon(void);

#endif
