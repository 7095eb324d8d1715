/*
 * proj_parts.h: what hangs on tasks (assignees, labels, blockers, checklists), gathered row by row and put in order.
 *
 * The statements that fetch it sort nothing: a row is filed under its task as it comes, and each task's few rows are
 * put in order at the end, which they mostly are already.
 */
#ifndef COLLAB_PROJ_PARTS_H
#define COLLAB_PROJ_PARTS_H

#include "postgres.h"
#include "lib/stringinfo.h"
#include "utils/uuid.h"

#include "projection/proj_document.h"

/* Numbers the ids it is given from 0 on. */
typedef struct IdMap IdMap;

extern IdMap *id_map_new(uint32 expected);
extern uint32 id_map_put(IdMap *map, const pg_uuid_t *id); /* its number, a new one if need be */
extern int id_map_find(const IdMap *map, const pg_uuid_t *id); /* -1: not there */

typedef struct Part
{
	uint32 owner; /* number of the task, or of the checklist */
	uint32 text; /* items and checklists: offset into PartList.texts */
	int64 order;
	pg_uuid_t id; /* decides between those of equal order */
	int64 number; /* assignees: user id; checklists: its own number */
	const LabelDocument *label;
} Part;

typedef struct PartList
{
	Part *parts;
	uint32 count;
	uint32 room;
	uint32 *starts; /* after arranging: owner n has the parts starts[n] … starts[n + 1] */
	uint32 owners;
	StringInfoData texts; /* each ends with '\0' */
} PartList;

typedef struct TaskParts
{
	IdMap *tasks;
	IdMap *checklist_ids;
	IdMap *label_ids;
	LabelDocument *label_documents; /* by number; those that are deleted are not among them */
	uint32 label_count;
	uint32 label_room;
	PartList assignees;
	PartList labels;
	PartList blockers;
	PartList checklists;
	PartList items;
	uint32 *items_total; /* by task */
	uint32 *items_checked;
	uint32 counts_room;
	DocumentDetail detail;
} TaskParts;

/*
 * Reads them for a board (task_id NULL) or for one task, under the active snapshot (is_read) or with one taken now.
 * expected: how many tasks there may be.
 */
extern TaskParts *proj_parts_read(const pg_uuid_t *board_id, const pg_uuid_t *task_id, DocumentDetail detail,
								  uint32 expected, bool is_read);
/* Fills in the task's; in the current memory context, checklists in `scratch`. */
extern void proj_parts_of(const TaskParts *parts, TaskDocument *task, StringInfo scratch);
/* Every user who is assigned to a task or a checklist item, some more than once; appends to the array. */
extern int64 *proj_parts_users(const TaskParts *parts, uint32 *count);

#endif
