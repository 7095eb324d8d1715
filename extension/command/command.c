/*
 * command.c: the one frame that every command goes through.
 *
 *   parse      type, id, fields: what can be said without looking at the database
 *   resolve    which aggregate, which workspace (command_resolve.c)
 *   (lock)     by the caller, command_batch.c: all aggregates of a batch in one order, before anything is decided
 *   replay     a command_id seen before answers with its first result, also when the thing or the right is gone since
 *   authorize  the actor's role against the table
 *   version    the entity against the version that the client had seen
 *   decide     the handler: events, a refusal, or nothing to do
 *   append     the events; the trigger writes the read model in the same transaction
 *
 * A refusal is a value in the command, never an error.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/tuplestore.h"

#include "command/command.h"
#include "command/command_entity.h"
#include "command/command_result.h"
#include "event/event_upcast.h"
#include "support/support_json.h"
#include "support/support_spi.h"

#define FIELD(name, kind, presence) {#name, FIELD_##kind, FIELD_##presence},
#define COMMAND(name, handler, aggregate, least_role, entity, fields, summary)                                         \
	{#name,  cmd_##handler, COMMAND_##aggregate, ROLE_##least_role, ENTITY_##entity, (const FieldDef[]){fields{NULL}}, \
	 summary},
static const CommandDef command_defs[] = {
#include "command/commands.def"
};
#undef COMMAND

#define UPDATES(noun, fields) const FieldDef updates_##noun[] = {fields{NULL}};
#include "command/updates.def"
#undef UPDATES
#undef FIELD

/* Every command takes these besides its own. */
static const FieldDef common_fields[] = {
	{"board_id", FIELD_UUID, FIELD_OPTIONAL}, {"version", FIELD_POSITION, FIELD_OPTIONAL}, {NULL}};

SPI_STATEMENT(find_command,
			  "SELECT version, user_id, command_hash FROM collab.events WHERE aggregate_id = $1 AND command_id = $2",
			  UUIDOID, UUIDOID);
SPI_STATEMENT(read_event,
			  "SELECT event_type, event_data, version, id, created_at, acl_version, schema_version FROM collab.events"
			  " WHERE aggregate_id = $1 AND version = $2",
			  UUIDOID, INT4OID);
SPI_STATEMENT(read_import_report,
			  "SELECT event_type, event_data, version, id, created_at, acl_version, schema_version FROM collab.events"
			  " WHERE aggregate_id = $1 AND version > $2 AND event_type = 'BoardImported' ORDER BY version LIMIT 1",
			  UUIDOID, INT4OID);
SPI_STATEMENT(read_list,
			  "SELECT id, name, category, rank, task_count, version, archived_at IS NOT NULL, coalesce(wip_limit, 0)"
			  " FROM collab.lists"
			  " WHERE board_id = $1 AND id = $2",
			  UUIDOID, UUIDOID);

/* For handlers */

bool
command_set_refusal(Command *command, RefusalCode code, const char *hint, const char *message)
{
	command->outcome = OUTCOME_REFUSED;
	command->event_count = 0;
	return refusal_set(&command->refusal, code, hint, message);
}

bool
command_refuse_missing(Command *command, const char *noun)
{
	return command_refuse(command, REFUSAL_NOT_FOUND, NULL, "%s not found or access denied", noun);
}

static Event *
add_event(Command *command, EventType type, const char *json)
{
	Event *event;

	CHECK_FOR_INTERRUPTS();
	if (command->event_count == command->event_room)
	{
		command->event_room = Max(4, command->event_room * 2);
		command->events = command->events == NULL ? palloc(sizeof(Event) * command->event_room)
												  : repalloc_huge(command->events, sizeof(Event) * command->event_room);
	}
	event = &command->events[command->event_count++];
	memset(event, 0, sizeof(*event));
	event->type = type;
	event->data = json_text_to_jsonb(json);
	event->created_at = command->now;
	return event;
}

bool
command_add_event(Command *command, EventType type, const char *json)
{
	(void) add_event(command, type, json);
	return true;
}

bool
command_add_rights_event(Command *command, EventType type, const char *json)
{
	add_event(command, type, json)->changes_rights = true;
	return true;
}

bool
command_add_default_board(Command *command, const pg_uuid_t *board_id, const char *json)
{
	command->default_board = palloc0(sizeof(Stream));
	command->default_board->kind = AGGREGATE_BOARD;
	command->default_board->id = *board_id;
	command->default_board->workspace_id = command->stream_id;
	command->default_board_event =
		(Event){.type = EVENT_BoardCreated, .data = json_text_to_jsonb(json), .created_at = command->now};
	return true;
}

JsonbContainer *
command_updates(Command *command, const FieldDef *defs)
{
	JsonbContainer *updates = json_get(command->payload, "updates")->val.binary.data;

	if (!fields_check(defs, updates, "updates.", &command->refusal))
	{
		command->outcome = OUTCOME_REFUSED;
		return NULL;
	}
	if (fields_any(defs, updates))
		return updates;
	(void) command_refuse(command, REFUSAL_INVALID, NULL, "updates names no field that can be changed");
	return NULL;
}

