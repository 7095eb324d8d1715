/*
 * session.c - the life of a client connection: states, timers, sending, dying.
 *
 * What is sent is queued and leaves at the end of the turn in one write. Events come from rooms
 * only while the queue has room (see room.h): a slow connection loses cursors first, then is served
 * from the event log, and is closed when it stays behind for option slow_timeout or its own replies
 * alone pass the limit.
 *
 * Owns the Session, the list of all of them and the timer wheel.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/entropy.h"
#include "base/memory.h"
#include "base/timestamp.h"
#include "base/utf8.h"
#include "conn/inbox.h"
#include "conn/session_private.h"
#include "core/log.h"
#include "core/metrics.h"
#include "hub/presence_store.h"
#include "proto/dialect.h"

#define SESSION_WHEEL_TICK_MS 100
#define SESSION_CLOSE_TIMEOUT_MS 5000

SessionHub session_hub;

static const unsigned session_transitions[] = {
	[SESSION_OPENING] = 1u << SESSION_IDENTIFYING | 1u << SESSION_CLOSING | 1u << SESSION_CLOSED,
	[SESSION_IDENTIFYING] = 1u << SESSION_ACTIVE | 1u << SESSION_CLOSING | 1u << SESSION_CLOSED,
	[SESSION_ACTIVE] = 1u << SESSION_CLOSING | 1u << SESSION_CLOSED,
	[SESSION_CLOSING] = 1u << SESSION_CLOSED,
	[SESSION_CLOSED] = 0,
};

void
session_set_state(Session *session, SessionState state)
{
	assert(session_transitions[session->state] & 1u << state);
	if (state == SESSION_ACTIVE)
		presence_store_connect(&session->connection_id, session->user_id);
	else if (session->state == SESSION_ACTIVE)
		presence_store_disconnect(&session->connection_id);
	session->state = state;
}

bool
session_is_open(const Session *session)
{
	return session->state != SESSION_CLOSING && session->state != SESSION_CLOSED;
}

bool
session_is_closing(const Session *session)
{
	return session->state == SESSION_CLOSING;
}

CloseCode
session_close_code(const Session *session)
{
	return session->close_code;
}

/* ---- life ---- */

static void
session_free(void *object)
{
	Session *session = object;

	loop_work_cancel(&session->flush_work);
	session_message_free(session);
	session_auth_free(session);
	outq_free(&session->queue);
	free(session->path_since_event);
	free(session->peer);
	free(session);
}

Session *
session_ref(Session *session)
{
	session->references++;
	return session;
}

void
session_unref(Session *session)
{
	if (--session->references == 0)
		loop_free_later(session, session_free);
}

static void
on_wheel_timer(struct ev_loop *ev, ev_timer *watcher, int events)
{
	(void) events;
	timer_wheel_advance(session_hub.wheel, timestamp_monotonic_ms());
	if (timer_wheel_count(session_hub.wheel) == 0)
		ev_timer_stop(ev, watcher);
}

/* The wheel turns only while it has timers. */
void
session_start_timer(WheelTimer *timer, int64_t delay_ms, WheelTimerCallback callback)
{
	timer_wheel_stop(session_hub.wheel, timer);
	if (!ev_is_active(&session_hub.wheel_timer))
	{
		timer_wheel_advance(session_hub.wheel, timestamp_monotonic_ms());
		ev_timer_again(loop_ev(), &session_hub.wheel_timer);
	}
	timer_wheel_start(session_hub.wheel, timer, delay_ms > 0 ? delay_ms : 0, callback);
}

/* ---- sending ---- */

/* A form without close frames: its close is the end of the stream. */
static void
session_finish(Session *session)
{
	if (session->state != SESSION_CLOSING || session->transport->finish == NULL || session->is_finished)
		return;
	session->is_finished = true;
	session->transport->finish(session->transport_handle);
}

static void
session_run_flush(LoopWork *work)
{
	Session *session = CONTAINER_OF(work, Session, flush_work);
	const SessionTransport *transport = session->transport;

	if (session->transport_handle == NULL)
		return;
	if (!outq_flush(&session->queue, transport->write, session->transport_handle))
	{
		transport->kill(session->transport_handle);
		return;
	}
	/* Events held back while the queue was long wait for it, too, although all of it may have left. */
	if (!outq_is_empty(&session->queue) || session->queue.is_full || session->behind_ms != 0)
		transport->want_writable(session->transport_handle);
	else
		session_finish(session);
}

