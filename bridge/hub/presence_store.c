/*
 * presence_store.c - tells the database who is connected here and on which board.
 *
 * A connection or board has two marks, wanted and said. What differs is in the list `changed`; a call
 * takes a part of it into `asked`, and when it is answered what was asked is what is said. What
 * changed again meanwhile differs again.
 *
 * Owns these lists, the one read in flight and the timer. Called by conn/, presence.c and main.c.
 */
#include "hub/presence_store.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/hashmap.h"
#include "base/list.h"
#include "base/memory.h"
#include "core/log.h"
#include "core/loop.h"
#include "core/metrics.h"
#include "pg/pg_read.h"
#include "proto/json_text.h"

#define STORE_CONNECTIONS 500 /* in one call */
#define STORE_RETRY 0.25 /* seconds; doubles up to the interval */

typedef struct StoredRoom
{
	ListLink link; /* in its connection's */
	Uuid board_id;
	bool is_wanted;
	bool is_said;
	bool is_asked_for; /* what the call in flight says of it */
} StoredRoom;

typedef struct StoredConnection
{
	Uuid id;
	int64_t user_id;
	bool is_wanted;
	bool is_said;
	bool is_asked_for;
	bool is_asked; /* part of the call in flight */
	bool is_refused; /* its user is deactivated: it is not asked about again before the next look */
	List rooms; /* StoredRoom.link */
	ListLink link; /* in changed or asked */
} StoredConnection;

static struct
{
	bool is_open;
	const PresenceStoreHandlers *handlers;
	Uuid bridge_id;
	char *name;
	double interval; /* seconds */
	HashMap *connections; /* id → StoredConnection */
	List changed;
	List asked;
	PgRead read;
	bool is_busy; /* it is in flight */
	bool alive_is_due;
	bool seen_is_due;
	bool is_ending;
	bool has_ended;
	double pause; /* before the next try; 0: the last call was answered */
	ev_timer alive_timer;
	ev_timer retry_timer;
	LoopWork work;
} store;

static void
store_go_on(void)
{
	if (store.is_open)
		loop_at_turn_end(&store.work);
}

/* ---- what is wanted ---- */

static void
connection_changed(StoredConnection *connection)
{
	if (connection->is_asked || list_link_is_listed(&connection->link))
		return;
	list_append(&store.changed, &connection->link);
	metrics_add(METRIC_PRESENCE_BACKLOG, 1);
	store_go_on();
}

static StoredConnection *
connection_find(const Uuid *id)
{
	return store.is_open ? hashmap_get(store.connections, hashmap_uuid_key(id)) : NULL;
}

static StoredRoom *
connection_find_room(const StoredConnection *connection, const Uuid *board_id)
{
	LIST_FOR_EACH (&connection->rooms, StoredRoom, link, room)
	{
		if (uuid_equals(&room->board_id, board_id))
			return room;
	}
	return NULL;
}

void
presence_store_connect(const Uuid *connection_id, int64_t user_id)
{
	StoredConnection *connection;

	if (!store.is_open || connection_find(connection_id) != NULL)
		return;
	connection = memory_alloc(sizeof(*connection));
	connection->id = *connection_id;
	connection->user_id = user_id;
	connection->is_wanted = true;
	list_init(&connection->rooms);
	(void) hashmap_put(store.connections, hashmap_uuid_key(connection_id), connection);
	connection_changed(connection);
}

void
presence_store_disconnect(const Uuid *connection_id)
{
	StoredConnection *connection = connection_find(connection_id);

	if (connection == NULL || !connection->is_wanted)
		return;
	connection->is_wanted = false;
	connection_changed(connection);
}

void
presence_store_enter(const Uuid *connection_id, const Uuid *board_id)
{
	StoredConnection *connection = connection_find(connection_id);
	StoredRoom *room;

	if (connection == NULL)
		return;
	room = connection_find_room(connection, board_id);
	if (room == NULL)
	{
		room = memory_alloc(sizeof(*room));
		room->board_id = *board_id;
		list_append(&connection->rooms, &room->link);
	}
	room->is_wanted = true;
	connection_changed(connection);
}

