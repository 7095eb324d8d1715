/*
 * http_request.c - a request comes in: its head, its body, its limits; the life of its exchange.
 *
 * The library takes more than we do. What two readers could understand differently is refused and
 * hung up: both lengths at once, a length or a coding twice, any coding but chunked, a name that is
 * none. A body is read to its end before the request is answered, even when nobody wants it,
 * unless it is long: then the answer comes early and the connection ends.
 *
 * Owns the exchange. Called by the library.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "auth/address.h"
#include "base/memory.h"
#include "base/timestamp.h"
#include "core/log.h"
#include "core/metrics.h"
#include "door/cors.h"
#include "door/http_private.h"

/*
 * A body that nobody wants is read up to this length, or twice the one that was allowed to somebody
 * with a token: to save the connection, and because clients that still send miss an early answer.
 */
#define HTTP_DISCARD_BYTES (256 * 1024)

static size_t request_bytes; /* of all bodies held now */

/* ---- life ---- */

static void
exchange_free(void *object)
{
	HttpExchange *exchange = object;

	request_bytes -= exchange->request.length;
	target_free(&exchange->target);
	claims_free(&exchange->claims);
	buffer_free(&exchange->headers);
	buffer_free(&exchange->request);
	buffer_free(&exchange->etag);
	buffer_free(&exchange->more_headers);
	buffer_free(&exchange->body);
	gzip_free(exchange->gzip);
	free(exchange);
}

void
http_hold(HttpExchange *exchange)
{
	exchange->holds++;
}

void
http_release(HttpExchange *exchange)
{
	if (--exchange->holds == 0 && exchange->conn == NULL)
		loop_free_later(exchange, exchange_free);
}

static const char *
method_known(const char *method)
{
	static const char *const known[] = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

	if (strcmp(method, "HEAD") == 0)
		return "GET";
	for (size_t i = 0; i < LENGTH_OF(known); i++)
		if (strcmp(method, known[i]) == 0)
			return known[i];
	return "";
}

static HttpExchange *
exchange_new(HttpConn *conn, const char *method)
{
	HttpExchange *exchange = memory_alloc(sizeof(*exchange));

	exchange->conn = conn;
	exchange->method = method_known(method);
	exchange->is_head = strcmp(method, "HEAD") == 0;
	conn->exchange = exchange;
	return exchange;
}

void
http_wait(HttpExchange *exchange, void (*ended)(void *owner), void *owner)
{
	exchange->ended = ended;
	exchange->owner = owner;
	http_conn_enter(exchange->conn, HTTP_WAITING);
	if (exchange->is_suspended)
		http_conn_look_on(exchange->conn);
}

void
http_stop_waiting(HttpExchange *exchange)
{
	exchange->ended = NULL;
}

void
http_abandon(HttpExchange *exchange)
{
	exchange->is_abandoned = true;
	if (exchange->conn == NULL)
		return;
	(void) shutdown(exchange->conn->fd, SHUT_RDWR);
	http_exchange_wake(exchange);
}

/* ---- what was asked ---- */

/* The value of `name` in "name NUL value NUL, and so on". */
static const char *
pairs_find(const Buffer *pairs, const char *name)
{
	for (size_t at = 0; at < pairs->length;)
	{
		const char *found = pairs->bytes + at;
		const char *value = found + strlen(found) + 1;

		if (strcasecmp(found, name) == 0)
			return value;
		at = (size_t) (value - pairs->bytes) + strlen(value) + 1;
	}
	return NULL;
}

const char *
http_path(HttpExchange *exchange)
{
	return target_path(&exchange->target);
}

const char *
http_query(const HttpExchange *exchange, const char *name)
{
	return target_query(&exchange->target, name);
}

const char *
http_header(const HttpExchange *exchange, const char *name)
{
	return pairs_find(&exchange->headers, name);
}

Slice
http_body(const HttpExchange *exchange)
{
	return buffer_slice(&exchange->request);
}

const char *
http_peer(const HttpExchange *exchange)
{
	const char *forwarded = door.config->behind_proxy ? http_header(exchange, "X-Forwarded-For") : NULL;
	Slice last = forwarded != NULL ? address_last_forwarded(slice_of_text(forwarded)) : slice_of(NULL, 0);
	AddressKey key;

	/* It ends the header's text. */
	if (last.length > 0 && last.length < ADDRESS_TEXT_SIZE && address_key(last, &key))
		return last.bytes;
	return exchange->conn != NULL ? exchange->conn->peer.text : "";
}

Slice
http_bearer(const HttpExchange *exchange)
{
	static const char scheme[] = "Bearer ";
	size_t length = sizeof(scheme) - 1;
	const char *value = http_header(exchange, "Authorization");

	if (value == NULL || strncasecmp(value, scheme, length) != 0 || value[length] == '\0')
		return (Slice){0};
	return slice_of_text(value + length);
}

