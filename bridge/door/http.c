/*
 * http.c - HTTP requests: which part answers.
 *
 *   /healthz /readyz /metrics   here
 *   preflights                  cors.c
 *   /api/… /sse/… /openapi.json  rest.c
 *   anything else               static.c
 *
 * Owns nothing. Called by http_request.c when a request is complete.
 */
#include <string.h>

#include "core/metrics.h"
#include "door/cors.h"
#include "door/http_private.h"
#include "door/rest.h"
#include "pg/pg.h"

#define HTTP_READS "GET, HEAD"

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

static bool
path_is_below(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

static bool
path_is_between(const char *path, const char *prefix, const char *suffix)
{
	size_t length = strlen(path);
	size_t before = strlen(prefix);
	size_t after = strlen(suffix);

	return length > before + after && strncmp(path, prefix, before) == 0 && strcmp(path + length - after, suffix) == 0;
}

bool
http_is_rest(const char *path)
{
	return path_is_below(path, "/api") || path_is_below(path, "/sse") || strcmp(path, "/openapi.json") == 0;
}

/* Attachments and imports may be longer than a message. */
size_t
http_body_limit(const char *method, const char *path)
{
	if (strcmp(method, "POST") == 0 && path_is_between(path, "/api/tasks/", "/attachments"))
		return (size_t) door.config->max_attachment;
	if (strcmp(method, "POST") == 0 && path_is_between(path, "/api/workspaces/", "/import"))
		return (size_t) door.config->max_import;
	return (size_t) door.config->max_message;
}

static void
http_route_read(HttpExchange *exchange, const char *path)
{
	if (strcmp(path, "/healthz") == 0)
		http_health(exchange);
	else if (strcmp(path, "/readyz") == 0)
		http_readiness(exchange);
	else if (strcmp(path, "/metrics") == 0)
		http_metrics(exchange);
	else if (path_is_below(path, "/ws"))
		http_refuse_text(exchange, REFUSAL_INVALID, "this path speaks WebSocket");
	else
		static_serve(exchange);
}

void
http_route(HttpExchange *exchange)
{
	const char *path = http_path(exchange);

	if (exchange->is_preflight)
		cors_answer_preflight(exchange);
	else if (http_is_rest(path))
		rest_request(exchange);
	else if (strcmp(exchange->method, "GET") != 0)
		http_refuse_method(exchange, HTTP_READS);
	else
		http_route_read(exchange, path);
}
