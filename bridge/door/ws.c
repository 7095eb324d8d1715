/*
 * ws.c - WebSocket connections: the upgrade, pieces into messages, bytes out.
 *
 * Frames are prebuilt (hub/frame.c) and written with sendmsg straight from the queue. What the
 * socket does not take goes at once through lws_write(LWS_WRITE_RAW): the library answers PING and
 * CLOSE by itself and would otherwise write into the middle of our frame. The sockets are plain
 * ones: TLS ends before them, in tls.c or in a proxy.
 *
 * Owns nothing but what stands in DoorConn. Called by door.c and, through the transport, by conn/.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/deflate.h"
#include "base/utf8.h"
#include "core/log.h"
#include "core/metrics.h"
#include "door/door_private.h"
#include "door/origin.h"

#define WS_RSV1 0x40
#define WS_KEY_LENGTH 24
#define WS_VERSION "13"
#define WS_PATH "/ws"
#define WS_BOARD_PATH "/ws/board/"
#define WS_WORKSPACE_PATH "/ws/workspace/"

/* ---- out ---- */

/* The rest of what sendmsg took partly: through the library, which keeps a copy. */
static OutqWritten
ws_write_rest(DoorConn *conn, const struct iovec *pieces, int count, size_t sent)
{
	static unsigned char rest[LWS_PRE + OUTQ_WRITE_BYTES];
	size_t length = 0;

	for (int i = 0; i < count; i++)
	{
		const char *bytes = pieces[i].iov_base;
		size_t piece = pieces[i].iov_len;
		size_t skip = sent < piece ? sent : piece;

		sent -= skip;
		memcpy(rest + LWS_PRE + length, bytes + skip, piece - skip);
		length += piece - skip;
	}
	if (lws_write(conn->wsi, rest + LWS_PRE, length, LWS_WRITE_RAW) < 0)
		return OUTQ_BROKEN;
	return OUTQ_FULL;
}

