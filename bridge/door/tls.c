/*
 * tls.c - TLS in front of everything else: the handshake, and bytes between two sockets.
 *
 * What one side has sent and the other does not take is kept (at most one piece), and until it has
 * left nothing more is read from the first. Nothing is allocated for a connection that flows.
 *
 * Owns both sockets of each connection and its SSL.
 */
#include "door/tls.h"

#include <assert.h>
#include <errno.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/list.h"
#include "base/memory.h"
#include "core/log.h"
#include "core/loop.h"
#include "core/metrics.h"
#include "door/tls_context.h"

#define TLS_PIECE 16384
#define TLS_PIECES_PER_TURN 8
/* Of the pair, towards the client: what waits longer is to wait in the session's queue. */
#define TLS_PAIR_BYTES 65536
#define TLS_LINGER_SECONDS 5.0
#define TLS_IS_HTTP                                                                                                    \
	"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-type: text/plain\r\ncontent-length: 21\r\n\r\n"          \
	"this port speaks TLS\n"

typedef enum TlsPhase
{
	TLS_HANDSHAKE,
	TLS_OPEN,
	TLS_LINGERING,
	TLS_ENDED
} TlsPhase;

typedef struct TlsConn
{
	ListLink link;
	TlsPhase phase;
	SSL *ssl;
	HeadPeer peer;
	ev_io outer;
	ev_io inner; /* fd -1 until the handshake is done */
	ev_timer deadline;
	Buffer inward; /* decrypted, not taken by the pair yet */
	Buffer outward; /* from the pair, not taken by the client yet; its length must not change meanwhile */
	int read_needs; /* EV_READ or EV_WRITE: what the last SSL_read waits for */
	int write_needs;
	bool client_has_ended;
	bool server_has_ended;
	bool server_was_told; /* that the client has ended */
} TlsConn;

static struct
{
	const Config *config;
	void (*take)(int fd, const HeadPeer *peer);
	List connections;
	size_t unserved; /* HANDSHAKE and LINGERING */
} tls;

/* ---- life ---- */

static void
tls_free(void *object)
{
	TlsConn *conn = object;

	buffer_free(&conn->inward);
	buffer_free(&conn->outward);
	free(conn);
}

static void
tls_set_phase(TlsConn *conn, TlsPhase phase)
{
	assert(phase > conn->phase);
	tls.unserved -= conn->phase == TLS_HANDSHAKE || conn->phase == TLS_LINGERING;
	tls.unserved += phase == TLS_LINGERING;
	conn->phase = phase;
}

static void
tls_end(TlsConn *conn)
{
	if (conn->phase == TLS_ENDED)
		return;
	if (conn->phase != TLS_HANDSHAKE)
		metrics_add(METRIC_TLS_CONNECTIONS, -1);
	tls_set_phase(conn, TLS_ENDED);
	ev_io_stop(loop_ev(), &conn->outer);
	ev_io_stop(loop_ev(), &conn->inner);
	ev_timer_stop(loop_ev(), &conn->deadline);
	SSL_free(conn->ssl);
	close(conn->outer.fd);
	if (conn->inner.fd >= 0)
		close(conn->inner.fd);
	list_remove(&conn->link);
	loop_free_later(conn, tls_free);
}

static void
on_deadline(struct ev_loop *ev, ev_timer *watcher, int events)
{
	TlsConn *conn = CONTAINER_OF(watcher, TlsConn, deadline);

	(void) ev;
	(void) events;
	if (conn->phase == TLS_HANDSHAKE)
		metrics_add(METRIC_TLS_HANDSHAKES_FAILED, 1);
	tls_end(conn);
}

/* From now on; 0 is none. */
static void
tls_set_deadline(TlsConn *conn, double seconds)
{
	conn->deadline.repeat = seconds;
	ev_timer_again(loop_ev(), &conn->deadline);
}

static void
watch(ev_io *watcher, int events)
{
	if (watcher->fd < 0 || (ev_is_active(watcher) && (watcher->events & (EV_READ | EV_WRITE)) == events))
		return;
	ev_io_stop(loop_ev(), watcher);
	if (events == 0)
		return;
	ev_io_set(watcher, watcher->fd, events);
	ev_io_start(loop_ev(), watcher);
}

/* ---- bytes ---- */

/* What a call of the library that did not succeed waits for; 0: the connection is broken or has ended. */
static int
tls_needs(TlsConn *conn, int result)
{
	switch (SSL_get_error(conn->ssl, result))
	{
		case SSL_ERROR_WANT_READ:
			return EV_READ;
		case SSL_ERROR_WANT_WRITE:
			return EV_WRITE;
		default:
			return 0;
	}
}

