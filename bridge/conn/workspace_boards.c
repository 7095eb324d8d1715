/*
 * workspace_boards.c - the boards of a joined workspace: which there are, and from which version each goes on.
 *
 * They are read with the workspace's state, after a resume, and whenever the workspace's room says
 * that they may be others now. What the user sees and has no subscription for yet gets one; what is
 * not there any more is removed.
 *
 * Owns WorkspaceBoards. Called by subscription*.c and session_workspace.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "conn/subscription.h"
#include "core/metrics.h"

/* A change of rights makes every connection of a workspace look; the pool is for others, too. */
#define BOARDS_IN_FLIGHT 4

static struct
{
	List waiting; /* WorkspaceBoards.waiting_link */
	int in_flight;
} looks;

enum /* columns of PG_READ_WORKSPACE_STREAM and PG_READ_BOARD_HEADS */
{
	COLUMN_CODE,
	COLUMN_VERSION,
	COLUMN_EVENT,
	COLUMN_ACL_VERSION,
	COLUMN_BODY,
	COLUMN_BOARD_ID
};

typedef struct WorkspaceMark
{
	Uuid board_id;
	int version;
	bool is_visible;
	size_t event_length; /* 0: the client gave none */
	char event[];
} WorkspaceMark;

/* One reading of the boards, while it is being taken in. */
typedef struct BoardsTaken
{
	Subscription *workspace;
	const PgReadResult *result;
	HashMap *known; /* board id → Subscription of the session, those not seen yet */
	bool is_state; /* the client has been told the versions */
} BoardsTaken;

/* ---- what the client has ---- */

static void
marks_free(WorkspaceBoards *boards)
{
	HashMapVisit visit = HASHMAP_START;
	WorkspaceMark *mark;

	if (boards->marks == NULL)
		return;
	while ((mark = hashmap_visit(boards->marks, &visit, NULL)) != NULL)
		free(mark);
	hashmap_free(boards->marks);
	boards->marks = NULL;
}

static WorkspaceMark *
mark_new(const BoardMark *given)
{
	WorkspaceMark *mark = memory_alloc(sizeof(*mark) + given->event.length);

	mark->board_id = given->board_id;
	/* Above every head: the database will not know it, and the board starts over. */
	mark->version = given->version <= INT32_MAX ? (int) given->version : INT32_MAX;
	mark->event_length = given->event.length;
	if (given->event.length > 0)
		memcpy(mark->event, given->event.bytes, given->event.length);
	return mark;
}

void
workspace_note_marks(Subscription *workspace, const Message *message)
{
	WorkspaceBoards *boards = workspace->boards;
	size_t count;
	BoardMark *given = message_board_marks(message, &count);

	marks_free(boards);
	if (given == NULL)
		return;
	boards->marks = hashmap_new();
	for (size_t i = 0; i < count; i++)
		free(hashmap_put(boards->marks, hashmap_uuid_key(&given[i].board_id), mark_new(&given[i])));
	free(given);
}

bool
workspace_awaits_boards(const Subscription *subscription)
{
	return subscription->boards != NULL && subscription->boards->marks != NULL;
}

static bool
mark_is(const WorkspaceMark *mark, int version, Slice event)
{
	return mark->version == version &&
		   (mark->event_length == 0 ||
			(mark->event_length == event.length && memcmp(mark->event, event.bytes, event.length) == 0));
}

/* ---- one board ---- */

/* Goes on after a version of which nothing is missing. */
static void
board_start(Subscription *board, const PgReadResult *result, int row)
{
	Room *room = board->member.room;
	int version = (int) pg_read_integer(result, row, COLUMN_VERSION);
	int64_t acl_version = pg_read_integer(result, row, COLUMN_ACL_VERSION);

	if (!room_may_read(room, board->session->user_id, acl_version))
	{
		subscription_end(board); /* the room knows better; if it is seen again, the next look says so */
		return;
	}
	room_note_head(room, version, pg_read_text(result, row, COLUMN_EVENT), acl_version);
	subscription_go_live(board, version);
}

static Subscription *
board_open(const BoardsTaken *taken, const Uuid *board_id)
{
	Subscription *board = subscription_new(taken->workspace->session, ROOM_BOARD, board_id);

	board->detail = MESSAGE_DETAIL_CARDS;
	return board;
}

