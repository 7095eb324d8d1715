/*
 * door.c - the listening socket, and libwebsockets behind it.
 *
 * We listen and accept ourselves and look at the request head (head.c). An upgrade to WebSocket
 * goes to libwebsockets (lws_adopt_socket_vhost_readbuf), everything else to http_server.c; both
 * run on our libev loop. libwebsockets speaks HTTP/1.1 only, compresses nothing, and its own
 * keep-alive policy is off: pings and time-outs of established connections are conn/'s. The first
 * bind is without SO_REUSEPORT, or a second bridge would join a busy port silently.
 *
 * Owns the socket, the context, the DoorConns. Called by main.c and by the library.
 */
#include "door/door.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/memory.h"
#include "core/log.h"
#include "core/loop.h"
#include "door/door_private.h"
#include "door/head.h"
#include "door/rest.h"
#include "door/ws_deflate.h"
#include "door/gate.h"
#include "door/http_server.h"
#include "door/tls.h"
#include "door/tls_context.h"

#define DOOR_RX_BUFFER 512
#define DOOR_TX_PACKET 65536
#define DOOR_HANDSHAKES 1024
#define DOOR_BACKLOG 1024
#define DOOR_SPARE_DESCRIPTORS 256
/* Of a connection: its socket, and with TLS the pair behind it. */
#define DOOR_DESCRIPTORS_PLAIN 1
#define DOOR_DESCRIPTORS_TLS 3
/* Of a connection in the kernel: what waits longer waits here, where it is counted and limited. */
#define DOOR_UNSENT_BYTES 131072
#define DOOR_ACCEPTS_PER_TURN 64
/* Seconds to wait when no descriptor is left for a connection. */
#define DOOR_ACCEPT_PAUSE 0.1

Door door;

static struct
{
	struct lws_context *context;
	struct lws_vhost *vhost;
	ev_io accept_io;
	ev_timer accept_timer; /* ends a pause */
	bool is_exhausted; /* since the last connection accepted */
	size_t conn_count; /* DoorConns */
	size_t conn_max; /* of them, of the heads being looked at and of HTTP connections */
	const HeadPeer *adopting; /* while the library takes a connection */
	int listen_fd;
	int port;
	char address[300];
} listener = {.listen_fd = -1};

/* ---- one connection ---- */

DoorConn *
door_conn_if_any(const struct lws *wsi)
{
	return lws_get_opaque_user_data(wsi);
}

DoorConn *
door_conn(struct lws *wsi)
{
	DoorConn *conn = door_conn_if_any(wsi);

	if (conn != NULL)
		return conn;
	conn = memory_alloc(sizeof(*conn));
	conn->wsi = wsi;
	listener.conn_count++;
	snprintf(conn->peer, sizeof(conn->peer), "%s", listener.adopting != NULL ? listener.adopting->text : "");
	lws_set_opaque_user_data(wsi, conn);
	return conn;
}

static void
conn_free(void *object)
{
	DoorConn *conn = object;

	buffer_free(&conn->assembly);
	buffer_free(&conn->token);
	buffer_free(&conn->since_event);
	free(conn);
}

static void
conn_destroyed(struct lws *wsi)
{
	DoorConn *conn = door_conn_if_any(wsi);

	if (conn == NULL)
		return;
	ws_closed(conn);
	lws_set_opaque_user_data(wsi, NULL);
	listener.conn_count--;
	conn->wsi = NULL;
	loop_free_later(conn, conn_free);
}

bool
door_header(struct lws *wsi, enum lws_token_indexes token, Buffer *out)
{
	int length = lws_hdr_total_length(wsi, token);
	char *place;

	buffer_clear(out);
	if (length <= 0)
		return false;
	place = buffer_extend(out, (size_t) length + 1);
	if (lws_hdr_copy(wsi, place, length + 1, token) < 0)
		length = 0;
	buffer_truncate(out, (size_t) length);
	return length > 0;
}

