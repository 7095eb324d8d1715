/*
 * command_result.c: answers: ACK, CONFLICT_ERROR, ERROR.
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "command/cmd_invite.h"
#include "command/command_result.h"
#include "event/event_wire.h"
#include "support/support_json.h"
#include "support/support_spi.h"

SPI_STATEMENT(read_username, "SELECT name FROM collab.users WHERE id = $1", INT8OID);

/* The token is nowhere but here: it follows from the command, again when it is resent. */
static void
put_invite_result(StringInfo out, const Command *command, const Event *event)
{
	json_key(out, "result");
	json_begin(out, '{');
	json_add_raw(out, "invite_id", json_value_text(json_get(&event->data->root, "invite_id")));
	json_add_string(out, "token", cmd_invite_token(command));
	json_end(out, '}');
}

/* What a command made, told from its last event, so that a resend is told the same. */
static void
put_result(StringInfo out, const Command *command, const Event *event)
{
	static const struct
	{
		EventType type;
		const char *document; /* key in event_data */
		const char *key; /* key in result; NULL: the document itself is the result */
	} results[] = {
		{EVENT_WorkspaceCreated, "workspace", "workspace_id"},
		{EVENT_BoardCreated, "board", "board_id"},
		{EVENT_BoardImported, "report", NULL},
		{EVENT_ListCreated, "list", "list_id"},
		{EVENT_TaskCreated, "task", "task_id"},
		{EVENT_LabelCreated, "label", "label_id"},
		{EVENT_CustomFieldDefined, "field", "field_id"},
		{EVENT_ChecklistCreated, "checklist", "checklist_id"},
		{EVENT_ChecklistItemAdded, "item", "item_id"},
		{EVENT_CommentAdded, "comment", "comment_id"},
		{EVENT_AttachmentAdded, "attachment", "attachment_id"},
	};

	if (event->type == EVENT_InviteCreated)
		put_invite_result(out, command, event);
	for (int i = 0; i < (int) lengthof(results); i++)
	{
		JsonbValue *document;

		if (results[i].type != event->type)
			continue;
		document = json_get(&event->data->root, results[i].document);
		json_key(out, "result");
		if (results[i].key == NULL)
		{
			json_put_raw(out, json_value_text(document));
			return;
		}
		json_begin(out, '{');
		json_add_raw(out, results[i].key, json_value_text(json_get(document->val.binary.data, "id")));
		json_end(out, '}');
	}
}

static void
put_command(StringInfo out, const Command *command)
{
	json_begin(out, '{');
	json_add_string(out, "command", command->type);
	json_add_uuid(out, "command_id", command->has_id ? &command->id : NULL);
}

static void
put_ack(StringInfo out, const Command *command)
{
	put_command(out, command);
	if (command->def->aggregate != COMMAND_ACTOR)
	{
		json_key(out, aggregate_kind_key(command->kind));
		json_put_uuid(out, &command->stream_id);
	}
	if (command->event_count > 0)
	{
		json_add_int(out, "from_version", command->from_version);
		json_add_int(out, "version", command->events[command->event_count - 1].version);
	}
	json_add_bool(out, "changed", command->outcome != OUTCOME_UNCHANGED || command->result != NULL);
	json_add_bool(out, "replayed", command->outcome == OUTCOME_REPLAYED);
	if (command->event_count > 0)
		put_result(out, command, &command->events[command->event_count - 1]);
	else if (command->result != NULL)
		json_add_raw(out, "result", command->result);
}

static void
put_conflict(StringInfo out, const Command *command)
{
	put_command(out, command);
	json_add_string(out, "reason", "Version mismatch");
	json_add_int(out, "expected_version", command->expected_version);
	json_add_int(out, "current_version", command->current_version);
	json_add_raw(out, "current", command->current);
}

static void
put_error(StringInfo out, const Command *command)
{
	put_command(out, command);
	json_add_string(out, "code", refusal_code_name(command->refusal.code));
	json_add_string(out, "message", command->refusal.message);
	if (command->refusal.hint != NULL)
		json_add_string(out, "hint", command->refusal.hint);
}

char *
command_result_text(const Command *command)
{
	StringInfoData out;

	initStringInfo(&out);
	if (command->outcome != OUTCOME_REFUSED)
		put_ack(&out, command);
	else if (command->refusal.code == REFUSAL_VERSION_CONFLICT)
		put_conflict(&out, command);
	else
		put_error(&out, command);
	json_end(&out, '}');
	return out.data;
}

bool
command_makes_many_events(const Command *command)
{
	return command->def->decide == cmd_import_board || command->def->decide == cmd_duplicate_board;
}

/* The actor's name; a replay skipped the step that reads it. */
static const char *
command_username(const Command *command)
{
	Datum values[] = {Int64GetDatum(command->user_id)};

	if (command->access.username != NULL)
		return command->access.username;
	return spi_run(&read_username, values, NULL) == 1 ? spi_cstring(0, 1) : NULL;
}

char *
command_event_text(const Command *command, const Event *event)
{
	EventView view = {
		.kind = command->kind,
		.aggregate_id = command->stream_id,
		.version = event->version,
		.id = event->id,
		.created_at = event->created_at,
		.user_id = command->user_id,
		.username = command_username(command),
		.type = event->type,
		.command_id = command->has_id && event == command->events ? &command->id : NULL,
		.data = event->data,
	};

	return event_wire_text(&view);
}

char *
command_ack_text(const Command *command)
{
	StringInfoData out;

	initStringInfo(&out);
	put_ack(&out, command);
	json_key(&out, "events");
	json_begin(&out, '[');
	if (!command_makes_many_events(command))
	{
		for (int i = 0; i < command->event_count; i++)
			json_put_raw(&out, command_event_text(command, &command->events[i]));
	}
	json_end(&out, ']');
	json_end(&out, '}');
	return out.data;
}