char *
command_setting(const Command *command, const char *name)
{
	return command->access.board_settings == NULL ? NULL
												  : json_string(json_get(&command->access.board_settings->root, name));
}

int
command_next_version(const Command *command)
{
	return command->stream->version + command->event_count + 1;
}

pg_uuid_t
command_new_id(void)
{
	return *DatumGetUUIDP(DirectFunctionCall1(gen_random_uuid, (Datum) 0));
}

bool
command_read_list(Command *command, const pg_uuid_t *list_id, ListRow *list)
{
	Datum values[] = {UUIDPGetDatum(&command->stream_id), UUIDPGetDatum(list_id)};

	if (spi_run(&read_list, values, NULL) == 0)
		return command_refuse_missing(command, "list");
	list->id = spi_uuid(0, 1);
	list->name = spi_cstring(0, 2);
	list->category = spi_cstring(0, 3);
	list->rank = spi_int64(0, 4);
	list->task_count = spi_int32(0, 5);
	list->version = spi_int32(0, 6);
	list->is_archived = spi_bool(0, 7);
	list->wip_limit = spi_int32(0, 8);
	return true;
}

/* Parse */

static const CommandDef *
find_def(const char *type)
{
	for (int i = 0; i < (int) lengthof(command_defs); i++)
	{
		if (strcmp(command_defs[i].name, type) == 0)
			return &command_defs[i];
	}
	return NULL;
}

const CommandDef *
command_def_of(bool (*decide)(Command *command))
{
	for (int i = 0; i < (int) lengthof(command_defs); i++)
	{
		if (command_defs[i].decide == decide)
			return &command_defs[i];
	}
	pg_unreachable();
}

/* jsonb keeps keys in one order and numbers in one form: the same payload has the same bytes. */
static bytea *
hash_command(const Command *command, const JsonbValue *payload)
{
	size_t type_length = strlen(command->type) + 1;
	size_t length = type_length + payload->val.binary.len;
	bytea *content = palloc(VARHDRSZ + length);
	bytea *hash;

	SET_VARSIZE(content, VARHDRSZ + length);
	memcpy(VARDATA(content), command->type, type_length);
	memcpy(VARDATA(content) + type_length, payload->val.binary.data, payload->val.binary.len);
	hash = DatumGetByteaP(DirectFunctionCall1(sha256_bytea, PointerGetDatum(content)));
	pfree(content);
	return hash;
}

static bool
parse_message(Command *command)
{
	JsonbContainer *root = &command->message->root;

	command->type = message_type(root, "command", &command->refusal);
	if (command->type == NULL)
		return false;
	command->def = find_def(command->type);
	if (command->def == NULL)
		return message_refuse_type(command->type, "command", &command->refusal);
	command->payload = message_payload(root, &command->refusal);
	if (command->payload == NULL)
		return false;
	if (command->has_id)
		command->hash = hash_command(command, json_get(root, "payload"));
	return true;
}

void
command_parse(Command *command, Jsonb *message)
{
	int64 version;

	command->message = message;
	if (!command->has_id)
		command->id = command_new_id();
	if (!parse_message(command) || !fields_check(common_fields, command->payload, "", &command->refusal) ||
		!fields_check(command->def->fields, command->payload, "", &command->refusal))
	{
		command->outcome = OUTCOME_REFUSED;
		return;
	}
	command->has_expected_version = field_int64(command->payload, "version", &version);
	if (command->has_expected_version)
		command->expected_version = (int) version;
}

/* Replay */

static void
take_event(Command *command)
{
	Event *event;

	command->events = palloc0(sizeof(Event));
	command->event_count = 1;
	event = command->events;
	event->type = event_type_find(spi_cstring(0, 1));
	event->data = event_upcast(event->type, DatumGetInt16(spi_datum(0, 7)), DatumGetJsonbPCopy(spi_datum(0, 2)));
	event->version = spi_int32(0, 3);
	event->id = spi_int64(0, 4);
	event->created_at = spi_timestamptz(0, 5);
	event->acl_version = spi_int64(0, 6);
}

/* True when the command is settled: it was carried out before, or its id was used for something else. */
static bool
replay(Command *command)
{
	Datum values[] = {UUIDPGetDatum(&command->stream_id), UUIDPGetDatum(&command->id)};
	bytea *hash;

	if (!command->has_id || command->stream == NULL || !command->stream->exists ||
		spi_run(&find_command, values, NULL) == 0)
		return false;
	hash = DatumGetByteaPCopy(spi_datum(0, 3));
	if (spi_int64(0, 2) != command->user_id || VARSIZE_ANY_EXHDR(hash) != VARSIZE_ANY_EXHDR(command->hash) ||
		memcmp(VARDATA_ANY(hash), VARDATA_ANY(command->hash), VARSIZE_ANY_EXHDR(hash)) != 0)
	{
		(void) command_refuse(command, REFUSAL_COMMAND_ID_REUSED, "Give every new command an id of its own.",
							  "command id %s was used for another command", uuid_text(&command->id));
		return true;
	}
	command->from_version = spi_int32(0, 1);
	values[1] = Int32GetDatum(command->from_version);
	if (spi_run(command_makes_many_events(command) ? &read_import_report : &read_event, values, NULL) == 0)
		elog(ERROR, "the events of command %s are incomplete", uuid_text(&command->id));
	take_event(command);
	command->outcome = OUTCOME_REPLAYED;
	return true;
}

