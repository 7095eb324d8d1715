/*
 * command_outcome.c - what every answered command leads to, whichever door it came in by: it is counted, and its events
 * enter their rooms at once, without waiting for NOTIFY.
 *
 * Owns nothing. Called by session_command.c and the REST door.
 */
#include "conn/command_outcome.h"

#include "base/timestamp.h"
#include "core/metrics.h"
#include "hub/room.h"

void
command_outcome_count(const PgCommand *command, const PgCommandResult *result, int64_t received_us)
{
	static const Metric metrics[] = {
		[PG_COMMAND_ACK] = METRIC_COMMANDS_ACK,           [PG_COMMAND_UNCHANGED] = METRIC_COMMANDS_UNCHANGED,
		[PG_COMMAND_REPLAYED] = METRIC_COMMANDS_REPLAYED, [PG_COMMAND_CONFLICT] = METRIC_COMMANDS_CONFLICT,
		[PG_COMMAND_ERROR] = METRIC_COMMANDS_REFUSED,     [PG_COMMAND_UNAVAILABLE] = METRIC_COMMANDS_UNAVAILABLE,
	};

	metrics_count_command(command->type, metrics[result->status]);
	metrics_observe(HISTOGRAM_COMMAND_SECONDS, (double) (timestamp_monotonic_us() - received_us) / 1e6);
}

/* Rows are grouped by aggregate, each group in version order. */
void
command_outcome_feed_rooms(const PgCommandResult *result)
{
	size_t start = 0;
	bool has_workspace_event = false;
	bool has_new_board = false;

	while (start < result->event_count)
	{
		const PgEvent *first = &result->events[start];
		size_t end = start + 1;

		while (end < result->event_count && uuid_equals(&result->events[end].aggregate_id, &first->aggregate_id))
			end++;
		room_take_events(first, end - start);
		has_workspace_event = has_workspace_event || !first->is_board;
		has_new_board = has_new_board || (first->is_board && first->version == 1);
		start = end;
	}
	/* It may have changed who may read the workspace's boards. */
	if (has_workspace_event)
		room_poll_soon();
	if (has_new_board)
		room_boards_poll_soon();
}
