/*
 * session_query.c - reads outside any order: the state of a board that is not joined, and history.
 *
 * Owns the questions in flight. Called by session_board.c and session_message.c.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "conn/board_question.h"
#include "conn/subscription.h"
#include "hub/presence.h"

typedef struct BoardQuery
{
	PgRead read;
	Session *session; /* a reference */
	Uuid board_id;
	bool has_archive;
	int after;
	int limit;
	int head;
	int64_t acl_version; /* the state of rights that let it in */
	char *head_mark;
	char command[PARSE_MAX_TYPE_LENGTH + 1];
	bool has_command_id;
	Uuid command_id;
} BoardQuery;

static BoardQuery *
query_new(Session *session, const Message *message)
{
	BoardQuery *query = memory_alloc(sizeof(*query));

	query->session = session_ref(session);
	query->board_id = message->fields.board_id;
	memcpy(query->command, message->type_text, sizeof(query->command));
	query->has_command_id = message->has_id;
	query->command_id = message->id;
	session->reads_in_flight++;
	return query;
}

static void
query_end(BoardQuery *query)
{
	query->session->reads_in_flight--;
	if (session_is_open(query->session))
		session_run_deferred_soon(query->session);
	session_unref(query->session);
	free(query->head_mark);
	free(query);
}

/* Answers what is not an answer; true when the rows can be used. */
static bool
query_is_answered(BoardQuery *query, const PgReadResult *result)
{
	Refusal refusal = {0};

	if (!session_is_open(query->session))
		return false;
	if (result->status == PG_READ_OK && result->row_count == 1 && pg_read_is_null(result, 0, 0))
		return true;
	if (result->status == PG_READ_OK)
		refusal_set(&refusal, REFUSAL_NOT_FOUND, "board not found or access denied");
	else
	{
		refusal_set(&refusal, REFUSAL_UNAVAILABLE, "the database is not available");
		refusal.retry_after_ms = 1000;
	}
	session_refuse_command(query->session, &refusal, query->command, query->has_command_id ? &query->command_id : NULL);
	return false;
}

static void
on_query_state(PgRead *read, const PgReadResult *result)
{
	BoardQuery *query = CONTAINER_OF(read, BoardQuery, read);

	if (query_is_answered(query, result))
	{
		Room *room = room_find(&query->board_id);
		EncodeUsers users = {0};
		EncodeActiveUser *list = room != NULL ? presence_users(room, &users.count) : NULL;
		EncodeState state = {
			.board = board_question_document(result, query->has_archive),
			.version = pg_read_integer(result, 0, 1),
			.event = pg_read_text(result, 0, 2),
		};

		users.users = list;
		state.active_users = users;
		encode_board_state(frame_begin(), &state);
		free(list);
		session_send_state(query->session, frame_finish(FRAME_TEXT));
	}
	query_end(query);
}

void
session_query_board(Session *session, const Message *message)
{
	BoardQuery *query = query_new(session, message);
	const BoardQuestion question = {
		.user_id = session->user_id,
		.board_id = &query->board_id,
		.detail = message->fields.detail,
		.has_archive = message->fields.archived,
	};

	query->has_archive = message->fields.archived;
	board_question_init(&query->read, &question, on_query_state);
	pg_read_submit(&query->read);
}

/* What was written under newer rights than those that were asked is for the next question. */
static void
query_send_events(const BoardQuery *query, const PgReadResult *result)
{
	size_t count = page_rows_allowed(result, query->acl_version);
	Slice *bodies = memory_alloc(sizeof(*bodies) * (count + 1));
	EncodeEvents page = {
		.board_id = &query->board_id,
		.from_version = query->after,
		.to_version = query->after,
		.event = query->head_mark,
		.bodies = bodies,
	};

	for (size_t i = 0; i < count; i++)
		bodies[i] = pg_read_slice(result, (int) i, 3);
	page.count = page_fit(bodies, count);
	if (page.count > 0)
	{
		page.to_version = pg_read_integer(result, (int) page.count - 1, 0);
		page.event = pg_read_text(result, (int) page.count - 1, 1);
	}
	page.has_more = page.count > 0 && page.to_version < query->head;
	page_send(query->session, ROOM_BOARD, &page);
	free(bodies);
}

static void
on_query_events(PgRead *read, const PgReadResult *result)
{
	BoardQuery *query = CONTAINER_OF(read, BoardQuery, read);

	if (result->status != PG_READ_OK)
		(void) query_is_answered(query, result);
	else if (session_is_open(query->session))
		query_send_events(query, result);
	query_end(query);
}

/* Rights first: room_events itself asks for no user. */
static void
on_query_access(PgRead *read, const PgReadResult *result)
{
	BoardQuery *query = CONTAINER_OF(read, BoardQuery, read);

	if (!query_is_answered(query, result))
	{
		query_end(query);
		return;
	}
	query->head = (int) pg_read_integer(result, 0, 2);
	query->head_mark = memory_copy_text(pg_read_text(result, 0, 3));
	query->acl_version = pg_read_integer(result, 0, 4);
	pg_read_init(&query->read, PG_READ_ROOM_EVENTS, on_query_events);
	pg_read_add_uuid(&query->read, &query->board_id);
	pg_read_add_integer(&query->read, query->after);
	pg_read_add_integer(&query->read, query->limit);
	pg_read_submit(&query->read);
}

void
session_get_events(Session *session, const Message *message)
{
	BoardQuery *query = query_new(session, message);
	int64_t page = session_hub.config->event_page;

	query->after = (int) message->fields.after_version;
	query->limit = (int) page;
	if (message_has(message, MESSAGE_FIELD_LIMIT) && message->fields.limit < page)
		query->limit = (int) message->fields.limit;
	pg_read_init(&query->read, PG_READ_ROOM_RESUME, on_query_access);
	pg_read_add_integer(&query->read, session->user_id);
	pg_read_add_uuid(&query->read, &query->board_id);
	pg_read_add_integer(&query->read, query->after);
	pg_read_add_text(&query->read, (Slice){0});
	pg_read_submit(&query->read);
}
