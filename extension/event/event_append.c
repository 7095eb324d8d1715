/*
 * event_append.c: inserts events under the stream's lock.
 */
#include "postgres.h"

#include "access/transam.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/xid8.h"

#include "event/event_append.h"
#include "event/event_epoch.h"
#include "support/support_spi.h"

EventAppendedHook event_appended_hook = NULL;

static bool append_is_running = false;
static bool append_is_last = false;
static bool append_was_projected = false;

/*
 * The number of the transaction, or of the event before it in this log where that is higher: of two transactions that
 * wait for each other here the later may have the lower number, and global readers go by (epoch, xid, id).
 */
SPI_STATEMENT(insert_event,
			  "INSERT INTO collab.events (aggregate_id, aggregate_type, event_type, event_data, user_id, version,"
			  " created_at, command_id, command_hash, acl_version, schema_version, xid, epoch)"
			  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, greatest($12, (SELECT before.xid"
			  " FROM collab.events AS before WHERE before.aggregate_id = $1 AND before.version = $6 - 1"
			  " AND before.epoch = $13)), $13) RETURNING id",
			  UUIDOID, TEXTOID, TEXTOID, JSONBOID, INT8OID, INT4OID, TIMESTAMPTZOID, UUIDOID, BYTEAOID, INT8OID,
			  INT2OID, XID8OID, INT4OID);

bool
event_append_is_running(void)
{
	return append_is_running;
}

void
event_append_note_projected(void)
{
	append_was_projected = true;
}

bool
event_append_is_last(void)
{
	return append_is_last;
}

static void
insert_one(const Stream *stream, Event *event, const EventOrigin *origin, bool is_first)
{
	bool has_command = is_first && origin->command_id != NULL;
	char nulls[] = "             ";
	FullTransactionId xid = GetTopFullTransactionId();
	Datum values[] = {
		UUIDPGetDatum(&stream->id),
		CStringGetTextDatum(aggregate_kind_name(stream->kind)),
		CStringGetTextDatum(event_type_name(event->type)),
		JsonbPGetDatum(event->data),
		Int64GetDatum(origin->user_id),
		Int32GetDatum(event->version),
		TimestampTzGetDatum(event->created_at),
		has_command ? UUIDPGetDatum(origin->command_id) : (Datum) 0,
		has_command ? PointerGetDatum(origin->command_hash) : (Datum) 0,
		Int64GetDatum(event->acl_version),
		Int16GetDatum((int16) event_type_schema_version(event->type)),
		FullTransactionIdGetDatum(xid),
		Int32GetDatum(event_epoch(xid)),
	};

	if (!has_command)
		nulls[7] = nulls[8] = 'n';
	append_was_projected = false;
	(void) spi_run(&insert_event, values, nulls);
	if (!append_was_projected)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE), errmsg("the trigger of collab.events did not run"),
				 errhint("Commands need session_replication_role = origin and the trigger events_project enabled.")));
	event->id = spi_int64(0, 1);
	spi_free_rows();
}

void
event_append(Stream *stream, Event *events, int count, const EventOrigin *origin)
{
	bool is_new = !stream->exists;
	Stream after = *stream;

	ForceSyncCommit();
	PG_TRY();
	{
		append_is_running = true;
		for (int i = 0; i < count; i++)
		{
			Event *event = &events[i];

			if (event->changes_rights)
				after.acl_version++;
			event->version = ++after.version;
			event->acl_version = after.acl_version + origin->workspace_rights;
			append_is_last = i == count - 1;
			insert_one(&after, event, origin, i == 0);
			after.event_id = event->id;
			after.event_at = event->created_at;
		}
	}
	PG_FINALLY();
	{
		append_is_running = false;
		append_is_last = false;
	}
	PG_END_TRY();

	after.exists = true;
	stream_store(&after, is_new);
	*stream = after;
	if (event_appended_hook != NULL)
		event_appended_hook(stream, count);
}
