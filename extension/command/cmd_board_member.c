/*
 * cmd_board_member.c: who sees a private board besides the workspace's owners and admins.
 *
 * A board that the whole workspace sees may have members, too: they count once it becomes private.
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "command/cmd_board_member.h"
#include "support/support_spi.h"

SPI_STATEMENT(find_reader, "SELECT FROM collab.board_readers WHERE board_id = $1 AND user_id = $2", UUIDOID, INT8OID);

bool
board_can_see(Command *command, int64 user_id)
{
	Datum values[] = {UUIDPGetDatum(&command->stream_id), Int64GetDatum(user_id)};

	return spi_run(&find_reader, values, NULL) > 0;
}
