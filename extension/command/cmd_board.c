/*
 * cmd_board.c: boards: made, changed, archived, deleted. Their settings are in cmd_board_settings.c, their members in
 * cmd_board_member.c.
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "command/cmd_board.h"
#include "command/cmd_board_settings.h"
#include "command/cmd_place.h"
#include "command/command.h"
#include "command/command_changes.h"
#include "support/support_json.h"
#include "support/support_spi.h"

SPI_STATEMENT(read_board,
			  "SELECT b.name, b.description, b.visibility, b.settings, b.id = w.default_board_id"
			  " FROM collab.boards AS b JOIN collab.workspaces AS w ON w.id = b.workspace_id WHERE b.id = $1",
			  UUIDOID);
/* The actor, and the members of the workspace who have tasks on the board, but for those who are its members already. */
SPI_STATEMENT(find_people,
			  "SELECT m.user_id FROM collab.members AS m WHERE m.workspace_id = $1 AND (m.user_id = $3 OR EXISTS"
			  " (SELECT FROM collab.task_assignees AS a JOIN collab.tasks AS t ON t.board_id = a.board_id"
			  " AND t.id = a.task_id WHERE a.board_id = $2 AND a.user_id = m.user_id AND t.deleted_at IS NULL))"
			  " AND NOT EXISTS (SELECT FROM collab.board_members AS b WHERE b.board_id = $2 AND b.user_id = m.user_id)"
			  " ORDER BY m.user_id",
			  UUIDOID, UUIDOID, INT8OID);

/* A board's own row. */
typedef struct BoardRow
{
	const char *name;
	const char *description;
	const char *visibility;
	const char *settings; /* JSON text */
	bool is_default; /* of its workspace */
} BoardRow;

const BoardList cmd_board_default_lists[CMD_BOARD_DEFAULT_LISTS] = {
	{"To do", "todo"}, {"In progress", "doing"}, {"Done", "done"}};

static void
put_lists(StringInfo out, StringInfo ranks, const BoardList *lists, int count, int version)
{
	json_key(out, "lists");
	json_begin(out, '[');
	for (int i = 0; i < count; i++)
	{
		pg_uuid_t id = command_new_id();

		json_begin(out, '{');
		json_add_uuid(out, "id", &id);
		json_add_string(out, "name", lists[i].name);
		json_add_string(out, "category", lists[i].category);
		json_add_int(out, "position", i);
		json_add_raw(out, "wip_limit", NULL);
		json_add_int(out, "version", version);
		json_add_raw(out, "tasks", "[]");
		json_end(out, '}');
		json_key(ranks, uuid_text(&id));
		json_put_int(ranks, i * PLACE_RANK_STEP);
	}
	json_end(out, ']');
}

char *
cmd_board_created_json(const BoardSpec *board)
{
	bool is_private = board->visibility != NULL && strcmp(board->visibility, "private") == 0;
	StringInfoData out;
	StringInfoData ranks;

	initStringInfo(&out);
	initStringInfo(&ranks);
	json_begin(&ranks, '{');
	json_begin(&out, '{');
	json_key(&out, "board");
	json_begin(&out, '{');
	json_add_uuid(&out, "id", &board->id);
	json_add_string(&out, "name", board->name);
	json_add_string(&out, "description", board->description ? board->description : "");
	json_add_uuid(&out, "workspace_id", &board->workspace_id);
	json_add_int(&out, "owner_id", board->owner_id);
	json_add_string(&out, "visibility", is_private ? "private" : "workspace");
	json_add_raw(&out, "settings", board->settings ? board->settings : BOARD_SETTINGS_DEFAULT);
	json_add_raw(&out, "labels", "[]");
	put_lists(&out, &ranks, board->lists, board->list_count, board->version);
	json_end(&out, '}');
	json_end(&ranks, '}');
	json_add_raw(&out, "ranks", ranks.data);
	if (is_private)
		json_add_raw(&out, "members_added",
					 board->members ? board->members : psprintf("[" INT64_FORMAT "]", board->owner_id));
	if (board->occurred_at != NULL)
	{
		json_add_time(&out, "occurred_at", *board->occurred_at);
	}
	json_end(&out, '}');
	return out.data;
}

