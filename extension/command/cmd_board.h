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

/* A board to be made; what is NULL has its default. */
typedef struct BoardSpec
{
	pg_uuid_t id;
	pg_uuid_t workspace_id;
	int64 owner_id;
	const char *name;
	const char *description;
	const char *visibility;
	const char *settings; /* JSON text */
	const char *members; /* of a private board: JSON array of users' ids; NULL: its owner */
	const BoardList *lists;
	int list_count;
	const TimestampTz *occurred_at; /* the original time of an imported board */
	int version; /* that its event will have */
} BoardSpec;

#define CMD_BOARD_DEFAULT_LISTS 3
extern const BoardList cmd_board_default_lists[CMD_BOARD_DEFAULT_LISTS];

/* event_data of BoardCreated; of a private board the owner becomes a member. */
extern char *cmd_board_created_json(const BoardSpec *board);

#endif
