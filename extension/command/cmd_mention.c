/*
 * cmd_mention.c: finds the people whom a text mentions.
 *
 * A mention is an @ and the handle of somebody who sees the board, in any case. What stands before the @ must not belong to
 * a word: an address of mail is no mention. A handle may end with punctuation, so that "@bob." tries "bob." and then
 * "bob". What is nobody's handle is just text.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "command/cmd_mention.h"
#include "support/support_spi.h"

#define HANDLE_LENGTH 63

SPI_STATEMENT(find_handles,
			  "SELECT u.handle, u.id FROM collab.board_readers AS r JOIN collab.users AS u ON u.id = r.user_id"
			  " WHERE r.board_id = $1 AND u.handle = ANY ($2)",
			  UUIDOID, TEXTARRAYOID);

/* What may be a handle, in the order of the text. */
typedef struct Candidates
{
	Datum *handles; /* text */
	bool *starts; /* the first, and longest, of those that one @ can mean */
	int count;
	int room;
} Candidates;

static bool
is_handle_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
		   c == '-';
}

static bool
is_punctuation(char c)
{
	return c == '.' || c == '_' || c == '-';
}

static void
add_candidate(Candidates *candidates, const char *handle, int length, bool is_start)
{
	char *lower = pnstrdup(handle, length);

	for (char *c = lower; *c; c++)
		*c = pg_ascii_tolower((unsigned char) *c);
	if (candidates->count == candidates->room)
	{
		candidates->room = Max(16, candidates->room * 2);
		candidates->handles = candidates->handles == NULL
								  ? palloc(sizeof(Datum) * candidates->room)
								  : repalloc(candidates->handles, sizeof(Datum) * candidates->room);
		candidates->starts = candidates->starts == NULL ? palloc(sizeof(bool) * candidates->room)
														: repalloc(candidates->starts, sizeof(bool) * candidates->room);
	}
	candidates->handles[candidates->count] = CStringGetTextDatum(lower);
	candidates->starts[candidates->count++] = is_start;
}

/* The text after an @: the whole run, then without the punctuation at its end. */
static void
add_run(Candidates *candidates, const char *run)
{
	int length = 0;
	bool is_start = true;

	while (is_handle_character(run[length]))
		length++;
	if (run[length] == '@' || is_punctuation(run[0]))
		return;
	for (; length > 0; length--)
	{
		if (length <= HANDLE_LENGTH)
		{
			add_candidate(candidates, run, length, is_start);
			is_start = false;
		}
		if (!is_punctuation(run[length - 1]))
			return;
	}
}

static void
find_candidates(const char *text, Candidates *candidates)
{
	for (const char *at = strchr(text, '@'); at != NULL; at = strchr(at + 1, '@'))
	{
		char before = at == text ? ' ' : at[-1];

		if (before != '@' && before != '/' && (!is_handle_character(before) || before == '.' || before == '-'))
			add_run(candidates, at + 1);
	}
}

/* The row of find_handles with this handle, or -1. */
static int64
row_of(Datum handle, uint64 rows)
{
	char *wanted = TextDatumGetCString(handle);

	for (uint64 row = 0; row < rows; row++)
	{
		if (strcmp(spi_cstring(row, 1), wanted) == 0)
			return (int64) row;
	}
	return -1;
}

static bool
has_id(const int64 *ids, int count, int64 id)
{
	for (int i = 0; i < count; i++)
	{
		if (ids[i] == id)
			return true;
	}
	return false;
}

bool
mention_resolve(Command *command, const char *text, int64 **ids, int *count)
{
	Candidates candidates = {0};
	Datum values[] = {UUIDPGetDatum(&command->stream_id), 0};
	bool is_settled = false;
	uint64 rows;

	*ids = palloc(sizeof(int64) * MENTION_LIMIT);
	*count = 0;
	find_candidates(text, &candidates);
	if (candidates.count == 0)
		return true;
	values[1] =
		PointerGetDatum(construct_array(candidates.handles, candidates.count, TEXTOID, -1, false, TYPALIGN_INT));
	rows = spi_run(&find_handles, values, NULL);
	for (int i = 0; rows > 0 && i < candidates.count; i++)
	{
		int64 row;

		is_settled = is_settled && !candidates.starts[i];
		row = is_settled ? -1 : row_of(candidates.handles[i], rows);
		if (row < 0)
			continue;
		is_settled = true;
		if (has_id(*ids, *count, spi_int64(row, 2)))
			continue;
		if (*count == MENTION_LIMIT)
			return command_refuse(command, REFUSAL_LIMIT, "Mention fewer people.",
								  "a comment may mention at most %d people", MENTION_LIMIT);
		(*ids)[(*count)++] = spi_int64(row, 2);
	}
	return true;
}
