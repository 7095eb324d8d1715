/*
 * proj_board_member.h: the members that a board gets as it is made or becomes private.
 */
#ifndef COLLAB_PROJ_BOARD_MEMBER_H
#define COLLAB_PROJ_BOARD_MEMBER_H

#include "projection/projection.h"

/* Writes what an event of the board itself has in "members_added", if anything. */
extern void proj_board_members_added(const ProjectedEvent *event);

#endif
