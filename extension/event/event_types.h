/*
 * event_types.h: the kinds of aggregate and the table of event types (event_types.def).
 */
#ifndef COLLAB_EVENT_TYPES_H
#define COLLAB_EVENT_TYPES_H

#include "postgres.h"

typedef enum AggregateKind
{
	AGGREGATE_WORKSPACE,
	AGGREGATE_BOARD,
} AggregateKind;

typedef enum EventType
{
#define EVENT(name, aggregate, projection, schema_version) EVENT_##name,
#include "event/event_types.def"
#undef EVENT
	EVENT_TYPE_COUNT,
} EventType;

/* "workspace" or "board" */
extern const char *aggregate_kind_name(AggregateKind kind);
/* "workspace_id" or "board_id": the key that names the aggregate in payloads */
extern const char *aggregate_kind_key(AggregateKind kind);

extern const char *event_type_name(EventType type); /* TaskMoved */
extern const char *event_type_wire(EventType type); /* TASK_MOVED */
extern AggregateKind event_type_aggregate(EventType type);
extern int event_type_schema_version(EventType type);

/* Raises when the log holds a type that this library does not know. */
extern EventType event_type_find(const char *name);

#endif