void
session_flush_soon(Session *session)
{
	loop_at_turn_end(&session->flush_work);
}

static bool
session_has_queue_room(const Session *session, size_t more)
{
	return !outq_is_over(&session->queue, more + session_ack_bytes(session));
}

bool
session_speaks_workspace(const Session *session)
{
	return frame_form_is_workspace(session->form);
}

void
session_note_workspace(const Session *session, Frame *frame)
{
	if (session->has_path_workspace && uuid_is_zero(&frame->workspace_id))
		frame_note_workspace(frame, &session->path_workspace_id);
}

/* The frame in the session's form; the queue takes a reference of its own. */
static void
session_push(Session *session, Frame *frame, bool is_counted, bool is_shared)
{
	Frame *form = frame_in_form(frame, session->form);

	if (frame_form_is_deflated(session->form) && !is_shared && form->length > FRAME_DEFLATE_MOST)
		outq_push_in_pieces(&session->queue, form, is_counted);
	else
		outq_push(&session->queue, form, is_counted);
	frame_unref(frame);
	session_flush_soon(session);
}

void
session_send(Session *session, Frame *frame)
{
	session_note_workspace(session, frame);
	session_send_shared(session, frame);
}

void
session_send_shared(Session *session, Frame *frame)
{
	if (!session_is_open(session))
	{
		frame_unref(frame);
		return;
	}
	/* One reply that is larger than the limit passes when nothing else waits. */
	if (!outq_is_empty(&session->queue) && !session_has_queue_room(session, frame->length))
	{
		frame_unref(frame);
		session_close(session, CLOSE_TOO_SLOW, "replies are not read");
		return;
	}
	session_push(session, frame, true, true);
}

/* One state at a time is not held against the queue's limit. */
void
session_send_state(Session *session, Frame *frame)
{
	if (!session_is_open(session))
	{
		frame_unref(frame);
		return;
	}
	session_push(session, frame, outq_holds_uncounted(&session->queue), false);
}

void
session_send_loose(Session *session, Frame *frame)
{
	if (session_is_open(session) && outq_push_loose(&session->queue, frame_in_form(frame, session->form)))
		session_flush_soon(session);
}

void
session_refuse_command(Session *session, const Refusal *refusal, const char *command, const Uuid *command_id)
{
	log_info("refused", LOG_CONNECTION(&session->connection_id), LOG_INTEGER("user", session->user_id),
			 LOG_TEXT("type", command != NULL && command[0] != '\0' ? command : NULL),
			 LOG_TEXT("code", refusal_text(refusal->code)), LOG_TEXT("message", refusal->message));
	encode_error(frame_begin(), refusal, command, command_id);
	session_send(session, frame_finish(FRAME_TEXT));
}

void
session_refuse(Session *session, const Refusal *refusal, const Message *message)
{
	session_refuse_command(session, refusal, message->type_text, message->has_id ? &message->id : NULL);
}

void
session_acknowledge(Session *session, const Message *message)
{
	Buffer body = BUFFER_EMPTY;
	char text[UUID_TEXT_SIZE];

	buffer_append_format(&body, "{\"command\":\"%s\"", message->type_text);
	if (message->has_id)
		buffer_append_format(&body, ",\"command_id\":\"%s\"", uuid_format(&message->id, text));
	if (message->has_board_id)
		buffer_append_format(&body, ",\"board_id\":\"%s\"", uuid_format(&message->board_id, text));
	buffer_append_text(&body, ",\"changed\":true,\"replayed\":false}");
	if (encode_ack(frame_begin(), buffer_slice(&body), &(Slice){0}, 0))
		session_send(session, frame_finish(FRAME_TEXT));
	buffer_free(&body);
}

/* ---- being slow, being silent ---- */

/* Called when events were held back or went on: starts and stops the clock. */
void
session_check_behind(Session *session)
{
	if (!session_is_behind(session))
		session->behind_ms = 0;
	else if (session->behind_ms == 0)
		session->behind_ms = timestamp_monotonic_ms();
}

static bool
session_is_too_slow(const Session *session, int64_t now_ms)
{
	return session->behind_ms != 0 && now_ms - session->behind_ms >= session_hub.config->slow_timeout;
}

static void
session_ping(Session *session, int64_t now_ms)
{
	session->pinged_ms = now_ms;
	/* Not empty: libwebsockets does not report the pong to an empty ping. */
	buffer_append_text(frame_begin(), "collab");
	session_send(session, frame_finish(FRAME_PING));
}

static int64_t
min_of(int64_t left, int64_t right)
{
	return left < right ? left : right;
}

