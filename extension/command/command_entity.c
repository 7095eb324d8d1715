/*
 * command_entity.c: resolves, reads and compares what commands name.
 *
 * The version of an entity is the board's version at its last own change. Policies of a board:
 *   entity            conflict if the entity changed after the version the client had seen (the default)
 *   field             conflict only if one of the fields that the command changes did
 *   strict            the board must be at exactly that version, and every command says one
 *   last_write_wins   never a conflict
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "command/command_entity.h"
#include "support/support_json.h"
#include "support/support_spi.h"
#include "support/support_time.h"

typedef struct EntityDef
{
	const char *key;
	const char *noun;
	bool is_on_task;
	SpiStatement find; /* its board */
	SpiStatement read; /* version, task */
	SpiStatement document;
} EntityDef;

#define TASK_OF_BOARD "NULL::uuid"
#define TASK_OF_TASK "task_id"
#define ON_BOARD false
#define ON_TASK true
#define BY_ID                                                                                                          \
	{                                                                                                                  \
		UUIDOID                                                                                                        \
	}
#define BY_BOARD_AND_ID                                                                                                \
	{                                                                                                                  \
		UUIDOID, UUIDOID                                                                                               \
	}
#define ENTITY(name, field, table, where, noun, document_sql)                                                          \
	[ENTITY_##name] = {                                                                                                \
		#field,                                                                                                        \
		noun,                                                                                                          \
		ON_##where,                                                                                                    \
		{.sql = "SELECT board_id FROM collab." table " WHERE id = $1", .argtypes = BY_ID},                             \
		{.sql = "SELECT version, " TASK_OF_##where " FROM collab." table                                               \
												   " WHERE board_id = $1 AND id = $2 AND deleted_at IS NULL",          \
		 .argtypes = BY_BOARD_AND_ID},                                                                                 \
		{.sql = "SELECT " document_sql "::text FROM collab." table " WHERE board_id = $1 AND id = $2",                 \
		 .argtypes = BY_BOARD_AND_ID},                                                                                 \
	},

static EntityDef entities[] = {
	[ENTITY_WORKSPACE] = {NULL, "workspace"},
	[ENTITY_INVITE] = {NULL, "invite"},
	[ENTITY_BOARD] = {NULL, "board"},
	[ENTITY_LIST] = {"list_id",
					 "list",
					 false,
					 {.sql = "SELECT board_id FROM collab.lists WHERE id = $1", .argtypes = BY_ID}},
	[ENTITY_TASK] = {"task_id",
					 "task",
					 false,
					 {.sql = "SELECT board_id FROM collab.tasks WHERE id = $1", .argtypes = BY_ID}},
	[ENTITY_TASK_CHILDREN] = {"task_id",
							  "task",
							  false,
							  {.sql = "SELECT board_id FROM collab.tasks WHERE id = $1", .argtypes = BY_ID}},
#include "command/entities.def"
};
#undef ENTITY

SPI_STATEMENT(read_board, "SELECT entity_version FROM collab.boards WHERE id = $1", UUIDOID);
SPI_STATEMENT(read_workspace, "SELECT entity_version FROM collab.workspaces WHERE id = $1", UUIDOID);
SPI_STATEMENT(board_document,
			  "SELECT json_build_object('id', id, 'name', name, 'description', description, 'visibility', visibility,"
			  " 'settings', settings, 'archived_at', collab.time_text(archived_at), 'version', entity_version)::text"
			  " FROM collab.boards WHERE id = $1",
			  UUIDOID);
SPI_STATEMENT(workspace_document,
			  "SELECT json_build_object('id', id, 'name', name, 'description', description, 'owner_id', owner_id,"
			  " 'version', entity_version)::text FROM collab.workspaces WHERE id = $1",
			  UUIDOID);
SPI_STATEMENT(read_entity_events,
			  "SELECT event_type, event_data FROM collab.events WHERE aggregate_id = $1 AND version > $2"
			  " AND CASE WHEN $3 IS NULL THEN event_type LIKE 'Board%' ELSE event_data->>$3 = $4 END",
			  UUIDOID, INT4OID, TEXTOID, TEXTOID);

const char *
command_entity_key(CommandEntity entity)
{
	return entity == ENTITY_NONE ? NULL : entities[entity].key;
}

const char *
command_entity_noun(CommandEntity entity)
{
	return entities[entity].noun;
}

bool
command_find_board(CommandEntity entity, const pg_uuid_t *id, pg_uuid_t *board_id)
{
	Datum values[] = {UUIDPGetDatum(id)};

	if (spi_run(&entities[entity].find, values, NULL) == 0)
		return false;
	*board_id = spi_uuid(0, 1);
	return true;
}

/* Reading */

static bool
read_task(Command *command, const pg_uuid_t *task_id)
{
	if (!proj_read_task(&command->stream_id, task_id, &command->task))
		return command_refuse_missing(command, command_entity_noun(command->def->entity));
	command->entity_version = command->task.version;
	return true;
}

