/*
 * poll.c - sessions of clients that poll: present on a board, and told when something happens there.
 *
 * Owns the polls. What a session does in its own callbacks is taken up at the end of the turn.
 */
#include "door/poll.h"

#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/memory.h"
#include "core/loop.h"
#include "door/door_private.h"

struct Poll
{
	ListLink link;
	Session *session;
	Uuid board_id;
	PollClient client; /* owner NULL: nobody waits, `grace` runs */
	int newest;
	bool has_news;
	bool has_ended;
	bool wants_writable;
	LoopWork work;
	ev_timer grace;
};

static List polls = {.ends = {&polls.ends, &polls.ends}};

static void
poll_free(Poll *poll)
{
	ev_timer_stop(loop_ev(), &poll->grace);
	loop_work_cancel(&poll->work);
	list_remove(&poll->link);
	session_gone(poll->session);
	loop_free_later(poll, free);
}

static void
poll_end(Poll *poll)
{
	PollClient client = poll->client;
	CloseCode code = session_close_code(poll->session);

	poll_free(poll);
	if (client.owner != NULL)
		client.ended(client.owner, code);
}

static void
on_poll_work(LoopWork *work)
{
	Poll *poll = CONTAINER_OF(work, Poll, work);

	if (poll->has_ended)
	{
		poll_end(poll);
		return;
	}
	if (poll->wants_writable)
	{
		poll->wants_writable = false;
		session_writable(poll->session);
	}
	if (!poll->has_news || poll->client.owner == NULL)
		return;
	poll->has_news = false;
	poll->client.news(poll->client.owner);
}

/* ---- from the session ---- */

/* Each piece is a record; those with a version begin with it. */
static void
poll_note_record(Poll *poll, const struct iovec *piece)
{
	static const char id[] = "id: ";
	char digits[16] = "";
	size_t length = piece->iov_len - (sizeof(id) - 1);
	int version;

	if (piece->iov_len < sizeof(id) || memcmp(piece->iov_base, id, sizeof(id) - 1) != 0)
		return;
	memcpy(digits, (const char *) piece->iov_base + sizeof(id) - 1,
		   length < sizeof(digits) - 1 ? length : sizeof(digits) - 1);
	version = (int) strtol(digits, NULL, 10);
	if (version <= poll->newest)
		return;
	poll->newest = version;
	poll->has_news = true;
	loop_at_turn_end(&poll->work);
}

static OutqWritten
on_transport_write(void *transport, const struct iovec *pieces, int count, size_t length)
{
	Poll *poll = transport;

	(void) length;
	for (int i = 0; i < count; i++)
		poll_note_record(poll, &pieces[i]);
	/* That the client is there, its connection says. */
	session_seen(poll->session);
	return OUTQ_WRITTEN;
}

static void
on_transport_want_writable(void *transport)
{
	Poll *poll = transport;

	poll->wants_writable = true;
	loop_at_turn_end(&poll->work);
}

static void
on_transport_end(void *transport)
{
	Poll *poll = transport;

	poll->has_ended = true;
	loop_at_turn_end(&poll->work);
}

static const SessionTransport poll_transport = {
	.write = on_transport_write,
	.want_writable = on_transport_want_writable,
	.kill = on_transport_end,
	.finish = on_transport_end,
};

/* ---- for the client ---- */

static void
on_poll_grace(struct ev_loop *ev, ev_timer *watcher, int events)
{
	(void) ev;
	(void) events;
	poll_free(CONTAINER_OF(watcher, Poll, grace));
}

static Poll *
poll_find_idle(int64_t user_id, const Uuid *board_id)
{
	LIST_FOR_EACH (&polls, Poll, link, poll)
	{
		if (poll->client.owner == NULL && poll->client.user_id == user_id && uuid_equals(&poll->board_id, board_id) &&
			!poll->has_ended && !session_is_closing(poll->session))
			return poll;
	}
	return NULL;
}

Poll *
poll_open(const PollClient *client, const SessionRequest *request)
{
	Poll *poll = poll_find_idle(client->user_id, &request->board_id);

	if (poll != NULL)
	{
		ev_timer_stop(loop_ev(), &poll->grace);
		poll->client = *client;
		return poll;
	}
	poll = memory_alloc(sizeof(*poll));
	poll->client = *client;
	poll->board_id = request->board_id;
	poll->newest = request->since_version;
	poll->work.run = on_poll_work;
	ev_init(&poll->grace, on_poll_grace);
	list_append(&polls, &poll->link);
	poll->session = session_open(&poll_transport, poll, request);
	return poll;
}

int
poll_newest(const Poll *poll)
{
	return poll->newest;
}

void
poll_release(Poll *poll)
{
	poll->client.owner = NULL;
	ev_timer_set(&poll->grace, (double) door.config->poll_grace / 1000.0, 0.0);
	ev_timer_start(loop_ev(), &poll->grace);
}

void
poll_close(void)
{
	LIST_FOR_EACH (&polls, Poll, link, poll)
		poll_free(poll);
}
