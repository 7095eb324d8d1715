/*
 * read_board.c: what readings tell of a board and of what is in it.
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "read/read.h"
#include "support/support_json.h"

/* A page of events ends before it has more bytes, but for a first one that has. */
#define EVENTS_BYTES (1024 * 1024)
#define EVENTS_LIMIT 500

READ_BY_STATEMENT(get_board, "SELECT collab.board_document($1, coalesce($2, 'full'), coalesce($3, false)) AS board");
READ_BY_STATEMENT(get_list,
				  "SELECT json_build_object('id', l.id, 'board_id', l.board_id, 'name', l.name, 'position',"
				  " (SELECT count(*) FROM collab.lists AS o WHERE o.board_id = l.board_id"
				  " AND (o.archived_at IS NULL) = (l.archived_at IS NULL) AND (o.rank, o.id) < (l.rank, l.id)),"
				  " 'category', l.category, 'wip_limit', l.wip_limit, 'task_count', l.task_count, 'version', l.version,"
				  " 'created_at', collab.time_text(l.created_at), 'updated_at', collab.time_text(l.updated_at),"
				  " 'archived_at', collab.time_text(l.archived_at)) AS list FROM collab.lists AS l WHERE l.id = $1");
READ_BY_STATEMENT(get_labels, "SELECT coalesce(json_agg(json_build_object('id', l.id, 'name', l.name, 'color', l.color,"
							  " 'version', l.version, 'created_at', collab.time_text(l.created_at), 'open_tasks',"
							  " (SELECT count(*) FROM collab.task_labels AS tl JOIN collab.tasks AS t"
							  " ON t.board_id = tl.board_id AND t.id = tl.task_id WHERE tl.board_id = l.board_id"
							  " AND tl.label_id = l.id AND t.archived_at IS NULL AND t.deleted_at IS NULL))"
							  " ORDER BY l.created_at, l.name, l.id), '[]') AS labels"
							  " FROM collab.labels AS l WHERE l.board_id = $1 AND l.deleted_at IS NULL");
READ_BY_STATEMENT(get_archived, "SELECT a->'lists' AS lists, a->'tasks' AS tasks"
								" FROM (SELECT collab.archived($1) AS a OFFSET 0) AS one");
READ_BY_STATEMENT(get_task, "SELECT s->'task' AS task, s->'comments' AS comments, s->'more_comments' AS more_comments,"
							" s->'attachments' AS attachments, s->'blocked_by' AS blocked_by, s->'blocking' AS blocking"
							" FROM (SELECT collab.task_state($1, $2) AS s OFFSET 0) AS one");
READ_BY_STATEMENT(
	get_attachment,
	"SELECT json_build_object('id', a.id, 'board_id', a.board_id, 'task_id', a.task_id, 'name', a.name,"
	" 'url', a.url, 'content_type', a.content_type, 'size', a.size, 'sha256', a.sha256, 'user_id', a.user_id,"
	" 'username', u.name, 'created_at', collab.time_text(a.created_at), 'version', a.version) AS attachment"
	" FROM collab.attachments AS a LEFT JOIN collab.users AS u ON u.id = a.user_id"
	" WHERE a.id = $1 AND a.deleted_at IS NULL");

/* board_at knows the version and mark of what it gives. */
SPI_STATEMENT(board_at,
			  "SELECT d->'board' AS board, (d->>'version')::int AS version, d->>'event' AS event"
			  " FROM (SELECT CASE WHEN $2 IS NULL THEN collab.board_at($1, $3, coalesce($4, 'full'))"
			  " ELSE collab.board_at($1, $2, coalesce($4, 'full')) END AS d OFFSET 0) AS one",
			  InvalidOid);
SPI_STATEMENT(find_comment, "SELECT FROM collab.comments WHERE board_id = $1 AND task_id = $2 AND id = $3", UUIDOID,
			  UUIDOID, UUIDOID);
