/*
 * proj_purge.c: the end of a deleted board: its log, and everything that is kept under its id.
 *
 * What has a column board_id goes, whichever table it is: tables that come later need no line here. The audit row is
 * written first and stays. Only deleted boards go; those of a deleted workspace count as deleted.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "event/event_purge.h"
#include "event/event_stream.h"
#include "projection/proj_model.h"
#include "support/support_json.h"
#include "support/support_refusal.h"
#include "support/support_schema.h"
#include "support/support_spi.h"

PG_FUNCTION_INFO_V1(collab_purge);

SPI_STATEMENT(read_deletion,
			  "SELECT least(b.deleted_at, w.deleted_at) FROM collab.boards AS b"
			  " LEFT JOIN collab.workspaces AS w ON w.id = b.workspace_id WHERE b.id = $1",
			  UUIDOID);
SPI_STATEMENT(
	write_down,
	"INSERT INTO collab.purges (board_id, workspace_id, name, events, first_event_id, first_event_at,"
	" last_event_id, last_event_at, deleted_at, purged_by, reason)"
	" SELECT b.id, b.workspace_id, b.name, count(*), min(e.id), min(e.created_at), max(e.id), max(e.created_at),"
	" $2, $3, $4 FROM collab.boards AS b JOIN collab.events AS e ON e.aggregate_id = b.id"
	" WHERE b.id = $1 GROUP BY b.id",
	UUIDOID, TIMESTAMPTZOID, TEXTOID, TEXTOID);
/* A copy of the board may have the same files. */
SPI_STATEMENT(
	delete_uploads,
	"DELETE FROM collab.uploads AS u USING collab.attachments AS a WHERE a.board_id = $1 AND u.id = a.upload_id"
	" AND NOT EXISTS (SELECT FROM collab.attachments AS o WHERE o.upload_id = u.id AND o.board_id <> $1)",
	UUIDOID);
SPI_STATEMENT(list_tables, "SELECT quote_ident(c.relname) FROM pg_catalog.pg_class AS c"
						   " JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'board_id'"
						   " WHERE c.relnamespace = 'collab'::regnamespace AND c.relkind = 'r' AND NOT a.attisdropped"
						   " AND a.atttypid = 'uuid'::regtype AND c.relname <> 'purges' ORDER BY 1");

COLLAB_NORETURN static void raise_refusal(RefusalCode code, const char *hint, const char *message);

static void
raise_refusal(RefusalCode code, const char *hint, const char *message)
{
	Refusal refusal;

	(void) refuse(&refusal, code, hint, "%s", message);
	refusal_raise(&refusal, NULL);
}

/* Locks the board against commands; returns since when it is deleted. */
static TimestampTz
lock_deleted_board(const pg_uuid_t *board_id)
{
	Stream stream = {.kind = AGGREGATE_BOARD, .id = *board_id};
	Datum values[] = {UUIDPGetDatum(board_id)};

	stream_lock(&stream);
	if (!stream.exists || spi_run(&read_deletion, values, NULL) == 0)
		raise_refusal(REFUSAL_NOT_FOUND, NULL, psprintf("no board %s", uuid_text(board_id)));
	if (spi_is_null(0, 1))
		raise_refusal(REFUSAL_RULE, "Delete it first: collab.delete_board.",
					  psprintf("board %s is not deleted", uuid_text(board_id)));
	return spi_timestamptz(0, 1);
}

static void
delete_what_names_it(const pg_uuid_t *board_id)
{
	Oid types[] = {UUIDOID};
	Datum values[] = {UUIDPGetDatum(board_id)};
	uint64 count = spi_run(&list_tables, NULL, NULL);
	char **tables = palloc(sizeof(char *) * Max(count, 1));

	for (uint64 i = 0; i < count; i++)
		tables[i] = spi_cstring(i, 1);
	spi_free_rows();
	for (uint64 i = 0; i < count; i++)
	{
		if (SPI_execute_with_args(psprintf("DELETE FROM collab.%s WHERE board_id = $1", tables[i]), 1, types, values,
								  NULL, false, 0) != SPI_OK_DELETE)
			elog(ERROR, "could not delete from collab.%s", tables[i]);
	}
}

/* collab.purge(board_id uuid, reason text) RETURNS bigint: how many events it had */
Datum
collab_purge(PG_FUNCTION_ARGS)
{
	pg_uuid_t *board_id = PG_GETARG_UUID_P(0);
	Datum values[] = {PG_GETARG_DATUM(0), (Datum) 0, CStringGetTextDatum(GetUserNameFromId(GetOuterUserId(), false)),
					  PG_GETARG_DATUM(1)};
	int length = DatumGetInt32(DirectFunctionCall1(textlen, PG_GETARG_DATUM(1)));
	int64 count;

	schema_check();
	if (length < 1 || length > 1000)
		raise_refusal(REFUSAL_INVALID, NULL, "reason must have 1 to 1000 characters");
	SPI_connect();
	values[1] = TimestampTzGetDatum(lock_deleted_board(board_id));
	if (spi_run(&write_down, values, NULL) != 1)
		elog(ERROR, "could not write down the purge of board %s", uuid_text(board_id));
	(void) spi_run(&delete_uploads, values, NULL);
	delete_what_names_it(board_id);
	proj_model_delete(AGGREGATE_BOARD, board_id);
	count = event_purge(board_id);
	SPI_finish();
	PG_RETURN_INT64(count);
}
