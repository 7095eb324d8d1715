/*
 * http_private.h - what http*.c, rest*.c and static.c share.
 *
 *   http_server.c    libmicrohttpd on our loop, its connections and their time-outs
 *   http_request.c   a request comes in: headers, body, limits; the life of an exchange
 *   http_answer.c    an answer goes out
 *   http.c           which part answers
 *
 * An exchange is made when the head of a request is there and handed to http_route when its body
 * is. The handler answers at once or later, with http_reply or http_refuse, exactly once. Who
 * goes on with it later holds it until then (http_hold): the connection may end meanwhile, and
 * whatever is answered then goes nowhere.
 */
#ifndef COLLAB_DOOR_HTTP_PRIVATE_H
#define COLLAB_DOOR_HTTP_PRIVATE_H

#include <microhttpd.h>

#include "base/list.h"
#include "core/loop.h"
#include "door/door_private.h"
#include "door/gzip.h"
#include "door/head.h"
#include "door/target.h"
#include "pg/pg_read.h"
#include "proto/encode.h"

/* The end of a compressed answer's tag, the quote included. */
#define HTTP_GZIP_TAG "-gzip\""

#define HTTP_PROBLEM "application/problem+json"

typedef struct HttpExchange HttpExchange;

/*
 * A body as it happens: up to `most` bytes into `place`, their number. 0: none now, http_stream_ready
 * says when; -1: that was all.
 */
typedef ssize_t (*HttpStreamRead)(void *owner, char *place, size_t most);

/* What a connection is at, for its deadline. */
typedef enum HttpPhase
{
	HTTP_IDLE, /* no request has begun */
	HTTP_HEAD, /* its first line is there */
	HTTP_WAITING, /* for something to happen; no deadline */
	HTTP_BODY, /* has to make progress; from here on it is busy */
	HTTP_WORKING, /* ours: no deadline */
	HTTP_SENDING /* has to make progress */
} HttpPhase;

typedef struct HttpConn
{
	ListLink link;
	struct MHD_Connection *connection;
	int fd;
	HeadPeer peer;
	Buffer target; /* of the request under way, as it came */
	HttpExchange *exchange; /* NULL between two requests */
	HttpPhase phase;
	size_t progress; /* bytes in this phase since the timer was started */
	ev_timer deadline;
	ev_io ended_io; /* while suspended and waiting: the library does not look */
	ev_timer ended_timer; /* instead, when there is something to read */
} HttpConn;

/* One request and its answer. */
struct HttpExchange
{
	HttpConn *conn; /* NULL once the connection is gone */
	unsigned holds; /* by those who will go on with it */
	bool is_suspended; /* the library waits for http_reply */

	/* the request */
	const char *method; /* "GET" for HEAD, too; "" for one we do not know */
	bool is_head;
	Target target;
	Buffer headers; /* name NUL value NUL, and so on */
	Buffer request; /* its body */
	size_t body_limit;
	uint64_t declared_length; /* of the body; 0 when it comes in chunks */
	bool has_body;
	bool is_unreadable; /* where it ends is not certain */
	bool is_routed;
	bool is_preflight; /* of an allowed page */
	bool is_abandoned; /* the library is told to hang up */
	size_t discarded; /* bytes of a body that is read for nothing */
	Claims claims;
	bool has_claims;
	bool knows_gzip; /* asks with the tag of a compressed answer */

	/* the answer */
	bool closes; /* the connection ends after it */
	int status; /* 0: not answered yet */
	const char *content_type;
	const char *cache_control;
	Buffer etag; /* empty: none */
	Buffer more_headers; /* http_add_header: name NUL value NUL, and so on */
	Buffer body;
	uint64_t unsent_length; /* of 304 and HEAD without a body: as long as it would be */
	HttpStreamRead stream_read; /* the body comes as it happens; NULL: it is `body` */
	void (*ended)(void *owner); /* NULL: nobody waits */
	void *owner;
	bool is_identity; /* never compressed */
	Gzip *gzip; /* compresses the body on its way; NULL: it leaves as it is */
};

