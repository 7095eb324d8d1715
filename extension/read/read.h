/*
 * read.h: one reading on its way through the frame (read.c), and what handlers do with it.
 *
 * A handler fills the result and returns true, or refuses. It writes nothing and locks nothing; that the actor may see what
 * the fields name was checked before it.
 */
#ifndef COLLAB_READ_H
#define COLLAB_READ_H

#include "postgres.h"
#include "lib/stringinfo.h"
#include "utils/jsonb.h"
#include "utils/uuid.h"

#include "support/support_access.h"
#include "support/support_field.h"
#include "support/support_refusal.h"
#include "support/support_spi.h"

struct Read;

typedef enum ReadAbout
{
	READ_ACTOR,
	READ_WORKSPACE,
	READ_BOARD, /* something inside a board: the result ends with its version and mark */
	READ_ANY,
} ReadAbout;

/* One line of reads.def. */
typedef struct ReadDef
{
	const char *name;
	bool (*answer)(struct Read *read);
	ReadAbout about;
	WorkspaceRole least_role;
	const FieldDef *fields;
	const char *result;
	const char *summary;
} ReadDef;

typedef struct Read
{
	int64 user_id;
	const ReadDef *def;
	JsonbContainer *payload; /* checked */
	Refusal refusal; /* code REFUSAL_NONE: not refused */

	/* the board that the fields name, or lead to */
	bool has_board;
	pg_uuid_t board_id;
	int version; /* 0: not known yet */
	const char *event; /* mark of that version */

	StringInfoData out; /* the result's members, from its opening brace on; or all of it, when is_whole */
	bool is_whole;
	const char *content_type;
} Read;

/*
 * Runs a statement that has the fields of the table as parameters, in its order (absent: null), and gives one row: each
 * column is a member of the result under its name, as JSON text; columns "version" and "event" are the board's. Without a
 * row the thing is not found. The types of the parameters follow from the fields.
 */
extern bool read_answer(Read *read, SpiStatement *statement);
/* The same of a statement that gives one text: the whole result, of this content type. */
extern bool read_answer_whole(Read *read, SpiStatement *statement, const char *content_type);

/* Refuses a limit above the largest. */
extern bool read_check_limit(Read *read, int largest);
/* Refuses a cursor that is no number. */
extern bool read_check_number(Read *read, const char *field);
/* Refuses unless just one of the fields is there. */
extern bool read_check_one_of(Read *read, const char *const *fields);

#define read_refuse(read, code, ...) refuse(&(read)->refusal, (code), NULL, __VA_ARGS__)

/* Handlers: each line of reads.def has one, named read_… */
#define READ(name, handler, about, least_role, fields, result, summary) extern bool read_##handler(Read *read);
#include "read/reads.def"
#undef READ

/* A handler that is one statement, for read_answer. */
#define READ_BY_STATEMENT(handler, text)                                                                               \
	SPI_STATEMENT(handler##_statement, text, InvalidOid);                                                              \
	bool read_##handler(Read *read)                                                                                    \
	{                                                                                                                  \
		return read_answer(read, &handler##_statement);                                                                \
	}                                                                                                                  \
	extern bool read_##handler(Read *read)

#endif
