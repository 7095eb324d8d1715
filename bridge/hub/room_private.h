/*
 * room_private.h - what room.c, room_sync.c and presence.c share; nobody else includes it.
 */
#ifndef COLLAB_HUB_ROOM_PRIVATE_H
#define COLLAB_HUB_ROOM_PRIVATE_H

#include "base/hashmap.h"
#include "core/loop.h"
#include "hub/ring.h"
#include "hub/room.h"

/* Who is on the board: the presence*.c files and live.c. */
typedef struct RoomPresence
{
	HashMap *users; /* user id → PresentUser, in the order they came */
	size_t remote_count; /* of them, those who are there through another bridge */
	bool is_known; /* the other bridges' people have been read */
	bool is_asked; /* part of the read in flight */
	bool is_stale; /* something was announced since it was asked */
	ListLink read_link; /* in the rooms to be read, or being read */

	bool is_live; /* listens to collab:live:<board> */
	bool has_newcomer; /* on another bridge: it is asked for cursors and focus */
	bool says_hello; /* with the next message */
	List untold; /* PresentUser.untold_link: for other bridges */
	ListLink live_link; /* in the rooms that have something for other bridges */
} RoomPresence;

struct Room
{
	RoomKind kind;
	Uuid board_id; /* a workspace's: its id */
	Uuid workspace_id; /* zero until somebody knows it; a workspace's: its id */
	Frame *people; /* workspaces: the newest PRESENCE; NULL before the first; room_people.c's like the next ones */
	Buffer people_sign; /* of what it said, without times */
	PgRead people_read;
	bool is_reading_people;
	bool hears_people; /* the channel is listened to */
	ListLink people_link;
	char *boards_mark; /* workspaces: of the boards in it, as last read; NULL before that; owned */
	RoomState state;
	int head; /* newest version known; meaningless while STARTING */
	char *head_mark; /* of the head; owned; never NULL once LIVE */
	int64_t acl_version; /* newest seen */
	List members; /* RoomMember.link */

	Ring ring; /* up to the head; may be empty */

	int wanted; /* newest version heard of */
	double behind_since; /* loop_now: since when that is above the head, as far as it was measured; 0: it is not */
	PgRead fetch; /* one in flight */
	bool is_fetching;
	int fetch_wanted; /* `wanted` when it was asked */
	PgRead readers_read;
	bool is_reading_readers;
	int64_t *readers; /* sorted; NULL until the first reload */
	size_t reader_count;
	int64_t readers_acl_version;
	bool has_withheld; /* presence and cursors, since readers are being reloaded */

	bool is_asked; /* part of the poll in flight, with what the room had then */
	int asked_head;
	char *asked_mark;

	RoomPresence presence; /* presence*.c and live.c */

	int unpumped; /* events taken since members were last served, and their bytes */
	size_t unpumped_bytes;
	int64_t arrived_us; /* oldest event of this turn, for the delivery metric; 0: none */
	LoopWork delivered_work;
	LoopWork retire_work;
};

/* core of room.c */
void room_set_state(Room *room, RoomState state);
void room_pump(Room *room);

/* One event at its place; false when there is a gap before it. */
typedef struct RoomEvent
{
	int version;
	int64_t acl_version;
	const char *mark;
	Slice body;
} RoomEvent;
bool room_take_event(Room *room, const RoomEvent *event);
bool room_give(RoomMember *member, const RoomEvent *event);
void room_member_reset(RoomMember *member);

/* room_sync.c */
HashMap *room_all(void); /* kind and id → Room */
void room_want(Room *room, int version);
void room_check_readers(Room *room);
void room_reset(Room *room);
void room_catch_up_member(RoomMember *member);
void room_catch_up_forget(RoomMember *member);
void room_sync_configure(const Config *config); /* opens it, and again after a reload */
void room_sync_close(void);

/* room_boards.c */
void room_tell_boards_changed(Room *room);

/* room_people.c */
void room_people_start(Room *room); /* a workspace's room is LIVE: its id is a workspace's */
void room_people_stop(Room *room);
void room_people_open(void);
void room_people_close(void);

#endif
