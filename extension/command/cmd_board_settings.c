/*
 * cmd_board_settings.c: what may be in a board's settings. docs/boards.md describes each.
 *
 *   conflict_policy    strict, entity, field, last_write_wins; read by command_entity.c
 *   workflow           {"transitions": {"<list>": ["<list>", …]}}; read by cmd_task_rule.c, as the following
 *   wip                enforce, off
 *   complete_blocked   boolean
 *
 * Settings only change by merge patches (RFC 7396), and a key that is removed has its default: where every patch is
 * right, so are the settings.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"

#include "command/cmd_board_settings.h"
#include "support/support_json.h"
#include "support/support_patch.h"
#include "support/support_spi.h"

#define SETTINGS_BYTES (64 * 1024)
#define KEY_BYTES_SHOWN 60

SPI_STATEMENT(find_unknown_list,
			  "SELECT u FROM unnest($2) AS u WHERE NOT EXISTS"
			  " (SELECT FROM collab.lists AS l WHERE l.board_id = $1 AND l.id = u) LIMIT 1",
			  UUIDOID, UUIDARRAYOID);

/* Ids of lists that a patch names. */
typedef struct ListIds
{
	Datum *ids;
	int count;
	int room;
} ListIds;

static void
note_list(ListIds *lists, const pg_uuid_t *id)
{
	pg_uuid_t *copy = palloc(sizeof(pg_uuid_t));

	if (lists->count == lists->room)
	{
		lists->room = Max(16, lists->room * 2);
		lists->ids = lists->ids == NULL ? palloc(sizeof(Datum) * lists->room)
										: repalloc(lists->ids, sizeof(Datum) * lists->room);
	}
	*copy = *id;
	lists->ids[lists->count++] = UUIDPGetDatum(copy);
}

/* A key of the client's, as a message can show it. */
static char *
shown_key(const char *key)
{
	char *clean = text_clean(key, false);

	if (clean == NULL)
		return "?";
	return pnstrdup(clean, pg_mbcliplen(clean, (int) strlen(clean), KEY_BYTES_SHOWN));
}

/* Lists are compared by the text of their ids: one form only. */
static bool
check_list_id(Command *command, const char *text, const char *field, ListIds *lists)
{
	pg_uuid_t id;

	if (text == NULL || !uuid_parse(text, &id) || strcmp(text, uuid_text(&id)) != 0)
		return command_refuse(command, REFUSAL_INVALID, NULL, "%s must be the id of a list, in lower case", field);
	note_list(lists, &id);
	return true;
}

static bool
check_targets(Command *command, const JsonbValue *value, const char *field, ListIds *lists)
{
	JsonbValue **elements;
	int count;

	if (!json_is_array(value))
		return command_refuse(command, REFUSAL_INVALID, NULL, "%s must be an array of lists' ids", field);
	elements = json_elements(value, &count);
	for (int i = 0; i < count; i++)
	{
		if (!check_list_id(command, json_string(elements[i]), psprintf("%s[%d]", field, i), lists))
			return false;
	}
	return true;
}

static bool
check_transitions(Command *command, const JsonbValue *value, const char *field, ListIds *lists)
{
	JsonMembers members;

	if (json_is_null(value))
		return true;
	if (!json_is_object(value))
		return command_refuse(command, REFUSAL_INVALID, NULL, "%s must be an object: from a list to lists", field);
	members = json_members(value->val.binary.data);
	while (json_next_member(&members))
	{
		char *key = members.name;
		char *place = psprintf("%s.%s", field, shown_key(key));

		if (!check_list_id(command, key, place, lists) ||
			(!json_is_null(&members.value) && !check_targets(command, &members.value, place, lists)))
			return false;
	}
	return true;
}

static bool
check_lists(Command *command, const ListIds *lists, const char *field)
{
	Datum values[] = {UUIDPGetDatum(&command->stream_id), 0};
	pg_uuid_t unknown;

	if (lists->count == 0)
		return true;
	values[1] = PointerGetDatum(construct_array(lists->ids, lists->count, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR));
	if (spi_run(&find_unknown_list, values, NULL) == 0)
		return true;
	unknown = spi_uuid(0, 1);
	return command_refuse(command, REFUSAL_INVALID, NULL, "%s names %s, which is not a list of the board", field,
						  uuid_text(&unknown));
}

static bool
check_workflow(Command *command, const JsonbValue *value, const char *field)
{
	JsonMembers members;
	ListIds lists = {0};

	if (!json_is_object(value))
		return command_refuse(command, REFUSAL_INVALID, NULL, "%s must be null or an object with transitions", field);
	members = json_members(value->val.binary.data);
	while (json_next_member(&members))
	{
		char *key = members.name;

		if (strcmp(key, "transitions") != 0)
			return command_refuse(command, REFUSAL_INVALID, "A workflow has transitions only.", "%s.%s is not known",
								  field, shown_key(key));
		if (!check_transitions(command, &members.value, psprintf("%s.transitions", field), &lists))
			return false;
	}
	return check_lists(command, &lists, field);
}

static bool
check_word(Command *command, const JsonbValue *value, const char *field, const char *const *words)
{
	char *word = json_string(value);
	StringInfoData known;

	initStringInfo(&known);
	for (; *words != NULL; words++)
	{
		if (word != NULL && strcmp(word, *words) == 0)
			return true;
		appendStringInfo(&known, "%s%s", known.len > 0 ? ", " : "", *words);
	}
	return command_refuse(command, REFUSAL_INVALID, NULL, "%s must be one of %s", field, known.data);
}

static bool
check_conflict_policy(Command *command, const JsonbValue *value, const char *field)
{
	static const char *const words[] = {"strict", "entity", "field", "last_write_wins", NULL};

	return check_word(command, value, field, words);
}

static bool
check_wip(Command *command, const JsonbValue *value, const char *field)
{
	static const char *const words[] = {"enforce", "off", NULL};

	return check_word(command, value, field, words);
}

static bool
check_boolean(Command *command, const JsonbValue *value, const char *field)
{
	return value->type == jbvBool || command_refuse(command, REFUSAL_INVALID, NULL, "%s must be true or false", field);
}

static const struct
{
	const char *key;
	bool (*check)(Command *command, const JsonbValue *value, const char *field);
} known_settings[] = {
	{"conflict_policy", check_conflict_policy},
	{"workflow", check_workflow},
	{"wip", check_wip},
	{"complete_blocked", check_boolean},
};

static bool
check_setting(Command *command, const char *key, const JsonbValue *value, const char *field)
{
	for (int i = 0; i < (int) lengthof(known_settings); i++)
	{
		if (strcmp(known_settings[i].key, key) == 0)
			return json_is_null(value) || known_settings[i].check(command, value, psprintf("%s.%s", field, key));
	}
	return command_refuse(command, REFUSAL_INVALID,
						  "The settings are conflict_policy, workflow, wip and complete_blocked.",
						  "%s.%s is not a setting of boards", field, shown_key(key));
}

char *
board_settings_patched(Command *command, const char *settings, const JsonbValue *patch, const char *field)
{
	JsonMembers members = json_members(patch->val.binary.data);
	char *after;

	while (json_next_member(&members))
	{
		char *key = members.name;

		if (!check_setting(command, key, &members.value, field))
			return NULL;
	}
	after = patch_json_text(settings, json_value_text(patch));
	if (strlen(after) <= SETTINGS_BYTES)
		return after;
	(void) command_refuse(command, REFUSAL_LIMIT, NULL, "%s: the settings would have more than %d bytes of JSON", field,
						  SETTINGS_BYTES);
	return NULL;
}
