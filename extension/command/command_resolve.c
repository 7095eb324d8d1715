/*
 * command_resolve.c: the step of the frame (command.c) that finds the aggregate and the workspace of a command, by what
 * its fields name. Nothing is locked yet, and nobody has looked at the actor's rights.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "command/command.h"
#include "command/command_entity.h"
#include "support/support_json.h"
#include "support/support_secret.h"
#include "support/support_spi.h"

SPI_STATEMENT(
	find_default_board,
	"SELECT w.id, coalesce(w.default_board_id, (SELECT b.id FROM collab.boards AS b WHERE b.workspace_id = w.id"
	" AND b.deleted_at IS NULL AND b.archived_at IS NULL ORDER BY b.created_at, b.id LIMIT 1)),"
	" EXISTS (SELECT FROM collab.members AS m WHERE m.workspace_id = w.id AND m.user_id = $2)"
	" FROM collab.workspaces AS w WHERE w.id = coalesce($1,"
	" (SELECT p.id FROM collab.workspaces AS p WHERE p.owner_id = $2 AND p.personal))",
	UUIDOID, INT8OID);
SPI_STATEMENT(find_invite, "SELECT workspace_id FROM collab.invites WHERE id = $1", UUIDOID);
SPI_STATEMENT(find_invite_by_token,
			  "SELECT workspace_id FROM collab.invites WHERE token_hash = pg_catalog.encode(pg_catalog.sha256("
			  "pg_catalog.convert_to($1, 'UTF8')), 'hex')",
			  TEXTOID);

/* A command that creates an aggregate makes its id from (actor, command_id): sent again, it finds what it made. */
pg_uuid_t
command_derive_id(const Command *command, const char *purpose)
{
	pg_uuid_t id;
	bytea *digest;
	char *text;

	if (!command->has_id)
		return command_new_id();
	text = psprintf(INT64_FORMAT "\n%s\n%s", command->user_id, uuid_text(&command->id), purpose);
	/* an internal command's id can be guessed, and whoever knows an aggregate's id can listen to when it changes */
	if (command->is_internal)
		text = secret_token("internal ids", text);
	digest = DatumGetByteaP(DirectFunctionCall1(sha256_bytea, CStringGetTextDatum(text)));
	memcpy(id.data, VARDATA_ANY(digest), UUID_LEN);
	id.data[6] = (id.data[6] & 0x0f) | 0x80; /* RFC 9562: version 8, made by its own rule */
	id.data[8] = (id.data[8] & 0x3f) | 0x80;
	return id;
}

/* A new task may name a list, a board, a workspace, or none of them. */
static bool
resolve_board_of_new_task(Command *command)
{
	pg_uuid_t id;

	if (field_uuid(command->payload, "board_id", &command->stream_id))
		return true;
	command->noun = field_uuid(command->payload, "list_id", &id) ? "list" : "workspace";
	if (strcmp(command->noun, "list") == 0)
		return command_find_board(ENTITY_LIST, &id, &command->stream_id) || command_refuse_missing(command, "list");
	else
	{
		bool is_given = field_uuid(command->payload, "workspace_id", &id);
		Datum values[] = {UUIDPGetDatum(&id), Int64GetDatum(command->user_id)};

		if (spi_run(&find_default_board, values, is_given ? NULL : "n ") == 0 || (spi_is_null(0, 2) && !spi_bool(0, 3)))
			return command_refuse_missing(command, "workspace");
		if (spi_is_null(0, 2))
			return command_refuse(command, REFUSAL_NOT_FOUND, "Create a board, or name one.",
								  "the workspace has no board for the task");
		command->stream_id = spi_uuid(0, 2);
		return true;
	}
}

static bool
resolve_board(Command *command)
{
	const char *key = command_entity_key(command->def->entity);

	command->noun = "board";
	if (command->def->decide == cmd_create_task)
	{
		if (!resolve_board_of_new_task(command))
			return false;
	}
	else if (key == NULL)
		(void) field_uuid(command->payload, "board_id", &command->stream_id);
	else
	{
		(void) field_uuid(command->payload, key, &command->entity_id);
		if (!field_uuid(command->payload, "board_id", &command->stream_id))
		{
			command->noun = command_entity_noun(command->def->entity);
			if (!command_find_board(command->def->entity, &command->entity_id, &command->stream_id))
				return command_refuse_missing(command, command->noun);
		}
	}
	return stream_find_workspace(&command->stream_id, &command->workspace_id) ||
		   command_refuse_missing(command, command->noun);
}

static bool
resolve_workspace(Command *command)
{
	Datum values[1];

	command->kind = AGGREGATE_WORKSPACE;
	command->noun = "workspace";
	if (command->def->entity == ENTITY_INVITE)
	{
		command->noun = "invite";
		(void) field_uuid(command->payload, "invite_id", &command->entity_id);
		values[0] = UUIDPGetDatum(&command->entity_id);
		if (spi_run(&find_invite, values, NULL) == 0)
			return command_refuse_missing(command, command->noun);
		command->workspace_id = spi_uuid(0, 1);
	}
	else if (command->def->aggregate == COMMAND_INVITED)
	{
		values[0] = CStringGetTextDatum(field_word(command->payload, "token"));
		if (spi_run(&find_invite_by_token, values, NULL) == 0)
			return command_refuse(command, REFUSAL_INVITE_INVALID, "Ask for a new link.", "the invite does not exist");
		command->workspace_id = spi_uuid(0, 1);
	}
	else
		(void) field_uuid(command->payload, "workspace_id", &command->workspace_id);
	command->stream_id = command->workspace_id;
	return true;
}

static bool
has_field(const CommandDef *def, const char *name)
{
	for (const FieldDef *field = def->fields; field->name != NULL; field++)
	{
		if (strcmp(field->name, name) == 0)
			return true;
	}
	return false;
}

/*
 * The workspace of a new board is named, or that of the board it is made from: rights in one workspace must not open a
 * board of another, so a workspace_id that the command does not know is not looked at.
 */
static bool
resolve_new_board(Command *command)
{
	pg_uuid_t source;

	command->kind = AGGREGATE_BOARD;
	command->stream_id = command_derive_id(command, command->def->name);
	command->noun = "workspace";
	if (has_field(command->def, "workspace_id"))
		return field_uuid(command->payload, "workspace_id", &command->workspace_id);
	command->noun = "board";
	(void) field_uuid(command->payload, "board_id", &source);
	return stream_find_workspace(&source, &command->workspace_id) || command_refuse_missing(command, command->noun);
}

void
command_resolve(Command *command)
{
	switch (command->def->aggregate)
	{
		case COMMAND_WORKSPACE_NEW:
			command->kind = AGGREGATE_WORKSPACE;
			command->stream_id = command->workspace_id = command_derive_id(command, command->def->name);
			break;
		case COMMAND_WORKSPACE:
		case COMMAND_INVITED:
			(void) resolve_workspace(command);
			break;
		case COMMAND_BOARD_NEW:
			(void) resolve_new_board(command);
			break;
		case COMMAND_BOARD:
			command->kind = AGGREGATE_BOARD;
			(void) resolve_board(command);
			break;
		case COMMAND_ACTOR:
			break;
	}
}
