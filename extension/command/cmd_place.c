/*
 * cmd_place.c: gives a thing a rank between its new neighbours.
 *
 * Ranks are bigint, PLACE_RANK_STEP apart at first. A thing put between two others gets the middle: forty times on one
 * spot. Then a window around the spot is spread again, the smallest in which everything gets SPREAD_GAP apart, so
 * that ten thousand inserts in one place move few rows each. The new ranks of all of them go into the one event.
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "command/cmd_place.h"
#include "support/support_json.h"
#include "support/support_spi.h"

#define RANK_LIMIT (INT64CONST(1) << 62)
#define SPREAD_GAP (INT64CONST(1) << 16)
#define FIRST_WINDOW 8

/* Rows in order without the thing itself: $1 board, $2 list, $3 itself, $4 offset, $5 limit. */
SPI_STATEMENT(read_task_ranks,
			  "SELECT id, rank FROM collab.tasks WHERE board_id = $1 AND list_id = $2 AND id <> $3"
			  " AND archived_at IS NULL AND deleted_at IS NULL ORDER BY rank, id OFFSET $4 LIMIT $5",
			  UUIDOID, UUIDOID, UUIDOID, INT4OID, INT4OID);
SPI_STATEMENT(read_last_task_rank,
			  "SELECT id, rank FROM collab.tasks WHERE board_id = $1 AND list_id = $2 AND id <> $3"
			  " AND archived_at IS NULL AND deleted_at IS NULL ORDER BY rank DESC, id DESC OFFSET $4 LIMIT $5",
			  UUIDOID, UUIDOID, UUIDOID, INT4OID, INT4OID);
SPI_STATEMENT(read_list_ranks,
			  "SELECT id, rank FROM collab.lists WHERE board_id = $1 AND id <> $3 AND archived_at IS NULL"
			  " AND $2 IS NOT NULL ORDER BY rank, id OFFSET $4 LIMIT $5",
			  UUIDOID, UUIDOID, UUIDOID, INT4OID, INT4OID);
SPI_STATEMENT(count_lists,
			  "SELECT count(*)::int FROM collab.lists WHERE board_id = $1 AND id <> $2 AND archived_at IS NULL",
			  UUIDOID, UUIDOID);
SPI_STATEMENT(index_of_task,
			  "SELECT (SELECT count(*)::int FROM collab.tasks AS o WHERE o.board_id = $1 AND o.list_id = $2"
			  " AND o.id <> $4 AND o.archived_at IS NULL AND o.deleted_at IS NULL AND (o.rank, o.id) < (t.rank, t.id))"
			  " FROM collab.tasks AS t WHERE t.board_id = $1 AND t.list_id = $2 AND t.id = $3"
			  " AND t.archived_at IS NULL AND t.deleted_at IS NULL",
			  UUIDOID, UUIDOID, UUIDOID, UUIDOID);
SPI_STATEMENT(index_of_list,
			  "SELECT (SELECT count(*)::int FROM collab.lists AS o WHERE o.board_id = $1 AND o.archived_at IS NULL"
			  " AND (o.rank, o.id) < (l.rank, l.id)) FROM collab.lists AS l WHERE l.board_id = $1 AND l.id = $2",
			  UUIDOID, UUIDOID);

/* Checklists of a task ($2), items of a checklist ($2). */
SPI_STATEMENT(read_checklist_ranks,
			  "SELECT id, rank FROM collab.checklists WHERE board_id = $1 AND task_id = $2 AND id <> $3"
			  " AND deleted_at IS NULL ORDER BY rank, id OFFSET $4 LIMIT $5",
			  UUIDOID, UUIDOID, UUIDOID, INT4OID, INT4OID);
SPI_STATEMENT(count_checklists,
			  "SELECT count(*)::int FROM collab.checklists WHERE board_id = $1 AND task_id = $2 AND id <> $3"
			  " AND deleted_at IS NULL",
			  UUIDOID, UUIDOID, UUIDOID);
SPI_STATEMENT(index_of_checklist,
			  "SELECT (SELECT count(*)::int FROM collab.checklists AS o WHERE o.board_id = $1"
			  " AND o.task_id = c.task_id AND o.deleted_at IS NULL AND (o.rank, o.id) < (c.rank, c.id))"
			  " FROM collab.checklists AS c WHERE c.board_id = $1 AND c.id = $2",
			  UUIDOID, UUIDOID);
SPI_STATEMENT(read_item_ranks,
			  "SELECT id, rank FROM collab.checklist_items WHERE board_id = $1 AND checklist_id = $2 AND id <> $3"
			  " AND deleted_at IS NULL ORDER BY rank, id OFFSET $4 LIMIT $5",
			  UUIDOID, UUIDOID, UUIDOID, INT4OID, INT4OID);
