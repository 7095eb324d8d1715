/*
 * cors.c - what browsers are told of requests to the REST door from pages of other sites.
 *
 * Scripts of allowed sites may read answers and send what changes something; those of others may
 * neither ask for that nor do it: a reading request is answered, but the browser keeps the answer from
 * the script. Credentials are never allowed: a token is a header that the page sets itself.
 *
 * Owns nothing.
 */
#include "door/cors.h"

#include <string.h>

#include "core/log.h"
#include "door/origin.h"
#include "door/route.h"

static OriginVerdict
cors_verdict(const HttpExchange *exchange)
{
	const char *origin = http_header(exchange, "Origin");

	return origin_check(door.config->allowed_origins, slice_of_text(origin),
						slice_of_text(http_header(exchange, "Host")));
}

static bool
exchange_is_preflight(const HttpExchange *exchange)
{
	return strcmp(exchange->method, "OPTIONS") == 0 && http_header(exchange, "Access-Control-Request-Method") != NULL;
}

static bool
exchange_only_reads(const HttpExchange *exchange)
{
	return strcmp(exchange->method, "GET") == 0 ||
		   (strcmp(exchange->method, "OPTIONS") == 0 && !exchange_is_preflight(exchange));
}

static void
cors_refuse(HttpExchange *exchange)
{
	log_info("origin_refused", LOG_TEXT("peer", http_peer(exchange)), LOG_TEXT("method", exchange->method),
			 LOG_TEXT("path", http_path(exchange)));
	http_refuse_text(exchange, REFUSAL_FORBIDDEN, "pages of this site may not use the bridge");
}

bool
cors_admits(HttpExchange *exchange)
{
	OriginVerdict verdict;

	if (!http_is_rest(http_path(exchange)))
		return true;
	/* Of the answers without these headers, too: a cache must not give them to the pages allowed. */
	if (door.config->allowed_origins[0] != '\0')
		http_add_header(exchange, "Vary", "Origin");
	verdict = cors_verdict(exchange);
	if (verdict == ORIGIN_REFUSED && !exchange_only_reads(exchange))
	{
		cors_refuse(exchange);
		return false;
	}
	if (verdict != ORIGIN_ALLOWED)
		return true;
	http_add_header(exchange, "Access-Control-Allow-Origin", http_header(exchange, "Origin"));
	exchange->is_preflight = exchange_is_preflight(exchange);
	if (!exchange->is_preflight)
		http_add_header(exchange, "Access-Control-Expose-Headers", ORIGIN_EXPOSE_HEADERS);
	return true;
}

void
cors_answer_preflight(HttpExchange *exchange)
{
	Buffer methods = BUFFER_EMPTY;

	route_append_allow(&methods, slice_of_text(http_path(exchange)));
	if (methods.length == 0)
		http_refuse_text(exchange, REFUSAL_NOT_FOUND, "no such resource");
	else
	{
		http_add_header(exchange, "Access-Control-Allow-Methods", buffer_text(&methods));
		http_add_header(exchange, "Access-Control-Allow-Headers", ORIGIN_ALLOW_HEADERS);
		http_add_header(exchange, "Access-Control-Max-Age", ORIGIN_MAX_AGE);
		http_reply(exchange, 204, NULL, NULL);
	}
	buffer_free(&methods);
}
