/*
 * cmd_place.h: from the positions that clients speak of to the ranks that are stored.
 */
#ifndef COLLAB_CMD_PLACE_H
#define COLLAB_CMD_PLACE_H

#include "postgres.h"
#include "utils/uuid.h"

/* Distance of ranks where there is room: new things at the end, imports. */
#define PLACE_RANK_STEP (INT64CONST(1) << 40)

typedef struct Placement
{
	int position; /* the final index */
	char *ranks; /* JSON object for event_data: the thing's rank, and those of neighbours that made room */
} Placement;

/*
 * Places a task, new or moved, into a list of others open tasks (the task itself not counted) at index; an index
 * beyond the end is the end.
 */
extern void place_task(const pg_uuid_t *board_id, const pg_uuid_t *list_id, const pg_uuid_t *task_id, int others,
					   int64 index, Placement *placement);
/* The same for a list among the board's unarchived lists. */
extern void place_list(const pg_uuid_t *board_id, const pg_uuid_t *list_id, int64 index, Placement *placement);
/* The index of a task among the list's open tasks other than self; -1 when it is not there. */
extern int place_index_of(const pg_uuid_t *board_id, const pg_uuid_t *list_id, const pg_uuid_t *task_id,
						  const pg_uuid_t *self);
/* The index of a list among the board's unarchived lists; it must be one of them. */
extern int place_index_of_list(const pg_uuid_t *board_id, const pg_uuid_t *list_id);

/* The same for a checklist of a task, for an item of a checklist; both return how many others there are. */
extern int place_checklist(const pg_uuid_t *board_id, const pg_uuid_t *task_id, const pg_uuid_t *checklist_id,
						   int64 index, Placement *placement);
extern int place_item(const pg_uuid_t *board_id, const pg_uuid_t *checklist_id, const pg_uuid_t *item_id, int64 index,
					  Placement *placement);
/* The index of a checklist on its task, of an item in its checklist; each must be there. */
extern int place_index_of_checklist(const pg_uuid_t *board_id, const pg_uuid_t *checklist_id);
extern int place_index_of_item(const pg_uuid_t *board_id, const pg_uuid_t *item_id);

#endif
