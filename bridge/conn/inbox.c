/*
 * inbox.c - notifications on their way to the people who are connected.
 *
 * One inbox a user, however many connections. What is wanted is collected during a turn and asked in
 * one read for all users concerned, one read in flight: for a connection that has come, everything
 * undelivered; for an announcement, that notification, unless somebody made it up; for a catch-up,
 * what is undelivered above the floor. The floor is the highest id the user had at the first read:
 * what lies below was there before and is GET_NOTIFICATIONS' to show.
 *
 * Nothing is sent to a connection twice: the inbox remembers the ids it sent last, a connection the
 * number it began at.
 *
 * Owns the inboxes and the read.
 */
#include "conn/inbox.h"

#include <stdlib.h>

#include "base/hashmap.h"
#include "base/json_scan.h"
#include "base/memory.h"
#include "conn/session_private.h"
#include "core/metrics.h"
#include "pg/pg_hint.h"
#include "pg/pg_listener.h"

#define INBOX_PAGE 50 /* collab.inbox gives at most so many of a user at once */
#define INBOX_RECENT 96
#define INBOX_HINTS 32
#define INBOX_USERS_PER_READ 500
/* Announcements are reliable while the listener is there; this is for what goes wrong all the same. */
#define INBOX_CATCH_UP_SECONDS 15.0

enum /* columns of PG_READ_INBOX */
{
	COLUMN_USER_ID,
	COLUMN_UNREAD_COUNT,
	COLUMN_NEWEST,
	COLUMN_ID,
	COLUMN_BODY
};

typedef struct Inbox
{
	int64_t user_id;
	List sessions; /* Session.inbox_link */
	ListLink link; /* in hub.wanted or hub.asked */
	bool is_wanted; /* since it was asked last */
	bool is_asked; /* part of the read in flight */
	bool asks_all; /* that read is for a connection that has just come, too */
	int row_count; /* of its answer */
	int64_t floor;
	int64_t next_floor; /* once the answer is taken in */
	int64_t recent[INBOX_RECENT]; /* ids sent; number n is at n % INBOX_RECENT */
	uint64_t sent; /* how many */
	int64_t hints[INBOX_HINTS]; /* ids announced, to be asked for */
	int hint_count;
	int asked_count; /* of hints: those in the read in flight */
} Inbox;

static struct
{
	HashMap *inboxes; /* user id → Inbox */
	List wanted;
	List asked; /* part of the read in flight */
	PgRead read;
	bool is_reading;
	LoopWork work;
	ev_timer timer;
} hub;

/* ---- who is there ---- */

static Slice
inbox_key(const int64_t *user_id)
{
	return slice_of((const char *) user_id, sizeof(*user_id));
}

static void
inbox_want(Inbox *inbox)
{
	inbox->is_wanted = true;
	if (!list_link_is_listed(&inbox->link))
		list_append(&hub.wanted, &inbox->link);
	loop_at_turn_end(&hub.work);
}

static Inbox *
inbox_open(int64_t user_id)
{
	Inbox *inbox = hashmap_get(hub.inboxes, inbox_key(&user_id));

	if (inbox != NULL)
		return inbox;
	inbox = memory_alloc(sizeof(*inbox));
	inbox->user_id = user_id;
	list_init(&inbox->sessions);
	(void) hashmap_put(hub.inboxes, inbox_key(&user_id), inbox);
	return inbox;
}

void
inbox_enter(Session *session)
{
	Inbox *inbox = inbox_open(session->user_id);

	session->awaits_inbox = true;
	session->is_in_inbox_read = false;
	session->inbox_start = inbox->sent;
	list_append(&inbox->sessions, &session->inbox_link);
	inbox_want(inbox);
}

/* One that is being asked for goes when the answer is there. */
static void
inbox_close_if_empty(Inbox *inbox)
{
	if (!list_is_empty(&inbox->sessions) || inbox->is_asked)
		return;
	list_remove(&inbox->link);
	(void) hashmap_remove(hub.inboxes, inbox_key(&inbox->user_id));
	free(inbox);
}

void
inbox_leave(Session *session)
{
	Inbox *inbox = hub.inboxes != NULL ? hashmap_get(hub.inboxes, inbox_key(&session->user_id)) : NULL;

	session->awaits_inbox = false;
	if (!list_link_is_listed(&session->inbox_link))
		return;
	list_remove(&session->inbox_link);
	if (inbox != NULL)
		inbox_close_if_empty(inbox);
}

/* ---- one notification ---- */

static bool
inbox_has_sent(const Inbox *inbox, uint64_t since, int64_t id)
{
	uint64_t first = inbox->sent > INBOX_RECENT ? inbox->sent - INBOX_RECENT : 0;

	for (uint64_t number = since > first ? since : first; number < inbox->sent; number++)
	{
		if (inbox->recent[number % INBOX_RECENT] == id)
			return true;
	}
	return false;
}