void
presence_store_leave(const Uuid *connection_id, const Uuid *board_id)
{
	StoredConnection *connection = connection_find(connection_id);
	StoredRoom *room = connection != NULL ? connection_find_room(connection, board_id) : NULL;

	if (room == NULL)
		return;
	room->is_wanted = false;
	connection_changed(connection);
}

/* ---- what is said ---- */

static void
room_forget(StoredRoom *room)
{
	list_remove(&room->link);
	free(room);
}

static void
connection_forget(StoredConnection *connection)
{
	while (!list_is_empty(&connection->rooms))
		room_forget(CONTAINER_OF(list_first(&connection->rooms), StoredRoom, link));
	list_remove(&connection->link);
	(void) hashmap_remove(store.connections, hashmap_uuid_key(&connection->id));
	free(connection);
}

/* The database knows nothing of it (any more). */
static void
connection_unsay(StoredConnection *connection)
{
	connection->is_said = false;
	LIST_FOR_EACH (&connection->rooms, StoredRoom, link, room)
		room->is_said = false;
}

/* Rooms of a connection that is not there need not be left. */
static bool
connection_is_settled(StoredConnection *connection)
{
	bool is_settled = connection->is_wanted == connection->is_said;

	LIST_FOR_EACH (&connection->rooms, StoredRoom, link, room)
	{
		if (!room->is_wanted && !room->is_said)
			room_forget(room);
		else if (connection->is_wanted && room->is_wanted != room->is_said)
			is_settled = false;
	}
	return is_settled;
}

/* Out of `asked` or `changed`: back to changed when it differs, gone when nobody wants it. */
static void
connection_settle(StoredConnection *connection)
{
	connection->is_asked = false;
	list_remove(&connection->link);
	metrics_add(METRIC_PRESENCE_BACKLOG, -1);
	if (!connection_is_settled(connection))
		connection_changed(connection);
	else if (!connection->is_wanted)
		connection_forget(connection);
}

/* ---- the call for changes ---- */

static void
changes_begin_item(Buffer *out)
{
	if (out->bytes[out->length - 1] != '[')
		buffer_append_char(out, ',');
}

static void
changes_add_pair(Buffer *out, const Uuid *connection_id, const Uuid *board_id)
{
	changes_begin_item(out);
	buffer_append_char(out, '[');
	json_append_uuid(out, connection_id);
	buffer_append_char(out, ',');
	json_append_uuid(out, board_id);
	buffer_append_char(out, ']');
}

static void
changes_add_closed(Buffer *out)
{
	buffer_append_text(out, "{\"closed\":[");
	LIST_FOR_EACH (&store.asked, StoredConnection, link, connection)
	{
		if (connection->is_asked_for || !connection->is_said)
			continue;
		changes_begin_item(out);
		json_append_uuid(out, &connection->id);
	}
}

static void
changes_add_opened(Buffer *out)
{
	buffer_append_text(out, "],\"opened\":[");
	LIST_FOR_EACH (&store.asked, StoredConnection, link, connection)
	{
		if (!connection->is_asked_for || connection->is_said)
			continue;
		changes_begin_item(out);
		buffer_append_char(out, '[');
		json_append_uuid(out, &connection->id);
		buffer_append_format(out, ",%lld]", (long long) connection->user_id);
	}
}

/* Boards joined, or left, of connections that stay. */
static void
changes_add_rooms(Buffer *out, const char *name, bool is_joined)
{
	buffer_append_text(out, name);
	LIST_FOR_EACH (&store.asked, StoredConnection, link, connection)
	{
		if (!connection->is_asked_for)
			continue;
		LIST_FOR_EACH (&connection->rooms, StoredRoom, link, room)
		{
			if (room->is_asked_for == is_joined && room->is_said != is_joined)
				changes_add_pair(out, &connection->id, &room->board_id);
		}
	}
}

static void
changes_collect(void)
{
	int count = 0;

	while (count++ < STORE_CONNECTIONS && !list_is_empty(&store.changed))
	{
		StoredConnection *connection = CONTAINER_OF(list_take_first(&store.changed), StoredConnection, link);

		connection->is_asked = true;
		connection->is_asked_for = connection->is_wanted;
		LIST_FOR_EACH (&connection->rooms, StoredRoom, link, room)
			room->is_asked_for = room->is_wanted;
		list_append(&store.asked, &connection->link);
	}
}

