/*
 * subscription_pages.c - resuming a board or workspace: pages of events until the client is up to date, then live.
 *
 * Pages come from the room's ring when it reaches back far enough, otherwise from the log, one at a
 * time as the connection takes them. If the log turns out not to continue what the client has, it
 * gets the state instead, with reset.
 *
 * Owns nothing but what stands in the subscription. Called by session_board.c.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "conn/subscription.h"
#include "core/metrics.h"
#include "hub/presence.h"

/* A page ends with the event that passes this many bytes. */
#define PAGE_BYTES 262144

void
page_send(Session *session, RoomKind kind, const EncodeEvents *page)
{
	Frame *frame;

	if (kind == ROOM_BOARD)
		encode_board_events(frame_begin(), page);
	else
		encode_workspace_events(frame_begin(), page);
	frame = frame_finish(FRAME_TEXT);
	frame_note_version(frame, (int) page->to_version, page->event);
	session_send(session, frame);
}

/* Sends the first `count` bodies, fewer if they are large; moves `after` on. */
static void
subscription_send_page(Subscription *subscription, const Slice *bodies, size_t count)
{
	EncodeEvents page = {
		.board_id = &subscription->id,
		.from_version = subscription->after,
		.to_version = subscription->after + (int) count,
		.event = subscription->mark,
		.has_more = subscription->after + (int) count < subscription->target,
		.bodies = bodies,
		.count = count,
	};

	subscription->after = (int) page.to_version;
	subscription->has_sent_page = true;
	page_send(subscription->session, subscription->member.kind, &page);
}

size_t
page_fit(const Slice *bodies, size_t count)
{
	size_t bytes = 0;

	for (size_t i = 0; i < count; i++)
	{
		bytes += bodies[i].length;
		if (bytes > PAGE_BYTES)
			return i + 1;
	}
	return count;
}

size_t
page_rows_allowed(const PgReadResult *result, int64_t acl_version)
{
	int row = 0;

	while (row < result->row_count && pg_read_integer(result, row, 2) <= acl_version)
		row++;
	return (size_t) row;
}

static void
subscription_set_mark(Subscription *subscription, const char *mark)
{
	free(subscription->mark);
	subscription->mark = memory_copy_text(mark);
}

static void
subscription_send_presence(Subscription *subscription)
{
	EncodeUsers users;
	EncodeActiveUser *list;

	presence_join(&subscription->member);
	list = presence_users(subscription->member.room, &users.count);
	users.users = list;
	encode_presence(frame_begin(), &subscription->id, users);
	free(list);
	session_send(subscription->session, frame_finish(FRAME_TEXT));
}

/* Where nobody has read it yet it comes by itself. */
static void
subscription_send_people(Subscription *workspace)
{
	Frame *people = room_people(workspace->member.room);

	if (people != NULL)
		session_send_shared(workspace->session, frame_ref(people));
}

/* Boards of a joined workspace have no presence of their own; the workspace's has its members. */
static void
subscription_finish_pages(Subscription *subscription)
{
	Session *session = subscription->session;

	if (subscription->is_joined && subscription->boards == NULL)
		subscription_send_presence(subscription);
	if (!session_is_open(session))
		return;
	subscription_go_live(subscription, subscription->after);
	if (session_is_open(session) && subscription->boards != NULL)
		subscription_send_people(subscription);
	if (session_is_open(session) && subscription->boards != NULL)
		workspace_read_boards(subscription);
}

/*
 * Rows of room_events, which are consecutive; the first is after + 1, or the log was reset. It asks for no user: what
 * was written under newer rights than those that let this one in is not sent before they are asked again.
 */
static void
on_page(PgRead *read, const PgReadResult *result)
{
	Subscription *subscription = CONTAINER_OF(read, Subscription, read);
	size_t count;
	Slice *bodies;

	if (!subscription_take_answer(subscription))
		return;
	if (subscription->starts_over ||
		(result->status == PG_READ_OK &&
		 (result->row_count == 0 || pg_read_integer(result, 0, 0) != subscription->after + 1)))
	{
		subscription->is_reset = true;
		subscription_read_state(subscription);
		return;
	}
	if (result->status != PG_READ_OK)
	{
		subscription_fail(subscription);
		return;
	}
	count = page_rows_allowed(result, subscription->acl_version);
	if (count == 0)
	{
		subscription_ask_resume(subscription);
		return;
	}
	bodies = memory_alloc(sizeof(*bodies) * count);
	for (size_t i = 0; i < count; i++)
		bodies[i] = pg_read_slice(result, (int) i, 3);
	count = page_fit(bodies, count);
	subscription_set_mark(subscription, pg_read_text(result, (int) count - 1, 1));
	subscription_send_page(subscription, bodies, count);
	free(bodies);
	subscription_send_pages(subscription);
}