static void
on_alive_timer(WheelTimer *timer)
{
	Session *session = CONTAINER_OF(timer, Session, alive_timer);
	const Config *config = session_hub.config;
	int64_t now = timestamp_monotonic_ms();
	int64_t next;

	if (now - session->seen_ms >= config->idle_timeout)
	{
		session_close(session, CLOSE_SILENT, "silent for too long");
		return;
	}
	if (session_is_too_slow(session, now))
	{
		session_close(session, CLOSE_TOO_SLOW, "too far behind for too long");
		return;
	}
	if (now - session->pinged_ms >= config->ping_interval)
		session_ping(session, now);
	next = min_of(session->seen_ms + config->idle_timeout, session->pinged_ms + config->ping_interval);
	if (session->behind_ms != 0)
		next = min_of(next, session->behind_ms + config->slow_timeout);
	/* Being behind begins between two looks: look at least this often. */
	next = min_of(next - now, config->slow_timeout);
	session_start_timer(timer, next, on_alive_timer);
}

void
session_seen(Session *session)
{
	session->seen_ms = timestamp_monotonic_ms();
	session_seen_on_boards(session);
}

/* ---- opening and closing ---- */

static void
session_take_request(Session *session, const SessionRequest *request)
{
	session->peer = memory_copy_text(request->peer);
	session->is_poll = request->is_poll;
	session->has_path_board = request->has_board;
	session->path_board_id = request->board_id;
	session->has_path_workspace = request->has_workspace;
	session->path_workspace_id = request->workspace_id;
	session->has_path_since = request->has_since;
	session->path_since_version = request->since_version;
	session->path_detail = request->detail;
	/* What is no text is no event's mark: like one that the database does not know. */
	if (request->since_event != NULL && !utf8_is_valid(request->since_event, strlen(request->since_event)))
		session->path_since_event = memory_copy_text("");
	else
		session->path_since_event = memory_copy_text(request->since_event);
}

Session *
session_open(const SessionTransport *transport, void *transport_handle, const SessionRequest *request)
{
	Session *session = memory_alloc(sizeof(*session));

	session->state = SESSION_OPENING;
	uuid_random(&session->connection_id);
	session->references = 1;
	session->transport = transport;
	session->transport_handle = transport_handle;
	assert(frame_form_is_made(request->form));
	session->form = request->form;
	session->reconnect_after_ms = -1;
	session->flush_work.run = session_run_flush;
	outq_init(&session->queue, (size_t) session_hub.config->session_queue);
	list_init(&session->commands);
	list_init(&session->subscriptions);
	pg_command_stream_init(&session->stream);
	session_message_open(session);
	session_take_request(session, request);
	list_append(&session_hub.sessions, &session->link);
	session_hub.count++;
	metrics_add(METRIC_CONNECTIONS, 1);
	metrics_add(METRIC_CONNECTIONS_TOTAL, 1);
	session->seen_ms = session->pinged_ms = timestamp_monotonic_ms();
	session_start_timer(&session->alive_timer,
						min_of(session_hub.config->ping_interval, session_hub.config->slow_timeout), on_alive_timer);
	log_debug("connection_opened", LOG_CONNECTION(&session->connection_id), LOG_TEXT("peer", session->peer));
	if (session_has_room(session))
		session_auth_start(session, request);
	return session;
}

/* The client does not finish the closing handshake, or does not even read. */
static void
on_close_timer(WheelTimer *timer)
{
	Session *session = CONTAINER_OF(timer, Session, auth_timer);

	if (session->transport_handle != NULL)
		session->transport->kill(session->transport_handle);
}

static void
session_count_close(CloseCode code)
{
	Metric metric;

	if (close_code_metric(code, &metric))
		metrics_add(metric, 1);
}

/* Written in the workspace dialect as it is: the board's says it with SERVER_SHUTDOWN, and only then. */
static void
session_push_disconnect(Session *session, CloseCode code)
{
	Frame *frame;

	dialect_append_disconnect(frame_begin(), &session->path_workspace_id, code, session->reconnect_after_ms);
	frame = frame_finish(FRAME_TEXT);
	outq_push(&session->queue, frame, true);
	frame_unref(frame);
}