bool
http_authenticate(HttpExchange *exchange)
{
	Slice token = http_bearer(exchange);
	TokenResult result = TOKEN_ABSENT;

	if (exchange->has_claims)
		return true;
	if (token.bytes != NULL)
		result = token_verify(door.rules, token, TOKEN_FROM_MESSAGE, timestamp_now_ms() / 1000, &exchange->claims);
	exchange->has_claims = result == TOKEN_VALID;
	if (exchange->has_claims)
		return true;
	metrics_add(METRIC_AUTH_FAILURES, 1);
	log_info("token_refused", LOG_TEXT("peer", http_peer(exchange)), LOG_TEXT("reason", token_result_reason(result)));
	http_refuse_text(exchange, REFUSAL_UNAUTHENTICATED, "no valid token");
	return false;
}

/* ---- the head ---- */

typedef struct HeaderReader
{
	Buffer *out;
	bool *knows_gzip;
	int lengths;
	int codings;
	int hosts;
	bool is_chunked;
	bool is_broken;
} HeaderReader;

/* RFC 9110: a token. */
static bool
header_name_is_valid(const char *name, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if ((unsigned char) name[i] <= ' ' || (unsigned char) name[i] >= 0x7f ||
			strchr("\"(),/:;<=>?@[\\]{}", name[i]) != NULL)
			return false;
	return length > 0;
}

static bool
header_holds_tags(const char *name)
{
	return strcasecmp(name, "If-None-Match") == 0 || strcasecmp(name, "If-Match") == 0;
}

/* The tags of compressed answers are those of the plain ones. */
static void
append_tags(HeaderReader *reader, const char *value)
{
	for (const char *found; (found = strstr(value, HTTP_GZIP_TAG)) != NULL; value = found + strlen(HTTP_GZIP_TAG))
	{
		buffer_append(reader->out, value, (size_t) (found - value));
		buffer_append_char(reader->out, '"');
		*reader->knows_gzip = true;
	}
	buffer_append_text(reader->out, value);
}

static enum MHD_Result
on_header(void *reader_pointer, enum MHD_ValueKind kind, const char *name, size_t name_length, const char *value,
		  size_t value_length)
{
	HeaderReader *reader = reader_pointer;

	(void) kind;
	if (!header_name_is_valid(name, name_length) || (value != NULL && memchr(value, '\0', value_length) != NULL))
	{
		reader->is_broken = true;
		return MHD_NO;
	}
	buffer_append(reader->out, name, name_length);
	buffer_append_char(reader->out, '\0');
	if (value != NULL && header_holds_tags(name))
		append_tags(reader, value);
	else
		buffer_append(reader->out, value != NULL ? value : "", value_length);
	buffer_append_char(reader->out, '\0');
	reader->lengths += strcasecmp(name, "Content-Length") == 0;
	reader->hosts += strcasecmp(name, "Host") == 0;
	if (strcasecmp(name, "Transfer-Encoding") == 0)
	{
		reader->codings++;
		reader->is_chunked = value != NULL && strcasecmp(value, "chunked") == 0;
	}
	return MHD_YES;
}

/* False: refused and answered. */
static bool
exchange_read_headers(HttpExchange *exchange, const char *version)
{
	struct MHD_Connection *connection = exchange->conn->connection;
	HeaderReader reader = {.out = &exchange->headers, .knows_gzip = &exchange->knows_gzip};

	(void) MHD_get_connection_values_n(connection, MHD_HEADER_KIND, on_header, &reader);
	if (reader.is_broken || reader.lengths > 1 || reader.codings > 1 || reader.hosts > 1 ||
		(reader.codings > 0 && (reader.lengths > 0 || !reader.is_chunked)) ||
		(strcmp(version, "HTTP/1.1") != 0 && (strcmp(version, "HTTP/1.0") != 0 || reader.codings > 0)))
	{
		exchange->closes = true;
		exchange->is_unreadable = true;
		http_refuse_text(exchange, REFUSAL_INVALID, "the request's head is malformed");
		return false;
	}
	exchange->has_body = reader.is_chunked;
	if (reader.lengths > 0)
	{
		exchange->declared_length = strtoull(http_header(exchange, "Content-Length"), NULL, 10);
		exchange->has_body = exchange->declared_length > 0;
	}
	return true;
}

static bool
exchange_check_size(HttpExchange *exchange)
{
	const union MHD_ConnectionInfo *size =
		MHD_get_connection_info(exchange->conn->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);

	if (size == NULL || size->header_size <= (size_t) door.config->max_headers)
		return true;
	exchange->closes = true;
	exchange->is_unreadable = true;
	http_refuse_status(exchange, 431, "the request's head is too large");
	return false;
}

static void
exchange_refuse_length(HttpExchange *exchange)
{
	http_refuse_status(exchange, 413, "the request's body is too large");
}

/* Who may send a body, and how long it may be. Large ones only from those with a token. */
static void
exchange_check_body(HttpExchange *exchange)
{
	const char *path = http_path(exchange);

	if (!exchange->has_body)
		return;
	exchange->body_limit = http_body_limit(exchange->method, path);
	if (strcmp(exchange->method, "GET") == 0)
		http_refuse_text(exchange, REFUSAL_INVALID, "requests have no body here");
	else if (strncmp(path, "/api/", 5) == 0 && !http_authenticate(exchange))
		return;
	else if (exchange->declared_length > exchange->body_limit)
		exchange_refuse_length(exchange);
}

