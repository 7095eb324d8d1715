/*
 * route.h - the table of routes.def: which route a request takes.
 *
 * Pure: no I/O.
 */
#ifndef COLLAB_DOOR_ROUTE_H
#define COLLAB_DOOR_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "base/slice.h"

#define ROUTE_PARAMS_MAX 3

typedef enum RouteAnswer
{
	ROUTE_COMMAND,
	ROUTE_READ,
	ROUTE_COMMANDS,
	ROUTE_EVENTS,
	ROUTE_UPLOAD,
	ROUTE_DOWNLOAD,
	ROUTE_STREAM,
	ROUTE_SERVICE,
	ROUTE_OPENAPI,
} RouteAnswer;

typedef enum RouteBody
{
	ROUTE_BODY_NONE,
	ROUTE_BODY_PAYLOAD,
	ROUTE_BODY_UPDATES,
	ROUTE_BODY_PREFERENCES,
	ROUTE_BODY_DOCUMENT,
	ROUTE_BODY_BYTES,
	ROUTE_BODY_ANY,
} RouteBody;

typedef struct Route
{
	const char *method; /* "GET" */
	const char *path; /* with {fields} */
	RouteAnswer answer;
	const char *type; /* of the command or read; "NONE" */
	RouteBody body;
	int status; /* of success */
	const char *location; /* with {fields}; "": none */
} Route;

typedef struct RouteParam
{
	Slice name; /* of the field */
	Slice value; /* from the path, never empty */
} RouteParam;

typedef struct RouteMatch
{
	const Route *route; /* NULL: nothing answers this method there */
	RouteParam params[ROUTE_PARAMS_MAX];
	size_t param_count;
	bool is_path_known; /* some method is answered there */
} RouteMatch;

/* HEAD finds what GET finds.  The path is without query, percent-decoded; the match points into it. */
extern RouteMatch route_match(const char *method, Slice path);

/* The value of Allow for a path: "GET, HEAD, POST". */
extern void route_append_allow(Buffer *out, Slice path);

/* The parameter of the path that is this field; empty when it has none. */
extern Slice route_param(const RouteMatch *match, Slice name);

/* Another name of a field in the query of this type; NULL: it has none. */
extern const char *route_query_alias(const char *type, const char *field);

/* Whether this read comes in pages: its query takes a cursor. */
extern bool route_is_paged(const char *type);

/* Whether this read is never answered by "nothing changed": see TIMELY. */
extern bool route_is_timely(const char *type);

/* All routes, in the table's order. */
extern const Route *route_table(size_t *count);

#endif