static bool
read_small_entity(Command *command)
{
	EntityDef *def = &entities[command->def->entity];
	Datum values[] = {UUIDPGetDatum(&command->stream_id), UUIDPGetDatum(&command->entity_id)};
	int version;
	pg_uuid_t task_id;

	if (spi_run(&def->read, values, NULL) == 0)
		return command_refuse_missing(command, def->noun);
	version = spi_int32(0, 1);
	if (def->is_on_task)
	{
		task_id = spi_uuid(0, 2);
		if (!read_task(command, &task_id))
			return false;
	}
	command->entity_version = version;
	return true;
}

bool
command_read_entity(Command *command)
{
	Datum values[] = {UUIDPGetDatum(&command->stream_id)};

	switch (command->def->entity)
	{
		case ENTITY_NONE:
		case ENTITY_INVITE:
			return true;
		case ENTITY_WORKSPACE:
		case ENTITY_BOARD:
			(void) spi_run(command->def->entity == ENTITY_BOARD ? &read_board : &read_workspace, values, NULL);
			command->entity_version = spi_int32(0, 1);
			return true;
		case ENTITY_LIST:
			if (!command_read_list(command, &command->entity_id, &command->list))
				return false;
			command->entity_version = command->list.version;
			return true;
		case ENTITY_TASK:
			return read_task(command, &command->entity_id);
		case ENTITY_TASK_CHILDREN:
			if (!read_task(command, &command->entity_id))
				return false;
			command->entity_version = 0;
			return true;
		default:
			return read_small_entity(command);
	}
}

/* The entity as it is now, JSON text; NULL when the command names none. */
static const char *
current_entity(Command *command)
{
	Datum values[] = {UUIDPGetDatum(&command->stream_id), UUIDPGetDatum(&command->entity_id)};
	StringInfoData out;

	switch (command->def->entity)
	{
		case ENTITY_NONE:
		case ENTITY_INVITE:
			return NULL;
		case ENTITY_WORKSPACE:
		case ENTITY_BOARD:
			(void) spi_run(command->def->entity == ENTITY_BOARD ? &board_document : &workspace_document, values, NULL);
			return spi_cstring(0, 1);
		case ENTITY_LIST:
			return proj_list_text(&command->stream_id, &command->entity_id);
		case ENTITY_TASK:
		case ENTITY_TASK_CHILDREN:
			initStringInfo(&out);
			proj_read_task_parts(&command->task);
			proj_put_task(&out, &command->task, DETAIL_FULL);
			return out.data;
		default:
			(void) spi_run(&entities[command->def->entity].document, values, NULL);
			return spi_cstring(0, 1);
	}
}

/* Fields, for the policy "field" */

void
field_names_add(FieldNames *fields, const char *name)
{
	if (fields->count == fields->room)
	{
		fields->room = Max(8, fields->room * 2);
		fields->names = fields->names == NULL ? palloc(sizeof(char *) * fields->room)
											  : repalloc(fields->names, sizeof(char *) * fields->room);
	}
	fields->names[fields->count++] = name;
}

bool
field_names_meet(const FieldNames *a, const FieldNames *b)
{
	for (int i = 0; i < a->count; i++)
	{
		for (int j = 0; j < b->count; j++)
		{
			if (strcmp(a->names[i], "*") == 0 || strcmp(b->names[j], "*") == 0 || strcmp(a->names[i], b->names[j]) == 0)
				return true;
		}
	}
	return false;
}

/* List, position, status and completion are one field: where the task stands. */
static const char *
field_name(const char *key)
{
	if (strcmp(key, "status") == 0 || strcmp(key, "completed_at") == 0)
		return "list";
	return strcmp(key, "assigned_to") == 0 ? "assignees" : key;
}

static void
add_keys(FieldNames *fields, JsonbContainer *object)
{
	JsonMembers members = json_members(object);

	while (json_next_member(&members))
	{
		field_names_add(fields, field_name(members.name));
	}
}

static const char *
custom_field_name(JsonbContainer *object)
{
	return psprintf("custom_fields.%s", json_string(json_get(object, "field_id")));
}

/* What an event without "updates" changed of its entity; NULL: nothing that is the entity's own. */
static const char *
field_of_event(EventType type)
{
	switch (type)
	{
		case EVENT_TaskMoved:
		case EVENT_TaskCompleted:
		case EVENT_TaskReopened:
			return "list";
		case EVENT_TaskArchived:
		case EVENT_TaskRestored:
		case EVENT_ListArchived:
		case EVENT_ListRestored:
		case EVENT_BoardArchived:
		case EVENT_BoardRestored:
			return "archived";
		case EVENT_TaskAssigned:
		case EVENT_TaskUnassigned:
			return "assignees";
		case EVENT_DependencyAdded:
		case EVENT_DependencyRemoved:
			return "blocked_by";
		case EVENT_ListMoved:
		case EVENT_ChecklistItemMoved:
			return "position";
		case EVENT_ChecklistItemChecked:
			return "checked";
		case EVENT_CommentUpdated:
			return "text";
		case EVENT_BoardMemberAdded:
		case EVENT_BoardMemberRemoved:
			return "members";
		case EVENT_ChecklistCreated:
		case EVENT_ChecklistUpdated:
		case EVENT_ChecklistDeleted:
		case EVENT_ChecklistItemAdded:
		case EVENT_ChecklistItemUpdated:
		case EVENT_ChecklistItemDeleted:
		case EVENT_CommentAdded:
		case EVENT_CommentDeleted:
		case EVENT_AttachmentAdded:
		case EVENT_AttachmentRemoved:
			return NULL;
		default:
			return "*";
	}
}

