/*
 * event_purge.c: takes an aggregate's events out of the log.
 *
 * The guard trigger refuses every DELETE but the one statement here: a flag of this backend that nothing in SQL can
 * set, as event_append's is for inserts. Whether the aggregate may go is decided above (proj_purge.c).
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"

#include "event/event_purge.h"
#include "support/support_spi.h"

static bool purge_is_running = false;

SPI_STATEMENT(delete_events, "DELETE FROM collab.events WHERE aggregate_id = $1", UUIDOID);
SPI_STATEMENT(delete_aggregate, "DELETE FROM collab.aggregates WHERE id = $1", UUIDOID);

bool
event_purge_is_running(void)
{
	return purge_is_running;
}

int64
event_purge(const pg_uuid_t *id)
{
	Datum values[] = {UUIDPGetDatum(id)};
	volatile int64 count = 0;

	ForceSyncCommit();
	PG_TRY();
	{
		purge_is_running = true;
		count = (int64) spi_run(&delete_events, values, NULL);
	}
	PG_FINALLY();
	{
		purge_is_running = false;
	}
	PG_END_TRY();
	(void) spi_run(&delete_aggregate, values, NULL);
	return count;
}
