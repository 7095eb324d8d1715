/*
 * sse.c - GET /sse/boards/{id}: a board's events as a text/event-stream.
 *
 * A stream is a session like a WebSocket's, joined to one board, that hears nothing: rights, order,
 * presence, limits, slowness and the shutdown are the session's. Its transport is a buffer between
 * the session's queue and the library, which reads when the socket takes more.
 *
 * What ends a session before it has anything to say is an HTTP status; later an ERROR record and
 * the end of the stream.
 *
 * Owns the streams. Called by http.c; by conn/ through the transport, by the library through the
 * exchange.
 */
#include "door/sse.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "door/route_header.h"

/* Between the session's queue and the socket. */
#define SSE_BUFFER_BYTES 65536

typedef struct SseStream
{
	HttpExchange *exchange; /* held */
	Session *session; /* NULL once gone */
	Buffer out; /* records that the library has not read yet */
	bool is_answered;
	bool is_ending; /* behind what is in `out` */
	bool wants_writable;
	LoopWork writable;
} SseStream;

/* ---- towards the client ---- */

static ssize_t
on_stream_read(void *owner, char *place, size_t most)
{
	SseStream *stream = owner;
	size_t length = stream->out.length < most ? stream->out.length : most;

	if (length == 0)
		return stream->is_ending ? -1 : 0;
	memcpy(place, stream->out.bytes, length);
	buffer_consume(&stream->out, length);
	/* Nothing else is ever heard of this client. */
	if (stream->session != NULL)
		session_seen(stream->session);
	if (stream->wants_writable && stream->out.length <= SSE_BUFFER_BYTES / 2)
		loop_at_turn_end(&stream->writable);
	return (ssize_t) length;
}

static void
on_stream_writable(LoopWork *work)
{
	SseStream *stream = CONTAINER_OF(work, SseStream, writable);

	stream->wants_writable = false;
	if (stream->session != NULL)
		session_writable(stream->session);
}

static void
stream_release(void *object)
{
	SseStream *stream = object;

	buffer_free(&stream->out);
	free(stream);
}

static void
on_stream_ended(void *owner)
{
	SseStream *stream = owner;
	Session *session = stream->session;

	stream->session = NULL;
	loop_work_cancel(&stream->writable);
	session_gone(session);
	http_release(stream->exchange);
	loop_free_later(stream, stream_release);
}

static void
stream_answer(SseStream *stream)
{
	stream->is_answered = true;
	/* A proxy in between must not collect records. */
	http_add_header(stream->exchange, "X-Accel-Buffering", "no");
	http_reply_stream(stream->exchange, "text/event-stream", on_stream_read);
}

/* ---- from the session ---- */

static OutqWritten
on_transport_write(void *transport, const struct iovec *pieces, int count, size_t length)
{
	SseStream *stream = transport;

	(void) length;
	if (stream->out.length >= SSE_BUFFER_BYTES)
		return OUTQ_LATER;
	for (int i = 0; i < count; i++)
		buffer_append(&stream->out, pieces[i].iov_base, pieces[i].iov_len);
	if (stream->is_answered)
		http_stream_ready(stream->exchange);
	else if (!session_is_closing(stream->session))
		stream_answer(stream);
	return stream->out.length > SSE_BUFFER_BYTES / 2 ? OUTQ_FULL : OUTQ_WRITTEN;
}

static void
on_transport_want_writable(void *transport)
{
	SseStream *stream = transport;

	stream->wants_writable = true;
	if (stream->out.length <= SSE_BUFFER_BYTES / 2)
		loop_at_turn_end(&stream->writable);
}

static void
on_transport_kill(void *transport)
{
	http_abandon(((SseStream *) transport)->exchange);
}

/* Nothing was sent: why it ended is a status. */
static void
stream_refuse(SseStream *stream)
{
	switch (session_close_code(stream->session))
	{
		case CLOSE_NO_TOKEN:
		case CLOSE_EXPIRED:
			http_refuse_text(stream->exchange, REFUSAL_UNAUTHENTICATED, "no valid token");
			break;
		case CLOSE_NO_ACCESS:
			http_refuse_text(stream->exchange, REFUSAL_NOT_FOUND, "board not found or access denied");
			break;
		case CLOSE_TOO_MANY:
			http_refuse_text(stream->exchange, REFUSAL_RATE_LIMITED, "too many connections");
			break;
		default:
			http_refuse_text(stream->exchange, REFUSAL_UNAVAILABLE, "not available now");
			break;
	}
}

static void
on_transport_finish(void *transport)
{
	SseStream *stream = transport;

	stream->is_ending = true;
	if (stream->is_answered)
		http_stream_ready(stream->exchange);
	else
		stream_refuse(stream);
}

static const SessionTransport sse_transport = {
	.write = on_transport_write,
	.want_writable = on_transport_want_writable,
	.kill = on_transport_kill,
	.finish = on_transport_finish,
};

/* ---- the request ---- */

/* Anything that is no id of ours starts afresh. */
static bool
request_take_last_id(SessionRequest *request, const char *id)
{
	if (!route_read_last_id(id, &request->since_version, &request->since_event))
		return false;
	request->has_since = true;
	return true;
}

/* False: refused. */
static bool
request_take_since(SessionRequest *request, HttpExchange *exchange)
{
	const char *since = http_query(exchange, "since");

	if (request_take_last_id(request, http_header(exchange, "Last-Event-ID")) || since == NULL)
		return true;
	request->has_since = true;
	request->since_event = http_query(exchange, "since_event");
	if (route_read_version(slice_of_text(since), &request->since_version))
		return true;
	http_refuse_text(exchange, REFUSAL_INVALID, "since must be an integer from 0");
	return false;
}

static bool
request_take_detail(SessionRequest *request, HttpExchange *exchange)
{
	const char *detail = http_query(exchange, "detail");

	if (detail == NULL || strcmp(detail, "full") == 0)
		return true;
	if (strcmp(detail, "cards") == 0)
	{
		request->detail = MESSAGE_DETAIL_CARDS;
		return true;
	}
	http_refuse_text(exchange, REFUSAL_INVALID, "detail must be full or cards");
	return false;
}

static void
request_take_token(SessionRequest *request, HttpExchange *exchange)
{
	request->token = http_bearer(exchange);
	request->token_origin = TOKEN_FROM_MESSAGE;
	if (request->token.bytes != NULL)
		return;
	request->token = slice_of_text(http_query(exchange, "token"));
	request->token_origin = TOKEN_FROM_URL;
	/* Nobody could show one later. */
	if (request->token.bytes == NULL)
		request->token = slice_of("", 0);
}

void
sse_start(HttpExchange *exchange, Slice board_id)
{
	SessionRequest request = {.form = FRAME_FORM_SSE, .has_board = true, .peer = http_peer(exchange)};
	SseStream *stream;

	if (!uuid_parse(board_id.bytes, board_id.length, &request.board_id))
		request.board_id = (Uuid){{0}}; /* a board that nobody has */
	if (!request_take_since(&request, exchange) || !request_take_detail(&request, exchange))
		return;
	if (exchange->is_head)
	{
		http_reply(exchange, 200, "text/event-stream", NULL);
		return;
	}
	request_take_token(&request, exchange);
	stream = memory_alloc(sizeof(*stream));
	stream->exchange = exchange;
	stream->writable.run = on_stream_writable;
	http_hold(exchange);
	http_wait(exchange, on_stream_ended, stream);
	stream->session = session_open(&sse_transport, stream, &request);
}
