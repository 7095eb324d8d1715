/*
 * read.c: the one frame that every reading of a user goes through: collab.user_read, for bridges, which name the user.
 *
 *   parse      type, fields
 *   resolve    which board or workspace each named thing belongs to
 *   authorize  the actor's role there against the table: as for commands, what one may not see is not found
 *   answer     the handler, acting as the user: what it calls asks collab.current_user_id()
 *   version    the board's, of the same snapshot
 *
 * All of it runs in a subtransaction that nothing writes in: an error by the request's content becomes the answer, any
 * other error ends the call.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "read/read.h"
#include "support/support_json.h"
#include "support/support_schema.h"
#include "support/support_subxact.h"

PG_FUNCTION_INFO_V1(collab_user_read);
PG_FUNCTION_INFO_V1(collab_reads);

#define FIELD(name, kind, presence) {#name, FIELD_##kind, FIELD_##presence},
#define READ(name, handler, about, least_role, fields, result, summary)                                                \
	{#name, read_##handler, READ_##about, ROLE_##least_role, (const FieldDef[]){fields{NULL}}, result, summary},
static const ReadDef read_defs[] = {
#include "read/reads.def"
};
#undef READ
#undef FIELD

/* The fields that name a thing, and where it is. */
typedef struct ReadThing
{
	const char *field;
	const char *noun;
	SpiStatement find; /* board or null, workspace */
} ReadThing;

static ReadThing things[] = {
	{"workspace_id",
	 "workspace",
	 {"SELECT NULL::uuid, w.id FROM collab.workspaces AS w WHERE w.id = $1 AND w.deleted_at IS NULL", {UUIDOID}}},
	{"board_id",
	 "board",
	 {"SELECT b.id, b.workspace_id FROM collab.boards AS b WHERE b.id = $1 AND b.deleted_at IS NULL", {UUIDOID}}},
	{"list_id",
	 "list",
	 {"SELECT b.id, b.workspace_id FROM collab.lists AS l JOIN collab.boards AS b ON b.id = l.board_id WHERE l.id = $1",
	  {UUIDOID}}},
	{"task_id",
	 "task",
	 {"SELECT b.id, b.workspace_id FROM collab.tasks AS t JOIN collab.boards AS b ON b.id = t.board_id"
	  " WHERE t.id = $1 AND t.deleted_at IS NULL",
	  {UUIDOID}}},
	{"attachment_id",
	 "attachment",
	 {"SELECT b.id, b.workspace_id FROM collab.attachments AS a JOIN collab.boards AS b ON b.id = a.board_id"
	  " JOIN collab.tasks AS t ON t.board_id = a.board_id AND t.id = a.task_id"
	  " WHERE a.id = $1 AND a.deleted_at IS NULL AND t.deleted_at IS NULL",
	  {UUIDOID}}},
};

SPI_STATEMENT(read_head,
			  "SELECT a.version, collab.event_mark(a.event_id, a.event_at) FROM collab.aggregates AS a WHERE a.id = $1",
			  UUIDOID);

/* Parse */

static const ReadDef *
find_def(const char *type)
{
	for (int i = 0; i < (int) lengthof(read_defs); i++)
	{
		if (strcmp(read_defs[i].name, type) == 0)
			return &read_defs[i];
	}
	return NULL;
}

static bool
parse(Read *read, Jsonb *message)
{
	char *type = message_type(&message->root, "read", &read->refusal);

	if (type == NULL)
		return false;
	read->def = find_def(type);
	if (read->def == NULL)
		return message_refuse_type(type, "read", &read->refusal);
	read->payload = json_is_null(json_get(&message->root, "payload")) ? &json_text_to_jsonb("{}")->root
																	  : message_payload(&message->root, &read->refusal);
	return read->payload != NULL && fields_check(read->def->fields, read->payload, "", &read->refusal);
}

/* Resolve and authorize */

static bool
authorize(Read *read, const char *noun, const pg_uuid_t *workspace_id, const pg_uuid_t *board_id)
{
	Access access;

	access_read(read->user_id, workspace_id, board_id, &access);
	if (!access.user_is_active)
		return access_refuse_user(read->user_id, &read->refusal);
	if (workspace_id == NULL)
		return true;
	if (access.role == ROLE_ANYONE)
		return read_refuse(read, REFUSAL_NOT_FOUND, "%s not found or access denied", noun);
	if (access.role < read->def->least_role)
		return read_refuse(read, REFUSAL_FORBIDDEN, "%s needs the role %s, yours is %s", read->def->name,
						   access_role_name(read->def->least_role), access_role_name(access.role));
	return true;
}

static bool
resolve(Read *read, ReadThing *thing)
{
	pg_uuid_t id;
	pg_uuid_t workspace_id;
	Datum values[] = {UUIDPGetDatum(&id)};

	if (!field_uuid(read->payload, thing->field, &id))
		return true;
	if (spi_read(&thing->find, values, NULL) == 0)
		return read_refuse(read, REFUSAL_NOT_FOUND, "%s not found or access denied", thing->noun);
	workspace_id = spi_uuid(0, 2);
	if (spi_is_null(0, 1))
		return authorize(read, thing->noun, &workspace_id, NULL);
	read->has_board = true;
	read->board_id = spi_uuid(0, 1);
	return authorize(read, thing->noun, &workspace_id, &read->board_id);
}

