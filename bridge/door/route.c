/*
 * route.c - the table of routes.def: which route a request takes.
 *
 * Owns constant tables only.  Called by rest.c for every request below /api, and by the tests.
 */
#include "door/route.h"

#include <string.h>

static const Route routes[] = {
#define ROUTE(METHOD, path, ANSWER, TYPE, BODY, STATUS, location, summary)                                             \
	{#METHOD, path, ROUTE_##ANSWER, #TYPE, ROUTE_BODY_##BODY, STATUS, location},
#include "door/routes.def"
};

static const struct
{
	const char *type;
	const char *parameter;
	const char *field;
} route_queries[] = {
#define QUERY(TYPE, parameter, field) {#TYPE, parameter, #field},
#include "door/routes.def"
};

static const char *const route_timely[] = {
#define TIMELY(TYPE) #TYPE,
#include "door/routes.def"
};

/* Takes the part up to the next slash off the front of `path`, which begins with one. */
static bool
route_take_segment(Slice *path, Slice *segment)
{
	const char *slash;

	if (path->length == 0 || path->bytes[0] != '/')
		return false;
	*path = slice_of(path->bytes + 1, path->length - 1);
	slash = path->length > 0 ? memchr(path->bytes, '/', path->length) : NULL;
	*segment = slice_of(path->bytes, slash ? (size_t) (slash - path->bytes) : path->length);
	*path = slice_of(path->bytes + segment->length, path->length - segment->length);
	return true;
}

static bool
route_is_field(Slice segment)
{
	return segment.length > 2 && segment.bytes[0] == '{' && segment.bytes[segment.length - 1] == '}';
}

static bool
route_segments_fit(Slice pattern, Slice segment, RouteMatch *match)
{
	if (!route_is_field(pattern))
		return pattern.length == segment.length && memcmp(pattern.bytes, segment.bytes, segment.length) == 0;
	if (segment.length == 0 || match->param_count == ROUTE_PARAMS_MAX)
		return false;
	match->params[match->param_count++] =
		(RouteParam){.name = slice_of(pattern.bytes + 1, pattern.length - 2), .value = segment};
	return true;
}

/* Leaves the parameters in *match when it fits. */
static bool
route_fits(const Route *route, Slice path, RouteMatch *match)
{
	Slice pattern = slice_of_text(route->path);
	Slice left;
	Slice right;

	match->param_count = 0;
	while (route_take_segment(&pattern, &left))
		if (!route_take_segment(&path, &right) || !route_segments_fit(left, right, match))
			return false;
	return path.length == 0;
}

static const char *
route_method_asked(const char *method)
{
	return strcmp(method, "HEAD") == 0 ? "GET" : method;
}

RouteMatch
route_match(const char *method, Slice path)
{
	RouteMatch match = {0};

	for (size_t i = 0; i < LENGTH_OF(routes); i++)
	{
		if (!route_fits(&routes[i], path, &match))
			continue;
		match.is_path_known = true;
		if (strcmp(routes[i].method, route_method_asked(method)) != 0)
			continue;
		match.route = &routes[i];
		return match;
	}
	match.param_count = 0;
	return match;
}

void
route_append_allow(Buffer *out, Slice path)
{
	RouteMatch match = {0};
	bool is_first = true;

	for (size_t i = 0; i < LENGTH_OF(routes); i++)
	{
		if (!route_fits(&routes[i], path, &match))
			continue;
		if (!is_first)
			buffer_append_text(out, ", ");
		is_first = false;
		buffer_append_text(out, routes[i].method);
		if (strcmp(routes[i].method, "GET") == 0)
			buffer_append_text(out, ", HEAD");
	}
}

Slice
route_param(const RouteMatch *match, Slice name)
{
	for (size_t i = 0; i < match->param_count; i++)
	{
		Slice own = match->params[i].name;

		if (own.length == name.length && memcmp(own.bytes, name.bytes, name.length) == 0)
			return match->params[i].value;
	}
	return (Slice){0};
}

const char *
route_query_alias(const char *type, const char *field)
{
	for (size_t i = 0; i < LENGTH_OF(route_queries); i++)
		if (strcmp(route_queries[i].type, type) == 0 && strcmp(route_queries[i].field, field) == 0)
			return route_queries[i].parameter;
	return NULL;
}

bool
route_is_paged(const char *type)
{
	for (size_t i = 0; i < LENGTH_OF(route_queries); i++)
		if (strcmp(route_queries[i].type, type) == 0 && strcmp(route_queries[i].parameter, "cursor") == 0)
			return true;
	return false;
}

bool
route_is_timely(const char *type)
{
	for (size_t i = 0; i < LENGTH_OF(route_timely); i++)
		if (strcmp(route_timely[i], type) == 0)
			return true;
	return false;
}

const Route *
route_table(size_t *count)
{
	*count = LENGTH_OF(routes);
	return routes;
}
