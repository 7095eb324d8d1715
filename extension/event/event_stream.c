/*
 * event_stream.c: an aggregate's row: lock and version counter.
 *
 * The row lock is FOR NO KEY UPDATE: FOR UPDATE would make the foreign-key checks of others wait. Rights are guarded
 * by an advisory lock per workspace, so that hundreds of boards of one workspace do not queue for its row. The
 * advisory keys live in a lock-tag field of their own (RIGHTS_FIELD, CREATION_FIELD), apart from those that
 * pg_advisory_lock() uses (1 and 2).
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "utils/builtins.h"

#include "event/event_stream.h"
#include "support/support_spi.h"

#define RIGHTS_FIELD 0x434f
#define CREATION_FIELD 0x434e

SPI_STATEMENT(lock_aggregate,
			  "SELECT workspace_id, version, acl_version, event_id, event_at FROM collab.aggregates"
			  " WHERE id = $1 AND aggregate_type = $2 FOR NO KEY UPDATE",
			  UUIDOID, TEXTOID);
SPI_STATEMENT(find_workspace, "SELECT workspace_id FROM collab.aggregates WHERE id = $1 AND aggregate_type = 'board'",
			  UUIDOID);
SPI_STATEMENT(
	insert_aggregate,
	"INSERT INTO collab.aggregates (id, aggregate_type, workspace_id, version, acl_version, event_id, event_at)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7)",
	UUIDOID, TEXTOID, UUIDOID, INT4OID, INT8OID, INT8OID, TIMESTAMPTZOID);
SPI_STATEMENT(update_aggregate,
			  "UPDATE collab.aggregates SET version = $2, acl_version = $3, event_id = $4, event_at = $5 WHERE id = $1",
			  UUIDOID, INT4OID, INT8OID, INT8OID, TIMESTAMPTZOID);

static void
lock_uuid(const pg_uuid_t *id, uint16 field, LOCKMODE mode)
{
	uint64 hash = DatumGetUInt64(hash_any_extended(id->data, UUID_LEN, 0));
	LOCKTAG tag;

	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, (uint32) (hash >> 32), (uint32) hash, field);
	(void) LockAcquire(&tag, mode, false, false);
}

void
stream_lock_rights(const pg_uuid_t *workspace_id, bool exclusive)
{
	lock_uuid(workspace_id, RIGHTS_FIELD, exclusive ? ExclusiveLock : ShareLock);
}

void
stream_lock_creation(const pg_uuid_t *id)
{
	lock_uuid(id, CREATION_FIELD, ExclusiveLock);
}

void
stream_lock(Stream *stream)
{
	Datum values[] = {UUIDPGetDatum(&stream->id), CStringGetTextDatum(aggregate_kind_name(stream->kind))};

	stream->exists = spi_run(&lock_aggregate, values, NULL) == 1;
	if (!stream->exists)
		return;
	stream->workspace_id = spi_uuid(0, 1);
	stream->version = spi_int32(0, 2);
	stream->acl_version = spi_int64(0, 3);
	stream->event_id = spi_int64(0, 4);
	stream->event_at = spi_timestamptz(0, 5);
}

bool
stream_find_workspace(const pg_uuid_t *board_id, pg_uuid_t *workspace_id)
{
	Datum values[] = {UUIDPGetDatum(board_id)};

	if (spi_run(&find_workspace, values, NULL) == 0)
		return false;
	*workspace_id = spi_uuid(0, 1);
	return true;
}

void
stream_store(Stream *stream, bool is_new)
{
	if (is_new)
	{
		Datum values[] = {UUIDPGetDatum(&stream->id),           CStringGetTextDatum(aggregate_kind_name(stream->kind)),
						  UUIDPGetDatum(&stream->workspace_id), Int32GetDatum(stream->version),
						  Int64GetDatum(stream->acl_version),   Int64GetDatum(stream->event_id),
						  TimestampTzGetDatum(stream->event_at)};

		(void) spi_run(&insert_aggregate, values, NULL);
	}
	else
	{
		Datum values[] = {UUIDPGetDatum(&stream->id), Int32GetDatum(stream->version),
						  Int64GetDatum(stream->acl_version), Int64GetDatum(stream->event_id),
						  TimestampTzGetDatum(stream->event_at)};

		(void) spi_run(&update_aggregate, values, NULL);
	}
}
