/*
 * pg_listener.c - the one LISTEN connection of the process.
 *
 * Each channel is WANTED until its LISTEN has committed, then HEARD; a channel given up becomes
 * UNWANTED until its UNLISTEN has gone. Changes are collected into one simple query at a time: a
 * query string of several LISTENs is one implicit transaction, over when its answer is there.
 *
 * Owns the connection and the set of channels. Called by hub/ (channels) and pg_conn.c.
 */
#include "pg/pg_listener.h"

#include <stdlib.h>
#include <string.h>

#include "base/hashmap.h"
#include "base/list.h"
#include "base/memory.h"
#include "base/timestamp.h"
#include "core/log.h"
#include "core/loop.h"
#include "core/metrics.h"
#include "pg/pg_conn.h"

#define LISTENER_CHANNELS_PER_QUERY 500
#define LISTENER_CONTROL "collab:control"

typedef struct ChannelKey
{
	Uuid id;
	uint8_t kind; /* PgChannelKind */
} ChannelKey;

typedef struct Channel
{
	ChannelKey key;
	bool is_wanted;
	bool is_heard; /* the server has committed the LISTEN */

	bool is_asked; /* part of the query in flight */
	ListLink link; /* in changed or asked */
} Channel;

static struct
{
	PgConn *conn;
	const PgListenerHandlers *handlers;
	HashMap *channels; /* ChannelKey → Channel */
	List changed;
	List asked;
	bool is_busy; /* a query is in flight */
	bool has_failed;
	bool is_up; /* everything wanted at connection time is heard */
	double changed_at; /* loop_now: when is_up changed */
	LoopWork work;
	Buffer query;
} listener;

static const char *const channel_prefixes[PG_CHANNEL_KIND_COUNT] = {
	[PG_CHANNEL_BOARD] = "collab:board:",       [PG_CHANNEL_WORKSPACE] = "collab:workspace:",
	[PG_CHANNEL_PRESENCE] = "collab:presence:", [PG_CHANNEL_NOTIFICATIONS] = "collab:notifications",
	[PG_CHANNEL_LIVE] = "collab:live:",
};

/* Bytes only, without padding. */
static Slice
channel_key(const ChannelKey *key)
{
	return slice_of((const char *) key, sizeof(*key));
}

static void
channel_mark(Channel *channel)
{
	if (channel->is_asked || list_link_is_listed(&channel->link))
		return;
	list_append(&listener.changed, &channel->link);
}

static void
listener_add_to_query(Channel *channel)
{
	char text[UUID_TEXT_SIZE] = "";

	if (channel->key.kind != PG_CHANNEL_NOTIFICATIONS)
		(void) uuid_format(&channel->key.id, text);
	buffer_append_format(&listener.query, "%s \"%s%s\";", channel->is_wanted ? "LISTEN" : "UNLISTEN",
						 channel_prefixes[channel->key.kind], text);
	channel->is_asked = true;
	channel->is_heard = channel->is_wanted; /* once the query in flight is answered */
	list_append(&listener.asked, &channel->link);
}

static void
listener_send(void)
{
	if (PQsendQuery(pg_conn_handle(listener.conn), buffer_text(&listener.query)) != 1)
	{
		pg_conn_fail(listener.conn, PQerrorMessage(pg_conn_handle(listener.conn)));
		return;
	}
	listener.is_busy = true;
	listener.has_failed = false;
	pg_conn_sent(listener.conn);
}

static void
channel_forget(Channel *channel)
{
	list_remove(&channel->link);
	(void) hashmap_remove(listener.channels, channel_key(&channel->key));
	free(channel);
}

static void
channel_tell(const Channel *channel)
{
	void (*listening)(const Uuid *) = listener.handlers->channels[channel->key.kind].listening;

	if (listener.is_up && listening != NULL)
		listening(&channel->key.id);
}

/* Given up and wanted again, or the other way round, before the server was asked. */
static void
channel_settle(Channel *channel)
{
	if (channel->is_wanted)
		channel_tell(channel);
	else
		channel_forget(channel);
}

/* Sends what has changed, as one query; nothing while one is in flight. */
static void
listener_sync(void)
{
	int count = 0;

	if (listener.is_busy || pg_conn_state(listener.conn) != PG_CONN_READY)
		return;
	buffer_clear(&listener.query);
	while (count < LISTENER_CHANNELS_PER_QUERY && !list_is_empty(&listener.changed))
	{
		Channel *channel = CONTAINER_OF(list_take_first(&listener.changed), Channel, link);

		if (channel->is_wanted == channel->is_heard)
		{
			channel_settle(channel);
			continue;
		}
		listener_add_to_query(channel);
		count++;
	}
	if (count > 0)
		listener_send();
}

static void
listener_run_work(LoopWork *work)
{
	(void) work;
	listener_sync();
}

static void
listener_set_up(bool is_up)
{
	if (is_up != listener.is_up || listener.changed_at == 0)
	{
		listener.changed_at = loop_now();
		metrics_set(METRIC_LISTENER_SINCE, timestamp_now_ms() / 1000);
	}
	listener.is_up = is_up;
	metrics_set(METRIC_LISTENER_UP, is_up);
}

/* The channels of the query just answered: tell, or ask again if they changed meanwhile. */
static void
listener_finish_asked(void)
{
	while (!list_is_empty(&listener.asked))
	{
		Channel *channel = CONTAINER_OF(list_take_first(&listener.asked), Channel, link);

		channel->is_asked = false;
		if (channel->is_wanted != channel->is_heard)
			channel_mark(channel);
		else
			channel_settle(channel);
	}
}

