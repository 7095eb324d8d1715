/*
 * proj_replay.c: runs the projections of events that are in the log, a page at a time. Notifies nobody.
 *
 * For rebuild and verify (proj_rebuild.c) and for the past (proj_snapshot.c, proj_board_at.c).
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "event/event_upcast.h"
#include "projection/proj_replay.h"
#include "projection/projection.h"

#define EVENT_PAGE 500

SPI_STATEMENT(read_page,
			  "SELECT event_type, schema_version, event_data, version, created_at, user_id FROM collab.events"
			  " WHERE aggregate_id = $1 AND version > $2 AND version <= $3 ORDER BY version"
			  " LIMIT " CppAsString2(EVENT_PAGE),
			  UUIDOID, INT4OID, INT4OID);

static ProjectedEvent *
take_page(const pg_uuid_t *target, int *count)
{
	ProjectedEvent *events;

	*count = (int) SPI_processed;
	events = palloc(sizeof(ProjectedEvent) * Max(*count, 1));
	for (int i = 0; i < *count; i++)
	{
		events[i].aggregate_id = *target;
		events[i].type = event_type_find(spi_cstring(i, 1));
		events[i].data =
			event_upcast(events[i].type, DatumGetInt16(spi_datum(i, 2)), DatumGetJsonbPCopy(spi_datum(i, 3)));
		events[i].version = spi_int32(i, 4);
		events[i].created_at = spi_timestamptz(i, 5);
		events[i].user_id = spi_int64(i, 6);
	}
	spi_free_rows();
	return events;
}

void
proj_replay(const pg_uuid_t *source, const pg_uuid_t *target, int after, int upto)
{
	int count;
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext page = AllocSetContextCreate(caller, "collab replay page", ALLOCSET_DEFAULT_SIZES);

	do
	{
		Datum values[] = {UUIDPGetDatum(source), Int32GetDatum(after), Int32GetDatum(upto)};
		ProjectedEvent *events;

		MemoryContextSwitchTo(page);
		(void) spi_run(&read_page, values, NULL);
		events = take_page(target, &count);
		for (int i = 0; i < count; i++)
		{
			CHECK_FOR_INTERRUPTS();
			proj_apply(&events[i]);
		}
		if (count > 0)
		{
			after = events[count - 1].version;
			proj_touch(&events[count - 1]);
		}
		MemoryContextSwitchTo(caller);
		MemoryContextReset(page);
	} while (count == EVENT_PAGE);
	MemoryContextDelete(page);
}
