/*
 * http.c - HTTP requests: which part answers, and how an answer leaves.
 *
 *   /healthz /readyz /metrics   here
 *   /api/…                      http_api.c
 *   anything else               static.c
 *
 * An answer is built whole and leaves as fast as the socket takes it. Only GET and HEAD exist; a
 * request with any other method or with a body is refused and hung up in the same callback:
 * libwebsockets 4.1 never returns when it has a body that came together with its head.
 *
 * Owns the exchange. Called by door.c.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "core/log.h"
#include "core/loop.h"
#include "core/metrics.h"
#include "door/http_private.h"
#include "pg/pg.h"

#define HTTP_CHUNK 65536
#define HTTP_HEAD_SIZE 2048

/* Scripts, styles and connections from here only; pictures of users may come from anywhere. */
#define HTTP_CSP                                                                                                       \
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; "                           \
	"font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; "                                      \
	"form-action 'none'; frame-ancestors 'none'"

static const struct
{
	const char *name;
	const char *value;
} http_security_headers[] = {
	{"content-security-policy:", HTTP_CSP},
	{"x-content-type-options:", "nosniff"},
	{"referrer-policy:", "no-referrer"},
	{"x-frame-options:", "DENY"},
	{"cross-origin-opener-policy:", "same-origin"},
	{"cross-origin-resource-policy:", "same-origin"},
};

static void
exchange_free(void *object)
{
	HttpExchange *exchange = object;

	buffer_free(&exchange->etag);
	buffer_free(&exchange->body);
	free(exchange);
}

/* ---- the answer ---- */

static void
http_count(int status)
{
	if (status < 300)
		metrics_add(METRIC_HTTP_2XX, 1);
	else if (status < 400)
		metrics_add(METRIC_HTTP_3XX, 1);
	else
		metrics_add(status < 500 ? METRIC_HTTP_4XX : METRIC_HTTP_5XX, 1);
}

void
http_reply(HttpExchange *exchange, int status, const char *content_type, const char *cache_control)
{
	if (exchange->conn == NULL)
	{
		loop_free_later(exchange, exchange_free);
		return;
	}
	exchange->status = status;
	exchange->content_type = content_type;
	exchange->cache_control = cache_control != NULL ? cache_control : "no-store";
	http_count(status);
	(void) lws_callback_on_writable(exchange->conn->wsi);
}

void
http_refuse(HttpExchange *exchange, const Refusal *refusal)
{
	buffer_clear(&exchange->body);
	encode_problem(&exchange->body, refusal);
	http_reply(exchange, refusal_http_status(refusal->code), "application/problem+json", NULL);
}

void
http_refuse_text(HttpExchange *exchange, RefusalCode code, const char *text)
{
	Refusal refusal = {0};

	refusal_set(&refusal, code, "%s", text);
	if (code == REFUSAL_UNAVAILABLE)
		refusal.retry_after_ms = 1000;
	http_refuse(exchange, &refusal);
}

typedef struct HeadWriter
{
	struct lws *wsi;
	unsigned char bytes[LWS_PRE + HTTP_HEAD_SIZE];
	unsigned char *at;
	unsigned char *end;
	bool is_broken;
} HeadWriter;

static void
head_add(HeadWriter *head, const char *name, const char *value)
{
	head->is_broken |=
		lws_add_http_header_by_name(head->wsi, (const unsigned char *) name, (const unsigned char *) value,
									(int) strlen(value), &head->at, head->end) != 0;
}

static bool
exchange_write_head(HttpExchange *exchange, struct lws *wsi)
{
	HeadWriter head = {.wsi = wsi};
	char length[24];

	head.at = head.bytes + LWS_PRE;
	head.end = head.bytes + sizeof(head.bytes) - 1;
	if (lws_add_http_header_status(wsi, (unsigned) exchange->status, &head.at, head.end) != 0)
		return false;
	for (size_t i = 0; i < LENGTH_OF(http_security_headers); i++)
		head_add(&head, http_security_headers[i].name, http_security_headers[i].value);
	head_add(&head, "cache-control:", exchange->cache_control);
	if (exchange->status != 304)
	{
		snprintf(length, sizeof(length), "%zu", exchange->body.length);
		head_add(&head, "content-type:", exchange->content_type);
		head_add(&head, "content-length:", length);
	}
	if (exchange->etag.length > 0)
		head_add(&head, "etag:", buffer_text(&exchange->etag));
	if (exchange->status == 405)
		head_add(&head, "allow:", "GET, HEAD");
	if (exchange->status == 401)
		head_add(&head, "www-authenticate:", "Bearer");
	if (exchange->status == 503)
		head_add(&head, "retry-after:", "1");
	if (exchange->closes)
		head_add(&head, "connection:", "close");
	if (head.is_broken || lws_finalize_http_header(wsi, &head.at, head.end) != 0)
		return false;
	return lws_write(wsi, head.bytes + LWS_PRE, (size_t) (head.at - head.bytes - LWS_PRE), LWS_WRITE_HTTP_HEADERS) >= 0;
}

static size_t
exchange_left(const HttpExchange *exchange)
{
	if (exchange->is_head || exchange->status == 304)
		return 0;
	return exchange->body.length - exchange->sent;
}