/* Authorize */

/* The board that the actor must see: the one that changes, or that is copied. */
static const pg_uuid_t *
board_to_see(const Command *command, pg_uuid_t *source)
{
	if (command->def->aggregate == COMMAND_BOARD)
		return &command->stream_id;
	if (command->def->decide != cmd_duplicate_board)
		return NULL;
	(void) field_uuid(command->payload, "board_id", source);
	return source;
}

static bool
authorize(Command *command)
{
	pg_uuid_t source;
	WorkspaceRole least = command->def->least_role;
	bool is_new = command->def->aggregate == COMMAND_WORKSPACE_NEW || command->def->aggregate == COMMAND_BOARD_NEW;

	access_read(command->user_id, command->def->aggregate == COMMAND_WORKSPACE_NEW ? NULL : &command->workspace_id,
				board_to_see(command, &source), &command->access);
	if (!command->access.user_is_active)
	{
		command->outcome = OUTCOME_REFUSED;
		return access_refuse_user(command->user_id, &command->refusal);
	}
	if (least == ROLE_ANYONE)
		return true;
	if (command->access.role == ROLE_ANYONE || (!is_new && !command->stream->exists))
		return command_refuse_missing(command, command->noun);
	if (command->access.role < least)
		return command_refuse(command, REFUSAL_FORBIDDEN, NULL, "%s needs the role %s, yours is %s", command->def->name,
							  access_role_name(least), access_role_name(command->access.role));
	return true;
}

/* An archived board can be restored, copied and deleted, and nothing else. */
static bool
check_archived(Command *command)
{
	if (!command->access.board_is_archived || command->def->decide == cmd_archive_board ||
		command->def->decide == cmd_restore_board || command->def->decide == cmd_duplicate_board ||
		command->def->decide == cmd_delete_board)
		return true;
	return command_refuse(command, REFUSAL_RULE, "An admin can restore it.", "the board is archived");
}

/* Append */

static void
append_default_board(Command *command, const EventOrigin *workspace_origin)
{
	EventOrigin origin = {.user_id = workspace_origin->user_id, .workspace_rights = command->stream->acl_version};

	event_append(command->default_board, &command->default_board_event, 1, &origin);
}

static void
append(Command *command)
{
	bool is_workspace = command->kind == AGGREGATE_WORKSPACE;
	EventOrigin origin = {
		.user_id = command->user_id,
		.command_id = command->has_id ? &command->id : NULL,
		.command_hash = command->has_id ? command->hash : NULL,
		.workspace_rights = is_workspace ? 0 : command->access.acl_version,
	};

	command->stream->workspace_id = command->workspace_id;
	command->from_version = command->stream->version + 1;
	event_append(command->stream, command->events, command->event_count, &origin);
	if (command->default_board != NULL)
		append_default_board(command, &origin);
	command->outcome = OUTCOME_APPENDED;
}

/* From the lock on. The stream is locked, and its row read after the lock was had. */
void
command_carry_out(Command *command)
{
	if (replay(command) || !authorize(command) || !command_read_entity(command))
		return;
	command->now = GetCurrentTimestamp();
	if (!command_check_version(command) || !check_archived(command) || !command->def->decide(command))
		return;
	if (command->outcome != OUTCOME_PENDING)
		return;
	if (command->event_count == 0)
		command->outcome = OUTCOME_UNCHANGED;
	else
		append(command);
}

/* For documents and tests: the table as rows */

PG_FUNCTION_INFO_V1(collab_commands);

/* collab.commands() RETURNS TABLE (command text, aggregate text, least_role text, summary text) */
Datum
collab_commands(PG_FUNCTION_ARGS)
{
	static const char *const aggregates[] = {
		[COMMAND_WORKSPACE_NEW] = "new workspace", [COMMAND_BOARD_NEW] = "new board",
		[COMMAND_WORKSPACE] = "workspace",         [COMMAND_BOARD] = "board",
		[COMMAND_INVITED] = "workspace",           [COMMAND_ACTOR] = "actor"};
	ReturnSetInfo *result = spi_begin_rows(fcinfo);

	for (int i = 0; i < (int) lengthof(command_defs); i++)
	{
		Datum values[] = {CStringGetTextDatum(command_defs[i].name),
						  CStringGetTextDatum(aggregates[command_defs[i].aggregate]),
						  CStringGetTextDatum(access_role_name(command_defs[i].least_role)),
						  CStringGetTextDatum(command_defs[i].summary)};
		bool nulls[lengthof(values)] = {false};

		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
