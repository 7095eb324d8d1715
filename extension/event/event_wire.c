/*
 * event_wire.c: renders events as messages of the board dialect.
 *
 * What is in event_data goes out as it is, beside the event's own fields, except what is the log's own: "ranks" keep the
 * order (clients get positions), "before" is what an UNDO goes back to, "token_hash" proves an invite.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "event/event_upcast.h"
#include "event/event_wire.h"
#include "support/support_json.h"

PG_FUNCTION_INFO_V1(collab_event_mark);
PG_FUNCTION_INFO_V1(collab_event_body);
PG_FUNCTION_INFO_V1(collab_event_payload);

static const char *const internal_keys[] = {"ranks", "before", "token_hash"};

static bool
is_internal_key(const char *key)
{
	for (int i = 0; i < (int) lengthof(internal_keys); i++)
	{
		if (strcmp(key, internal_keys[i]) == 0)
			return true;
	}
	return false;
}

char *
event_mark(int64 id, TimestampTz created_at)
{
	return psprintf(INT64_FORMAT "-" INT64_FORMAT, id, (int64) created_at);
}

static void
put_event_data(StringInfo out, const Jsonb *data)
{
	JsonMembers members = json_members(unconstify(JsonbContainer *, &data->root));

	while (json_next_member(&members))
	{
		char *key = members.name;

		if (is_internal_key(key))
			continue;
		json_add_raw(out, key, json_value_text(&members.value));
	}
}

char *
event_wire_text(const EventView *view)
{
	StringInfoData out;

	initStringInfo(&out);
	json_begin(&out, '{');
	json_add_string(&out, "type", event_type_wire(view->type));
	json_key(&out, "payload");
	json_begin(&out, '{');
	json_key(&out, aggregate_kind_key(view->kind));
	json_put_uuid(&out, &view->aggregate_id);
	json_add_int(&out, "version", view->version);
	json_add_string(&out, "event", event_mark(view->id, view->created_at));
	json_add_int(&out, "user_id", view->user_id);
	json_add_string(&out, "username", view->username);
	json_add_time(&out, "timestamp", view->created_at);
	if (view->command_id != NULL)
		json_add_uuid(&out, "command_id", view->command_id);
	put_event_data(&out, view->data);
	json_end(&out, '}');
	json_end(&out, '}');
	return out.data;
}

/* collab.event_mark(id bigint, created_at timestamptz) RETURNS text */
Datum
collab_event_mark(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(event_mark(PG_GETARG_INT64(0), PG_GETARG_TIMESTAMPTZ(1))));
}

/*
 * collab.event_body(aggregate_id uuid, version int, id bigint, created_at timestamptz, user_id bigint, username text,
 *                   event_type text, schema_version int, event_data jsonb, command_id uuid) RETURNS text
 * Not strict: the user name and the command id may be null; without any of the others there is no message.
 */
Datum
collab_event_body(PG_FUNCTION_ARGS)
{
	EventView view;

	for (int i = 0; i < 9; i++)
	{
		if (i != 5 && PG_ARGISNULL(i))
			PG_RETURN_NULL();
	}
	view = (EventView){
		.aggregate_id = *PG_GETARG_UUID_P(0),
		.version = PG_GETARG_INT32(1),
		.id = PG_GETARG_INT64(2),
		.created_at = PG_GETARG_TIMESTAMPTZ(3),
		.user_id = PG_GETARG_INT64(4),
		.username = PG_ARGISNULL(5) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(5)),
		.type = event_type_find(text_to_cstring(PG_GETARG_TEXT_PP(6))),
		.command_id = PG_ARGISNULL(9) ? NULL : PG_GETARG_UUID_P(9),
	};

	view.kind = event_type_aggregate(view.type);
	view.data = event_upcast(view.type, PG_GETARG_INT32(7), PG_GETARG_JSONB_P(8));
	PG_RETURN_TEXT_P(cstring_to_text(event_wire_text(&view)));
}

/* collab.event_payload(event_type text, schema_version int, event_data jsonb) RETURNS jsonb: what the wire shows of it */
Datum
collab_event_payload(PG_FUNCTION_ARGS)
{
	EventType type = event_type_find(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	StringInfoData out;

	initStringInfo(&out);
	json_begin(&out, '{');
	put_event_data(&out, event_upcast(type, PG_GETARG_INT32(1), PG_GETARG_JSONB_P(2)));
	json_end(&out, '}');
	PG_RETURN_JSONB_P(json_text_to_jsonb(out.data));
}