static void
subscription_read_page(Subscription *subscription)
{
	pg_read_init(&subscription->read, PG_READ_ROOM_EVENTS, on_page);
	pg_read_add_uuid(&subscription->read, &subscription->id);
	pg_read_add_integer(&subscription->read, subscription->after);
	pg_read_add_integer(&subscription->read, session_hub.config->event_page);
	subscription_submit(subscription);
}

/* From the ring, as far as one page goes; false when it does not reach back. */
static bool
subscription_send_ring_page(Subscription *subscription)
{
	Room *room = subscription->member.room;
	size_t max = (size_t) session_hub.config->event_page;
	Slice *bodies;
	const char *mark = NULL;
	size_t count;

	if (!room_ring_reaches(room, subscription->after))
		return false;
	if (room_head(room) > subscription->target)
		subscription->target = room_head(room);
	bodies = memory_alloc(sizeof(*bodies) * max);
	count = room_ring_slices(room, subscription->after, max, bodies, &mark);
	if (count > 0)
	{
		size_t fitting = page_fit(bodies, count);

		/* The mark belongs to the last one sent. */
		count = room_ring_slices(room, subscription->after, fitting, bodies, &mark);
		subscription_set_mark(subscription, mark);
		subscription_send_page(subscription, bodies, count);
	}
	free(bodies);
	return count > 0;
}

/* Sends pages until the target, as far as the queue has room; comes back when it has drained. */
void
subscription_send_pages(Subscription *subscription)
{
	Session *session = subscription->session;

	subscription->phase = SUBSCRIPTION_PAGES;
	while (session_is_open(session) && subscription->after < subscription->target)
	{
		if (!outq_has_room(&session->queue))
		{
			session_check_behind(session);
			return;
		}
		if (!subscription_send_ring_page(subscription))
		{
			subscription_read_page(subscription);
			return;
		}
	}
	if (!session_is_open(session))
		return;
	if (!subscription->has_sent_page)
		subscription_send_page(subscription, NULL, 0);
	if (session_is_open(session) && !subscription_waits_for_people(subscription))
		subscription_finish_pages(subscription);
}

static void
on_resume(PgRead *read, const PgReadResult *result)
{
	Subscription *subscription = CONTAINER_OF(read, Subscription, read);
	bool has_access;

	if (!subscription_take_answer(subscription))
		return;
	if (result->status != PG_READ_OK)
	{
		subscription_fail(subscription);
		return;
	}
	has_access = subscription_has_access(subscription, result, pg_read_integer(result, 0, 4));
	if (!has_access)
		subscription_end_without_access(subscription);
	else if (subscription->starts_over || !pg_read_boolean(result, 0, 1))
	{
		metrics_add(METRIC_RESYNCS_RESET, 1);
		subscription->is_reset = true;
		subscription_read_state(subscription);
	}
	else
	{
		metrics_add(METRIC_RESYNCS_JOIN, 1);
		subscription->target = (int) pg_read_integer(result, 0, 2);
		subscription->acl_version = pg_read_integer(result, 0, 4);
		if (subscription->after == subscription->target)
			subscription_set_mark(subscription, pg_read_text(result, 0, 3));
		room_note_head(subscription->member.room, subscription->target, pg_read_text(result, 0, 3),
					   subscription->acl_version);
		subscription_send_pages(subscription);
	}
}

void
subscription_ask_resume(Subscription *subscription)
{
	subscription->phase = SUBSCRIPTION_READING_RESUME;
	subscription->starts_over = false;
	pg_read_init(&subscription->read, PG_READ_ROOM_RESUME, on_resume);
	pg_read_add_integer(&subscription->read, subscription->session->user_id);
	pg_read_add_uuid(&subscription->read, &subscription->id);
	pg_read_add_integer(&subscription->read, subscription->after);
	pg_read_add_text(&subscription->read, slice_of_text(subscription->mark));
	subscription_submit(subscription);
}

void
subscription_read_resume(Subscription *subscription, int since_version, Slice since_event)
{
	free(subscription->mark);
	subscription->mark = since_event.bytes != NULL ? memory_copy_bytes(since_event.bytes, since_event.length) : NULL;
	subscription->after = since_version;
	subscription->has_sent_page = false;
	room_member_hold(&subscription->member);
	subscription_ask_resume(subscription);
}