/* The library has split the query at & and decoded each piece: "name=value". */
bool
door_query(struct lws *wsi, const char *name, Buffer *out)
{
	int length;

	buffer_clear(out);
	for (int i = 0; (length = lws_hdr_fragment_length(wsi, WSI_TOKEN_HTTP_URI_ARGS, i)) > 0; i++)
	{
		size_t name_length = strlen(name);
		char *piece;

		buffer_clear(out);
		piece = buffer_extend(out, (size_t) length + 1);
		if (lws_hdr_copy_fragment(wsi, piece, length + 1, WSI_TOKEN_HTTP_URI_ARGS, i) < 0)
			continue;
		buffer_truncate(out, (size_t) length);
		if (out->length > name_length && memcmp(piece, name, name_length) == 0 && piece[name_length] == '=')
		{
			buffer_consume(out, name_length + 1);
			return true;
		}
	}
	buffer_clear(out);
	return false;
}

bool
door_bearer(struct lws *wsi, Buffer *out)
{
	static const char scheme[] = "Bearer ";
	size_t length = sizeof(scheme) - 1;

	if (!door_header(wsi, WSI_TOKEN_HTTP_AUTHORIZATION, out) || out->length <= length ||
		strncasecmp(out->bytes, scheme, length) != 0)
	{
		buffer_clear(out);
		return false;
	}
	buffer_consume(out, length);
	return true;
}

/* ---- the library ---- */

static int
door_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t length)
{
	(void) user;
	switch (reason)
	{
		case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
			(void) door_conn(wsi);
			return 0;
		case LWS_CALLBACK_HTTP: /* an upgrade that was none */
			(void) lws_return_http_status(wsi, HTTP_STATUS_BAD_REQUEST, NULL);
			return -1;
		case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
			return ws_filter(wsi, in);
		case LWS_CALLBACK_ESTABLISHED:
			return ws_established(wsi);
		case LWS_CALLBACK_RECEIVE:
			return ws_receive(wsi, in, length);
		case LWS_CALLBACK_RECEIVE_PONG:
			if (door_conn(wsi)->session != NULL)
				session_seen(door_conn(wsi)->session);
			return 0;
		case LWS_CALLBACK_SERVER_WRITEABLE:
			return ws_writable(wsi);
		case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
			return ws_peer_closes(wsi);
		case LWS_CALLBACK_CLOSED:
		case LWS_CALLBACK_CLOSED_HTTP:
		case LWS_CALLBACK_WSI_DESTROY:
			conn_destroyed(wsi);
			return 0;
		default:
			return 0;
	}
}

/* A client without Sec-WebSocket-Protocol gets the first one. */
static const struct lws_protocols door_protocols[] = {
	{.name = "http", .callback = door_callback, .rx_buffer_size = DOOR_RX_BUFFER, .tx_packet_size = DOOR_TX_PACKET},
	{.name = ENCODE_PROTOCOL,
	 .callback = door_callback,
	 .rx_buffer_size = DOOR_RX_BUFFER,
	 .tx_packet_size = DOOR_TX_PACKET},
	{0},
};

/* Once it runs, what the library has to say is about clients, whatever the level it says it at. */
static void
door_log(int level, const char *line)
{
	char text[256];

	snprintf(text, sizeof(text), "%s", line);
	text[strcspn(text, "\r\n")] = '\0';
	if (level & LLL_ERR && listener.vhost == NULL)
		log_warning("libwebsockets", LOG_TEXT("message", text));
	else
		log_debug("libwebsockets", LOG_TEXT("message", text));
}

/*
 * The library's table of descriptors is as large as the limit: set it to what is needed. Some
 * connections above max_connections are taken, so that their clients get a reason, and some
 * descriptors are left for files and the database.
 */
static void
door_limit_descriptors(const Config *config)
{
	rlim_t each = tls_context() != NULL ? DOOR_DESCRIPTORS_TLS : DOOR_DESCRIPTORS_PLAIN;
	rlim_t wanted = (rlim_t) config->max_connections * each + DOOR_SPARE_DESCRIPTORS;
	struct rlimit limit;

	listener.conn_max = (size_t) config->max_connections + DOOR_SPARE_DESCRIPTORS / 2;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
	if (limit.rlim_cur < wanted)
		listener.conn_max = (limit.rlim_cur > DOOR_SPARE_DESCRIPTORS ? limit.rlim_cur - DOOR_SPARE_DESCRIPTORS / 2
																	 : limit.rlim_cur / 2) /
							each;
	if (limit.rlim_cur < wanted)
		log_warning("few_descriptors", LOG_INTEGER("limit", (int64_t) limit.rlim_cur),
					LOG_INTEGER("wanted", (int64_t) wanted));
	(void) setrlimit(RLIMIT_NOFILE, &limit);
}