/* Rooms that came after the question were not part of it. */
static void
connection_take_answer(StoredConnection *connection)
{
	connection->is_said = connection->is_asked_for;
	LIST_FOR_EACH (&connection->rooms, StoredRoom, link, room)
		room->is_said = connection->is_said && room->is_asked_for;
}

/*
 * A board its user may not see is taken as said: the room will hear of the lost right by itself. The same goes for a
 * deactivated user, whose connection is about to be closed.
 */
static void
changes_take_refusals(const PgReadResult *result)
{
	bool is_any_refused = false;

	for (int row = 0; row < result->row_count; row++)
	{
		Uuid id;
		StoredConnection *connection = pg_read_uuid(result, row, 0, &id) ? connection_find(&id) : NULL;
		const char *code = pg_read_text(result, row, 2);

		if (connection == NULL)
			continue;
		connection->is_refused = connection->is_refused || strcmp(code, "unauthenticated") == 0;
		if (!connection->is_refused && strcmp(code, "unknown") == 0)
			connection_unsay(connection);
		is_any_refused = is_any_refused || connection->is_refused;
	}
	if (is_any_refused)
		store.handlers->refused();
}

static void
asked_settle(void)
{
	while (!list_is_empty(&store.asked))
		connection_settle(CONTAINER_OF(list_first(&store.asked), StoredConnection, link));
}

/* ---- one call after the other ---- */

/* False: not answered; it is tried again after a pause. */
static bool
store_take_answer(const PgReadResult *result)
{
	store.is_busy = false;
	if (result->status == PG_READ_OK)
	{
		store.pause = 0;
		store_go_on();
		return true;
	}
	store.pause = store.pause == 0 ? STORE_RETRY : store.pause * 2;
	if (store.pause > store.interval)
		store.pause = store.interval;
	store.retry_timer.repeat = store.pause;
	ev_timer_again(loop_ev(), &store.retry_timer);
	return false;
}

static void
on_changes_said(PgRead *read, const PgReadResult *result)
{
	(void) read;
	if (store_take_answer(result))
	{
		LIST_FOR_EACH (&store.asked, StoredConnection, link, connection)
			connection_take_answer(connection);
		changes_take_refusals(result);
	}
	asked_settle();
}

static void
store_say_changes(void)
{
	Buffer changes = BUFFER_EMPTY;

	changes_collect();
	changes_add_closed(&changes);
	changes_add_rooms(&changes, "],\"left\":[", false);
	changes_add_opened(&changes);
	changes_add_rooms(&changes, "],\"joined\":[", true);
	buffer_append_text(&changes, "]}");
	pg_read_init(&store.read, PG_READ_BRIDGE_CHANGES, on_changes_said);
	pg_read_add_uuid(&store.read, &store.bridge_id);
	pg_read_add_text(&store.read, buffer_slice(&changes));
	pg_read_submit(&store.read);
	buffer_free(&changes);
}

static void
on_alive_said(PgRead *read, const PgReadResult *result)
{
	(void) read;
	if (!store_take_answer(result))
		return;
	store.alive_is_due = false;
	store.seen_is_due = true;
	store.handlers->alive();
}

static void
store_say_alive(void)
{
	pg_read_init(&store.read, PG_READ_BRIDGE_ALIVE, on_alive_said);
	pg_read_add_uuid(&store.read, &store.bridge_id);
	pg_read_add_text(&store.read, slice_of_text(store.name));
	pg_read_submit(&store.read);
}

/* The answer names those that the database does not know. */
static void
on_seen_said(PgRead *read, const PgReadResult *result)
{
	(void) read;
	if (!store_take_answer(result))
		return;
	store.seen_is_due = false;
	for (int row = 0; row < result->row_count; row++)
	{
		Uuid id;
		StoredConnection *connection = pg_read_uuid(result, row, 0, &id) ? connection_find(&id) : NULL;

		if (connection == NULL || !connection->is_said)
			continue;
		connection_unsay(connection);
		connection->is_refused = false;
		connection_changed(connection);
	}
}

