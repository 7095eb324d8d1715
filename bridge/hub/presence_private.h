/*
 * presence_private.h - what the presence*.c files, live.c and room.c share; nobody else includes it.
 *
 *   presence.c         who is there: joining, leaving, the list
 *   presence_cursor.c  cursors and focus, and when they are sent
 *   presence_read.c    who is there through other bridges
 *   presence_store.c   tells the database who is here (a header of its own)
 *   live.c             cursors and focus between bridges (a header of its own, for main.c)
 */
#ifndef COLLAB_HUB_PRESENCE_PRIVATE_H
#define COLLAB_HUB_PRESENCE_PRIVATE_H

#include "base/hashmap.h"
#include "hub/presence.h"
#include "hub/room_private.h"

/* What of a user has changed and is still to be sent. */
typedef enum PresenceChange
{
	PRESENCE_CURSOR = 1,
	PRESENCE_FOCUS = 2
} PresenceChange;

typedef struct PresentCursor
{
	bool is_known;
	double x;
	double y;
	bool has_task;
	Uuid task_id;
	const RoomMember *of; /* who moved it; NULL: on another bridge */
} PresentCursor;

typedef struct PresentFocus
{
	bool has_task;
	Uuid task_id;
	const char *editing; /* a literal; NULL: nothing */
	const RoomMember *of;
} PresentFocus;

/* A user on a board, as long as they are there through any bridge. */
typedef struct PresentUser
{
	Room *room;
	int64_t user_id;
	char *username; /* owned */
	char *avatar; /* owned; NULL: none */
	int tabs; /* members of the room here */
	bool is_remote; /* there through another bridge, too */
	bool is_in_answer; /* of the read being taken */
	int64_t last_seen_ms;

	PresentCursor cursor;
	PresentFocus focus;
	unsigned unsent; /* PresenceChange, for the members here */
	unsigned untold; /* PresenceChange, for other bridges */
	ListLink unsent_link;
	ListLink untold_link; /* in the room's */
} PresentUser;

/* presence.c */
PresentUser *present_find(const Room *room, int64_t user_id);
/* Found or made; made ones are announced to everyone in the room but `except`. */
PresentUser *present_enter(Room *room, const EncodeUser *user, const RoomMember *except);
/* Nothing any more if neither tab nor other bridge holds them. */
void present_check(PresentUser *user, const RoomMember *except);
EncodeUser present_encode(const PresentUser *user);

void presence_room_open(Room *room);
void presence_room_close(Room *room);

/* presence_cursor.c */
void cursor_open(void);
void cursor_close(void);
/* To the members here now; what came from another bridge. */
void cursor_send(PresentUser *user, unsigned changes);
/* The member leaves: what it moved or looked at ends. */
void cursor_leave(PresentUser *user, const RoomMember *member);
void cursor_forget(PresentUser *user);
/* Other bridges are to be told everything known about the room's users here. */
void cursor_tell_all(Room *room);
/* There may be something for other bridges now. */
void cursor_wake(void);

/* live.c: the room's people of other bridges are known: listens while there are any, greets new ones. */
void live_follow(Room *room);
/* The room ends. */
void live_leave(Room *room);
/* Something of a user here has changed; live_send sends it. */
void live_tell(PresentUser *present, PresenceChange change);
/* True when something was sent: the tick goes on. */
bool live_send(void);

/* presence_read.c */
void presence_read_open(void);
void presence_read_close(void);
void presence_read_soon(Room *room);

#endif
