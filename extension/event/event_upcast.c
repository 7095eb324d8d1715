/*
 * event_upcast.c: takes event_data from the schema version it was written in to today's.
 *
 * Called wherever event_data is read for its meaning: replay, the wire, a command sent again, SQL that looks into it.
 * A step is a pure function of the data: it cannot look anything up, so that what an event means never changes.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "event/event_upcast.h"
#include "support/support_json.h"

PG_FUNCTION_INFO_V1(collab_upcast_event);

typedef Jsonb *(*UpcastFunction)(Jsonb *data);

typedef struct Upcast
{
	EventType type;
	int from;
	UpcastFunction function;
} Upcast;

/* What is in `given` stays; what is missing is taken from `added`. */
static Jsonb *
add_missing(const JsonbValue *given, const char *added)
{
	Datum defaults = JsonbPGetDatum(json_text_to_jsonb(added));

	return DatumGetJsonbP(DirectFunctionCall2(jsonb_concat, defaults,
											  JsonbPGetDatum(JsonbValueToJsonb(unconstify(JsonbValue *, given)))));
}

/* The object with its member `key` replaced. */
static Jsonb *
replace_member(Jsonb *object, const char *key, Jsonb *value)
{
	StringInfoData member;

	initStringInfo(&member);
	json_begin(&member, '{');
	json_add_raw(&member, key, JsonbToCString(NULL, &value->root, VARSIZE(value)));
	json_end(&member, '}');
	return DatumGetJsonbP(
		DirectFunctionCall2(jsonb_concat, JsonbPGetDatum(object), JsonbPGetDatum(json_text_to_jsonb(member.data))));
}

/* Version 1 knew neither personal workspaces nor default boards. */
static Jsonb *
add_workspace_personal(Jsonb *data)
{
	JsonbValue *workspace = json_get(&data->root, "workspace");

	if (!json_is_object(workspace))
		return data;
	return replace_member(data, "workspace",
						  add_missing(workspace, "{\"personal\": false, \"default_board_id\": null}"));
}

static const Upcast upcasts[] = {
#define UPCAST(type, from, function) {EVENT_##type, from, function},
#include "event/event_upcasts.def"
#undef UPCAST
};

Jsonb *
event_upcast(EventType type, int schema_version, Jsonb *data)
{
	int current = event_type_schema_version(type);

	if (schema_version > current)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("event type \"%s\" has the schema version %d, known are 1 to %d", event_type_name(type),
						schema_version, current),
				 errhint("Was this log written by a newer collab? Install that version's library and restart.")));
	for (int i = 0; i < (int) lengthof(upcasts) && schema_version < current; i++)
	{
		if (upcasts[i].type != type || upcasts[i].from != schema_version)
			continue;
		data = upcasts[i].function(data);
		schema_version++;
	}
	if (schema_version != current)
		elog(ERROR, "event type \"%s\" has no upcast from schema version %d", event_type_name(type), schema_version);
	return data;
}

/* collab.upcast_event(event_type text, schema_version int, event_data jsonb) RETURNS jsonb */
Datum
collab_upcast_event(PG_FUNCTION_ARGS)
{
	EventType type = event_type_find(text_to_cstring(PG_GETARG_TEXT_PP(0)));

	PG_RETURN_JSONB_P(event_upcast(type, PG_GETARG_INT32(1), PG_GETARG_JSONB_P(2)));
}
