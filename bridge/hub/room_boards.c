/*
 * room_boards.c - whether the workspaces with somebody in them still have the same boards.
 *
 * A board that is made, deleted, or opened to other people is not a change of the workspace: nothing
 * in the workspace's log says so, and a new board's channel is nobody's yet. So with every poll the
 * marks of all workspaces in question are read in one call; where one is another than before, the
 * members look for themselves what they see now. A board that is lost is noticed by its own room,
 * before its next event.
 *
 * Owns the read. Called by room.c and room_sync.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "hub/room_private.h"

static struct
{
	PgRead read;
	bool is_reading;
	bool reads_again; /* asked while one was in flight */
} boards;

void
room_tell_boards_changed(Room *room)
{
	if (room->kind != ROOM_WORKSPACE || room->state != ROOM_LIVE)
		return;
	LIST_FOR_EACH (&room->members, RoomMember, link, member)
		member->handlers->boards_changed(member);
}

void
room_forget_boards(Room *room)
{
	free(room->boards_mark);
	room->boards_mark = NULL;
}

/* The first mark of a room is news, too: its members read their boards before it. */
static void
boards_compare(const PgReadResult *result, int row)
{
	const char *mark = pg_read_text(result, row, 1);
	Uuid workspace_id;
	Room *room = pg_read_uuid(result, row, 0, &workspace_id) ? room_find_kind(ROOM_WORKSPACE, &workspace_id) : NULL;

	if (room == NULL || room->state != ROOM_LIVE || (room->boards_mark != NULL && strcmp(room->boards_mark, mark) == 0))
		return;
	room_forget_boards(room);
	room->boards_mark = memory_copy_text(mark);
	room_tell_boards_changed(room);
}

static void
on_marks(PgRead *read, const PgReadResult *result)
{
	(void) read;
	boards.is_reading = false;
	if (result->status == PG_READ_OK && room_all() != NULL)
	{
		for (int row = 0; row < result->row_count; row++)
			boards_compare(result, row);
	}
	if (boards.reads_again)
		room_boards_poll_soon();
}

static size_t
boards_collect(Uuid *workspace_ids)
{
	HashMapVisit visit = HASHMAP_START;
	size_t count = 0;
	Room *room;

	while ((room = hashmap_visit(room_all(), &visit, NULL)) != NULL)
	{
		if (room->kind == ROOM_WORKSPACE && room->state != ROOM_STARTING)
			workspace_ids[count++] = room->board_id;
	}
	return count;
}

void
room_boards_poll_soon(void)
{
	size_t room_count = room_all() != NULL ? hashmap_count(room_all()) : 0;
	Uuid *workspace_ids;
	size_t count;

	boards.reads_again = boards.is_reading;
	if (room_count == 0 || boards.is_reading)
		return;
	workspace_ids = memory_alloc(sizeof(*workspace_ids) * room_count);
	count = boards_collect(workspace_ids);
	if (count > 0)
	{
		boards.is_reading = true;
		pg_read_init(&boards.read, PG_READ_BOARD_MARKS, on_marks);
		pg_read_add_uuids(&boards.read, workspace_ids, count);
		pg_read_submit(&boards.read);
	}
	free(workspace_ids);
}