static bool
inbox_was_announced(const Inbox *inbox, int64_t id)
{
	for (int i = 0; i < inbox->asked_count; i++)
	{
		if (inbox->hints[i] == id)
			return true;
	}
	return false;
}

/* What lies below the floor and was not announced just now is for connections that have just come. */
static bool
session_wants(const Session *session, const Inbox *inbox, int64_t id)
{
	bool is_news = session->awaits_inbox || id > inbox->floor || inbox_was_announced(inbox, id);

	return is_news && !inbox_has_sent(inbox, session->inbox_start, id);
}

static Frame *
notification_frame(Slice body, int64_t unread_count)
{
	Slice workspace = {0};
	Uuid workspace_id;
	Frame *frame;

	encode_notification(frame_begin(), body, unread_count);
	frame = frame_finish(FRAME_TEXT);
	if (json_scan_string(json_scan_find(body, "workspace_id"), &workspace) &&
		uuid_parse(workspace.bytes, workspace.length, &workspace_id))
		frame_note_workspace(frame, &workspace_id);
	return frame;
}

/* Whether it went to anybody. A queue over its limit ends its own connection, no other one. */
static bool
inbox_deliver(Inbox *inbox, const PgReadResult *result, int row)
{
	int64_t id = pg_read_integer(result, row, COLUMN_ID);
	Frame *frame =
		notification_frame(pg_read_slice(result, row, COLUMN_BODY), pg_read_integer(result, row, COLUMN_UNREAD_COUNT));
	bool is_sent = false;

	LIST_FOR_EACH (&inbox->sessions, Session, inbox_link, session)
	{
		if (!session_wants(session, inbox, id))
			continue;
		is_sent = true;
		session_send_shared(session, frame_ref(frame));
	}
	frame_unref(frame);
	if (is_sent)
		inbox->recent[inbox->sent++ % INBOX_RECENT] = id;
	return is_sent;
}

/* ---- the answer ---- */

static void
on_marked(PgRead *read, const PgReadResult *result)
{
	(void) result; /* failed: they come again with the next connection, which is better than never */
	free(read);
}

static void
inbox_mark_delivered(const int64_t *ids, size_t count)
{
	PgRead *read;

	if (count == 0)
		return;
	metrics_add(METRIC_NOTIFICATIONS_DELIVERED, (int64_t) count);
	read = memory_alloc(sizeof(*read));
	pg_read_init(read, PG_READ_INBOX_DELIVERED, on_marked);
	pg_read_add_integers(read, ids, count);
	pg_read_submit(read);
}

/*
 * A connection that comes gets one page and no more. In a flood of new ones each page is followed by
 * the next: whatever is undelivered up to its last row was in it. Called for each row, in their order.
 */
static void
inbox_raise_floor(Inbox *inbox, const PgReadResult *result, int row)
{
	int64_t newest = pg_read_integer(result, row, COLUMN_NEWEST);

	inbox->row_count++;
	if (inbox->row_count == 1)
		inbox->next_floor = newest;
	else if (inbox->row_count == INBOX_PAGE && !inbox->asks_all)
	{
		inbox->next_floor = pg_read_integer(result, row, COLUMN_ID);
		inbox->is_wanted = true;
	}
}

static void
inbox_take_rows(const PgReadResult *result)
{
	int64_t *ids = memory_alloc(sizeof(*ids) * ((size_t) result->row_count + 1));
	size_t count = 0;

	for (int row = 0; row < result->row_count; row++)
	{
		int64_t user_id = pg_read_integer(result, row, COLUMN_USER_ID);
		Inbox *inbox = hashmap_get(hub.inboxes, inbox_key(&user_id));

		if (inbox == NULL)
			continue;
		inbox_raise_floor(inbox, result, row);
		if (!pg_read_is_null(result, row, COLUMN_ID) && inbox_deliver(inbox, result, row))
			ids[count++] = pg_read_integer(result, row, COLUMN_ID);
	}
	inbox_mark_delivered(ids, count);
	free(ids);
}

/* A connection that came while the read was under way waits for the next one. */
static void
inbox_begin_sessions(Inbox *inbox)
{
	LIST_FOR_EACH (&inbox->sessions, Session, inbox_link, session)
	{
		if (!session->awaits_inbox || !session->is_in_inbox_read)
			continue;
		session->awaits_inbox = false;
		session_begin(session);
	}
}

/* What was announced meanwhile is still to be asked for. */
static void
inbox_forget_asked(Inbox *inbox)
{
	inbox->hint_count -= inbox->asked_count;
	memmove(inbox->hints, inbox->hints + inbox->asked_count, sizeof(inbox->hints[0]) * (size_t) inbox->hint_count);
	inbox->asked_count = 0;
	inbox->is_asked = false;
}

