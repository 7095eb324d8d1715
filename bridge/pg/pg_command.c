/*
 * pg_command.c - the command pool: which lane a command goes to, and when.
 *
 * Owns the lanes. Called by conn/ (submit) and, through pg_lane.c, by the results.
 */
#include "pg/pg_command.h"

#include <stdlib.h>

#include "base/hashmap.h"
#include "base/memory.h"
#include "core/loop.h"
#include "core/metrics.h"
#include "pg/pg_lane.h"

#define POOL_EXPIRE_INTERVAL 0.25

static struct
{
	PgLane **lanes; /* the last one is the bulk lane */
	int lane_count; /* without it */
	double wait; /* seconds a command waits to be sent */
	ev_timer expire_timer;
	size_t pending;
} pool;

/* A command without a board keeps its client's lane, so that it need not wait. */
static int
pool_choose_lane(const PgCommand *command)
{
	if (command->is_bulk)
		return pool.lane_count;
	if (command->has_routing_key)
		return (int) (hashmap_hash(hashmap_uuid_key(&command->routing_key)) % (uint64_t) pool.lane_count);
	if (command->stream->in_flight > 0 && command->stream->lane != pool.lane_count)
		return command->stream->lane;
	return (int) ((uint64_t) command->user_id % (uint64_t) pool.lane_count);
}

static void
pool_send(PgCommand *command)
{
	command->stream->lane = command->lane;
	command->stream->in_flight++;
	pg_lane_submit(pool.lanes[command->lane], command);
}

static bool
pool_must_wait(const PgCommand *command)
{
	const PgCommandStream *stream = command->stream;

	return stream->in_flight > 0 && stream->lane != command->lane;
}

static void
pool_on_finished(PgCommandStream *stream)
{
	stream->in_flight--;
	pool.pending--;
	metrics_set(METRIC_COMMAND_QUEUE, (int64_t) pool.pending);
	while (!list_is_empty(&stream->waiting))
	{
		PgCommand *command = CONTAINER_OF(list_first(&stream->waiting), PgCommand, link);

		if (pool_must_wait(command))
			return;
		list_remove(&command->link);
		pool_send(command);
	}
}

static void
on_expire_timer(struct ev_loop *ev, ev_timer *watcher, int events)
{
	double deadline = loop_now() - pool.wait;

	(void) ev;
	(void) watcher;
	(void) events;
	for (int i = 0; i <= pool.lane_count; i++)
		pg_lane_expire(pool.lanes[i], deadline);
}

void
pg_command_configure(const Config *config)
{
	pool.wait = (double) config->database_wait / 1000.0;
}

void
pg_command_open(const Config *config)
{
	pool.lane_count = (int) config->pool_size;
	pg_command_configure(config);
	pool.lanes = memory_alloc(sizeof(PgLane *) * (size_t) (pool.lane_count + 1));
	for (int i = 0; i < pool.lane_count; i++)
		pool.lanes[i] = pg_lane_new(config, i + 1, (size_t) config->batch_size, pool_on_finished);
	pool.lanes[pool.lane_count] = pg_lane_new(config, pool.lane_count + 1, 1, pool_on_finished);
	ev_timer_init(&pool.expire_timer, on_expire_timer, POOL_EXPIRE_INTERVAL, POOL_EXPIRE_INTERVAL);
	ev_timer_start(loop_ev(), &pool.expire_timer);
}

static void
pool_refuse_all(void)
{
	for (int i = 0; i <= pool.lane_count; i++)
		pg_lane_stop(pool.lanes[i]);
	/* A refusal can move commands that waited for it to another lane. */
	while (pool.pending > 0)
		for (int i = 0; i <= pool.lane_count; i++)
			pg_lane_expire(pool.lanes[i], loop_now());
}

void
pg_command_close(void)
{
	if (pool.lanes == NULL)
		return;
	ev_timer_stop(loop_ev(), &pool.expire_timer);
	pool_refuse_all();
	for (int i = 0; i <= pool.lane_count; i++)
		pg_lane_free(pool.lanes[i]);
	free(pool.lanes);
	pool.lanes = NULL;
}

void
pg_command_stream_init(PgCommandStream *stream)
{
	list_init(&stream->waiting);
	stream->lane = 0;
	stream->in_flight = 0;
}

bool
pg_command_stream_is_idle(const PgCommandStream *stream)
{
	return stream->in_flight == 0 && list_is_empty(&stream->waiting);
}

void
pg_command_submit(PgCommand *command)
{
	pool.pending++;
	metrics_set(METRIC_COMMAND_QUEUE, (int64_t) pool.pending);
	command->accepted_at = loop_now();
	command->goes_alone = false;
	command->lane = pool_choose_lane(command);
	list_link_init(&command->link);
	if (!list_is_empty(&command->stream->waiting) || pool_must_wait(command))
		list_append(&command->stream->waiting, &command->link);
	else
		pool_send(command);
}

void
pg_command_hurry(void)
{
	for (int i = 0; pool.lanes != NULL && i <= pool.lane_count; i++)
		pg_lane_hurry(pool.lanes[i]);
}

bool
pg_command_is_up(void)
{
	for (int i = 0; pool.lanes != NULL && i < pool.lane_count; i++)
		if (pg_lane_is_up(pool.lanes[i]))
			return true;
	return false;
}

size_t
pg_command_pending(void)
{
	return pool.pending;
}