void
field_names_of_event(EventType type, const Jsonb *data, FieldNames *fields)
{
	JsonbContainer *root = unconstify(JsonbContainer *, &data->root);
	JsonbValue *updates = json_get(root, "updates");
	const char *field;

	if (json_is_object(updates))
	{
		add_keys(fields, updates->val.binary.data);
		return;
	}
	field = type == EVENT_CustomFieldSet ? custom_field_name(root) : field_of_event(type);
	if (field != NULL)
		field_names_add(fields, field);
}

static void
fields_of_command(const Command *command, FieldNames *fields)
{
	static const struct
	{
		bool (*decide)(Command *command);
		const char *field;
	} known[] = {
		{cmd_move_task, "list"},
		{cmd_complete_task, "list"},
		{cmd_reopen_task, "list"},
		{cmd_archive_task, "archived"},
		{cmd_restore_task, "archived"},
		{cmd_assign_task, "assignees"},
		{cmd_unassign_task, "assignees"},
		{cmd_add_dependency, "blocked_by"},
		{cmd_remove_dependency, "blocked_by"},
		{cmd_move_list, "position"},
		{cmd_archive_list, "archived"},
		{cmd_restore_list, "archived"},
		{cmd_archive_board, "archived"},
		{cmd_restore_board, "archived"},
		{cmd_add_board_member, "members"},
		{cmd_remove_board_member, "members"},
		{cmd_check_item, "checked"},
		{cmd_move_checklist_item, "position"},
		{cmd_update_comment, "text"},
	};
	JsonbValue *updates = json_get(command->payload, "updates");

	if (json_is_object(updates))
	{
		add_keys(fields, updates->val.binary.data);
		return;
	}
	if (command->def->decide == cmd_set_custom_field)
	{
		field_names_add(fields, custom_field_name(command->payload));
		return;
	}
	for (int i = 0; i < (int) lengthof(known); i++)
	{
		if (known[i].decide == command->def->decide)
		{
			field_names_add(fields, known[i].field);
			return;
		}
	}
	field_names_add(fields, "*");
}

/* Whether an event after the version that the client had seen changed one of these fields of the entity. */
static bool
changed_since(const Command *command, const FieldNames *fields)
{
	const char *key = command_entity_key(command->def->entity);
	Datum values[] = {UUIDPGetDatum(&command->stream_id), Int32GetDatum(command->expected_version),
					  key ? CStringGetTextDatum(key) : (Datum) 0,
					  key ? CStringGetTextDatum(uuid_text(&command->entity_id)) : (Datum) 0};
	uint64 count = spi_run(&read_entity_events, values, key ? NULL : "  nn");

	for (uint64 row = 0; row < count; row++)
	{
		FieldNames changed = {0};

		field_names_of_event(event_type_find(spi_cstring(row, 1)), DatumGetJsonbP(spi_datum(row, 2)), &changed);
		if (field_names_meet(fields, &changed))
			return true;
	}
	return false;
}

/* Versions */

static bool
refuse_conflict(Command *command)
{
	command->current_version = command->stream->version;
	command->current = current_entity(command);
	return command_refuse(command, REFUSAL_VERSION_CONFLICT,
						  "Look at what it is now, then send the command again with the current version.",
						  "version mismatch: expected %d, current %d", command->expected_version,
						  command->current_version);
}

static bool
check_fields(Command *command)
{
	FieldNames fields = {0};

	fields_of_command(command, &fields);
	return !changed_since(command, &fields) || refuse_conflict(command);
}

bool
command_check_version(Command *command)
{
	char *policy = command_setting(command, "conflict_policy");
	bool is_strict = policy != NULL && strcmp(policy, "strict") == 0;

	/* what is made new has no version that anybody could have seen */
	if (command->stream == NULL || command->def->aggregate == COMMAND_WORKSPACE_NEW ||
		command->def->aggregate == COMMAND_BOARD_NEW)
		return true;
	if (!command->has_expected_version)
		return !is_strict || command_refuse(command, REFUSAL_INVALID, "Send the board's version that you have seen.",
											"version is missing: the board's conflict policy is strict");
	if (policy != NULL && strcmp(policy, "last_write_wins") == 0)
		return true;
	if (command->expected_version > command->stream->version ||
		(is_strict && command->expected_version != command->stream->version))
		return refuse_conflict(command);
	if (command->entity_version <= command->expected_version)
		return true;
	return policy != NULL && strcmp(policy, "field") == 0 ? check_fields(command) : refuse_conflict(command);
}
