/*
 * http_server.c - plain HTTP connections: libmicrohttpd on our loop.
 *
 * The library has neither a listening socket nor a thread: it gets connections that were accepted
 * here, and runs when its epoll descriptor is readable, when its own timer asks for it, and at the
 * end of a turn in which an answer was given. It parses requests and frames answers.
 *
 * Its own time-outs are off, for they count silence only: a client that sends or takes a byte now
 * and then would stay for ever. Each connection has one timer, by what it is at (HttpPhase). A late
 * one has its socket shut down, which the library then finds at its end.
 *
 * Owns the daemon and the HttpConns.
 */
#include "door/http_server.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "core/log.h"
#include "core/loop.h"
#include "core/metrics.h"
#include "door/http_private.h"

/* What the library needs beside the head: the parsed headers, and the head of the answer. */
#define HTTP_SPARE_MEMORY 32768
/* A connection makes progress when this many bytes went over it within slow_timeout, or all. */
#define HTTP_PROGRESS_BYTES 16384

/* Between two looks whether a client has left that has sent more than its request. */
#define HTTP_LOOK_SECONDS 1.0

static struct
{
	struct MHD_Daemon *daemon;
	ev_io io;
	ev_timer timer;
	LoopWork work;
	List conns;
	size_t count;
	size_t busy;
	const HeadPeer *adding; /* while the library takes a connection */
} server;

/* ---- running the library ---- */

static void
server_run(void)
{
	MHD_UNSIGNED_LONG_LONG milliseconds;

	(void) MHD_run(server.daemon);
	ev_timer_stop(loop_ev(), &server.timer);
	if (MHD_get_timeout(server.daemon, &milliseconds) != MHD_YES)
		return;
	ev_timer_set(&server.timer, (double) milliseconds / 1000.0, 0.0);
	ev_timer_start(loop_ev(), &server.timer);
}

static void
on_server_io(struct ev_loop *ev, ev_io *watcher, int events)
{
	(void) ev;
	(void) watcher;
	(void) events;
	server_run();
}

static void
on_server_timer(struct ev_loop *ev, ev_timer *watcher, int events)
{
	(void) ev;
	(void) watcher;
	(void) events;
	server_run();
}

static void
on_server_work(LoopWork *work)
{
	(void) work;
	server_run();
}

/* ---- connections ---- */

