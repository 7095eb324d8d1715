/*
 * rest_events.c - a board's events after a version: GET /api/boards/{id}/events.
 *
 * With `wait` the request is answered when there are events, or when the time is over. It looks in
 * the database first, whether the version is still the one of this history, too; then it waits with
 * a poll, which is the user's presence, and looks again when that has heard of something. What is
 * answered is always what the database says.
 *
 * Owns nothing but what stands in the call. Called by rest.c.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/timestamp.h"
#include "door/rest_private.h"
#include "proto/json_text.h"

enum
{
	COLUMN_CODE,
	COLUMN_RESUMABLE,
	COLUMN_VERSION,
	COLUMN_EVENT
};

/* ---- the answer ---- */

static void
events_finish(RestCall *call)
{
	ev_timer_stop(loop_ev(), &call->wait_timer);
	if (call->poll != NULL)
		poll_release(call->poll);
	call->poll = NULL;
	http_stop_waiting(call->exchange);
}

/* No events: nothing happened, or (reset) the version is not of this history. */
static void
events_reply_none(RestCall *call, int version, bool is_reset)
{
	Buffer *body = &call->exchange->body;

	events_finish(call);
	buffer_append_text(body, "{\"board_id\":");
	json_append_uuid(body, &call->board_id);
	buffer_append_format(body, ",\"from_version\":%d,\"to_version\":%d,\"event\":", call->after, version);
	json_append_string(body, buffer_slice(&call->mark));
	buffer_append_format(body, ",\"has_more\":false,\"events\":[]%s}", is_reset ? ",\"reset\":true" : "");
	http_reply(call->exchange, 200, REST_JSON, NULL);
	rest_call_free(call);
}

static void
events_refuse(RestCall *call, RefusalCode code, const char *text)
{
	events_finish(call);
	http_refuse_text(call->exchange, code, text);
	rest_call_free(call);
}

/* ---- waiting ---- */

static void
on_client_left(void *owner)
{
	RestCall *call = owner;

	/* A look under way finds it out for itself. */
	if (call->is_looking)
		return;
	events_finish(call);
	rest_call_free(call);
}

static void
on_wait_over(struct ev_loop *ev, ev_timer *watcher, int events)
{
	RestCall *call = CONTAINER_OF(watcher, RestCall, wait_timer);

	(void) ev;
	(void) events;
	if (!call->is_looking)
		events_reply_none(call, call->after, false);
}

static void events_look(RestCall *call);

static void
on_poll_news(void *owner)
{
	RestCall *call = owner;

	if (!call->is_looking)
		events_look(call);
}

static void
on_poll_ended(void *owner, CloseCode code)
{
	RestCall *call = owner;

	call->poll = NULL;
	if (call->is_looking)
		return;
	if (code == CLOSE_SHUTDOWN || code == CLOSE_EXPIRED)
		events_reply_none(call, call->after, false);
	else if (code == CLOSE_NO_ACCESS)
		events_refuse(call, REFUSAL_NOT_FOUND, "board not found or access denied");
	else if (code == CLOSE_TOO_MANY)
		events_refuse(call, REFUSAL_RATE_LIMITED, "too many connections");
	else
		events_refuse(call, REFUSAL_UNAVAILABLE, "not available now");
}

static void
events_open_poll(RestCall *call)
{
	PollClient client = {
		.user_id = call->user_id,
		.news = on_poll_news,
		.ended = on_poll_ended,
		.owner = call,
	};
	SessionRequest request = {
		.peer = http_peer(call->exchange),
		.token = http_bearer(call->exchange),
		.token_origin = TOKEN_FROM_MESSAGE,
		.is_poll = true,
		.form = FRAME_FORM_SSE,
		.has_board = true,
		.board_id = call->board_id,
		.has_since = true,
		.since_version = call->after,
		.since_event = buffer_text(&call->mark),
	};

	call->poll = poll_open(&client, &request);
	http_wait(call->exchange, on_client_left, call);
	ev_timer_set(&call->wait_timer, (double) call->wait_ms / 1000.0, 0.0);
	ev_timer_start(loop_ev(), &call->wait_timer);
}