/* A client that takes nothing for this long is hung up, with the answer it keeps in memory. */
static void
exchange_watch(struct lws *wsi)
{
	lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, (int) ((door.config->slow_timeout + 999) / 1000));
	(void) lws_callback_on_writable(wsi);
}

/* The library wants room in front of what it writes, so each chunk is copied once. */
static bool
exchange_write_chunk(HttpExchange *exchange, struct lws *wsi)
{
	static unsigned char chunk[LWS_PRE + HTTP_CHUNK];
	size_t length = exchange_left(exchange);

	if (length > HTTP_CHUNK)
		length = HTTP_CHUNK;
	memcpy(chunk + LWS_PRE, exchange->body.bytes + exchange->sent, length);
	exchange->sent += length;
	return lws_write(wsi, chunk + LWS_PRE, length,
					 exchange_left(exchange) == 0 ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) >= 0;
}

static int
exchange_finish(DoorConn *conn)
{
	HttpExchange *exchange = conn->exchange;
	bool closes = exchange->closes;

	conn->exchange = NULL;
	loop_free_later(exchange, exchange_free);
	if (closes || lws_http_transaction_completed(conn->wsi))
		return -1;
	return 0;
}

int
http_writable(struct lws *wsi)
{
	DoorConn *conn = door_conn(wsi);
	HttpExchange *exchange = conn->exchange;

	if (exchange == NULL || exchange->status == 0)
		return 0;
	if (!exchange->headers_sent)
	{
		if (!exchange_write_head(exchange, wsi))
			return -1;
		exchange->headers_sent = true;
	}
	else if (!exchange_write_chunk(exchange, wsi))
		return -1;
	if (exchange_left(exchange) == 0)
		return exchange_finish(conn);
	exchange_watch(wsi);
	return 0;
}

/* ---- the request ---- */

static void
http_health(HttpExchange *exchange)
{
	buffer_append_text(&exchange->body, "ok\n");
	http_reply(exchange, 200, "text/plain; charset=utf-8", NULL);
}

static void
http_readiness(HttpExchange *exchange)
{
	bool is_ready = pg_is_up() && !door.is_draining;

	buffer_append_text(&exchange->body, is_ready           ? "ready\n"
										: door.is_draining ? "shutting down\n"
														   : "the database is not available\n");
	http_reply(exchange, is_ready ? 200 : 503, "text/plain; charset=utf-8", NULL);
}

static void
http_metrics(HttpExchange *exchange)
{
	metrics_render(&exchange->body);
	http_reply(exchange, 200, METRICS_CONTENT_TYPE, NULL);
}

static void
http_route(HttpExchange *exchange, struct lws *wsi, const char *path)
{
	if (strcmp(path, "/healthz") == 0)
		http_health(exchange);
	else if (strcmp(path, "/readyz") == 0)
		http_readiness(exchange);
	else if (strcmp(path, "/metrics") == 0)
		http_metrics(exchange);
	else if (strncmp(path, "/api/", 5) == 0 || strcmp(path, "/api") == 0)
	{
		if (!http_api_request(exchange, wsi, path))
			http_refuse_text(exchange, REFUSAL_NOT_FOUND, "no such resource");
	}
	else if (strncmp(path, "/ws/", 4) == 0 || strcmp(path, "/ws") == 0)
		http_refuse_text(exchange, REFUSAL_INVALID, "this path speaks WebSocket");
	else
		static_serve(exchange, wsi, path);
}

static void
http_refuse_method(HttpExchange *exchange)
{
	buffer_append_text(&exchange->body, "{\"type\":\"about:blank\",\"title\":\"Method Not Allowed\",\"status\":405,"
										"\"detail\":\"only GET and HEAD are answered here\",\"code\":\"invalid\"}");
	http_reply(exchange, 405, "application/problem+json", NULL);
}

static bool
http_has_body(struct lws *wsi)
{
	Buffer length = BUFFER_EMPTY;
	bool has_body =
		lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0 ||
		(door_header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, &length) && strcmp(buffer_text(&length), "0") != 0);

	buffer_free(&length);
	return has_body;
}

/* Small enough for the socket: nothing was sent before it. The result hangs up. */
static int
exchange_send_now(HttpExchange *exchange, struct lws *wsi)
{
	exchange->closes = true;
	if (exchange_write_head(exchange, wsi) && exchange_left(exchange) > 0)
		(void) exchange_write_chunk(exchange, wsi);
	return -1;
}

int
http_request(struct lws *wsi, const char *path)
{
	DoorConn *conn = door_conn(wsi);
	HttpExchange *exchange = memory_alloc(sizeof(*exchange));

	exchange->conn = conn;
	conn->exchange = exchange;
	exchange->is_head = lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI) > 0;
	log_debug("http_request", LOG_TEXT("peer", conn->peer), LOG_TEXT("path", path));
	if (!exchange->is_head && lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) <= 0)
		http_refuse_method(exchange);
	else if (http_has_body(wsi))
		http_refuse_text(exchange, REFUSAL_INVALID, "requests have no body here");
	else
	{
		http_route(exchange, wsi, path);
		return 0;
	}
	return exchange_send_now(exchange, wsi);
}

void
http_gone(DoorConn *conn)
{
	HttpExchange *exchange = conn->exchange;

	if (exchange == NULL)
		return;
	conn->exchange = NULL;
	exchange->conn = NULL;
	if (!exchange->is_reading)
		loop_free_later(exchange, exchange_free);
}
