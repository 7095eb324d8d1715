/*
 * proj_document.h: tasks, lists and boards as the JSON documents of docs/protocol.md ("Shapes").
 */
#ifndef COLLAB_PROJ_DOCUMENT_H
#define COLLAB_PROJ_DOCUMENT_H

#include "postgres.h"
#include "lib/stringinfo.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

typedef struct LabelDocument
{
	pg_uuid_t id;
	const char *name;
	const char *color;
} LabelDocument;

typedef struct TaskDocument
{
	pg_uuid_t board_id;
	pg_uuid_t id;
	pg_uuid_t list_id;
	const char *title;
	const char *description;
	const char *priority; /* NULL: none */
	const TimestampTz *start_date; /* NULL: none */
	const TimestampTz *due_date; /* NULL: none */
	const TimestampTz *completed_at; /* NULL: not completed */
	const TimestampTz *archived_at; /* NULL: not archived; left out of the document then */
	const char *status; /* category of its list */
	int position; /* from 0, among the list's open tasks */
	const char *config; /* JSON text */
	const int64 *assignees;
	int assignee_count;
	const LabelDocument *labels;
	int label_count;
	int items_total;
	int items_checked;
	int comments_count;
	const char *checklists; /* JSON text of the array; NULL: left out */
	const char *cover; /* JSON text; NULL: none */
	const char *custom_fields; /* JSON text: values by field id */
	int attachments_count;
	const pg_uuid_t *blocked_by;
	int blocked_by_count;
	int version;
	TimestampTz created_at;
	TimestampTz updated_at;
} TaskDocument;

typedef enum DocumentDetail
{
	DETAIL_CARDS, /* without description, config, custom fields and checklists */
	DETAIL_FULL,
} DocumentDetail;

extern void proj_put_label(StringInfo out, const LabelDocument *label);
extern void proj_put_labels(StringInfo out, const LabelDocument *labels, int count);
extern void proj_put_task(StringInfo out, const TaskDocument *task, DocumentDetail detail);
/* The same in two parts, for one who knows the position only later: it comes between them, as a number. */
extern void proj_put_task_before_position(StringInfo out, const TaskDocument *task);
extern void proj_put_task_after_position(StringInfo out, const TaskDocument *task, DocumentDetail detail);
/* "key": the time, or null */
extern void proj_put_time(StringInfo out, const char *key, const TimestampTz *value);

/* Reads one task's own row and its list's category; false when it does not exist or is deleted. */
extern bool proj_read_task(const pg_uuid_t *board_id, const pg_uuid_t *task_id, TaskDocument *task);
/* Reads what hangs on a task that was read: position, assignees, labels, blockers, checklists. */
extern void proj_read_task_parts(TaskDocument *task);
/* One list without its tasks; NULL when there is none. */
extern char *proj_list_text(const pg_uuid_t *board_id, const pg_uuid_t *list_id);
/* The whole board, with what is archived if asked; NULL when there is none. Runs under the active snapshot. */
extern char *proj_board_text(const pg_uuid_t *board_id, DocumentDetail detail, bool with_archived);
/* {"board", "version", "event"}: a board's document with the head it has. */
extern Jsonb *proj_board_state(const char *document, int version, const char *event);
/* "full" or "cards"; raises TB004 for another word. */
extern DocumentDetail proj_detail_of(const char *name);

#endif