static void
on_listener_finished(PgConn *conn, void *owner)
{
	(void) owner;
	listener.is_busy = false;
	if (listener.has_failed)
	{
		pg_conn_fail(conn, "LISTEN was refused");
		return;
	}
	listener_finish_asked();
	if (!listener.is_up && list_is_empty(&listener.changed))
	{
		double away = loop_now() - listener.changed_at;

		listener_set_up(true);
		log_info("listening_for_changes", LOG_INTEGER("channels", (int64_t) hashmap_count(listener.channels)),
				 LOG_SECONDS("away", away));
		listener.handlers->up();
	}
	listener_sync();
}

static void
on_listener_result(PgConn *conn, void *owner, PGresult *result)
{
	(void) conn;
	(void) owner;
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		listener.has_failed = true;
	PQclear(result);
}

/* A new session hears nothing yet: everything wanted is asked for again. */
static void
listener_forget_heard(void)
{
	HashMapVisit visit = HASHMAP_START;
	Channel *channel;

	listener.is_busy = false;
	listener_set_up(false);
	while ((channel = hashmap_visit(listener.channels, &visit, NULL)) != NULL)
	{
		list_remove(&channel->link);
		channel->is_asked = false;
		channel->is_heard = false;
		if (channel->is_wanted)
			channel_mark(channel);
		else
			channel_forget(channel);
	}
}

static void
on_listener_ready(PgConn *conn, void *owner)
{
	(void) conn;
	(void) owner;
	listener_forget_heard();
	buffer_clear(&listener.query);
	buffer_append_text(&listener.query, "LISTEN \"" LISTENER_CONTROL "\";");
	listener_send();
}

static void
on_listener_lost(PgConn *conn, void *owner)
{
	(void) conn;
	(void) owner;
	if (listener.is_up)
		log_warning("changes_not_heard", LOG_INTEGER("channels", (int64_t) hashmap_count(listener.channels)));
	listener_forget_heard();
}

static void
listener_hear(const char *name, Slice payload)
{
	for (int kind = 0; kind < PG_CHANNEL_KIND_COUNT; kind++)
	{
		size_t prefix = strlen(channel_prefixes[kind]);
		Uuid id = {{0}};
		bool has_id = kind != PG_CHANNEL_NOTIFICATIONS;

		if (strncmp(name, channel_prefixes[kind], prefix) != 0)
			continue;
		if (listener.handlers->channels[kind].heard != NULL &&
			(has_id ? uuid_parse(name + prefix, strlen(name + prefix), &id) : name[prefix] == '\0'))
			listener.handlers->channels[kind].heard(&id, payload);
		return;
	}
}

static void
on_listener_notified(PgConn *conn, void *owner, const PGnotify *notification)
{
	Slice payload = slice_of_text(notification->extra);

	(void) conn;
	(void) owner;
	metrics_add(METRIC_NOTIFICATIONS, 1);
	if (strcmp(notification->relname, LISTENER_CONTROL) == 0)
		listener.handlers->control(payload);
	else
		listener_hear(notification->relname, payload);
}

static const PgConnHandlers listener_handlers = {
	.ready = on_listener_ready,
	.lost = on_listener_lost,
	.result = on_listener_result,
	.finished = on_listener_finished,
	.notified = on_listener_notified,
};

void
pg_listener_open(const Config *config, const PgListenerHandlers *handlers)
{
	PgConnOptions options = {
		.name = "collab-bridge listener",
		.pause_max = (double) config->reconnect_interval / 1000.0,
	};

	listener.handlers = handlers;
	listener.channels = hashmap_new();
	listener.changed_at = 0;
	listener_set_up(false);
	list_init(&listener.changed);
	list_init(&listener.asked);
	listener.work.run = listener_run_work;
	listener.conn = pg_conn_new(&options, &listener_handlers, NULL);
	pg_conn_open(listener.conn);
}

void
pg_listener_close(void)
{
	HashMapVisit visit = HASHMAP_START;
	Channel *channel;

	if (listener.conn == NULL)
		return;
	pg_conn_free(listener.conn);
	listener.conn = NULL;
	listener_set_up(false);
	loop_work_cancel(&listener.work);
	while ((channel = hashmap_visit(listener.channels, &visit, NULL)) != NULL)
		channel_forget(channel);
	hashmap_free(listener.channels);
	listener.channels = NULL;
	buffer_free(&listener.query);
}

static void
listener_want(PgChannelKind kind, const Uuid *id, bool is_wanted)
{
	const ChannelKey key = {.id = *id, .kind = (uint8_t) kind};
	Channel *channel;

	if (listener.conn == NULL)
		return;
	channel = hashmap_get(listener.channels, channel_key(&key));
	if (channel == NULL)
	{
		if (!is_wanted)
			return;
		channel = memory_alloc(sizeof(*channel));
		channel->key = key;
		(void) hashmap_put(listener.channels, channel_key(&key), channel);
	}
	channel->is_wanted = is_wanted;
	channel_mark(channel);
	loop_at_turn_end(&listener.work);
}

void
pg_listener_add(PgChannelKind kind, const Uuid *id)
{
	listener_want(kind, id, true);
}

void
pg_listener_remove(PgChannelKind kind, const Uuid *id)
{
	listener_want(kind, id, false);
}

void
pg_listener_hurry(void)
{
	if (listener.conn != NULL)
		pg_conn_hurry(listener.conn);
}

bool
pg_listener_is_up(void)
{
	return listener.is_up;
}
