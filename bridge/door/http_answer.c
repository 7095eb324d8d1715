/*
 * http_answer.c - an answer goes out: its status, its headers, its body.
 *
 * An answer is built whole, and compressed when it is text and long enough: at once when it is short,
 * otherwise piece by piece while it leaves. A compressed one has a tag of its own, the plain one's
 * with HTTP_GZIP_TAG behind it; nobody else sees that (http_request.c takes it off again). Every one carries the security headers; a handler may put another in
 * the place of one of them.
 *
 * Owns nothing but what stands in the exchange. Called by every handler, at once or later.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/metrics.h"
#include "door/http_private.h"
#include "proto/problem.h"

/* Shorter ones gain nothing. */
#define HTTP_GZIP_BYTES 1024

/* Longer bodies are given to the library piece by piece, so that a client's pace is seen. */
#define HTTP_CHUNK 65536

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
	{"Content-Security-Policy", HTTP_CSP},
	{"X-Content-Type-Options", "nosniff"},
	{"Referrer-Policy", "no-referrer"},
	{"X-Frame-Options", "DENY"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
};

/* ---- what handlers say ---- */

static void
answer_count(int status)
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
	assert(exchange->status == 0);
	exchange->status = status;
	exchange->content_type = content_type;
	exchange->cache_control = cache_control != NULL ? cache_control : "no-store";
	if (exchange->conn == NULL)
		return;
	answer_count(status);
	http_exchange_wake(exchange);
}

void
http_add_retry(HttpExchange *exchange, int64_t retry_after_ms)
{
	char seconds[24];

	if (retry_after_ms <= 0)
		return;
	snprintf(seconds, sizeof(seconds), "%lld", (long long) ((retry_after_ms + 999) / 1000));
	http_add_header(exchange, "Retry-After", seconds);
}

void
http_reply_stream(HttpExchange *exchange, const char *content_type, HttpStreamRead read)
{
	exchange->stream_read = read;
	http_reply(exchange, 200, content_type, NULL);
}

void
http_stream_ready(HttpExchange *exchange)
{
	http_exchange_wake(exchange);
}

void
http_refuse_as(HttpExchange *exchange, const Refusal *refusal, int status)
{
	buffer_clear(&exchange->body);
	http_add_retry(exchange, refusal->retry_after_ms);
	status = problem_append_refusal(&exchange->body, refusal, status);
	http_reply(exchange, status, HTTP_PROBLEM, NULL);
}

void
http_refuse(HttpExchange *exchange, const Refusal *refusal)
{
	http_refuse_as(exchange, refusal, 0);
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

void
http_refuse_status(HttpExchange *exchange, int status, const char *text)
{
	Refusal refusal;

	refusal_set(&refusal, status == 413 || status == 431 ? REFUSAL_LIMIT : REFUSAL_INVALID, "%s", text);
	http_refuse_as(exchange, &refusal, status);
}

void
http_refuse_method(HttpExchange *exchange, const char *allow)
{
	http_add_header(exchange, "Allow", allow);
	http_refuse_status(exchange, 405, "this method is not answered here");
}

void
http_add_header(HttpExchange *exchange, const char *name, const char *value)
{
	buffer_append(&exchange->more_headers, name, strlen(name) + 1);
	buffer_append(&exchange->more_headers, value, strlen(value) + 1);
}

/* ---- to the library ---- */

static ssize_t
on_answer_read(void *exchange_pointer, uint64_t position, char *place, size_t most)
{
	HttpExchange *exchange = exchange_pointer;
	size_t length = exchange->body.length - (size_t) position;

	if (length > most)
		length = most;
	memcpy(place, exchange->body.bytes + position, length);
	exchange->conn->progress += length;
	return (ssize_t) length;
}

static ssize_t
on_answer_compress(void *exchange_pointer, uint64_t position, char *place, size_t most)
{
	HttpExchange *exchange = exchange_pointer;
	ssize_t length = gzip_read(exchange->gzip, buffer_slice(&exchange->body), place, most);

	(void) position;
	if (length < 0)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	exchange->conn->progress += (size_t) length;
	return length > 0 ? length : MHD_CONTENT_READER_END_OF_STREAM;
}

/* In one piece, in the place of the body. */
static bool
answer_compress_now(HttpExchange *exchange)
{
	Buffer out = BUFFER_EMPTY;
	ssize_t length;

	do
	{
		size_t start = out.length;
		char *place = buffer_extend(&out, HTTP_CHUNK / 4);

		length = gzip_read(exchange->gzip, buffer_slice(&exchange->body), place, HTTP_CHUNK / 4);
		buffer_truncate(&out, start + (length > 0 ? (size_t) length : 0));
	} while (length > 0);
	buffer_free(&exchange->body);
	exchange->body = out;
	return length == 0;
}

static ssize_t
on_answer_stream(void *exchange_pointer, uint64_t position, char *place, size_t most)
{
	HttpExchange *exchange = exchange_pointer;
	ssize_t length;

	(void) position;
	if (exchange->is_abandoned)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	length = exchange->stream_read(exchange->owner, place, most);
	if (length < 0)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (length == 0)
		http_exchange_rest(exchange);
	return length;
}

static struct MHD_Response *
answer_new(HttpExchange *exchange)
{
	if (exchange->stream_read != NULL)
		return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, HTTP_CHUNK, on_answer_stream, exchange, NULL);
	if (exchange->status == 304 || (exchange->is_head && exchange->unsent_length > 0))
		return MHD_create_response_from_callback(exchange->unsent_length, HTTP_CHUNK, on_answer_read, exchange, NULL);
	if (exchange->gzip != NULL && exchange->body.length > HTTP_CHUNK)
		return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, HTTP_CHUNK, on_answer_compress, exchange, NULL);
	if (exchange->gzip != NULL && !answer_compress_now(exchange))
		return NULL;
	if (exchange->body.length > HTTP_CHUNK)
		return MHD_create_response_from_callback(exchange->body.length, HTTP_CHUNK, on_answer_read, exchange, NULL);
	return MHD_create_response_from_buffer(exchange->body.length, exchange->body.bytes, MHD_RESPMEM_PERSISTENT);
}

