/*
 * session_read.c - reads that are answered by an ACK with their result.
 *
 * The message goes to collab.user_read as its own text, as commands go to execute_batch: what it may hold and whose it
 * is to see is the database's business. One at a time and in the order sent, which session_message.c sees to.
 *
 * Owns the questions in flight. Called by session_message.c.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "conn/session_private.h"
#include "core/log.h"

#define JSON_CONTENT_TYPE "application/json"

typedef struct SessionRead
{
	PgRead read;
	Session *session; /* a reference */
	char command[PARSE_MAX_TYPE_LENGTH + 1];
	bool has_command_id;
	Uuid command_id;
} SessionRead;

static void
read_send_refusal(const SessionRead *question, const EncodeAnswer *answer)
{
	Refusal refusal = {0};

	if (encode_read_refusal(frame_begin(), answer))
	{
		log_info("refused", LOG_CONNECTION(&question->session->connection_id),
				 LOG_INTEGER("user", question->session->user_id), LOG_TEXT("type", question->command));
		session_send(question->session, frame_finish(FRAME_TEXT));
		return;
	}
	refusal_set(&refusal, REFUSAL_UNAVAILABLE, "the database gave no reason");
	session_refuse_command(question->session, &refusal, question->command, answer->command_id);
}

static void
read_send_answer(const SessionRead *question, const PgReadResult *result)
{
	EncodeAnswer answer = {
		.command = question->command,
		.command_id = question->has_command_id ? &question->command_id : NULL,
		.body = pg_read_slice(result, 0, 4),
		.is_json = slice_equals_text(pg_read_slice(result, 0, 3), JSON_CONTENT_TYPE),
	};

	if (!pg_read_is_null(result, 0, 0))
	{
		read_send_refusal(question, &answer);
		return;
	}
	encode_read_result(frame_begin(), &answer);
	/* It may be a whole board: like a state it does not count, and no other read starts before it has left. */
	session_send_state(question->session, frame_finish(FRAME_TEXT));
}

static void
on_read_answer(PgRead *read, const PgReadResult *result)
{
	SessionRead *question = CONTAINER_OF(read, SessionRead, read);
	Session *session = question->session;
	Refusal refusal = {0};

	session->reads_in_flight--;
	if (session_is_open(session) && result->status == PG_READ_OK && result->row_count == 1)
		read_send_answer(question, result);
	else if (session_is_open(session))
	{
		refusal_set(&refusal, REFUSAL_UNAVAILABLE, "the database is not available");
		refusal.retry_after_ms = 1000;
		session_refuse_command(session, &refusal, question->command,
							   question->has_command_id ? &question->command_id : NULL);
	}
	if (session_is_open(session))
		session_run_deferred_soon(session);
	session_unref(session);
	free(question);
}

void
session_ask(Session *session, const Message *message, Slice text)
{
	SessionRead *question = memory_alloc(sizeof(*question));

	question->session = session_ref(session);
	memcpy(question->command, message->type_text, sizeof(question->command));
	question->has_command_id = message->has_id;
	question->command_id = message->id;
	session->reads_in_flight++;
	pg_read_init(&question->read, PG_READ_USER_READ, on_read_answer);
	pg_read_add_integer(&question->read, session->user_id);
	pg_read_add_text(&question->read, text);
	pg_read_submit(&question->read);
}