static void
boards_take_row(BoardsTaken *taken, int row)
{
	WorkspaceBoards *boards = taken->workspace->boards;
	Slice event = pg_read_slice(taken->result, row, COLUMN_EVENT);
	int version = (int) pg_read_integer(taken->result, row, COLUMN_VERSION);
	WorkspaceMark *mark = NULL;
	Subscription *board;
	Uuid board_id;
	bool is_new;

	if (!pg_read_uuid(taken->result, row, COLUMN_BOARD_ID, &board_id))
		return;
	board = hashmap_remove(taken->known, hashmap_uuid_key(&board_id));
	is_new = board == NULL;
	if (is_new)
		board = board_open(taken, &board_id);
	board->workspace = taken->workspace;
	room_note_workspace(board->member.room, &taken->workspace->id);
	if (boards->marks != NULL)
		mark = hashmap_get(boards->marks, hashmap_uuid_key(&board_id));
	if (mark != NULL)
		mark->is_visible = true;
	/* Who has asked for the board itself, or is being told about it, has its order already. */
	if (board->is_joined || (!is_new && board->phase != SUBSCRIPTION_LIVE))
		return;
	if (mark != NULL && !mark_is(mark, version, event))
		subscription_read_resume(board, mark->version,
								 slice_of(mark->event_length > 0 ? mark->event : NULL, mark->event_length));
	else if (mark != NULL || taken->is_state)
		board_start(board, taken->result, row);
	else if (is_new)
		subscription_read_state(board);
}

/* ---- all of them ---- */

static HashMap *
boards_known(const Session *session)
{
	HashMap *known = hashmap_new();

	LIST_FOR_EACH (&session->subscriptions, Subscription, link, subscription)
	{
		if (subscription->member.kind == ROOM_BOARD)
			(void) hashmap_put(known, hashmap_uuid_key(&subscription->id), subscription);
	}
	return known;
}

static void
board_unlink(Subscription *board)
{
	board->workspace = NULL;
	if (!board->is_joined)
		subscription_end(board);
}

/* Those of the workspace that were not among the rows. */
static void
boards_remove_rest(BoardsTaken *taken)
{
	HashMapVisit visit = HASHMAP_START;
	Subscription *board;

	while ((board = hashmap_visit(taken->known, &visit, NULL)) != NULL)
	{
		if (board->workspace != taken->workspace)
			continue;
		if (taken->is_state)
			board_unlink(board);
		else
			subscription_lose(board);
	}
}

/* What the client has and does not see any more. */
static void
marks_tell_removed(const Subscription *workspace)
{
	HashMapVisit visit = HASHMAP_START;
	WorkspaceMark *mark;

	if (workspace->boards->marks == NULL)
		return;
	while ((mark = hashmap_visit(workspace->boards->marks, &visit, NULL)) != NULL)
	{
		if (!mark->is_visible)
			workspace_tell_removed(workspace, &mark->board_id);
	}
}

static void
workspace_take_boards(Subscription *workspace, const PgReadResult *result, int first_row, bool is_state)
{
	Session *session = session_ref(workspace->session); /* a queue over its limit ends everything on the way */
	BoardsTaken taken = {workspace, result, boards_known(session), is_state};

	for (int row = first_row; row < result->row_count && session_is_open(session); row++)
		boards_take_row(&taken, row);
	if (session_is_open(session))
		boards_remove_rest(&taken);
	if (session_is_open(session) && !is_state)
		marks_tell_removed(workspace);
	if (session_is_open(session))
		marks_free(workspace->boards);
	session_run_deferred_soon(session);
	hashmap_free(taken.known);
	session_unref(session);
}

void
workspace_tell_removed(const Subscription *workspace, const Uuid *board_id)
{
	Frame *frame;

	encode_board_removed(frame_begin(), board_id, &workspace->id);
	frame = frame_finish(FRAME_TEXT);
	frame_note_workspace(frame, &workspace->id);
	session_send(workspace->session, frame);
}

/* ---- looking again ---- */

static void
boards_free(WorkspaceBoards *boards)
{
	marks_free(boards);
	free(boards);
}

static void
boards_take_answer(WorkspaceBoards *boards, const PgReadResult *result)
{
	Subscription *workspace = boards->workspace;

	if (result->status != PG_READ_OK)
		room_forget_boards(workspace->member.room); /* the next poll asks again */
	else if (workspace->phase != SUBSCRIPTION_LIVE)
		boards->reads_again = true;
	else
		workspace_take_boards(workspace, result, 0, false);
}

static void boards_submit_waiting(void);

static void
on_boards(PgRead *read, const PgReadResult *result)
{
	WorkspaceBoards *boards = CONTAINER_OF(read, WorkspaceBoards, read);

	looks.in_flight--;
	if (boards->workspace != NULL)
		boards_take_answer(boards, result);
	boards->is_reading = false; /* only now: the workspace may have ended on the way, and frees what does not read */
	if (boards->workspace == NULL)
		boards_free(boards);
	else if (boards->reads_again)
		workspace_read_boards(boards->workspace);
	boards_submit_waiting();
}

