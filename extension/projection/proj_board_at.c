/*
 * proj_board_at.c: a board's document as it was at an earlier version.
 *
 * The replay happens in the tables of the read model under a random id of its own, in a subtransaction that is rolled
 * back: the live board is neither touched nor locked, and the projections are those that made it. The document has the
 * replay's id wherever the board's belongs, and that is put back: an id that was drawn a moment ago stands nowhere else.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/snapmgr.h"

#include "projection/proj_document.h"
#include "projection/proj_replay.h"
#include "projection/proj_snapshot.h"
#include "support/support_json.h"
#include "support/support_schema.h"
#include "support/support_spi.h"
#include "support/support_subxact.h"

PG_FUNCTION_INFO_V1(collab_board_replay);

/* The readers of documents run under the active snapshot: it must be one that sees the replay. */
static char *
read_document(const pg_uuid_t *id, DocumentDetail detail)
{
	char *document;

	CommandCounterIncrement();
	PushCopiedSnapshot(GetTransactionSnapshot());
	UpdateActiveSnapshotCommandId();
	document = proj_board_text(id, detail, false);
	PopActiveSnapshot();
	return document;
}

/* Both have the same length. */
static void
replace_id(char *document, const pg_uuid_t *from, const pg_uuid_t *to)
{
	char *old = uuid_text(from);
	char *new = uuid_text(to);
	size_t length = strlen(new);

	for (char *place = strstr(document, old); place != NULL; place = strstr(place + length, old))
		memcpy(place, new, length);
}

static char *
replay_and_read(const pg_uuid_t *board_id, int version, DocumentDetail detail)
{
	pg_uuid_t id = *DatumGetUUIDP(DirectFunctionCall1(gen_random_uuid, (Datum) 0));
	int from = proj_snapshot_load(board_id, &id, version);
	char *document;

	proj_replay(board_id, &id, from, version);
	document = read_document(&id, detail);
	if (document == NULL)
		elog(ERROR, "the events of board %s make no board", uuid_text(board_id));
	replace_id(document, &id, board_id);
	return document;
}

typedef struct PastDocument
{
	const pg_uuid_t *board_id;
	int version;
	DocumentDetail detail;
	char *document;
} PastDocument;

static bool
read_past(void *state)
{
	PastDocument *past = state;

	past->document = replay_and_read(past->board_id, past->version, past->detail);
	return false;
}

static char *
document_at(const pg_uuid_t *board_id, int version, DocumentDetail detail)
{
	PastDocument past = {.board_id = board_id, .version = version, .detail = detail};
	ErrorData *error = subxact_run(read_past, &past);

	if (error != NULL)
		ReThrowError(error);
	return past.document;
}

/* collab.board_replay(board_id uuid, at_version int, detail text, event text) RETURNS jsonb; the version exists */
Datum
collab_board_replay(PG_FUNCTION_ARGS)
{
	DocumentDetail detail = proj_detail_of(text_to_cstring(PG_GETARG_TEXT_PP(2)));
	int version = PG_GETARG_INT32(1);
	MemoryContext caller = CurrentMemoryContext;
	char *document;
	Jsonb *state;

	schema_check();
	if (RecoveryInProgress())
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("a standby cannot replay a board's past"),
						errhint("Ask the primary. The board as it is now, and its events, can be read here.")));
	SPI_connect();
	document = document_at(PG_GETARG_UUID_P(0), version, detail);
	MemoryContextSwitchTo(caller);
	state = proj_board_state(document, version, text_to_cstring(PG_GETARG_TEXT_PP(3)));
	SPI_finish();
	PG_RETURN_JSONB_P(state);
}