/* Built here and not left to the library, which would stop reading and so reset the connection. */
static void
session_push_close(Session *session, CloseCode code)
{
	Buffer *out;
	Frame *frame;

	if (session->transport->finish != NULL)
		return;
	out = frame_begin();
	buffer_append_char(out, (char) (code >> 8));
	buffer_append_char(out, (char) (code & 0xff));
	buffer_append_text(out, close_code_reason(code));
	frame = frame_finish(FRAME_CLOSE);
	outq_push(&session->queue, frame, true);
	frame_unref(frame);
}

void
session_close(Session *session, CloseCode code, const char *reason)
{
	if (!session_is_open(session) || session->close_code != CLOSE_NONE)
		return;
	log_info("connection_closing", LOG_CONNECTION(&session->connection_id), LOG_TEXT("peer", session->peer),
			 LOG_INTEGER("user", session->user_id), LOG_INTEGER("code", code), LOG_TEXT("reason", reason));
	session_count_close(code);
	session->close_code = code; /* from here on a second reason changes nothing */
	inbox_leave(session);
	/* While it is still open: ACKs that wait for their place leave now. */
	session_leave_boards(session);
	session_set_state(session, SESSION_CLOSING);
	timer_wheel_stop(session_hub.wheel, &session->alive_timer);
	timer_wheel_stop(session_hub.wheel, &session->path_timer);
	timer_wheel_stop(session_hub.wheel, &session->late_timer);
	session_start_timer(&session->auth_timer, SESSION_CLOSE_TIMEOUT_MS, on_close_timer);
	if (code == CLOSE_TOO_SLOW)
		outq_drop_pending(&session->queue);
	if (session_speaks_workspace(session))
		session_push_disconnect(session, code);
	session_push_close(session, code);
	session_flush_soon(session);
}

void
session_writable(Session *session)
{
	outq_drained(&session->queue);
	session_flush_soon(session);
	if (!session_is_open(session))
		return;
	session_pump_boards(session);
	session_run_deferred_soon(session);
}

void
session_gone(Session *session)
{
	if (session->state == SESSION_CLOSED)
		return;
	if (session->state != SESSION_CLOSING)
		log_debug("connection_gone", LOG_CONNECTION(&session->connection_id));
	session_set_state(session, SESSION_CLOSED);
	session->transport_handle = NULL;
	timer_wheel_stop(session_hub.wheel, &session->alive_timer);
	timer_wheel_stop(session_hub.wheel, &session->path_timer);
	timer_wheel_stop(session_hub.wheel, &session->late_timer);
	timer_wheel_stop(session_hub.wheel, &session->auth_timer);
	loop_work_cancel(&session->flush_work);
	session_leave_boards(session);
	session_leave_user(session);
	inbox_leave(session);
	list_remove(&session->link);
	session_hub.count--;
	metrics_add(METRIC_CONNECTIONS, -1);
	session_unref(session);
}

/* ---- all of them ---- */

size_t
session_count(void)
{
	return session_hub.count;
}

void
session_drain_begin(void)
{
	session_hub.is_draining = true;
}

/* Clients are told to come back at different times, or they would all come at once. */
void
session_drain_end(void)
{
	LIST_FOR_EACH (&session_hub.sessions, Session, link, session)
	{
		int64_t pause = (int64_t) entropy_below((uint64_t) session_hub.config->reconnect_after + 1);

		session->reconnect_after_ms = pause;
		if (!session_speaks_workspace(session))
		{
			Frame *frame;

			encode_server_shutdown(frame_begin(), pause);
			frame = frame_finish(FRAME_TEXT);
			frame_note_retry(frame, pause);
			session_send(session, frame);
		}
		session_close(session, CLOSE_SHUTDOWN, "shutting down");
	}
}

void
session_hub_open(const Config *config, const TokenRules *rules)
{
	session_hub.config = config;
	session_hub.rules = rules;
	session_hub.wheel = timer_wheel_new(SESSION_WHEEL_TICK_MS, timestamp_monotonic_ms());
	session_hub.addresses = hashmap_new();
	session_hub.users = hashmap_new();
	list_init(&session_hub.sessions);
	ev_init(&session_hub.wheel_timer, on_wheel_timer);
	session_hub.wheel_timer.repeat = SESSION_WHEEL_TICK_MS / 1000.0;
	inbox_hub_open();
	workspace_boards_open();
}

void
session_hub_close(void)
{
	inbox_hub_close();
	ev_timer_stop(loop_ev(), &session_hub.wheel_timer);
	timer_wheel_free(session_hub.wheel);
	session_hub.wheel = NULL;
	hashmap_free(session_hub.addresses);
	session_hub.addresses = NULL;
	hashmap_free(session_hub.users);
	session_hub.users = NULL;
}
