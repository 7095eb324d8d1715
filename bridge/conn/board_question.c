/*
 * board_question.c - how a board's document is asked for: by room_state, with its archive by user_read.
 *
 * Owns nothing. Called by subscription.c for boards that are joined and session_query.c for others.
 */
#include "conn/board_question.h"

#include "base/json_scan.h"

static const char *
detail_text(MessageDetail detail)
{
	return detail == MESSAGE_DETAIL_CARDS ? "cards" : "full";
}

static void
question_add_request(PgRead *read, const BoardQuestion *question)
{
	Buffer request = BUFFER_EMPTY;
	char board[UUID_TEXT_SIZE];

	buffer_append_format(
		&request, "{\"type\":\"%s\",\"payload\":{\"board_id\":\"%s\",\"detail\":\"%s\",\"archived\":true}}",
		message_name(MESSAGE_GET_BOARD), uuid_format(question->board_id, board), detail_text(question->detail));
	pg_read_add_text(read, buffer_slice(&request));
	buffer_free(&request);
}

void
board_question_init(PgRead *read, const BoardQuestion *question, void (*done)(PgRead *, const PgReadResult *))
{
	pg_read_init(read, question->has_archive ? PG_READ_USER_READ : PG_READ_ROOM_STATE, done);
	pg_read_add_integer(read, question->user_id);
	if (question->has_archive)
	{
		question_add_request(read, question);
		return;
	}
	pg_read_add_uuid(read, question->board_id);
	pg_read_add_text(read, slice_of_text(detail_text(question->detail)));
}

Slice
board_question_document(const PgReadResult *result, bool has_archive)
{
	Slice body = pg_read_slice(result, 0, 4);

	return has_archive ? json_scan_find(body, "board") : body;
}

int64_t
board_question_acl_version(const PgReadResult *result, bool has_archive)
{
	return has_archive ? 0 : pg_read_integer(result, 0, 3);
}
