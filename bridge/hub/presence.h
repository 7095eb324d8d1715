/*
 * presence.h - who is on a board now, where their cursors are and what they look at.
 *
 * Over all connections of a user and over all bridges of the database: USER_JOINED with the first,
 * USER_LEFT with the last. People of this bridge are its rooms' members; those of the others are
 * read from the database (presence_read.c), which this bridge tells of its own (presence_store.c).
 * Cursors and focus are kept newest-wins and sent at most 20 times a second for each user; nothing
 * durable depends on any of it.
 *
 * Called by conn/, room.c and main.c.
 */
#ifndef COLLAB_HUB_PRESENCE_H
#define COLLAB_HUB_PRESENCE_H

#include "hub/room.h"
#include "proto/encode.h"

void presence_open(void);
void presence_close(void);

/* The member is in a room and live. Twice is once. */
void presence_join(RoomMember *member);
void presence_leave(RoomMember *member);

void presence_move_cursor(RoomMember *member, double x, double y, const Uuid *task_id);
/* `editing` is NULL or one of task_fields.h's names; task_id NULL: none any more. */
void presence_focus(RoomMember *member, const Uuid *task_id, const char *editing);

/* A sign of life: last_seen of the user. */
void presence_seen(RoomMember *member);

/* Everyone present, in allocated memory that the caller frees; texts and ids are borrowed. */
EncodeActiveUser *presence_users(const Room *room, size_t *count) MUST_CHECK;

/* PRESENCE to all who are live in the room. */
void presence_tell_all(Room *room);

/* The other bridges' people have been asked for; until then presence_users may lack them. */
bool presence_is_known(const Room *room);

/* What the listener says of collab:presence:<id>; ids that are no room here are ignored. */
void presence_on_listening(const Uuid *board_id);
void presence_on_heard(const Uuid *board_id, Slice payload);
/* Reads the people of every room again: from time to time. */
void presence_read_all(void);
/* The same after an outage, when the other bridges have had the time to say theirs anew. */
void presence_resume(void);

#endif