/* ---- the request ---- */

const char *http_path(HttpExchange *exchange);
/* Decoded, the first of that name; NULL when absent. */
const char *http_query(const HttpExchange *exchange, const char *name);
const char *http_header(const HttpExchange *exchange, const char *name);
Slice http_body(const HttpExchange *exchange);
/* "" once the connection is gone. */
const char *http_peer(const HttpExchange *exchange);
/* The token of "Authorization: Bearer …"; bytes NULL when absent. */
Slice http_bearer(const HttpExchange *exchange);
/*
 * Fills exchange->claims from the token; asked twice, it looks once. False: refused and answered.
 */
bool http_authenticate(HttpExchange *exchange) MUST_CHECK;

/*
 * The answer may take long, or never end: the shutdown does not wait for it, and `ended` is called
 * once, when the client has left or everything was sent.
 */
void http_wait(HttpExchange *exchange, void (*ended)(void *owner), void *owner);
/* An answer comes after all: `ended` will not be called. */
void http_stop_waiting(HttpExchange *exchange);
/* Hangs up, whatever was sent; `ended` follows. */
void http_abandon(HttpExchange *exchange);

void http_hold(HttpExchange *exchange);
void http_release(HttpExchange *exchange); /* may free it, at the end of the turn */

/* ---- the answer ---- */

/* In the place of the header of that name that every answer has, if there is one. */
void http_add_header(HttpExchange *exchange, const char *name, const char *value);
/* Retry-After, in whole seconds; 0 adds nothing. */
void http_add_retry(HttpExchange *exchange, int64_t retry_after_ms);
/* Completes the exchange: fill body first. cache_control NULL is no-store. */
void http_reply(HttpExchange *exchange, int status, const char *content_type, const char *cache_control);
/* A body as it happens; the owner is that of http_wait. */
void http_reply_stream(HttpExchange *exchange, const char *content_type, HttpStreamRead read);
void http_stream_ready(HttpExchange *exchange);
/* A problem document. */
void http_refuse(HttpExchange *exchange, const Refusal *refusal);
void http_refuse_text(HttpExchange *exchange, RefusalCode code, const char *text);
/* Under another status than the code has by itself. */
void http_refuse_as(HttpExchange *exchange, const Refusal *refusal, int status);
void http_refuse_status(HttpExchange *exchange, int status, const char *text);
/* 405. */
void http_refuse_method(HttpExchange *exchange, const char *allow);

/* ---- among themselves ---- */

/* http.c: the request is complete. */
void http_route(HttpExchange *exchange);
/* Whether it is below /api or /sse, or the document about them. */
bool http_is_rest(const char *path) MUST_CHECK;
/* The most bytes its body may have. */
size_t http_body_limit(const char *method, const char *path);

/* static.c */
void static_serve(HttpExchange *exchange);

/* http_answer.c: the answer to the library. */
enum MHD_Result http_answer_queue(HttpExchange *exchange) MUST_CHECK;

/* http_request.c: the library's callbacks. */
void *http_on_target(void *unused, const char *target, struct MHD_Connection *connection);
enum MHD_Result http_on_request(void *unused, struct MHD_Connection *connection, const char *url, const char *method,
								const char *version, const char *upload, size_t *upload_length, void **slot);
void http_on_completed(void *unused, struct MHD_Connection *connection, void **slot,
					   enum MHD_RequestTerminationCode code);

/* The library is to wait until it is woken. */
void http_exchange_rest(HttpExchange *exchange);
/* It is answered: the library may go on. */
void http_exchange_wake(HttpExchange *exchange);
/* http_server.c */
HttpConn *http_conn_of(struct MHD_Connection *connection);
void http_conn_enter(HttpConn *conn, HttpPhase phase);
void http_conn_suspend(HttpConn *conn);
/* Notices when the client of a suspended connection leaves, until it is resumed. */
void http_conn_look_on(HttpConn *conn);
void http_conn_resume(HttpConn *conn);

#endif
