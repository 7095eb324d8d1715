/*
 * event_types.c: the table of event types and the names derived from it.
 */
#include "postgres.h"

#include <ctype.h>

#include "event/event_types.h"

#define EVENT_WIRE_LENGTH 64

typedef struct EventTypeDef
{
	const char *name;
	AggregateKind aggregate;
	int schema_version;
} EventTypeDef;

static const EventTypeDef event_types[] = {
#define EVENT(name, aggregate, projection, schema_version) {#name, AGGREGATE_##aggregate, schema_version},
#include "event/event_types.def"
#undef EVENT
};

static char event_wire_names[EVENT_TYPE_COUNT][EVENT_WIRE_LENGTH];

const char *
aggregate_kind_name(AggregateKind kind)
{
	return kind == AGGREGATE_BOARD ? "board" : "workspace";
}

const char *
aggregate_kind_key(AggregateKind kind)
{
	return kind == AGGREGATE_BOARD ? "board_id" : "workspace_id";
}

const char *
event_type_name(EventType type)
{
	return event_types[type].name;
}

/* TaskMoved becomes TASK_MOVED */
static void
derive_wire_name(const char *name, char *wire)
{
	char *end = wire + EVENT_WIRE_LENGTH - 1;

	for (const char *c = name; *c && wire < end - 1; c++)
	{
		if (c > name && isupper((unsigned char) *c))
			*wire++ = '_';
		*wire++ = (char) toupper((unsigned char) *c);
	}
	*wire = '\0';
}

const char *
event_type_wire(EventType type)
{
	if (event_wire_names[type][0] == '\0')
		derive_wire_name(event_types[type].name, event_wire_names[type]);
	return event_wire_names[type];
}

AggregateKind
event_type_aggregate(EventType type)
{
	return event_types[type].aggregate;
}

int
event_type_schema_version(EventType type)
{
	return event_types[type].schema_version;
}

EventType
event_type_find(const char *name)
{
	for (int type = 0; type < EVENT_TYPE_COUNT; type++)
	{
		if (strcmp(event_types[type].name, name) == 0)
			return type;
	}
	ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED), errmsg("unknown event type \"%s\"", name),
					errhint("Was this log written by a newer collab? Install that version's library and restart.")));
}
