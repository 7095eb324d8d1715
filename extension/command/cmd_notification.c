/*
 * cmd_notification.c: the actor's own notifications: which are read, and which types are wanted at all.
 *
 * These are nobody else's business: no events, no version; the operational tables are written here.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "command/command.h"
#include "support/support_json.h"
#include "support/support_spi.h"

/* In the order of their ids: two who mark the same ones wait for each other and do not deadlock. */
SPI_STATEMENT(mark_read,
			  "UPDATE collab.notifications SET read_at = $4, delivered_at = coalesce(delivered_at, $4)"
			  " WHERE id IN (SELECT id FROM collab.notifications WHERE user_id = $1 AND read_at IS NULL"
			  " AND (id = ANY ($2) OR id <= $3) ORDER BY id FOR NO KEY UPDATE)",
			  INT8OID, INT8ARRAYOID, INT8OID, TIMESTAMPTZOID);
SPI_STATEMENT(count_unread, "SELECT count(*)::int FROM collab.notifications WHERE user_id = $1 AND read_at IS NULL",
			  INT8OID);
SPI_STATEMENT(list_types,
			  "SELECT string_agg(t::text, ', ' ORDER BY t), coalesce(bool_or(t::text = $1), false)"
			  " FROM unnest(enum_range(NULL::collab.notification_type)) AS t",
			  TEXTOID);
SPI_STATEMENT(set_preference,
			  "INSERT INTO collab.notification_preferences AS p (user_id, type, enabled)"
			  " SELECT $1, $2::collab.notification_type, $3 WHERE NOT $3 OR EXISTS"
			  " (SELECT FROM collab.notification_preferences AS o WHERE o.user_id = $1"
			  " AND o.type = $2::collab.notification_type)"
			  " ON CONFLICT (user_id, type) DO UPDATE SET enabled = excluded.enabled"
			  " WHERE p.enabled <> excluded.enabled",
			  INT8OID, TEXTOID, BOOLOID);
SPI_STATEMENT(read_preferences, "SELECT collab.preferences_of($1)::text", INT8OID);

static ArrayType *
given_ids(Command *command)
{
	int count = 0;
	JsonbValue *given = json_get(command->payload, "ids");
	JsonbValue **elements = json_is_null(given) ? NULL : json_elements(given, &count);
	Datum *ids = palloc(sizeof(Datum) * Max(count, 1));

	for (int i = 0; i < count; i++)
	{
		int64 id;

		(void) json_int64(elements[i], &id);
		ids[i] = Int64GetDatum(id);
	}
	return construct_array(ids, count, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE);
}

bool
cmd_mark_read(Command *command)
{
	int64 before;
	bool has_before = field_int64(command->payload, "before", &before);
	bool has_ids = !json_is_null(json_get(command->payload, "ids"));
	Datum values[] = {Int64GetDatum(command->user_id), 0, has_before ? Int64GetDatum(before) : (Datum) 0,
					  TimestampTzGetDatum(command->now)};

	if (has_before == has_ids)
		return command_refuse(command, REFUSAL_INVALID, NULL, "exactly one of ids and before must be given");
	values[1] = PointerGetDatum(given_ids(command));
	if (spi_run(&mark_read, values, has_before ? NULL : "  n ") == 0)
		return true;
	(void) spi_run(&count_unread, values, NULL);
	command->result = psprintf("{\"unread_count\":%d}", spi_int32(0, 1));
	return true;
}

static bool
check_preference(Command *command, const char *type, const JsonbValue *value)
{
	Datum values[] = {CStringGetTextDatum(type)};

	(void) spi_run(&list_types, values, NULL);
	if (!spi_bool(0, 2))
		return command_refuse(command, REFUSAL_INVALID, psprintf("The types are %s.", spi_cstring(0, 1)),
							  "preferences: there is no type \"%s\"",
							  pnstrdup(type, pg_mbcliplen(type, (int) strlen(type), 100)));
	return value->type == jbvBool ||
		   command_refuse(command, REFUSAL_INVALID, NULL, "preferences.%s must be true or false", type);
}

bool
cmd_set_preferences(Command *command)
{
	JsonMembers members = json_members(json_get(command->payload, "preferences")->val.binary.data);
	Datum values[3] = {Int64GetDatum(command->user_id)};
	bool is_changed = false;

	while (json_next_member(&members))
	{
		char *type = members.name;

		if (!check_preference(command, type, &members.value))
			return false;
		values[1] = CStringGetTextDatum(type);
		values[2] = BoolGetDatum(members.value.val.boolean);
		is_changed = spi_run(&set_preference, values, NULL) > 0 || is_changed;
	}
	if (!is_changed)
		return true;
	(void) spi_run(&read_preferences, values, NULL);
	command->result = psprintf("{\"preferences\":%s}", spi_cstring(0, 1));
	return true;
}
