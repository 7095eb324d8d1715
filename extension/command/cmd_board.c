/*
 * cmd_board.c: boards.
 */
#include "postgres.h"

#include "command/cmd_board.h"
#include "command/cmd_place.h"
#include "command/command.h"
#include "support/support_json.h"

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
		json_key(out, "id");
		json_put_uuid(out, &id);
		json_key(out, "name");
		json_put_string(out, lists[i].name);
		json_key(out, "category");
		json_put_string(out, lists[i].category);
		json_key(out, "position");
		json_put_int(out, i);
		json_key(out, "wip_limit");
		json_put_raw(out, NULL);
		json_key(out, "version");
		json_put_int(out, version);
		json_key(out, "tasks");
		json_put_raw(out, "[]");
		json_end(out, '}');
		json_key(ranks, uuid_text(&id));
		json_put_int(ranks, i * PLACE_RANK_STEP);
	}
	json_end(out, ']');
}

char *
cmd_board_created_json(const BoardSpec *board)
{
	StringInfoData out;
	StringInfoData ranks;

	initStringInfo(&out);
	initStringInfo(&ranks);
	json_begin(&ranks, '{');
	json_begin(&out, '{');
	json_key(&out, "board");
	json_begin(&out, '{');
	json_key(&out, "id");
	json_put_uuid(&out, &board->id);
	json_key(&out, "name");
	json_put_string(&out, board->name);
	json_key(&out, "description");
	json_put_string(&out, board->description ? board->description : "");
	json_key(&out, "workspace_id");
	json_put_uuid(&out, &board->workspace_id);
	json_key(&out, "owner_id");
	json_put_int(&out, board->owner_id);
	json_key(&out, "visibility");
	json_put_string(&out, board->visibility ? board->visibility : "workspace");
	json_key(&out, "settings");
	json_put_raw(&out, board->settings ? board->settings : "{\"conflict_policy\":\"entity\"}");
	json_key(&out, "labels");
	json_put_raw(&out, "[]");
	put_lists(&out, &ranks, board->lists, board->list_count, board->version);
	json_end(&out, '}');
	json_end(&ranks, '}');
	json_key(&out, "ranks");
	json_put_raw(&out, ranks.data);
	if (board->occurred_at != NULL)
	{
		json_key(&out, "occurred_at");
		json_put_time(&out, *board->occurred_at);
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

	return command_add_event(command, EVENT_BoardCreated, cmd_board_created_json(&board));
}
