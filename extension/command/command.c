/*
 * command.c: the one frame that every command goes through.
 *
 *   parse      type, id, fields: what can be said without looking at the database
 *   resolve    which aggregate, which workspace
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
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "command/command.h"
#include "support/support_json.h"
#include "support/support_spi.h"

#define FIELD(name, kind, presence) {#name, FIELD_##kind, FIELD_##presence},
#define COMMAND(name, handler, aggregate, least_role, entity, fields)                                                  \
	{#name, cmd_##handler, COMMAND_##aggregate, ROLE_##least_role, ENTITY_##entity, (const FieldDef[]){fields{NULL}}},
static const CommandDef command_defs[] = {
#include "command/commands.def"
};
#undef COMMAND
#undef FIELD

/* Every command takes these besides its own. */
static const FieldDef common_fields[] = {
	{"board_id", FIELD_UUID, FIELD_OPTIONAL}, {"version", FIELD_POSITION, FIELD_OPTIONAL}, {NULL}};

SPI_STATEMENT(find_task, "SELECT board_id FROM collab.tasks WHERE id = $1", UUIDOID);
SPI_STATEMENT(find_list, "SELECT board_id FROM collab.lists WHERE id = $1", UUIDOID);
SPI_STATEMENT(find_command,
			  "SELECT version, user_id, command_hash FROM collab.events WHERE aggregate_id = $1 AND command_id = $2",
			  UUIDOID, UUIDOID);
SPI_STATEMENT(read_event,
			  "SELECT event_type, event_data, version, id, created_at, acl_version FROM collab.events"
			  " WHERE aggregate_id = $1 AND version = $2",
			  UUIDOID, INT4OID);
SPI_STATEMENT(read_import_report,
			  "SELECT event_type, event_data, version, id, created_at, acl_version FROM collab.events"
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
		return command_refuse(command, REFUSAL_NOT_FOUND, NULL, "list not found or access denied");
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
	JsonbValue *payload;

	if (!JsonContainerIsObject(root))
		return command_refuse(command, REFUSAL_BAD_MESSAGE, NULL, "a command must be a JSON object");
	command->type = json_string(json_get(root, "type"));
	if (command->type == NULL)
		return command_refuse(command, REFUSAL_INVALID, NULL, "type is missing");
	command->def = find_def(command->type);
	if (command->def == NULL)
		return command_refuse(command, REFUSAL_UNKNOWN_TYPE, NULL, "unknown command type \"%s\"", command->type);
	payload = json_get(root, "payload");
	if (!json_is_object(payload))
		return command_refuse(command, REFUSAL_INVALID, NULL, "payload must be an object");
	command->payload = payload->val.binary.data;
	if (command->has_id)
		command->hash = hash_command(command, payload);
	return true;
}

void
command_parse(Command *command, Jsonb *message)
{
	int64 version;

	command->message = message;
	if (!parse_message(command))
		return;
	if (!fields_check(common_fields, command->payload, "", &command->refusal) ||
		!fields_check(command->def->fields, command->payload, "", &command->refusal))
	{
		command->outcome = OUTCOME_REFUSED;
		return;
	}
	command->has_expected_version = field_int64(command->payload, "version", &version);
	if (command->has_expected_version)
		command->expected_version = (int) version;
}

/* Resolve */

/* A command that creates an aggregate makes its id from (actor, command_id): sent again, it finds what it made. */
static pg_uuid_t
derive_id(const Command *command)
{
	pg_uuid_t id;
	bytea *digest;
	char *text;

	if (!command->has_id)
		return command_new_id();
	text = psprintf(INT64_FORMAT "\n%s\n%s", command->user_id, uuid_text(&command->id), command->def->name);
	digest = DatumGetByteaP(DirectFunctionCall1(sha256_bytea, CStringGetTextDatum(text)));
	memcpy(id.data, VARDATA_ANY(digest), UUID_LEN);
	id.data[6] = (id.data[6] & 0x0f) | 0x80; /* RFC 9562: version 8, made by its own rule */
	id.data[8] = (id.data[8] & 0x3f) | 0x80;
	return id;
}

static bool
resolve_entity(Command *command)
{
	bool is_task = command->def->entity == ENTITY_TASK;
	Datum values[] = {UUIDPGetDatum(&command->entity_id)};

	(void) field_uuid(command->payload, is_task ? "task_id" : "list_id", &command->entity_id);
	if (field_uuid(command->payload, "board_id", &command->stream_id))
		return true;
	if (spi_run(is_task ? &find_task : &find_list, values, NULL) == 0)
		return command_refuse(command, REFUSAL_NOT_FOUND, NULL, "%s not found or access denied",
							  is_task ? "task" : "list");
	command->stream_id = spi_uuid(0, 1);
	return true;
}