static void
on_inbox(PgRead *read, const PgReadResult *result)
{
	ListLink *link;

	(void) read;
	hub.is_reading = false;
	if (hub.inboxes == NULL)
		return;
	if (result->status == PG_READ_OK)
		inbox_take_rows(result);
	while ((link = list_take_first(&hub.asked)) != NULL)
	{
		Inbox *inbox = CONTAINER_OF(link, Inbox, link);

		if (inbox->next_floor > inbox->floor)
			inbox->floor = inbox->next_floor;
		inbox_begin_sessions(inbox);
		inbox_forget_asked(inbox);
		if (inbox->is_wanted)
			inbox_want(inbox);
		inbox_close_if_empty(inbox);
	}
	loop_at_turn_end(&hub.work);
}

/* ---- the question ---- */

/* Puts the inbox into the question; returns the floor that holds for it. */
static int64_t
inbox_ask(Inbox *inbox)
{
	inbox->is_wanted = false;
	inbox->is_asked = true;
	inbox->asks_all = false;
	inbox->row_count = 0;
	inbox->next_floor = 0;
	inbox->asked_count = inbox->hint_count;
	LIST_FOR_EACH (&inbox->sessions, Session, inbox_link, session)
	{
		session->is_in_inbox_read = true;
		inbox->asks_all = inbox->asks_all || session->awaits_inbox;
	}
	list_append(&hub.asked, &inbox->link);
	return inbox->asks_all ? 0 : inbox->floor;
}

static void
inbox_submit(void)
{
	int64_t users[INBOX_USERS_PER_READ];
	int64_t floors[INBOX_USERS_PER_READ];
	int64_t *ids = memory_alloc(sizeof(*ids) * INBOX_USERS_PER_READ * INBOX_HINTS);
	size_t count = 0;
	size_t id_count = 0;

	while (count < INBOX_USERS_PER_READ && !list_is_empty(&hub.wanted))
	{
		Inbox *inbox = CONTAINER_OF(list_take_first(&hub.wanted), Inbox, link);

		users[count] = inbox->user_id;
		floors[count++] = inbox_ask(inbox);
		for (int i = 0; i < inbox->asked_count; i++)
			ids[id_count++] = inbox->hints[i];
	}
	hub.is_reading = true;
	pg_read_init(&hub.read, PG_READ_INBOX, on_inbox);
	pg_read_add_integers(&hub.read, users, count);
	pg_read_add_integers(&hub.read, floors, count);
	pg_read_add_integers(&hub.read, ids, id_count);
	pg_read_submit(&hub.read);
	free(ids);
}

static void
inbox_run_work(LoopWork *work)
{
	(void) work;
	if (!hub.is_reading && !list_is_empty(&hub.wanted))
		inbox_submit();
}

void
inbox_on_heard(Slice payload)
{
	int64_t user_id = pg_hint_number(payload, "user_id", INT64_MAX);
	int64_t id = pg_hint_number(payload, "notification_id", INT64_MAX);
	Inbox *inbox = hub.inboxes != NULL ? hashmap_get(hub.inboxes, inbox_key(&user_id)) : NULL;

	if (inbox == NULL || id == 0 || inbox_has_sent(inbox, 0, id))
		return;
	/* Too many at once: what is undelivered is read anyway. */
	if (inbox->hint_count < INBOX_HINTS)
		inbox->hints[inbox->hint_count++] = id;
	inbox_want(inbox);
}

void
inbox_catch_up(void)
{
	HashMapVisit visit = HASHMAP_START;
	Inbox *inbox;

	if (hub.inboxes == NULL)
		return;
	while ((inbox = hashmap_visit(hub.inboxes, &visit, NULL)) != NULL)
		inbox_want(inbox);
}

static void
on_timer(struct ev_loop *ev, ev_timer *watcher, int events)
{
	(void) ev;
	(void) watcher;
	(void) events;
	inbox_catch_up();
}

void
inbox_hub_open(void)
{
	static const Uuid everybody;

	hub.inboxes = hashmap_new();
	list_init(&hub.wanted);
	list_init(&hub.asked);
	hub.work.run = inbox_run_work;
	ev_timer_init(&hub.timer, on_timer, INBOX_CATCH_UP_SECONDS, INBOX_CATCH_UP_SECONDS);
	ev_timer_start(loop_ev(), &hub.timer);
	pg_listener_add(PG_CHANNEL_NOTIFICATIONS, &everybody);
}

/* The connections are gone, and with them the inboxes. */
void
inbox_hub_close(void)
{
	ev_timer_stop(loop_ev(), &hub.timer);
	loop_work_cancel(&hub.work);
	hashmap_free(hub.inboxes);
	hub.inboxes = NULL;
}
