/*
 * command_slow.c: writes down commands that took longer than collab.slow_command: what, for which board, by whom, how
 * long; never what they said. Called by the entry points (command_batch.c).
 */
#include "postgres.h"

#include <limits.h>

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "command/command_slow.h"
#include "support/support_spi.h"

#define CLEAN_EVERY 1000

static int slow_command = 200;

SPI_STATEMENT(insert_slow,
			  "INSERT INTO collab.slow_commands (command, aggregate_id, user_id, duration_ms, lock_ms, at)"
			  " VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
			  TEXTOID, UUIDOID, INT8OID, FLOAT8OID, FLOAT8OID, TIMESTAMPTZOID);
SPI_STATEMENT(clean, "SELECT collab.clean_slow_commands()", InvalidOid);

void
command_slow_start(void)
{
	DefineCustomIntVariable("collab.slow_command", "Commands that take longer are written down.",
							"They stand in collab.admin_slow_commands. -1 writes down none.", &slow_command, 200, -1,
							INT_MAX, PGC_SUSET, GUC_UNIT_MS, NULL, NULL, NULL);
}

double
command_slow_lap(instr_time *since)
{
	instr_time now;
	instr_time passed;

	INSTR_TIME_SET_CURRENT(now);
	passed = now;
	INSTR_TIME_SUBTRACT(passed, *since);
	*since = now;
	return INSTR_TIME_GET_MILLISEC(passed);
}

void
command_slow_note(const Command *command, double duration, double lock_wait)
{
	bool has_aggregate = command->stream != NULL;
	char nulls[] = {' ', has_aggregate ? ' ' : 'n', ' ', ' ', ' ', ' ', '\0'};
	Datum values[] = {
		(Datum) 0,
		UUIDPGetDatum(&command->stream_id),
		Int64GetDatum(command->user_id),
		Float8GetDatum(duration),
		Float8GetDatum(lock_wait),
		TimestampTzGetDatum(GetCurrentTimestamp() - (TimestampTz) (duration * 1000)),
	};

	if (slow_command < 0 || duration < slow_command || command->def == NULL)
		return;
	values[0] = CStringGetTextDatum(command->def->name);
	(void) spi_run(&insert_slow, values, nulls);
	if (spi_int64(0, 1) % CLEAN_EVERY == 0)
		(void) spi_run(&clean, NULL, NULL);
}
