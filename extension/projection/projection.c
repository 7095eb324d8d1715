/*
 * projection.c: the triggers of collab.events.
 *
 * An insert by event_append is projected in the same transaction. An insert by anyone else is accepted only as a
 * top-level COPY by a superuser or the table's owner, which is what a restore does, and is stored as it is: the
 * restore brings the read model along. Changes of events are refused for everyone, but for the purge of a board.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "tcop/cmdtag.h"
#include "tcop/pquery.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/portal.h"
#include "utils/rel.h"

#include "event/event_append.h"
#include "event/event_purge.h"
#include "projection/projection.h"
#include "support/support_json.h"

#if PG_VERSION_NUM >= 160000
#include "catalog/pg_class.h"
#define owns_relation(oid) object_ownercheck(RelationRelationId, (oid), GetUserId())
#else
#define owns_relation(oid) pg_class_ownercheck((oid), GetUserId())
#endif

PG_FUNCTION_INFO_V1(collab_events_guard);
PG_FUNCTION_INFO_V1(collab_events_project);

typedef void (*ProjectionFunction)(const ProjectedEvent *event);

static const ProjectionFunction projections[] = {
#define EVENT(name, aggregate, projection, schema_version) projection,
#include "event/event_types.def"
#undef EVENT
};

PROJECTION_STATEMENT(touch_workspace, "UPDATE collab.workspaces SET version = $3, updated_at = $4 WHERE id = $1");
PROJECTION_STATEMENT(touch_board, "UPDATE collab.boards SET version = $3, updated_at = $4 WHERE id = $1");

uint64
proj_run(SpiStatement *statement, const ProjectedEvent *event)
{
	Datum values[] = {UUIDPGetDatum(&event->aggregate_id), JsonbPGetDatum(event->data), Int32GetDatum(event->version),
					  TimestampTzGetDatum(event->created_at), Int64GetDatum(event->user_id)};

	return spi_run(statement, values, NULL);
}

bool
proj_has(const ProjectedEvent *event, const char *outer, const char *inner)
{
	JsonbValue *value = json_get(&event->data->root, outer);

	if (inner != NULL && json_is_object(value))
		value = json_get(value->val.binary.data, inner);
	return value != NULL && value->type == jbvBinary && JsonContainerSize(value->val.binary.data) > 0;
}

bool
proj_is_imported(const ProjectedEvent *event)
{
	return json_get(&event->data->root, "imported") != NULL;
}

void
proj_apply(const ProjectedEvent *event)
{
	projections[event->type](event);
}

void
proj_touch(const ProjectedEvent *event)
{
	bool is_board = event_type_aggregate(event->type) == AGGREGATE_BOARD;

	(void) proj_run(is_board ? &touch_board : &touch_workspace, event);
}

/* The row of collab.events, by column name: a restore may have made the table with another order. */
static Datum
event_column(const TriggerData *trigger, const char *name)
{
	TupleDesc columns = trigger->tg_relation->rd_att;
	bool isnull;
	int number = SPI_fnumber(columns, name);
	Datum value;

	if (number <= 0)
		elog(ERROR, "collab.events has no column \"%s\"", name);
	value = SPI_getbinval(trigger->tg_trigtuple, columns, number, &isnull);
	if (isnull)
		elog(ERROR, "column \"%s\" of collab.events is null", name);
	return value;
}

static void
project_row(const TriggerData *trigger)
{
	ProjectedEvent event;

	event.type = event_type_find(TextDatumGetCString(event_column(trigger, "event_type")));
	event.aggregate_id = *DatumGetUUIDP(event_column(trigger, "aggregate_id"));
	event.data = DatumGetJsonbP(event_column(trigger, "event_data"));
	event.version = DatumGetInt32(event_column(trigger, "version"));
	event.created_at = DatumGetTimestampTz(event_column(trigger, "created_at"));
	event.user_id = DatumGetInt64(event_column(trigger, "user_id"));
	proj_apply(&event);
	if (!proj_is_imported(&event))
		proj_notify(&event);
	if (event_append_is_last())
		proj_touch(&event);
}

static bool
is_restore(const TriggerData *trigger)
{
	return ActivePortal != NULL && ActivePortal->commandTag == CMDTAG_COPY &&
		   (superuser() || owns_relation(RelationGetRelid(trigger->tg_relation)));
}

/* The number of a trigger call's parent executor levels is not needed: ActivePortal is the client's own statement. */
Datum
collab_events_project(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BY_INSERT(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("collab.events_project must be fired by a row inserted")));
	if (event_append_is_running())
	{
		SPI_connect();
		project_row(trigger);
		event_append_note_projected();
		SPI_finish();
	}
	else if (!is_restore(trigger))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("events are appended by commands only"),
						errhint("Use collab.execute or a typed function. A dump must be restored with COPY: "
								"make it without --inserts.")));
	return PointerGetDatum(NULL);
}

Datum
collab_events_guard(PG_FUNCTION_ARGS)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("collab.events_guard must be fired as a trigger")));
	if (event_purge_is_running() && TRIGGER_FIRED_BY_DELETE(((TriggerData *) fcinfo->context)->tg_event))
		return PointerGetDatum(NULL);
	ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("events are append-only"),
					errdetail("collab.events refuses UPDATE, DELETE and TRUNCATE."),
					errhint("Undo a change with a command that appends the opposite event.")));
	return PointerGetDatum(NULL);
}