/* The part of a piece that was not taken becomes, or stays, what is kept. */
static void
keep_rest(Buffer *kept, const char *bytes, size_t length, size_t taken)
{
	if (kept->length > 0)
		buffer_consume(kept, taken);
	else if (taken < length)
		buffer_append(kept, bytes + taken, length - taken);
	if (kept->length == 0)
		buffer_free(kept);
}

/* To the pair. False: it takes no more for now. */
static bool
give_server(TlsConn *conn, const char *bytes, size_t length)
{
	ssize_t sent = conn->server_has_ended || conn->phase != TLS_OPEN
					   ? (ssize_t) length
					   : send(conn->inner.fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (sent < 0 && errno != EAGAIN && errno != EINTR)
		sent = (ssize_t) length; /* nobody is there to read it */
	keep_rest(&conn->inward, bytes, length, sent > 0 ? (size_t) sent : 0);
	return conn->inward.length == 0;
}

/* To the client. False: it takes no more for now, or is gone. */
static bool
give_client(TlsConn *conn, const char *bytes, size_t length)
{
	int sent;

	ERR_clear_error();
	sent = SSL_write(conn->ssl, bytes, (int) length);
	conn->write_needs = 0;
	if (sent <= 0 && (conn->write_needs = tls_needs(conn, sent)) == 0)
	{
		tls_end(conn);
		return false;
	}
	if (sent > 0 && conn->deadline.repeat > 0)
		ev_timer_again(loop_ev(), &conn->deadline); /* it makes progress */
	keep_rest(&conn->outward, bytes, length, sent > 0 ? (size_t) sent : 0);
	return conn->outward.length == 0;
}

static bool
pump_inward_once(TlsConn *conn)
{
	static char piece[TLS_PIECE];
	int got;

	if (conn->inward.length > 0)
		return give_server(conn, conn->inward.bytes, conn->inward.length);
	if (conn->client_has_ended)
		return false;
	ERR_clear_error();
	got = SSL_read(conn->ssl, piece, sizeof(piece));
	conn->read_needs = EV_READ;
	if (got > 0)
		return give_server(conn, piece, (size_t) got);
	conn->read_needs = tls_needs(conn, got);
	conn->client_has_ended = conn->read_needs == 0;
	return false;
}

static bool
pump_outward_once(TlsConn *conn)
{
	static char piece[TLS_PIECE];
	ssize_t got;

	if (conn->outward.length > 0)
		return give_client(conn, conn->outward.bytes, conn->outward.length);
	if (conn->server_has_ended)
		return false;
	got = recv(conn->inner.fd, piece, sizeof(piece), MSG_DONTWAIT);
	if (got > 0)
		return give_client(conn, piece, (size_t) got);
	conn->server_has_ended = got == 0 || (errno != EAGAIN && errno != EINTR);
	return false;
}

/* ---- what follows from it ---- */

/* The rest of a long turn: what the library holds decrypted makes no socket readable. */
static void
pump_on_soon(TlsConn *conn)
{
	ev_feed_event(loop_ev(), &conn->outer, EV_READ);
}

static void
pass_ends_on(TlsConn *conn)
{
	if (conn->client_has_ended && conn->inward.length == 0 && !conn->server_was_told)
	{
		conn->server_was_told = true;
		(void) shutdown(conn->inner.fd, SHUT_WR);
	}
	if (conn->phase == TLS_OPEN && conn->server_has_ended && conn->outward.length == 0)
	{
		tls_set_phase(conn, TLS_LINGERING);
		ERR_clear_error();
		(void) SSL_shutdown(conn->ssl);
		(void) shutdown(conn->outer.fd, SHUT_WR);
		tls_set_deadline(conn, TLS_LINGER_SECONDS);
	}
	if (conn->phase == TLS_LINGERING && conn->client_has_ended)
		tls_end(conn);
}

static void
watch_both(TlsConn *conn)
{
	bool is_stuck = conn->outward.length > 0;
	int outer = 0;
	int inner = 0;

	if (is_stuck)
		outer |= conn->write_needs;
	else if (!conn->server_has_ended)
		inner |= EV_READ;
	if (conn->inward.length > 0)
		inner |= EV_WRITE;
	else if (!conn->client_has_ended)
		outer |= conn->read_needs;
	watch(&conn->outer, outer);
	watch(&conn->inner, inner);
	/* The pair is not looked at meanwhile: that our side has given up would not be seen. */
	if (conn->phase == TLS_OPEN && is_stuck != (conn->deadline.repeat > 0))
		tls_set_deadline(conn, is_stuck ? TLS_LINGER_SECONDS + (double) tls.config->slow_timeout / 1000.0 : 0.0);
}

static void
pump(TlsConn *conn)
{
	int pieces = 0;

	while (pieces < TLS_PIECES_PER_TURN && conn->phase != TLS_ENDED && pump_inward_once(conn))
		pieces++;
	if (pieces == TLS_PIECES_PER_TURN)
		pump_on_soon(conn);
	pieces = 0;
	while (pieces < TLS_PIECES_PER_TURN && conn->phase == TLS_OPEN && pump_outward_once(conn))
		pieces++;
	if (conn->phase != TLS_ENDED)
		pass_ends_on(conn);
	if (conn->phase != TLS_ENDED)
		watch_both(conn);
}

/* ---- the handshake ---- */

/* A browser that was given http:// for https:// is told; the rest of what it sent would reset the answer. */
static void
refuse_http(TlsConn *conn)
{
	char unread[4096];

	while (recv(conn->outer.fd, unread, sizeof(unread), MSG_DONTWAIT) == (ssize_t) sizeof(unread))
		;
	(void) !send(conn->outer.fd, TLS_IS_HTTP, strlen(TLS_IS_HTTP), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void
fail_handshake(TlsConn *conn)
{
	unsigned long error = ERR_peek_error();
	const char *reason = ERR_reason_error_string(error);

	metrics_add(METRIC_TLS_HANDSHAKES_FAILED, 1);
	log_debug("tls_handshake_failed", LOG_TEXT("peer", conn->peer.text), LOG_TEXT("reason", reason));
	if (ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) == SSL_R_HTTP_REQUEST)
		refuse_http(conn);
	tls_end(conn);
}

static void
finish_handshake(TlsConn *conn)
{
	int bytes = TLS_PAIR_BYTES;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
	{
		log_warning("connections_not_accepted", LOG_TEXT("reason", strerror(errno)));
		tls_end(conn);
		return;
	}
	(void) setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	metrics_add(METRIC_TLS_HANDSHAKES_OK, 1);
	metrics_add(METRIC_TLS_CONNECTIONS, 1);
	tls_set_phase(conn, TLS_OPEN);
	tls_set_deadline(conn, 0.0);
	ev_io_set(&conn->inner, ends[0], EV_READ);
	conn->read_needs = EV_READ;
	tls.take(ends[1], &conn->peer);
	pump(conn);
}

static void
shake_hands(TlsConn *conn)
{
	int result;

	ERR_clear_error();
	result = SSL_accept(conn->ssl);
	if (result == 1)
	{
		finish_handshake(conn);
		return;
	}
	result = tls_needs(conn, result);
	if (result == 0)
		fail_handshake(conn);
	else
		watch(&conn->outer, result);
}

static void
on_outer(struct ev_loop *ev, ev_io *watcher, int events)
{
	TlsConn *conn = CONTAINER_OF(watcher, TlsConn, outer);

	(void) ev;
	(void) events;
	if (conn->phase == TLS_HANDSHAKE)
		shake_hands(conn);
	else
		pump(conn);
}

static void
on_inner(struct ev_loop *ev, ev_io *watcher, int events)
{
	(void) ev;
	(void) events;
	pump(CONTAINER_OF(watcher, TlsConn, inner));
}

void
tls_accept(int fd, const HeadPeer *peer)
{
	TlsConn *conn = memory_alloc(sizeof(*conn));

	conn->peer = *peer;
	conn->ssl = SSL_new(tls_context());
	list_append(&tls.connections, &conn->link);
	tls.unserved++;
	ev_io_init(&conn->outer, on_outer, fd, EV_READ);
	ev_io_init(&conn->inner, on_inner, -1, EV_READ);
	ev_init(&conn->deadline, on_deadline);
	if (conn->ssl == NULL || SSL_set_fd(conn->ssl, fd) != 1)
	{
		tls_end(conn);
		return;
	}
	ev_io_start(loop_ev(), &conn->outer);
	tls_set_deadline(conn, (double) tls.config->handshake_timeout / 1000.0);
}

size_t
tls_count(void)
{
	return tls.unserved;
}

void
tls_open(const Config *config, void (*take)(int fd, const HeadPeer *peer))
{
	tls.config = config;
	tls.take = take;
	list_init(&tls.connections);
}

/* What those behind it have said last still leaves, as far as the sockets take it. */
void
tls_close(void)
{
	while (tls.config != NULL && !list_is_empty(&tls.connections))
	{
		TlsConn *conn = CONTAINER_OF(list_first(&tls.connections), TlsConn, link);

		if (conn->phase == TLS_OPEN)
			pump(conn);
		tls_end(conn);
	}
}