static void
store_say_seen(void)
{
	Uuid *ids = memory_alloc(sizeof(*ids) * (hashmap_count(store.connections) + 1));
	HashMapVisit visit = HASHMAP_START;
	const StoredConnection *connection;
	size_t count = 0;

	while ((connection = hashmap_visit(store.connections, &visit, NULL)) != NULL)
	{
		if (connection->is_said)
			ids[count++] = connection->id;
	}
	pg_read_init(&store.read, PG_READ_CONNECTION_SEEN, on_seen_said);
	pg_read_add_uuid(&store.read, &store.bridge_id);
	pg_read_add_uuids(&store.read, ids, count);
	pg_read_submit(&store.read);
	free(ids);
}

static void
on_end_said(PgRead *read, const PgReadResult *result)
{
	(void) read;
	(void) result;
	store.has_ended = true;
}

static void
store_say_end(void)
{
	pg_read_init(&store.read, PG_READ_BRIDGE_GONE, on_end_said);
	pg_read_add_uuid(&store.read, &store.bridge_id);
	pg_read_submit(&store.read);
}

static void
store_run_work(LoopWork *work)
{
	(void) work;
	if (store.is_busy || (ev_is_active(&store.retry_timer) && !store.is_ending))
		return;
	store.is_busy = true;
	if (store.is_ending)
		store_say_end();
	else if (store.alive_is_due)
		store_say_alive();
	else if (store.seen_is_due)
		store_say_seen();
	else if (!list_is_empty(&store.changed))
		store_say_changes();
	else
		store.is_busy = false;
}

/* ---- times, start and end ---- */

static void
on_alive_timer(struct ev_loop *ev, ev_timer *watcher, int events)
{
	(void) ev;
	(void) watcher;
	(void) events;
	store.alive_is_due = true;
	store_go_on();
}

static void
on_retry_timer(struct ev_loop *ev, ev_timer *watcher, int events)
{
	(void) events;
	ev_timer_stop(ev, watcher);
	store_go_on();
}

void
presence_store_resume(void)
{
	if (!store.is_open)
		return;
	ev_timer_stop(loop_ev(), &store.retry_timer);
	store.alive_is_due = true;
	store_go_on();
}

void
presence_store_configure(const Config *config)
{
	store.interval = (double) config->presence_interval / 1000.0;
	store.alive_timer.repeat = store.interval;
	if (store.is_open)
		ev_timer_again(loop_ev(), &store.alive_timer);
}

void
presence_store_open(const Config *config, const char *name, const PresenceStoreHandlers *handlers)
{
	uuid_random(&store.bridge_id);
	store.name = memory_copy_text(name);
	store.handlers = handlers;
	store.connections = hashmap_new();
	list_init(&store.changed);
	list_init(&store.asked);
	store.work.run = store_run_work;
	ev_init(&store.retry_timer, on_retry_timer);
	ev_init(&store.alive_timer, on_alive_timer);
	store.is_open = true;
	presence_store_configure(config);
	presence_store_resume();
	log_info("presence", LOG_UUID("bridge", &store.bridge_id), LOG_TEXT("name", name));
}

bool
presence_store_is_open(void)
{
	return store.is_open;
}

const Uuid *
presence_store_bridge_id(void)
{
	return &store.bridge_id;
}

void
presence_store_end(void)
{
	store.is_ending = true;
	store_go_on();
}

bool
presence_store_has_ended(void)
{
	return !store.is_open || store.has_ended;
}

void
presence_store_close(void)
{
	HashMapVisit visit = HASHMAP_START;
	StoredConnection *connection;

	if (!store.is_open)
		return;
	store.is_open = false;
	ev_timer_stop(loop_ev(), &store.alive_timer);
	ev_timer_stop(loop_ev(), &store.retry_timer);
	loop_work_cancel(&store.work);
	while ((connection = hashmap_visit(store.connections, &visit, NULL)) != NULL)
		connection_forget(connection);
	hashmap_free(store.connections);
	store.connections = NULL;
	free(store.name);
}
