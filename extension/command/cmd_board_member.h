/*
 * cmd_board_member.h: who sees a board, for commands that name people on it.
 */
#ifndef COLLAB_CMD_BOARD_MEMBER_H
#define COLLAB_CMD_BOARD_MEMBER_H

#include "command/command.h"

/*
 * True when the user can see the command's board: an active member of its workspace and, where the board is private,
 * one of the board's members, an admin or an owner.
 */
extern bool board_can_see(Command *command, int64 user_id);

#endif