static OutqWritten
on_transport_write(void *transport, const struct iovec *pieces, int count, size_t length)
{
	DoorConn *conn = transport;
	struct msghdr message = {.msg_iov = (struct iovec *) (uintptr_t) pieces, .msg_iovlen = (size_t) count};
	ssize_t sent;

	/* The library has something under way itself (a pong): after it. */
	if (lws_partial_buffered(conn->wsi))
		return OUTQ_LATER;
	sent = sendmsg(lws_get_socket_fd(conn->wsi), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent == (ssize_t) length)
		return OUTQ_WRITTEN;
	if (sent > 0)
		return ws_write_rest(conn, pieces, count, (size_t) sent);
	if (sent == 0 || errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
		return OUTQ_LATER;
	return OUTQ_BROKEN;
}

static void
on_transport_want_writable(void *transport)
{
	(void) lws_callback_on_writable(((DoorConn *) transport)->wsi);
}

static void
on_transport_kill(void *transport)
{
	lws_set_timeout(((DoorConn *) transport)->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
}

static const SessionTransport ws_transport = {
	.write = on_transport_write,
	.want_writable = on_transport_want_writable,
	.kill = on_transport_kill,
};

int
ws_writable(struct lws *wsi)
{
	DoorConn *conn = door_conn(wsi);

	if (conn->session != NULL)
		session_writable(conn->session);
	return 0;
}

/* ---- the upgrade ---- */

/* A token among the subprotocols is an Authorization header by now (head.c). */
static void
ws_read_token(struct lws *wsi, DoorConn *conn)
{
	conn->token_origin = TOKEN_FROM_MESSAGE;
	conn->has_token = true;
	if (door_bearer(wsi, &conn->token))
		return;
	conn->token_origin = TOKEN_FROM_URL;
	conn->has_token = door_query(wsi, "token", &conn->token);
}

static void
ws_read_since(struct lws *wsi, DoorConn *conn)
{
	Buffer text = BUFFER_EMPTY;
	char *end;
	long version;

	if (door_query(wsi, "since", &text))
	{
		version = strtol(buffer_text(&text), &end, 10);
		conn->request.has_since = true;
		conn->request.since_version =
			*end == '\0' && end != text.bytes && version >= 0 && version <= INT_MAX ? (int) version : -1;
	}
	if (door_query(wsi, "since_event", &conn->since_event))
		conn->request.since_event = buffer_text(&conn->since_event);
	buffer_free(&text);
}

/* An id that is none is a board or workspace nobody has. */
static bool
ws_read_id(const char *path, const char *prefix, Uuid *id)
{
	size_t length = strlen(prefix);

	if (strncmp(path, prefix, length) != 0)
		return false;
	if (!uuid_parse(path + length, strlen(path + length), id))
		*id = (Uuid){{0}};
	return true;
}

static bool
ws_read_path(DoorConn *conn, const char *path)
{
	SessionRequest *request = &conn->request;

	if (strcmp(path, WS_PATH) == 0 || strcmp(path, WS_PATH "/") == 0)
		return true;
	request->has_board = ws_read_id(path, WS_BOARD_PATH, &request->board_id);
	request->has_workspace = ws_read_id(path, WS_WORKSPACE_PATH, &request->workspace_id);
	if (request->has_workspace)
		request->form = FRAME_FORM_WORKSPACE;
	return request->has_board || request->has_workspace;
}

static bool
ws_origin_is_fine(struct lws *wsi)
{
	Buffer origin = BUFFER_EMPTY;
	Buffer host = BUFFER_EMPTY;
	bool has_origin = door_header(wsi, WSI_TOKEN_ORIGIN, &origin);
	OriginVerdict verdict;

	(void) door_header(wsi, WSI_TOKEN_HOST, &host);
	verdict = origin_check(door.config->allowed_origins, has_origin ? buffer_slice(&origin) : slice_of(NULL, 0),
						   buffer_slice(&host));
	buffer_free(&origin);
	buffer_free(&host);
	if (verdict == ORIGIN_REFUSED)
		metrics_add(METRIC_REFUSED_ORIGIN, 1);
	return verdict != ORIGIN_REFUSED;
}

/* RFC 6455, section 4.2.1: a key of 16 bytes in base64, and the one version there is. The library takes others. */
static bool
ws_handshake_is_fine(struct lws *wsi)
{
	Buffer version = BUFFER_EMPTY;
	bool is_fine = lws_hdr_total_length(wsi, WSI_TOKEN_KEY) == WS_KEY_LENGTH &&
				   door_header(wsi, WSI_TOKEN_VERSION, &version) && strcmp(buffer_text(&version), WS_VERSION) == 0;

	buffer_free(&version);
	return is_fine;
}

static void
ws_refuse_upgrade(struct lws *wsi, unsigned status, Slice path)
{
	log_info("upgrade_refused", LOG_TEXT("peer", door_conn(wsi)->peer), LOG_INTEGER("status", status),
			 LOG_URL("path", path));
	metrics_add(METRIC_HTTP_4XX, 1);
	(void) lws_return_http_status(wsi, status, NULL);
}

/* The library would also upgrade to HTTP/2 in clear text (h2c). */
int
ws_filter(struct lws *wsi, const char *upgrade)
{
	DoorConn *conn = door_conn(wsi);
	Buffer path = BUFFER_EMPTY;
	unsigned status = 0;

	if (strcasecmp(upgrade, "websocket") != 0 || !door_header(wsi, WSI_TOKEN_GET_URI, &path) ||
		!ws_read_path(conn, buffer_text(&path)))
		status = HTTP_STATUS_NOT_FOUND;
	else if (!ws_handshake_is_fine(wsi))
		status = HTTP_STATUS_BAD_REQUEST;
	else if (!ws_origin_is_fine(wsi))
		status = HTTP_STATUS_FORBIDDEN;
	if (status != 0)
		ws_refuse_upgrade(wsi, status, buffer_slice(&path));
	else
	{
		ws_read_token(wsi, conn);
		ws_read_since(wsi, conn);
	}
	buffer_free(&path);
	return status != 0;
}

int
ws_established(struct lws *wsi)
{
	DoorConn *conn = door_conn(wsi);

	conn->request.peer = conn->peer;
	conn->request.token_origin = conn->token_origin;
	if (conn->has_token)
		conn->request.token = slice_of(buffer_text(&conn->token), conn->token.length);
	if (conn->is_deflated)
		conn->request.form = frame_form_deflated(conn->request.form);
	conn->session = session_open(&ws_transport, conn, &conn->request);
	buffer_free(&conn->token);
	buffer_free(&conn->since_event);
	return 0;
}

/* ---- in ---- */

static void
ws_note_assembly(DoorConn *conn)
{
	metrics_add(METRIC_HELD_BYTES, (int64_t) conn->assembly.capacity - (int64_t) conn->assembly_held);
	conn->assembly_held = conn->assembly.capacity;
}

static void
ws_refuse(DoorConn *conn, CloseCode code, const char *reason)
{
	conn->is_oversized = true;
	buffer_free(&conn->assembly);
	ws_note_assembly(conn);
	session_close(conn->session, code, reason);
}

static void
ws_take_text(DoorConn *conn, Slice text)
{
	if (utf8_is_valid(text.bytes, text.length))
		session_receive(conn->session, text.bytes, text.length);
	else
		ws_refuse(conn, CLOSE_NOT_UTF8, "not UTF-8");
}

/* Expanded under the same limit as every message. */
static void
ws_take_compressed(DoorConn *conn, Slice compressed)
{
	Buffer message = BUFFER_EMPTY;

	switch (inflate_message(&message, compressed, (size_t) door.config->max_message))
	{
		case INFLATE_DONE:
			ws_take_text(conn, buffer_slice(&message));
			break;
		case INFLATE_TOO_BIG:
			ws_refuse(conn, CLOSE_TOO_BIG, "message too big");
			break;
		case INFLATE_BROKEN:
			ws_refuse(conn, CLOSE_PROTOCOL, "a compressed message is broken");
			break;
	}
	buffer_free(&message);
}

static void
ws_take_message(DoorConn *conn, Slice message)
{
	if (conn->is_compressed)
		ws_take_compressed(conn, message);
	else
		ws_take_text(conn, message);
	buffer_free(&conn->assembly); /* an idle connection keeps no buffer */
	ws_note_assembly(conn);
}

/* A message's first frame says whether it is compressed, and only it may; the library lets others. */
static bool
ws_take_reserved_bits(struct lws *wsi, DoorConn *conn)
{
	bool is_set = (lws_get_reserved_bits(wsi) & WS_RSV1) != 0;
	bool is_new_frame = !conn->is_in_frame;

	conn->is_in_frame = lws_remaining_packet_payload(wsi) > 0;
	if (is_new_frame && lws_is_first_fragment(wsi))
		conn->is_compressed = is_set;
	else if (is_new_frame && is_set)
		return false;
	return true;
}

int
ws_receive(struct lws *wsi, const char *bytes, size_t length)
{
	DoorConn *conn = door_conn(wsi);
	bool is_complete = lws_is_final_fragment(wsi) && lws_remaining_packet_payload(wsi) == 0;

	if (conn->session == NULL || conn->is_oversized)
		return 0;
	if (!ws_take_reserved_bits(wsi, conn))
		ws_refuse(conn, CLOSE_PROTOCOL, "a reserved bit in the middle of a message");
	else if (lws_frame_is_binary(wsi))
		ws_refuse(conn, CLOSE_NOT_TEXT, "a binary message");
	else if (conn->assembly.length + length > (size_t) door.config->max_message)
		ws_refuse(conn, CLOSE_TOO_BIG, "message too big");
	else if (is_complete && conn->assembly.length == 0)
		ws_take_message(conn, slice_of(bytes, length));
	else
	{
		buffer_append(&conn->assembly, bytes, length);
		ws_note_assembly(conn);
		if (is_complete)
			ws_take_message(conn, buffer_slice(&conn->assembly));
	}
	return 0;
}

/*
 * The client's close frame: the first one is answered by the library, the answer to ours ends the
 * connection (-1), for ours was the first.
 */
int
ws_peer_closes(struct lws *wsi)
{
	DoorConn *conn = door_conn(wsi);
	bool is_answer = conn->session != NULL && session_is_closing(conn->session);

	ws_closed(conn); /* nothing may be written behind the library's close frame */
	return is_answer ? -1 : 0;
}

void
ws_closed(DoorConn *conn)
{
	Session *session = conn->session;

	buffer_free(&conn->assembly);
	ws_note_assembly(conn);
	conn->session = NULL;
	if (session != NULL)
		session_gone(session);
}