static void
exchange_check(HttpExchange *exchange, const char *version)
{
	Slice target = buffer_slice(&exchange->conn->target);

	if (!exchange_read_headers(exchange, version) || !exchange_check_size(exchange))
		return;
	if (!target_parse(&exchange->target, target))
	{
		http_refuse_text(exchange, REFUSAL_INVALID, "the request's target is malformed");
		return;
	}
	log_debug("http_request", LOG_TEXT("peer", http_peer(exchange)), LOG_TEXT("method", exchange->method),
			  LOG_TEXT("path", http_path(exchange)));
	if (cors_admits(exchange))
		exchange_check_body(exchange);
}

static size_t
exchange_discard_limit(const HttpExchange *exchange)
{
	size_t allowed = exchange->has_claims ? 2 * exchange->body_limit : 0;

	return allowed > HTTP_DISCARD_BYTES ? allowed : HTTP_DISCARD_BYTES;
}

/* Whether the body of a refused request is worth reading. */
static bool
exchange_may_discard(const HttpExchange *exchange)
{
	return !exchange->is_unreadable && exchange->declared_length > 0 &&
		   exchange->declared_length <= exchange_discard_limit(exchange) && http_header(exchange, "Expect") == NULL;
}

static enum MHD_Result
exchange_begin(HttpExchange *exchange, const char *version)
{
	exchange_check(exchange, version);
	http_conn_enter(exchange->conn, exchange->has_body ? HTTP_BODY : HTTP_WORKING);
	if (exchange->status == 0 || (exchange->has_body && exchange_may_discard(exchange)) ||
		(!exchange->has_body && !exchange->is_unreadable))
		return MHD_YES;
	exchange->closes = true;
	return http_answer_queue(exchange);
}

/* ---- the body ---- */

static enum MHD_Result
exchange_take_body(HttpExchange *exchange, const char *bytes, size_t length)
{
	exchange->conn->progress += length;
	if (exchange->status == 0 && exchange->request.length + length > exchange->body_limit)
		exchange_refuse_length(exchange);
	else if (exchange->status == 0 && request_bytes + length > (size_t) door.config->max_bodies)
		http_refuse_text(exchange, REFUSAL_UNAVAILABLE, "too many large requests at once");
	if (exchange->status == 0)
	{
		request_bytes += length;
		buffer_append(&exchange->request, bytes, length);
		return MHD_YES;
	}
	exchange->discarded += length;
	return exchange->discarded <= exchange_discard_limit(exchange) ? MHD_YES : MHD_NO;
}

/* The request is complete, or its answer is there. */
static enum MHD_Result
exchange_go_on(HttpExchange *exchange)
{
	if (exchange->status == 0 && !exchange->is_routed)
	{
		exchange->is_routed = true;
		http_conn_enter(exchange->conn, HTTP_WORKING);
		http_route(exchange);
	}
	if (exchange->status != 0)
		return http_answer_queue(exchange);
	http_exchange_rest(exchange);
	return MHD_YES;
}

void
http_exchange_rest(HttpExchange *exchange)
{
	exchange->is_suspended = true;
	http_conn_suspend(exchange->conn);
}

void
http_exchange_wake(HttpExchange *exchange)
{
	if (!exchange->is_suspended)
		return;
	exchange->is_suspended = false;
	http_conn_resume(exchange->conn);
}

/* ---- the library ---- */

void *
http_on_target(void *unused, const char *target, struct MHD_Connection *connection)
{
	HttpConn *conn = http_conn_of(connection);

	(void) unused;
	buffer_clear(&conn->target);
	buffer_append_text(&conn->target, target);
	http_conn_enter(conn, HTTP_HEAD);
	return NULL;
}

enum MHD_Result
http_on_request(void *unused, struct MHD_Connection *connection, const char *url, const char *method,
				const char *version, const char *upload, size_t *upload_length, void **slot)
{
	HttpExchange *exchange = *slot;

	(void) unused;
	(void) url; /* decoded by a rule that is not ours */
	if (exchange == NULL)
	{
		*slot = exchange = exchange_new(http_conn_of(connection), method);
		return exchange_begin(exchange, version);
	}
	if (exchange->is_abandoned)
		return MHD_NO;
	if (*upload_length > 0)
	{
		size_t length = *upload_length;

		*upload_length = 0;
		return exchange_take_body(exchange, upload, length);
	}
	return exchange_go_on(exchange);
}

void
http_on_completed(void *unused, struct MHD_Connection *connection, void **slot, enum MHD_RequestTerminationCode code)
{
	HttpExchange *exchange = *slot;
	HttpConn *conn = http_conn_of(connection);

	(void) unused;
	(void) code;
	*slot = NULL;
	if (exchange == NULL)
		return;
	conn->exchange = NULL;
	exchange->conn = NULL;
	http_conn_enter(conn, HTTP_IDLE);
	http_hold(exchange);
	if (exchange->ended != NULL)
		exchange->ended(exchange->owner);
	http_release(exchange);
}