static void
boards_submit(WorkspaceBoards *boards)
{
	boards->is_reading = true;
	looks.in_flight++;
	pg_read_init(&boards->read, PG_READ_BOARD_HEADS, on_boards);
	pg_read_add_integer(&boards->read, boards->workspace->session->user_id);
	pg_read_add_uuid(&boards->read, &boards->workspace->id);
	pg_read_submit(&boards->read);
}

static void
boards_submit_waiting(void)
{
	while (looks.in_flight < BOARDS_IN_FLIGHT && !list_is_empty(&looks.waiting))
		boards_submit(CONTAINER_OF(list_take_first(&looks.waiting), WorkspaceBoards, waiting_link));
}

void
workspace_read_boards(Subscription *workspace)
{
	WorkspaceBoards *boards = workspace->boards;

	boards->reads_again = boards->is_reading || workspace->phase != SUBSCRIPTION_LIVE;
	if (boards->reads_again || list_link_is_listed(&boards->waiting_link))
		return;
	list_append(&looks.waiting, &boards->waiting_link);
	boards_submit_waiting();
}

void
workspace_boards_open(void)
{
	list_init(&looks.waiting);
	looks.in_flight = 0;
}

/* ---- WORKSPACE_STATE ---- */

static void
workspace_send_state(Subscription *workspace, const PgReadResult *result)
{
	EncodeWorkspaceState state = {
		.body = pg_read_slice(result, 0, COLUMN_BODY),
		.version = pg_read_integer(result, 0, COLUMN_VERSION),
		.event = pg_read_text(result, 0, COLUMN_EVENT),
		.is_reset = workspace->is_reset,
	};
	Frame *frame;

	if (!encode_workspace_state(frame_begin(), &state))
		return;
	frame = frame_finish(FRAME_TEXT);
	frame_note_version(frame, (int) state.version, state.event);
	frame_note_workspace(frame, &workspace->id);
	session_send_state(workspace->session, frame);
	workspace->is_reset = false;
}

static void
workspace_take_state(Subscription *workspace, const PgReadResult *result)
{
	Session *session = workspace->session;
	int version = (int) pg_read_integer(result, 0, COLUMN_VERSION);

	room_note_head(workspace->member.room, version, pg_read_text(result, 0, COLUMN_EVENT),
				   pg_read_integer(result, 0, COLUMN_ACL_VERSION));
	workspace_send_state(workspace, result);
	workspace_take_boards(workspace, result, 1, true);
	if (!session_is_open(session))
		return;
	subscription_go_live(workspace, version);
	if (session_is_open(session) && workspace->boards->reads_again)
		workspace_read_boards(workspace);
}

static void
on_workspace_state(PgRead *read, const PgReadResult *result)
{
	Subscription *workspace = CONTAINER_OF(read, Subscription, read);

	if (!subscription_take_answer(workspace))
		return;
	if (result->status != PG_READ_OK)
		subscription_fail(workspace);
	else if (workspace->starts_over)
		subscription_read_state(workspace);
	else if (!subscription_has_access(workspace, result, pg_read_integer(result, 0, COLUMN_ACL_VERSION)))
		subscription_end_without_access(workspace);
	else
		workspace_take_state(workspace, result);
}

void
workspace_read_state(Subscription *workspace)
{
	workspace->phase = SUBSCRIPTION_READING_STATE;
	workspace->starts_over = false;
	room_member_hold(&workspace->member);
	pg_read_init(&workspace->read, PG_READ_WORKSPACE_STREAM, on_workspace_state);
	pg_read_add_integer(&workspace->read, workspace->session->user_id);
	pg_read_add_uuid(&workspace->read, &workspace->id);
	subscription_submit(workspace);
}

/* ---- the end ---- */

WorkspaceBoards *
workspace_boards_new(Subscription *workspace)
{
	WorkspaceBoards *boards = memory_alloc(sizeof(*boards));

	boards->workspace = workspace;
	return boards;
}

void
workspace_end_boards(Subscription *workspace)
{
	WorkspaceBoards *boards = workspace->boards;

	LIST_FOR_EACH (&workspace->session->subscriptions, Subscription, link, subscription)
	{
		if (subscription->workspace == workspace)
			board_unlink(subscription);
	}
	workspace->boards = NULL;
	boards->workspace = NULL;
	list_remove(&boards->waiting_link);
	if (!boards->is_reading)
		boards_free(boards);
}