static bool
door_create_context(const Config *config, Buffer *problem)
{
	static const lws_retry_bo_t no_validity = {.secs_since_valid_ping = 0, .secs_since_valid_hangup = 0};
	void *loops[1] = {loop_ev()};
	struct lws_context_creation_info info = {
		.options = LWS_SERVER_OPTION_LIBEV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
		.port = CONTEXT_PORT_NO_LISTEN_SERVER,
		.protocols = door_protocols,
		.extensions = ws_deflate_extensions,
		.foreign_loops = loops,
		.gid = (gid_t) -1,
		.uid = (uid_t) -1,
		.max_http_header_data2 = (unsigned) config->max_headers,
		.max_http_header_pool = DOOR_HANDSHAKES,
		.timeout_secs = (unsigned) ((config->handshake_timeout + 999) / 1000),
		.retry_and_idle_policy = &no_validity,
		.vhost_name = "collab",
		.alpn = "http/1.1",
		.server_string = "collab",
	};

	lws_set_log_level(LLL_ERR | LLL_WARN, door_log);
	door_limit_descriptors(config);
	listener.context = lws_create_context(&info);
	if (listener.context == NULL)
	{
		buffer_append_text(problem, "libwebsockets cannot use libev: is the package "
									"libwebsockets-evlib-ev installed?");
		return false;
	}
	listener.vhost = lws_create_vhost(listener.context, &info);
	if (listener.vhost == NULL)
		buffer_append_text(problem, "libwebsockets cannot create a virtual host");
	return listener.vhost != NULL;
}

/* ---- listening ---- */

static void
on_upgrade(int fd, const HeadPeer *peer, Slice bytes)
{
	listener.adopting = peer;
	/* On failure the library has closed the socket. */
	if (lws_adopt_socket_vhost_readbuf(listener.vhost, fd, bytes.bytes, bytes.length) == NULL)
		log_debug("connection_not_adopted");
	listener.adopting = NULL;
}

static void
on_accept_timer(struct ev_loop *ev, ev_timer *watcher, int events)
{
	(void) watcher;
	(void) events;
	ev_io_start(ev, &listener.accept_io);
}

/* The socket stays readable while nothing can be accepted: looking again at once would spin. */
static void
accept_pause(const char *reason)
{
	if (!listener.is_exhausted)
		log_warning("connections_not_accepted", LOG_TEXT("reason", reason));
	listener.is_exhausted = true;
	ev_io_stop(loop_ev(), &listener.accept_io);
	ev_timer_set(&listener.accept_timer, DOOR_ACCEPT_PAUSE, 0.0);
	ev_timer_start(loop_ev(), &listener.accept_timer);
}

static bool
door_is_full(void)
{
	return listener.conn_count + head_count() + http_server_count() + tls_count() >= listener.conn_max;
}

static void
door_take(int fd, HeadPeer *peer)
{
	int on = 1;
	int unsent = DOOR_UNSENT_BYTES;
	unsigned silence_ms = (unsigned) door.config->idle_timeout;

	listener.is_exhausted = false;
	if (door_is_full())
	{
		close(fd);
		return;
	}
	if (getnameinfo((struct sockaddr *) &peer->address, peer->length, peer->text, sizeof(peer->text), NULL, 0,
					NI_NUMERICHOST) != 0)
		peer->text[0] = '\0';
	(void) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void) setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof(unsent));
	/* A stream hears nothing of its client: one that has vanished is found by what it never took. */
	(void) setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &silence_ms, sizeof(silence_ms));
	if (tls_context() != NULL)
		tls_accept(fd, peer);
	else
		head_read(fd, peer);
}