/* A HEAD is answered as if nothing were compressed: the length would have to be found out. */
static void
answer_choose_coding(HttpExchange *exchange)
{
	bool may_vary = !exchange->is_identity && gzip_helps(exchange->content_type);

	if (may_vary)
		http_add_header(exchange, "Vary", "Accept-Encoding");
	if (may_vary && !exchange->is_head && exchange->status != 304 && exchange->body.length >= HTTP_GZIP_BYTES &&
		gzip_is_accepted(http_header(exchange, "Accept-Encoding")))
		exchange->gzip = gzip_new();
	if (exchange->gzip != NULL)
		http_add_header(exchange, "Content-Encoding", "gzip");
	if (exchange->etag.length > 0 && (exchange->gzip != NULL || (exchange->status == 304 && exchange->knows_gzip)))
	{
		buffer_truncate(&exchange->etag, exchange->etag.length - 1);
		buffer_append_text(&exchange->etag, HTTP_GZIP_TAG);
	}
}

static bool
answer_add(struct MHD_Response *response, const char *name, const char *value)
{
	return MHD_add_response_header(response, name, value) == MHD_YES;
}

/* Those of http_add_header first: what they replace is left out. */
static bool
answer_add_common(HttpExchange *exchange, struct MHD_Response *response)
{
	const Buffer *more = &exchange->more_headers;

	for (size_t at = 0; at < more->length;)
	{
		const char *name = more->bytes + at;
		const char *value = name + strlen(name) + 1;

		if (!answer_add(response, name, value))
			return false;
		at = (size_t) (value - more->bytes) + strlen(value) + 1;
	}
	for (size_t i = 0; i < LENGTH_OF(http_security_headers); i++)
		if (MHD_get_response_header(response, http_security_headers[i].name) == NULL &&
			!answer_add(response, http_security_headers[i].name, http_security_headers[i].value))
			return false;
	return true;
}

static bool
answer_add_headers(HttpExchange *exchange, struct MHD_Response *response)
{
	int status = exchange->status;

	if (!answer_add_common(exchange, response) || !answer_add(response, "Cache-Control", exchange->cache_control))
		return false;
	if (status != 304 && exchange->content_type != NULL &&
		!answer_add(response, "Content-Type", exchange->content_type))
		return false;
	if (exchange->etag.length > 0 && !answer_add(response, "ETag", buffer_text(&exchange->etag)))
		return false;
	if (status == 401 && !answer_add(response, "WWW-Authenticate", "Bearer"))
		return false;
	if (status == 503 && MHD_get_response_header(response, "Retry-After") == NULL &&
		!answer_add(response, "Retry-After", "1"))
		return false;
	return !exchange->closes || answer_add(response, "Connection", "close");
}

enum MHD_Result
http_answer_queue(HttpExchange *exchange)
{
	struct MHD_Response *response;
	enum MHD_Result result = MHD_NO;

	exchange->closes |= door.is_draining;
	answer_choose_coding(exchange);
	response = answer_new(exchange);
	if (response == NULL)
		return MHD_NO;
	http_conn_enter(exchange->conn, exchange->stream_read != NULL ? HTTP_WAITING : HTTP_SENDING);
	if (answer_add_headers(exchange, response))
		result = MHD_queue_response(exchange->conn->connection, (unsigned) exchange->status, response);
	MHD_destroy_response(response);
	return result;
}