static bool
has_field(const ReadDef *def, const char *name)
{
	for (const FieldDef *field = def->fields; field->name != NULL; field++)
	{
		if (strcmp(field->name, name) == 0)
			return true;
	}
	return false;
}

static bool
resolve_all(Read *read)
{
	for (int i = 0; i < (int) lengthof(things); i++)
	{
		if (has_field(read->def, things[i].field) && !resolve(read, &things[i]))
			return false;
	}
	return true;
}

/* Answer */

static void
read_version(Read *read)
{
	Datum values[] = {UUIDPGetDatum(&read->board_id)};

	if (read->version > 0 || spi_read(&read_head, values, NULL) == 0)
		return;
	read->version = spi_int32(0, 1);
	read->event = spi_cstring(0, 2);
}

static bool
carry_out(Read *read, Jsonb *message)
{
	if (!parse(read, message) || !authorize(read, NULL, NULL, NULL) || !resolve_all(read) || !read->def->answer(read))
		return false;
	if (read->has_board)
		read_version(read);
	if (read->is_whole)
		return true;
	if (read->def->about == READ_BOARD)
	{
		json_add_int(&read->out, "version", read->version);
		json_add_string(&read->out, "event", read->event);
	}
	json_end(&read->out, '}');
	return true;
}

typedef struct Reading
{
	Read *read;
	const text *request;
	bool is_parsed; /* the request is JSON */
} Reading;

static bool
work(void *state)
{
	Reading *reading = state;
	Jsonb *message = json_text_to_jsonb(text_to_cstring(reading->request));

	reading->is_parsed = true;
	return carry_out(reading->read, message);
}

static void
run(Reading *reading)
{
	int64 before = access_act_as(reading->read->user_id);
	ErrorData *error = NULL;

	PG_TRY();
	{
		error = subxact_run(work, reading);
	}
	PG_FINALLY();
	{
		(void) access_act_as(before);
	}
	PG_END_TRY();
	if (error != NULL && !refusal_of_error(error, reading->is_parsed, &reading->read->refusal))
		ReThrowError(error);
}

static text *
refusal_text(const Refusal *refusal)
{
	StringInfoData out;

	initStringInfo(&out);
	json_begin(&out, '{');
	json_add_string(&out, "code", refusal_code_name(refusal->code));
	json_add_string(&out, "message", refusal->message);
	if (refusal->hint != NULL)
		json_add_string(&out, "hint", refusal->hint);
	json_end(&out, '}');
	return cstring_to_text_with_len(out.data, out.len);
}

static void
put_result(ReturnSetInfo *result, const Read *read)
{
	Datum values[5] = {0};
	bool nulls[] = {true, true, true, false, false};

	if (read->refusal.code != REFUSAL_NONE)
	{
		values[0] = CStringGetTextDatum(refusal_code_name(read->refusal.code));
		nulls[0] = false;
		values[3] = CStringGetTextDatum("application/json");
		values[4] = PointerGetDatum(refusal_text(&read->refusal));
	}
	else
	{
		if (read->version > 0)
		{
			values[1] = Int32GetDatum(read->version);
			values[2] = CStringGetTextDatum(read->event);
			nulls[1] = nulls[2] = false;
		}
		values[3] = CStringGetTextDatum(read->content_type);
		values[4] = PointerGetDatum(cstring_to_text_with_len(read->out.data, read->out.len));
	}
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/*
 * collab.user_read(user_id bigint, request text)
 *   RETURNS TABLE (code text, version int, event text, content_type text, body text): one row
 */
Datum
collab_user_read(PG_FUNCTION_ARGS)
{
	Read read = {.user_id = PG_GETARG_INT64(0), .content_type = "application/json"};
	Reading reading = {.read = &read, .request = PG_GETARG_TEXT_PP(1)};
	ReturnSetInfo *result;

	schema_check();
	result = spi_begin_rows(fcinfo);
	SPI_connect();
	initStringInfo(&read.out);
	json_begin(&read.out, '{');
	run(&reading);
	put_result(result, &read);
	SPI_finish();
	return (Datum) 0;
}

/* collab.reads() RETURNS TABLE (read text, about text, least_role text, summary text) */
Datum
collab_reads(PG_FUNCTION_ARGS)
{
	static const char *const abouts[] = {
		[READ_ACTOR] = "actor", [READ_WORKSPACE] = "workspace", [READ_BOARD] = "board", [READ_ANY] = "any"};
	ReturnSetInfo *result = spi_begin_rows(fcinfo);

	for (int i = 0; i < (int) lengthof(read_defs); i++)
	{
		Datum values[] = {CStringGetTextDatum(read_defs[i].name), CStringGetTextDatum(abouts[read_defs[i].about]),
						  CStringGetTextDatum(access_role_name(read_defs[i].least_role)),
						  CStringGetTextDatum(read_defs[i].summary)};
		bool nulls[lengthof(values)] = {false};

		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