SPI_STATEMENT(count_items,
			  "SELECT count(*)::int FROM collab.checklist_items WHERE board_id = $1 AND checklist_id = $2 AND id <> $3"
			  " AND deleted_at IS NULL",
			  UUIDOID, UUIDOID, UUIDOID);
SPI_STATEMENT(index_of_item,
			  "SELECT (SELECT count(*)::int FROM collab.checklist_items AS o WHERE o.board_id = $1"
			  " AND o.checklist_id = i.checklist_id AND o.deleted_at IS NULL AND (o.rank, o.id) < (i.rank, i.id))"
			  " FROM collab.checklist_items AS i WHERE i.board_id = $1 AND i.id = $2",
			  UUIDOID, UUIDOID);

typedef struct RankedRow
{
	pg_uuid_t id;
	int64 rank;
} RankedRow;

/* The ordered set in which a thing is placed. */
typedef struct Sequence
{
	SpiStatement *rows;
	SpiStatement *last; /* the same from the end; NULL: none */
	const pg_uuid_t *board_id;
	const pg_uuid_t *list_id;
	const pg_uuid_t *self;
	int count;
} Sequence;

static RankedRow *
read_rows(const Sequence *sequence, SpiStatement *statement, int offset, int limit, int *count)
{
	Datum values[] = {UUIDPGetDatum(sequence->board_id), UUIDPGetDatum(sequence->list_id),
					  UUIDPGetDatum(sequence->self), Int32GetDatum(offset), Int32GetDatum(limit)};
	RankedRow *rows;

	*count = (int) spi_run(statement, values, NULL);
	rows = palloc(sizeof(RankedRow) * Max(*count, 1));
	for (int i = 0; i < *count; i++)
	{
		rows[i].id = spi_uuid(i, 1);
		rows[i].rank = spi_int64(i, 2);
	}
	return rows;
}

/* A rank between two neighbours, either of which may be missing; false when there is no room. */
static bool
rank_between(const RankedRow *before, const RankedRow *after, int64 *rank)
{
	if (before != NULL && after != NULL)
	{
		*rank = before->rank + (after->rank - before->rank) / 2;
		return *rank != before->rank && *rank != after->rank;
	}
	if (before != NULL)
		*rank = before->rank + PLACE_RANK_STEP;
	else if (after != NULL)
		*rank = after->rank - PLACE_RANK_STEP;
	else
		*rank = 0;
	return *rank<RANK_LIMIT && * rank> - RANK_LIMIT;
}

/* The end of a list is asked for most, and must not cost a walk through it. */
static bool
rank_at(const Sequence *sequence, int index, int64 *rank)
{
	RankedRow *rows;
	int count;

	if (index == sequence->count && sequence->last != NULL)
	{
		rows = read_rows(sequence, sequence->last, 0, 1, &count);
		return rank_between(count > 0 ? &rows[0] : NULL, NULL, rank);
	}
	if (index == 0)
	{
		rows = read_rows(sequence, sequence->rows, 0, 1, &count);
		return rank_between(NULL, count > 0 ? &rows[0] : NULL, rank);
	}
	rows = read_rows(sequence, sequence->rows, index - 1, 2, &count);
	return rank_between(count > 0 ? &rows[0] : NULL, count > 1 ? &rows[1] : NULL, rank);
}

static void
put_rank(StringInfo out, const pg_uuid_t *id, int64 rank)
{
	json_key(out, uuid_text(id));
	json_put_int(out, rank);
}

/*
 * Spreads rows[first..last] and the new thing at index evenly between the rows outside; false when the room there is
 * too small. With no row outside on one side the room ends at RANK_LIMIT, all rows together have it always.
 */
static bool
spread_window(const Sequence *sequence, const RankedRow *rows, int count, int first, int last, int index,
			  StringInfo out)
{
	int slots = last - first + 2; /* the rows and the new thing */
	bool open_left = first == 0;
	bool open_right = last == count - 1;
	int64 gap = PLACE_RANK_STEP;
	int64 start;
	int slot = 1;

	if (!open_left && !open_right)
		gap = (rows[last + 1].rank - rows[first - 1].rank) / (slots + 1);
	if (gap < SPREAD_GAP)
		return false;
	if (!open_left)
		start = rows[first - 1].rank;
	else if (!open_right)
		start = rows[last + 1].rank - gap * (slots + 1);
	else
		start = -gap * (slots / 2);
	if (start <= -RANK_LIMIT || start + gap * (slots + 1) >= RANK_LIMIT)
		return false;
	for (int i = first; i <= last + 1; i++)
	{
		if (i == index)
			put_rank(out, sequence->self, start + gap * slot++);
		if (i <= last)
			put_rank(out, &rows[i].id, start + gap * slot++);
	}
	return true;
}