/* Nothing is there: until something is. */
static void
events_wait(RestCall *call)
{
	bool is_over = call->waits && !ev_is_active(&call->wait_timer);

	if (call->wait_ms == 0 || is_over || door.is_draining)
	{
		events_reply_none(call, call->after, false);
		return;
	}
	if (!call->waits)
		events_open_poll(call);
	else if (call->poll == NULL)
	{
		events_refuse(call, REFUSAL_UNAVAILABLE, "not available now");
		return;
	}
	call->waits = true;
	/* Heard while it looked, or before it waited: once for each. */
	if (poll_newest(call->poll) <= call->heard)
		return;
	call->heard = poll_newest(call->poll);
	if (call->heard > call->after)
		events_look(call);
}

/* ---- looking ---- */

static void
events_take_look(RestCall *call, const PgReadResult *result)
{
	int version = (int) pg_read_integer(result, 0, COLUMN_VERSION);

	if (!pg_read_is_null(result, 0, COLUMN_CODE))
	{
		events_refuse(call, REFUSAL_NOT_FOUND, "board not found or access denied");
		return;
	}
	buffer_clear(&call->mark);
	buffer_append_text(&call->mark, pg_read_text(result, 0, COLUMN_EVENT));
	if (!pg_read_boolean(result, 0, COLUMN_RESUMABLE))
		events_reply_none(call, version, true);
	else if (version == call->after)
		events_wait(call);
	else
	{
		events_finish(call);
		rest_read(call);
	}
}

static void
on_look(PgRead *read, const PgReadResult *result)
{
	RestCall *call = CONTAINER_OF(read, RestCall, read);

	call->is_looking = false;
	if (call->exchange->conn == NULL || result->status != PG_READ_OK || result->row_count != 1)
	{
		events_finish(call);
		if (call->exchange->conn != NULL)
			rest_read_fail(call, result);
		rest_call_free(call);
		return;
	}
	events_take_look(call, result);
}

static void
events_look(RestCall *call)
{
	const char *mark = http_query(call->exchange, "since_event");

	call->is_looking = true;
	pg_read_init(&call->read, PG_READ_ROOM_RESUME, on_look);
	pg_read_add_integer(&call->read, call->user_id);
	pg_read_add_uuid(&call->read, &call->board_id);
	pg_read_add_integer(&call->read, call->after);
	pg_read_add_text(&call->read, slice_of_text(mark));
	pg_read_submit(&call->read);
}

/* ---- the request ---- */

static bool
read_number(const char *text, int64_t most, int64_t *number)
{
	char *end;

	if (text == NULL || text[0] < '0' || text[0] > '9')
		return false;
	*number = strtoll(text, &end, 10);
	if (*number > most)
		*number = most;
	return *end == '\0';
}

bool
rest_events_prepare(RestCall *call, Refusal *refusal)
{
	const char *after = http_query(call->exchange, "after");
	const char *wait = http_query(call->exchange, "wait");
	Slice board = route_param(&call->match, slice_of_text("board_id"));
	const char *limit = http_query(call->exchange, "limit");
	int64_t seconds = 0;
	int64_t events = 0;
	int64_t version = 0;

	if (after == NULL)
		after = http_query(call->exchange, "after_version");
	if (!read_number(after, INT_MAX, &version))
		refusal_set(refusal, REFUSAL_INVALID, "after must be an integer from 0");
	else if (wait != NULL && !read_number(wait, INT_MAX, &seconds))
		refusal_set(refusal, REFUSAL_INVALID, "wait must be a whole number of seconds");
	else if (limit != NULL && !read_number(limit, INT_MAX, &events))
		refusal_set(refusal, REFUSAL_INVALID, "limit must be a whole number");
	else
	{
		if (!uuid_parse(board.bytes, board.length, &call->board_id))
			call->board_id = (Uuid){{0}}; /* a board that nobody has */
		call->after = (int) version;
		call->wait_ms = seconds * 1000 < door.config->max_wait ? seconds * 1000 : door.config->max_wait;
		ev_init(&call->wait_timer, on_wait_over);
		return true;
	}
	return false;
}

void
rest_events(RestCall *call)
{
	events_look(call);
}