HttpConn *
http_conn_of(struct MHD_Connection *connection)
{
	return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

static double
phase_seconds(HttpPhase phase)
{
	switch (phase)
	{
		case HTTP_IDLE:
			return (double) door.config->idle_timeout / 1000.0;
		case HTTP_HEAD:
			return (double) door.config->handshake_timeout / 1000.0;
		case HTTP_WAITING:
		case HTTP_WORKING:
			return 0.0;
		case HTTP_BODY:
		case HTTP_SENDING:
			break;
	}
	return (double) door.config->slow_timeout / 1000.0;
}

static const char *
phase_name(HttpPhase phase)
{
	static const char *const names[] = {
		[HTTP_IDLE] = "idle", [HTTP_HEAD] = "head",       [HTTP_WAITING] = "waiting",
		[HTTP_BODY] = "body", [HTTP_WORKING] = "working", [HTTP_SENDING] = "sending",
	};

	return names[phase];
}

static void
on_conn_deadline(struct ev_loop *ev, ev_timer *watcher, int events)
{
	HttpConn *conn = CONTAINER_OF(watcher, HttpConn, deadline);

	(void) ev;
	(void) events;
	if (conn->progress >= HTTP_PROGRESS_BYTES)
	{
		http_conn_enter(conn, conn->phase);
		return;
	}
	log_debug("http_too_slow", LOG_TEXT("peer", conn->peer.text), LOG_TEXT("phase", phase_name(conn->phase)));
	(void) shutdown(conn->fd, SHUT_RDWR);
}

void
http_conn_enter(HttpConn *conn, HttpPhase phase)
{
	bool was_busy = conn->phase >= HTTP_BODY;
	bool is_busy = phase >= HTTP_BODY;

	if (is_busy != was_busy)
		server.busy += is_busy ? 1 : (size_t) -1;
	conn->phase = phase;
	conn->progress = 0;
	ev_timer_stop(loop_ev(), &conn->deadline);
	if (phase == HTTP_WORKING || phase == HTTP_WAITING)
		return;
	ev_timer_set(&conn->deadline, phase_seconds(phase), 0.0);
	ev_timer_start(loop_ev(), &conn->deadline);
}

/* ---- clients that leave while nothing is sent ---- */

/* True: it has left, and is given up. */
static bool
conn_look(HttpConn *conn)
{
	if (!head_peer_has_ended(conn->fd))
		return false;
	log_debug("http_client_left", LOG_TEXT("peer", conn->peer.text));
	http_abandon(conn->exchange);
	return true;
}

static void
on_conn_ended_io(struct ev_loop *ev, ev_io *watcher, int events)
{
	HttpConn *conn = CONTAINER_OF(watcher, HttpConn, ended_io);

	(void) events;
	if (conn_look(conn))
		return;
	/* A further request: it stays unread, and the socket readable. */
	ev_io_stop(ev, watcher);
	ev_timer_again(ev, &conn->ended_timer);
}

static void
on_conn_ended_timer(struct ev_loop *ev, ev_timer *watcher, int events)
{
	(void) ev;
	(void) events;
	(void) conn_look(CONTAINER_OF(watcher, HttpConn, ended_timer));
}

static void
conn_stop_looking(HttpConn *conn)
{
	ev_io_stop(loop_ev(), &conn->ended_io);
	ev_timer_stop(loop_ev(), &conn->ended_timer);
}

void
http_conn_look_on(HttpConn *conn)
{
	ev_io_start(loop_ev(), &conn->ended_io);
}

void
http_conn_suspend(HttpConn *conn)
{
	MHD_suspend_connection(conn->connection);
	if (conn->phase == HTTP_WAITING)
		http_conn_look_on(conn);
}

void
http_conn_resume(HttpConn *conn)
{
	conn_stop_looking(conn);
	MHD_resume_connection(conn->connection);
	loop_at_turn_end(&server.work);
}

static void
conn_free(void *object)
{
	HttpConn *conn = object;

	buffer_free(&conn->target);
	free(conn);
}

static void
on_connection(void *unused, struct MHD_Connection *connection, void **slot, enum MHD_ConnectionNotificationCode code)
{
	HttpConn *conn = *slot;

	(void) unused;
	if (code == MHD_CONNECTION_NOTIFY_STARTED)
	{
		conn = memory_alloc(sizeof(*conn));
		conn->connection = connection;
		conn->fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
		conn->peer = *server.adding;
		ev_init(&conn->deadline, on_conn_deadline);
		ev_io_init(&conn->ended_io, on_conn_ended_io, conn->fd, EV_READ);
		ev_init(&conn->ended_timer, on_conn_ended_timer);
		conn->ended_timer.repeat = HTTP_LOOK_SECONDS;
		list_append(&server.conns, &conn->link);
		server.count++;
		metrics_add(METRIC_HTTP_CONNECTIONS, 1);
		*slot = conn;
		/* Its head is there already. */
		http_conn_enter(conn, HTTP_HEAD);
		return;
	}
	http_conn_enter(conn, HTTP_IDLE);
	ev_timer_stop(loop_ev(), &conn->deadline);
	conn_stop_looking(conn);
	list_remove(&conn->link);
	server.count--;
	metrics_add(METRIC_HTTP_CONNECTIONS, -1);
	*slot = NULL;
	loop_free_later(conn, conn_free);
}

void
http_server_add(int fd, const HeadPeer *peer)
{
	server.adding = peer;
	/* On failure the library has closed the socket. */
	if (MHD_add_connection(server.daemon, fd, (const struct sockaddr *) &peer->address, peer->length) != MHD_YES)
		log_debug("connection_not_adopted");
	server.adding = NULL;
	loop_at_turn_end(&server.work);
}

size_t
http_server_count(void)
{
	return server.count;
}

size_t
http_server_busy(void)
{
	return server.busy;
}

/* ---- opening and closing ---- */

/* What it has to say is about clients. */
static void
on_server_log(void *unused, const char *format, va_list arguments)
{
	char text[256];

	(void) unused;
	vsnprintf(text, sizeof(text), format, arguments);
	text[strcspn(text, "\r\n")] = '\0';
	log_debug("libmicrohttpd", LOG_TEXT("message", text));
}

static void
on_server_panic(void *unused, const char *file, unsigned line, const char *reason)
{
	(void) unused;
	log_error("libmicrohttpd_panic", LOG_TEXT("file", file), LOG_INTEGER("line", line), LOG_TEXT("reason", reason));
	abort();
}

bool
http_server_open(Buffer *problem)
{
	unsigned flags = MHD_USE_NO_LISTEN_SOCKET | MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
	size_t memory = (size_t) door.config->max_headers + HTTP_SPARE_MEMORY;

	MHD_set_panic_func(on_server_panic, NULL);
	list_init(&server.conns);
	server.work.run = on_server_work;
	/* The number of connections is counted in door.c, with the others. */
	server.daemon = MHD_start_daemon(
		flags, 0, NULL, NULL, http_on_request, NULL, MHD_OPTION_EXTERNAL_LOGGER, on_server_log, NULL,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, NULL, MHD_OPTION_NOTIFY_COMPLETED, http_on_completed, NULL,
		MHD_OPTION_URI_LOG_CALLBACK, http_on_target, NULL, MHD_OPTION_CONNECTION_LIMIT, (unsigned) INT32_MAX,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, memory, MHD_OPTION_CONNECTION_TIMEOUT, 0u,
		MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
	if (server.daemon == NULL)
	{
		buffer_append_text(problem, "libmicrohttpd cannot be started: does it know epoll?");
		return false;
	}
	ev_init(&server.timer, on_server_timer);
	ev_io_init(&server.io, on_server_io, MHD_get_daemon_info(server.daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd,
			   EV_READ);
	ev_io_start(loop_ev(), &server.io);
	return true;
}

/* The library does not stop while a connection is suspended: those are told that they are gone. */
void
http_server_close(void)
{
	if (server.daemon == NULL)
		return;
	LIST_FOR_EACH (&server.conns, HttpConn, link, conn)
	{
		(void) shutdown(conn->fd, SHUT_RDWR);
		if (conn->exchange != NULL)
			http_abandon(conn->exchange);
	}
	(void) MHD_run(server.daemon);
	ev_io_stop(loop_ev(), &server.io);
	ev_timer_stop(loop_ev(), &server.timer);
	loop_work_cancel(&server.work);
	MHD_stop_daemon(server.daemon);
	server.daemon = NULL;
}
