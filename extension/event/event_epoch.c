/*
 * event_epoch.c: epochs: what a transaction's number is worth.
 *
 * (epoch, xid): the transaction's number orders events for global readers, who read below the snapshot's horizon. A
 * number means something only within one database of one cluster, and only until a standby is promoted: that may be
 * behind the primary and give out the same numbers a second time. So collab.epochs names those: the first append under
 * another (system identifier, database, timeline) opens a new epoch. All events of an earlier epoch are finished.
 */
#include "postgres.h"

#include "access/xlog.h"
#if PG_VERSION_NUM >= 150000
#include "access/xlogrecovery.h"
#endif
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"

#include "event/event_epoch.h"
#include "support/support_spi.h"

PG_FUNCTION_INFO_V1(collab_own_epoch);

#define NEWEST_EPOCH                                                                                                   \
	"SELECT epoch, system_identifier, database_oid, timeline FROM collab.epochs ORDER BY epoch DESC LIMIT 1"

SPI_STATEMENT(newest_epoch, NEWEST_EPOCH, InvalidOid);
SPI_STATEMENT(open_epoch,
			  "INSERT INTO collab.epochs (epoch, system_identifier, database_oid, timeline) VALUES ($1, $2, $3, $4)"
			  " ON CONFLICT (epoch) DO NOTHING",
			  INT4OID, INT8OID, OIDOID, INT4OID);

static int32
current_timeline(void)
{
	TimeLineID timeline;

	if (RecoveryInProgress())
	{
		(void) GetXLogReplayRecPtr(&timeline);
		return (int32) timeline;
	}
#if PG_VERSION_NUM >= 150000
	return (int32) GetWALInsertionTimeLine();
#else
	return (int32) ThisTimeLineID;
#endif
}

/* The newest epoch, read last, when it is this place's; otherwise 0, and *newest tells the highest number in use. */
static int
take_epoch(uint64 rows, int *newest)
{
	*newest = rows == 0 ? 0 : spi_int32(0, 1);
	if (rows == 0 || spi_is_null(0, 4) || spi_int32(0, 4) != current_timeline() ||
		(uint64) spi_int64(0, 2) != GetSystemIdentifier() || DatumGetObjectId(spi_datum(0, 3)) != MyDatabaseId)
		return 0;
	return *newest;
}

/* The transaction that opened an epoch looks it up each time: a subtransaction may still take it back. */
int
event_epoch(FullTransactionId xid)
{
	static FullTransactionId known_for = {0};
	static int known_epoch = 0;
	static FullTransactionId opened_in = {0};
	int newest;
	int epoch;

	if (FullTransactionIdEquals(known_for, xid))
		return known_epoch;
	epoch = take_epoch(spi_run(&newest_epoch, NULL, NULL), &newest);
	if (epoch != 0)
	{
		if (!FullTransactionIdEquals(opened_in, xid))
		{
			known_for = xid;
			known_epoch = epoch;
		}
		return epoch;
	}
	opened_in = xid;
	do
	{
		Datum values[] = {Int32GetDatum(newest + 1), Int64GetDatum((int64) GetSystemIdentifier()),
						  ObjectIdGetDatum(MyDatabaseId), Int32GetDatum(current_timeline())};

		(void) spi_run(&open_epoch, values, NULL);
	} while ((epoch = take_epoch(spi_run(&newest_epoch, NULL, NULL), &newest)) == 0);
	return epoch;
}

/*
 * collab.own_epoch() RETURNS int: of this place, as the calling statement's snapshot sees it; one above all there are
 * where nothing was appended here yet.
 */
Datum
collab_own_epoch(PG_FUNCTION_ARGS)
{
	int newest;
	int epoch;

	SPI_connect();
	epoch = take_epoch(spi_read(&newest_epoch, NULL, NULL), &newest);
	SPI_finish();
	PG_RETURN_INT32(epoch != 0 ? epoch : newest + 1);
}