bool
cmd_create_board(Command *command)
{
	BoardSpec board = {
		.id = command->stream_id,
		.workspace_id = command->workspace_id,
		.owner_id = command->user_id,
		.name = field_text(command->payload, "name"),
		.description = field_text(command->payload, "description"),
		.visibility = field_word(command->payload, "visibility"),
		.lists = cmd_board_default_lists,
		.list_count = CMD_BOARD_DEFAULT_LISTS,
		.version = command_next_version(command),
	};
	JsonbValue *settings = json_get(command->payload, "settings");

	if (!json_is_null(settings))
	{
		board.settings = board_settings_patched(command, BOARD_SETTINGS_DEFAULT, settings, "settings");
		if (board.settings == NULL)
			return false;
	}
	return command_add_event(command, EVENT_BoardCreated, cmd_board_created_json(&board));
}

static void
read_row(const Command *command, BoardRow *board)
{
	Datum values[] = {UUIDPGetDatum(&command->stream_id)};

	(void) spi_run(&read_board, values, NULL);
	board->name = spi_cstring(0, 1);
	board->description = spi_cstring(0, 2);
	board->visibility = spi_cstring(0, 3);
	board->settings = spi_cstring(0, 4);
	board->is_default = !spi_is_null(0, 5) && spi_bool(0, 5);
}

/* Updating */

/* The event has the patch, and in before the settings as they were. */
static bool
update_settings(Command *command, Changes *changes, const JsonbValue *patch, const char *now)
{
	char *after;

	if (json_is_null(patch))
		return true;
	after = board_settings_patched(command, now, patch, "updates.settings");
	if (after == NULL)
		return false;
	if (strcmp(after, now) != 0)
		changes_add_raw(changes, "settings", json_value_text(patch), now);
	return true;
}

/* Who has something to do on a board that becomes private goes on seeing it. */
static void
put_members_added(StringInfo out, const Command *command)
{
	Datum values[] = {UUIDPGetDatum(&command->workspace_id), UUIDPGetDatum(&command->stream_id),
					  Int64GetDatum(command->user_id)};
	uint64 count = spi_run(&find_people, values, NULL);

	json_key(out, "members_added");
	json_begin(out, '[');
	for (uint64 row = 0; row < count; row++)
		json_put_int(out, spi_int64(row, 1));
	json_end(out, ']');
}

static char *
updated_json(const Command *command, const Changes *changes, bool becomes_private)
{
	StringInfoData out;

	initStringInfo(&out);
	json_begin(&out, '{');
	changes_put(&out, changes);
	if (becomes_private)
		put_members_added(&out, command);
	json_end(&out, '}');
	return out.data;
}

bool
cmd_update_board(Command *command)
{
	JsonbContainer *updates = command_updates(command, updates_board);
	Changes changes;
	BoardRow board;
	char *visibility;
	char *json;

	if (updates == NULL)
		return false;
	read_row(command, &board);
	changes_begin(&changes);
	changes_add_text(&changes, "name", field_text(updates, "name"), board.name);
	if (field_present(updates, "description"))
	{
		char *description = field_text(updates, "description");

		changes_add_text(&changes, "description", description ? description : "", board.description);
	}
	visibility = field_word(updates, "visibility");
	changes_add_text(&changes, "visibility", visibility, board.visibility);
	if (!update_settings(command, &changes, json_get(updates, "settings"), board.settings))
		return false;
	if (!changes_end(&changes))
		return true;
	if (visibility == NULL || strcmp(visibility, board.visibility) == 0)
		return command_add_event(command, EVENT_BoardUpdated, updated_json(command, &changes, false));
	json = updated_json(command, &changes, strcmp(visibility, "private") == 0);
	return command_add_rights_event(command, EVENT_BoardUpdated, json);
}

/* Archiving, deleting */

/* A task that names only its workspace needs a place to go. */
static bool
check_not_default(Command *command)
{
	BoardRow board;

	read_row(command, &board);
	return !board.is_default || command_refuse(command, REFUSAL_RULE, "Tasks that name no board go there.",
											   "the board \"%s\" is the default board of its workspace", board.name);
}

bool
cmd_archive_board(Command *command)
{
	if (command->access.board_is_archived)
		return true;
	return check_not_default(command) && command_add_event(command, EVENT_BoardArchived, "{}");
}

bool
cmd_restore_board(Command *command)
{
	return !command->access.board_is_archived || command_add_event(command, EVENT_BoardRestored, "{}");
}

bool
cmd_delete_board(Command *command)
{
	return check_not_default(command) && command_add_rights_event(command, EVENT_BoardDeleted, "{}");
}
