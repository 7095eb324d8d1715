/*
 * board_question.h - how a board's document is asked for: by room_state, with its archive by user_read.
 *
 * The columns of the two answers are the same (code, version, mark, …, body) but for the ones read here.
 */
#ifndef COLLAB_CONN_BOARD_QUESTION_H
#define COLLAB_CONN_BOARD_QUESTION_H

#include "base/compiler.h"
#include "pg/pg_read.h"
#include "proto/messages.h"

typedef struct BoardQuestion
{
	int64_t user_id;
	const Uuid *board_id;
	MessageDetail detail;
	bool has_archive; /* archived lists and tasks, too */
} BoardQuestion;

/* Ready to be submitted. */
void board_question_init(PgRead *read, const BoardQuestion *question, void (*done)(PgRead *, const PgReadResult *));

/* The board's object; valid as long as the result. */
Slice board_question_document(const PgReadResult *result, bool has_archive);

/* The state of rights at the read; 0, older than any, where the answer does not say. */
int64_t board_question_acl_version(const PgReadResult *result, bool has_archive);

#endif