SPI_STATEMENT(comments,
			  "WITH page AS MATERIALIZED (SELECT t.board_id, collab.task_comments(t.board_id, t.id, $2) AS comments"
			  " FROM collab.tasks AS t WHERE t.id = $1)"
			  " SELECT p.comments, CASE WHEN jsonb_array_length(p.comments) = 50 AND jsonb_array_length("
			  "collab.task_comments(p.board_id, $1, (p.comments->-1->>'id')::uuid)) > 0"
			  " THEN p.comments->-1->'id' END AS next_cursor FROM page AS p",
			  InvalidOid);
SPI_STATEMENT(events, "SELECT e.version, e.event, e.body FROM collab.room_events($1, $2, $3) AS e ORDER BY e.version",
			  UUIDOID, INT4OID, INT4OID);
SPI_STATEMENT(mark_at,
			  "SELECT collab.event_mark(e.id, e.created_at) FROM collab.events AS e"
			  " WHERE e.aggregate_id = $1 AND e.version = $2",
			  UUIDOID, INT4OID);

bool
read_get_board_at(Read *read)
{
	static const char *const fields[] = {"at_version", "at_time", NULL};

	return read_check_one_of(read, fields) && read_answer(read, &board_at);
}

bool
read_get_comments(Read *read)
{
	pg_uuid_t task_id;
	pg_uuid_t before;
	Datum values[] = {UUIDPGetDatum(&read->board_id), UUIDPGetDatum(&task_id), UUIDPGetDatum(&before)};

	(void) field_uuid(read->payload, "task_id", &task_id);
	if (field_uuid(read->payload, "before", &before) && spi_read(&find_comment, values, NULL) == 0)
		return read_refuse(read, REFUSAL_INVALID, "before must name a comment of the task");
	return read_answer(read, &comments);
}

/* The mark of a version that the board has; NULL when it has none such. */
static char *
mark_of_version(const Read *read, int version)
{
	Datum values[] = {UUIDPGetDatum(&read->board_id), Int32GetDatum(version)};

	return spi_read(&mark_at, values, NULL) == 1 ? spi_cstring(0, 1) : NULL;
}

/* How many of the rows go into one page. */
static uint64
rows_of_page(uint64 rows, int limit)
{
	size_t bytes = 0;
	uint64 count = 0;

	for (; count < rows && count < (uint64) limit; count++)
	{
		bytes += VARSIZE_ANY_EXHDR(DatumGetPointer(spi_datum(count, 3)));
		if (count > 0 && bytes > EVENTS_BYTES)
			break;
	}
	return count;
}

/* The payload of BOARD_EVENTS. */
bool
read_get_events(Read *read)
{
	int64 after = 0;
	int64 limit = EVENTS_LIMIT;
	uint64 rows;
	uint64 count;
	Datum values[3];
	StringInfo out = &read->out;

	if (!read_check_limit(read, EVENTS_LIMIT))
		return false;
	(void) field_int64(read->payload, "after_version", &after);
	(void) field_int64(read->payload, "limit", &limit);
	values[0] = UUIDPGetDatum(&read->board_id);
	values[1] = Int32GetDatum((int32) after);
	values[2] = Int32GetDatum((int32) limit + 1);
	rows = spi_read(&events, values, NULL);
	count = rows_of_page(rows, (int) limit);
	json_add_uuid(out, "board_id", &read->board_id);
	json_add_int(out, "from_version", after);
	json_add_int(out, "to_version", count > 0 ? spi_int32(count - 1, 1) : after);
	json_key(out, "events");
	json_begin(out, '[');
	for (uint64 row = 0; row < count; row++)
		json_put_raw(out, spi_cstring(row, 3));
	json_end(out, ']');
	json_add_bool(out, "has_more", count < rows);
	json_add_string(out, "event", count > 0 ? spi_cstring(count - 1, 2) : mark_of_version(read, (int) after));
	json_end(out, '}');
	read->is_whole = true;
	return true;
}
