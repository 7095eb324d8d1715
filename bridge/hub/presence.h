/*
 * presence.h - who is on a board now, and where their cursors are.
 *
 * In this process only. Several connections of one user count once: USER_JOINED with the first,
 * USER_LEFT with the last. Cursors are kept newest-wins and sent at most 20 times a second for each
 * sender; nothing durable depends on any of it.
 *
 * Called by conn/ and room.c.
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

/* A sign of life: last_seen of the user. */
void presence_seen(RoomMember *member);

/* Everyone present, in allocated memory that the caller frees; texts and ids are borrowed. */
EncodeActiveUser *presence_users(const Room *room, size_t *count) MUST_CHECK;

#endif
