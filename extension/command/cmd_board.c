/*
 * cmd_board.c: boards.
 */
#include "postgres.h"

#include "command/cmd_board.h"
#include "command/cmd_place.h"
#include "command/command.h"
#include "support/support_json.h"

static const BoardList default_lists[] = {{"To do", "todo"}, {"In progress", "doing"}, {"Done", "done"}};

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

bool
cmd_board_add_created(Command *command, const char *name, const char *description, const BoardList *lists, int count,
					  const TimestampTz *occurred_at)
{
	StringInfoData out;
	StringInfoData ranks;
	int version = command_next_version(command);

	initStringInfo(&out);
	initStringInfo(&ranks);
	json_begin(&ranks, '{');
	json_begin(&out, '{');
	json_key(&out, "board");
	json_begin(&out, '{');
	json_key(&out, "id");
	json_put_uuid(&out, &command->stream_id);
	json_key(&out, "name");
	json_put_string(&out, name);
	json_key(&out, "description");
	json_put_string(&out, description);
	json_key(&out, "workspace_id");
	json_put_uuid(&out, &command->workspace_id);
	json_key(&out, "owner_id");
	json_put_int(&out, command->user_id);
	json_key(&out, "visibility");
	json_put_string(&out, "workspace");
	json_key(&out, "settings");
	json_put_raw(&out, "{\"conflict_policy\":\"entity\"}");
	json_key(&out, "labels");
	json_put_raw(&out, "[]");
	put_lists(&out, &ranks, lists, count, version);
	json_end(&out, '}');
	json_end(&ranks, '}');
	json_key(&out, "ranks");
	json_put_raw(&out, ranks.data);
	if (occurred_at != NULL)
	{
		json_key(&out, "occurred_at");
		json_put_time(&out, *occurred_at);
	}
	json_end(&out, '}');
	return command_add_event(command, EVENT_BoardCreated, out.data);
}

bool
cmd_create_board(Command *command)
{
	char *description = field_text(command->payload, "description");

	return cmd_board_add_created(command, field_text(command->payload, "name"), description ? description : "",
								 default_lists, lengthof(default_lists), NULL);
}