static void
on_accept(struct ev_loop *ev, ev_io *watcher, int events)
{
	(void) ev;
	(void) events;
	for (int i = 0; i < DOOR_ACCEPTS_PER_TURN; i++)
	{
		HeadPeer peer = {.length = sizeof(peer.address)};
		int fd = accept4(watcher->fd, (struct sockaddr *) &peer.address, &peer.length, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0)
		{
			if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
				accept_pause(strerror(errno));
			return;
		}
		door_take(fd, &peer);
	}
}

static void
door_note_address(void)
{
	struct sockaddr_storage bound;
	socklen_t length = sizeof(bound);
	char host[256] = "";
	char port[8] = "0";

	(void) getsockname(listener.listen_fd, (struct sockaddr *) &bound, &length);
	(void) getnameinfo((struct sockaddr *) &bound, length, host, sizeof(host), port, sizeof(port),
					   NI_NUMERICHOST | NI_NUMERICSERV);
	listener.port = (int) strtol(port, NULL, 10);
	snprintf(listener.address, sizeof(listener.address), bound.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

static bool
door_bind(const struct addrinfo *address)
{
	int on = 1;

	listener.listen_fd = socket(address->ai_family, address->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (listener.listen_fd < 0)
		return false;
	(void) setsockopt(listener.listen_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(listener.listen_fd, address->ai_addr, address->ai_addrlen) == 0 &&
		listen(listener.listen_fd, DOOR_BACKLOG) == 0)
		return true;
	on = errno;
	close(listener.listen_fd);
	listener.listen_fd = -1;
	errno = on;
	return false;
}

static bool
door_listen(const Config *config, Buffer *problem)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
	struct addrinfo *found = NULL;
	char host[256];
	char service[8];
	int port;
	int result;

	if (!config_split_listen(config->listen, host, &port))
	{
		buffer_append_format(problem, "option listen: \"%s\" is not address:port", config->listen);
		return false;
	}
	snprintf(service, sizeof(service), "%d", port);
	result = getaddrinfo(host[0] != '\0' ? host : NULL, service, &hints, &found);
	if (result != 0)
	{
		buffer_append_format(problem, "cannot listen on %s: %s", config->listen, gai_strerror(result));
		return false;
	}
	if (!door_bind(found))
		buffer_append_format(problem, "cannot listen on %s: %s", config->listen, strerror(errno));
	freeaddrinfo(found);
	return listener.listen_fd >= 0;
}

bool
door_open(const Config *config, const TokenRules *rules, Buffer *problem)
{
	door.config = config;
	door.rules = rules;
	door.is_draining = false;
	if (!tls_context_open(config, problem) || !door_listen(config, problem) || !door_create_context(config, problem) ||
		!http_server_open(problem))
		return false;
	door_note_address();
	head_open(&(HeadOptions){.max_bytes = (size_t) config->max_headers,
							 .timeout = (double) config->handshake_timeout / 1000.0,
							 .may_deflate = &config->websocket_compression,
							 .upgrade = on_upgrade,
							 .plain = http_server_add});
	gate_open(config);
	tls_open(config, head_read);
	ev_init(&listener.accept_timer, on_accept_timer);
	ev_io_init(&listener.accept_io, on_accept, listener.listen_fd, EV_READ);
	ev_io_start(loop_ev(), &listener.accept_io);
	return true;
}

const char *
door_address(void)
{
	return listener.address;
}

int
door_port(void)
{
	return listener.port;
}

void
door_stop_accepting(void)
{
	door.is_draining = true;
	if (listener.listen_fd < 0)
		return;
	ev_io_stop(loop_ev(), &listener.accept_io);
	ev_timer_stop(loop_ev(), &listener.accept_timer);
	close(listener.listen_fd);
	listener.listen_fd = -1;
	head_close();
}

size_t
door_busy(void)
{
	return http_server_busy();
}

void
door_close(void)
{
	door_stop_accepting();
	http_server_close();
	rest_close();
	if (listener.context != NULL)
		lws_context_destroy(listener.context);
	listener.context = NULL;
	tls_close();
	tls_context_close();
}