static bool
resolve_board(Command *command)
{
	if (command->def->entity == ENTITY_NONE)
		(void) field_uuid(command->payload, "board_id", &command->stream_id);
	else if (!resolve_entity(command))
		return false;
	if (!stream_find_workspace(&command->stream_id, &command->workspace_id))
		return command_refuse(command, REFUSAL_NOT_FOUND, NULL, "board not found or access denied");
	return true;
}

void
command_resolve(Command *command)
{
	switch (command->def->aggregate)
	{
		case COMMAND_WORKSPACE_NEW:
			command->kind = AGGREGATE_WORKSPACE;
			command->stream_id = command->workspace_id = derive_id(command);
			break;
		case COMMAND_WORKSPACE:
			command->kind = AGGREGATE_WORKSPACE;
			(void) field_uuid(command->payload, "workspace_id", &command->workspace_id);
			command->stream_id = command->workspace_id;
			break;
		case COMMAND_BOARD_NEW:
			command->kind = AGGREGATE_BOARD;
			(void) field_uuid(command->payload, "workspace_id", &command->workspace_id);
			command->stream_id = derive_id(command);
			break;
		case COMMAND_BOARD:
			command->kind = AGGREGATE_BOARD;
			(void) resolve_board(command);
			break;
	}
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
	event->data = DatumGetJsonbPCopy(spi_datum(0, 2));
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

	if (!command->has_id || !command->stream->exists || spi_run(&find_command, values, NULL) == 0)
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
	if (spi_run(command->def->decide == cmd_import_board ? &read_import_report : &read_event, values, NULL) == 0)
		elog(ERROR, "the events of command %s are incomplete", uuid_text(&command->id));
	take_event(command);
	command->outcome = OUTCOME_REPLAYED;
	return true;
}

/* Authorize */

static bool
authorize(Command *command)
{
	WorkspaceRole least = command->def->least_role;
	bool is_new = command->def->aggregate == COMMAND_WORKSPACE_NEW || command->def->aggregate == COMMAND_BOARD_NEW;

	access_read(command->user_id, least == ROLE_ANYONE ? NULL : &command->workspace_id, &command->access);
	if (!command->access.user_is_active)
	{
		command->outcome = OUTCOME_REFUSED;
		return access_refuse_user(command->user_id, &command->refusal);
	}
	if (least == ROLE_ANYONE)
		return true;
	if (command->access.role == ROLE_ANYONE || (!is_new && !command->stream->exists))
		return command_refuse(command, REFUSAL_NOT_FOUND, NULL, "%s not found or access denied",
							  command->kind == AGGREGATE_BOARD && !is_new ? "board" : "workspace");
	if (command->access.role < least)
		return command_refuse(command, REFUSAL_FORBIDDEN, NULL, "%s needs the role %s, yours is %s", command->def->name,
							  access_role_name(least), access_role_name(command->access.role));
	return true;
}

/* Version */

static bool
read_entity(Command *command)
{
	if (command->def->entity == ENTITY_LIST)
		return command_read_list(command, &command->entity_id, &command->list);
	if (!proj_read_task(&command->stream_id, &command->entity_id, &command->task))
		return command_refuse(command, REFUSAL_NOT_FOUND, NULL, "task not found or access denied");
	return true;
}

static const char *
current_entity(Command *command)
{
	StringInfoData out;

	if (command->def->entity == ENTITY_NONE)
		return NULL;
	if (command->def->entity == ENTITY_LIST)
		return proj_list_text(&command->stream_id, &command->entity_id);
	initStringInfo(&out);
	proj_read_task_parts(&command->task);
	proj_put_task(&out, &command->task, DETAIL_FULL);
	return out.data;
}

static bool
check_version(Command *command)
{
	int entity_version = 0;

	if (command->def->entity == ENTITY_TASK)
		entity_version = command->task.version;
	else if (command->def->entity == ENTITY_LIST)
		entity_version = command->list.version;
	if (!command->has_expected_version ||
		(entity_version <= command->expected_version && command->expected_version <= command->stream->version))
		return true;
	command->current_version = command->stream->version;
	command->current = current_entity(command);
	return command_refuse(command, REFUSAL_VERSION_CONFLICT,
						  "Look at what it is now, then send the command again with the current version.",
						  "version mismatch: expected %d, current %d", command->expected_version,
						  command->current_version);
}

/* Append */

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
	command->outcome = OUTCOME_APPENDED;
}

/* From the lock on. The stream is locked, and its row read after the lock was had. */
void
command_carry_out(Command *command)
{
	if (replay(command) || !authorize(command))
		return;
	if (command->def->entity != ENTITY_NONE && !read_entity(command))
		return;
	command->now = GetCurrentTimestamp();
	if (!check_version(command) || !command->def->decide(command))
		return;
	if (command->event_count == 0)
		command->outcome = OUTCOME_UNCHANGED;
	else
		append(command);
}
