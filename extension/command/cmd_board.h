/*
 * cmd_board.h: making a board, for CREATE_BOARD and for imports.
 */
#ifndef COLLAB_CMD_BOARD_H
#define COLLAB_CMD_BOARD_H

#include "command/command.h"

typedef struct BoardList
{
	const char *name;
	const char *category;
} BoardList;

/* Adds BoardCreated with these lists; occurred_at: the original time of an imported board, or NULL. Returns true. */
extern bool cmd_board_add_created(Command *command, const char *name, const char *description, const BoardList *lists,
								  int count, const TimestampTz *occurred_at);

#endif