static void
make_room(const Sequence *sequence, int index, StringInfo out)
{
	int count;
	RankedRow *rows = read_rows(sequence, sequence->rows, 0, sequence->count, &count);

	for (int half = FIRST_WINDOW;; half *= 2)
	{
		int first = Max(index - half, 0);
		int last = Min(index + half, count) - 1;

		if (spread_window(sequence, rows, count, first, last, index, out))
			return;
	}
}

static void
place(const Sequence *sequence, int64 index, Placement *placement)
{
	StringInfoData ranks;
	int64 rank;

	placement->position = (int) Min(index, (int64) sequence->count);
	initStringInfo(&ranks);
	json_begin(&ranks, '{');
	if (rank_at(sequence, placement->position, &rank))
		put_rank(&ranks, sequence->self, rank);
	else
		make_room(sequence, placement->position, &ranks);
	json_end(&ranks, '}');
	placement->ranks = ranks.data;
}

void
place_task(const pg_uuid_t *board_id, const pg_uuid_t *list_id, const pg_uuid_t *task_id, int others, int64 index,
		   Placement *placement)
{
	Sequence sequence = {.rows = &read_task_ranks,
						 .last = &read_last_task_rank,
						 .board_id = board_id,
						 .list_id = list_id,
						 .self = task_id,
						 .count = others};

	place(&sequence, index, placement);
}

void
place_list(const pg_uuid_t *board_id, const pg_uuid_t *list_id, int64 index, Placement *placement)
{
	Datum values[] = {UUIDPGetDatum(board_id), UUIDPGetDatum(list_id)};
	Sequence sequence = {.rows = &read_list_ranks, .board_id = board_id, .list_id = list_id, .self = list_id};

	(void) spi_run(&count_lists, values, NULL);
	sequence.count = spi_int32(0, 1);
	place(&sequence, index, placement);
}

int
place_index_of(const pg_uuid_t *board_id, const pg_uuid_t *list_id, const pg_uuid_t *task_id, const pg_uuid_t *self)
{
	Datum values[] = {UUIDPGetDatum(board_id), UUIDPGetDatum(list_id), UUIDPGetDatum(task_id), UUIDPGetDatum(self)};

	return spi_run(&index_of_task, values, NULL) == 0 ? -1 : spi_int32(0, 1);
}

int
place_index_of_list(const pg_uuid_t *board_id, const pg_uuid_t *list_id)
{
	Datum values[] = {UUIDPGetDatum(board_id), UUIDPGetDatum(list_id)};

	(void) spi_run(&index_of_list, values, NULL);
	return spi_int32(0, 1);
}

/* A small set, whose others are counted. */
static int
place_counted(Sequence *sequence, SpiStatement *counter, int64 index, Placement *placement)
{
	Datum values[] = {UUIDPGetDatum(sequence->board_id), UUIDPGetDatum(sequence->list_id),
					  UUIDPGetDatum(sequence->self)};

	(void) spi_run(counter, values, NULL);
	sequence->count = spi_int32(0, 1);
	place(sequence, index, placement);
	return sequence->count;
}

int
place_checklist(const pg_uuid_t *board_id, const pg_uuid_t *task_id, const pg_uuid_t *checklist_id, int64 index,
				Placement *placement)
{
	Sequence sequence = {.rows = &read_checklist_ranks, .board_id = board_id, .list_id = task_id, .self = checklist_id};

	return place_counted(&sequence, &count_checklists, index, placement);
}

int
place_item(const pg_uuid_t *board_id, const pg_uuid_t *checklist_id, const pg_uuid_t *item_id, int64 index,
		   Placement *placement)
{
	Sequence sequence = {.rows = &read_item_ranks, .board_id = board_id, .list_id = checklist_id, .self = item_id};

	return place_counted(&sequence, &count_items, index, placement);
}

static int
index_among(SpiStatement *statement, const pg_uuid_t *board_id, const pg_uuid_t *id)
{
	Datum values[] = {UUIDPGetDatum(board_id), UUIDPGetDatum(id)};

	(void) spi_run(statement, values, NULL);
	return spi_int32(0, 1);
}

int
place_index_of_checklist(const pg_uuid_t *board_id, const pg_uuid_t *checklist_id)
{
	return index_among(&index_of_checklist, board_id, checklist_id);
}

int
place_index_of_item(const pg_uuid_t *board_id, const pg_uuid_t *item_id)
{
	return index_among(&index_of_item, board_id, item_id);
}
