/*
 * command_batch.c: the entry points: collab.execute for people, collab.execute_batch for the bridge.
 *
 * A batch is one transaction; each command runs in a subtransaction of its own, so that one that fails by its content
 * (22xxx, 54xxx and our own TBxxx) becomes a refusal and leaves the others alone. Any other error fails the batch, and
 * nothing of it is written: a lock time-out, a deadlock, a shutdown are nobody's fault and worth another try.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#include "command/command.h"
#include "command/command_lock.h"
#include "command/command_result.h"
#include "command/command_slow.h"
#include "event/event_wire.h"
#include "support/support_json.h"
#include "support/support_schema.h"
#include "support/support_spi.h"
#include "support/support_subxact.h"

PG_FUNCTION_INFO_V1(collab_execute);
PG_FUNCTION_INFO_V1(collab_execute_as);
PG_FUNCTION_INFO_V1(collab_execute_batch);

/* Below the 64 subtransaction ids that a backend shows to others without an overflow. */
#define MAX_BATCH 60

enum
{
	RESULT_COMMAND,
	RESULT_KIND,
	RESULT_CODE,
	RESULT_AGGREGATE_ID,
	RESULT_AGGREGATE_TYPE,
	RESULT_VERSION,
	RESULT_EVENT,
	RESULT_ACL_VERSION,
	RESULT_BODY,
	RESULT_COLUMNS,
};

/* After the locks commands must see what others committed meanwhile: a transaction-long snapshot cannot. */
static void
check_session(void)
{
	schema_check();
	if (IsolationUsesXactSnapshot())
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("commands need the isolation level READ COMMITTED"),
				 errhint("Each command checks versions itself; use \"version\" in the command instead.")));
}

static void
parse_and_resolve(Command *command, Jsonb *message)
{
	command_parse(command, message);
	if (command->outcome == OUTCOME_PENDING)
		command_resolve(command);
}

/* Subtransactions */

/* One step of one command on its way through a batch. */
typedef struct Step
{
	Command *command;
	const text *source; /* its message, for the first step */
} Step;

/* What a refused command wrote on its way (an import's placeholders) goes with it. */
static bool
step_parse(void *state)
{
	Step *step = state;

	parse_and_resolve(step->command, json_text_to_jsonb(text_to_cstring(step->source)));
	return step->command->outcome != OUTCOME_REFUSED;
}

static bool
step_carry_out(void *state)
{
	Step *step = state;

	command_carry_out(step->command);
	return step->command->outcome != OUTCOME_REFUSED;
}

/* Runs a step in a subtransaction; an error by the command's content becomes its refusal. */
static void
run_step(SubxactWork work, Command *command, const text *source)
{
	Step step = {command, source};
	Stream before = command->stream != NULL ? *command->stream : (Stream){0};
	Stream *stream = command->stream;
	ErrorData *error = subxact_run(work, &step);

	if (error == NULL)
		return;
	/* before there is a message the error is about its JSON */
	if (!refusal_of_error(error, command->message != NULL, &command->refusal))
		ReThrowError(error);
	if (stream != NULL)
		*stream = before;
	command->outcome = OUTCOME_REFUSED;
	command->event_count = 0;
	FreeErrorData(error);
}

/* Rows of execute_batch */

static void
put_row(ReturnSetInfo *result, const Datum *values, const bool *nulls)
{
	tuplestore_putvalues(result->setResult, result->setDesc, unconstify(Datum *, values), unconstify(bool *, nulls));
}

static const char *
row_code(const Command *command)
{
	switch (command->outcome)
	{
		case OUTCOME_REFUSED:
			return refusal_code_name(command->refusal.code);
		case OUTCOME_UNCHANGED:
			return "unchanged";
		case OUTCOME_REPLAYED:
			return "replayed";
		default:
			return NULL;
	}
}

static const char *
row_kind(const Command *command)
{
	if (command->outcome != OUTCOME_REFUSED)
		return "ack";
	return command->refusal.code == REFUSAL_VERSION_CONFLICT ? "conflict" : "error";
}

static void
put_result_row(ReturnSetInfo *result, const Command *command, int number)
{
	const char *code = row_code(command);
	Datum values[RESULT_COLUMNS] = {0};
	bool nulls[RESULT_COLUMNS];

	memset(nulls, true, sizeof(nulls));
	values[RESULT_COMMAND] = Int32GetDatum(number);
	values[RESULT_KIND] = CStringGetTextDatum(row_kind(command));
	values[RESULT_BODY] = CStringGetTextDatum(command_result_text(command));
	nulls[RESULT_COMMAND] = nulls[RESULT_KIND] = nulls[RESULT_BODY] = false;
	if (code != NULL)
	{
		values[RESULT_CODE] = CStringGetTextDatum(code);
		nulls[RESULT_CODE] = false;
	}
	if (command->event_count > 0)
	{
		values[RESULT_AGGREGATE_ID] = UUIDPGetDatum(&command->stream_id);
		values[RESULT_AGGREGATE_TYPE] = CStringGetTextDatum(aggregate_kind_name(command->kind));
		values[RESULT_VERSION] = Int32GetDatum(command->events[command->event_count - 1].version);
		nulls[RESULT_AGGREGATE_ID] = nulls[RESULT_AGGREGATE_TYPE] = nulls[RESULT_VERSION] = false;
	}
	put_row(result, values, nulls);
}

static void
put_event_row(ReturnSetInfo *result, const Command *command, int number, const Event *event)
{
	bool nulls[RESULT_COLUMNS] = {false};
	Datum values[RESULT_COLUMNS] = {
		[RESULT_COMMAND] = Int32GetDatum(number),
		[RESULT_KIND] = CStringGetTextDatum("event"),
		[RESULT_AGGREGATE_ID] = UUIDPGetDatum(&command->stream_id),
		[RESULT_AGGREGATE_TYPE] = CStringGetTextDatum(aggregate_kind_name(command->kind)),
		[RESULT_VERSION] = Int32GetDatum(event->version),
		[RESULT_EVENT] = CStringGetTextDatum(event_mark(event->id, event->created_at)),
		[RESULT_ACL_VERSION] = Int64GetDatum(event->acl_version),
		[RESULT_BODY] = CStringGetTextDatum(command_event_text(command, event)),
	};

	nulls[RESULT_CODE] = true;
	put_row(result, values, nulls);
}

static void
put_rows(ReturnSetInfo *result, const Command *command, int number)
{
	put_result_row(result, command, number);
	if (command->outcome == OUTCOME_REFUSED || command_makes_many_events(command))
		return;
	for (int i = 0; i < command->event_count; i++)
		put_event_row(result, command, number, &command->events[i]);
}

/* Arguments of execute_batch */

static Datum *
array_argument(FunctionCallInfo fcinfo, int number, Oid type, int *count)
{
	ArrayType *array = PG_GETARG_ARRAYTYPE_P(number);
	bool by_value = type == INT8OID && FLOAT8PASSBYVAL;
	int length = type == INT8OID ? 8 : (type == UUIDOID ? UUID_LEN : -1);
	char align = type == INT8OID ? TYPALIGN_DOUBLE : (type == UUIDOID ? TYPALIGN_CHAR : TYPALIGN_INT);
	Datum *elements;

	if (ARR_HASNULL(array) || ARR_NDIM(array) > 1)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the arrays of collab.execute_batch must have one dimension and no nulls")));
	deconstruct_array(array, type, length, by_value, align, &elements, NULL, count);
	return elements;
}

/*
 * collab.execute_batch(user_ids bigint[], command_ids uuid[], commands text[]) RETURNS TABLE (…): see its comment.
 */
Datum
collab_execute_batch(PG_FUNCTION_ARGS)
{
	int count;
	int id_count;
	int command_count;
	Datum *user_ids = array_argument(fcinfo, 0, INT8OID, &count);
	Datum *command_ids = array_argument(fcinfo, 1, UUIDOID, &id_count);
	Datum *sources = array_argument(fcinfo, 2, TEXTOID, &command_count);
	ReturnSetInfo *result;
	Command *commands;
	MemoryContext *memories; /* one a command: a large one is not kept while the others run */
	MemoryContext batch;
	instr_time clock;
	double lock_wait;

	if (count != id_count || count != command_count || count > MAX_BATCH)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the arrays of collab.execute_batch must have one length, at most %d", MAX_BATCH)));
	check_session();
	result = spi_begin_rows(fcinfo);
	SPI_connect();
	batch = CurrentMemoryContext;
	commands = palloc0(sizeof(Command) * Max(count, 1));
	memories = palloc(sizeof(MemoryContext) * Max(count, 1));
	for (int i = 0; i < count; i++)
	{
		memories[i] = AllocSetContextCreate(batch, "collab command", ALLOCSET_SMALL_SIZES);
		MemoryContextSwitchTo(memories[i]);
		commands[i].user_id = DatumGetInt64(user_ids[i]);
		commands[i].has_id = true;
		commands[i].id = *DatumGetUUIDP(command_ids[i]);
		run_step(step_parse, &commands[i], DatumGetTextPP(sources[i]));
	}
	MemoryContextSwitchTo(batch);
	INSTR_TIME_SET_CURRENT(clock);
	command_lock_all(commands, count);
	lock_wait = command_slow_lap(&clock);
	for (int i = 0; i < count; i++)
	{
		MemoryContextSwitchTo(memories[i]);
		if (commands[i].outcome == OUTCOME_PENDING)
			run_step(step_carry_out, &commands[i], NULL);
		put_rows(result, &commands[i], i + 1);
		command_slow_note(&commands[i], command_slow_lap(&clock) + lock_wait, lock_wait);
		MemoryContextSwitchTo(batch);
		MemoryContextDelete(memories[i]);
	}
	SPI_finish();
	return (Datum) 0;
}

/* For people */

static void
raise_refusal(const Command *command)
{
	char *detail = NULL;

	if (command->refusal.code == REFUSAL_VERSION_CONFLICT)
		detail = psprintf("Expected version %d, current version %d; it is now: %s", command->expected_version,
						  command->current_version, command->current ? command->current : "unknown");
	refusal_raise(&command->refusal, detail);
}

static void
take_command_id(Command *command, Jsonb *message)
{
	JsonbValue *id;

	if (!JsonContainerIsObject(&message->root))
		return;
	id = json_get(&message->root, "id");
	if (json_is_null(id))
		return;
	command->has_id = json_uuid(id, &command->id);
	if (!command->has_id)
		(void) command_refuse(command, REFUSAL_INVALID, NULL, "id must be a uuid");
}

static Jsonb *
execute(int64 user_id, Jsonb *message, bool is_internal, MemoryContext caller)
{
	Command *command = palloc0(sizeof(Command));
	instr_time clock;
	double parsed;
	double lock_wait;
	Jsonb *ack;

	INSTR_TIME_SET_CURRENT(clock);
	command->user_id = user_id;
	command->is_internal = is_internal;
	take_command_id(command, message);
	if (command->outcome == OUTCOME_PENDING)
		parse_and_resolve(command, message);
	parsed = command_slow_lap(&clock);
	command_lock_all(command, 1);
	lock_wait = command_slow_lap(&clock);
	if (command->outcome == OUTCOME_PENDING)
		command_carry_out(command);
	if (command->outcome == OUTCOME_REFUSED)
		raise_refusal(command);
	ack = json_text_to_jsonb(command_ack_text(command));
	command_slow_note(command, parsed + lock_wait + command_slow_lap(&clock), lock_wait);
	MemoryContextSwitchTo(caller);
	return (Jsonb *) PG_DETOAST_DATUM_COPY(PointerGetDatum(ack));
}

/*
 * The statement of a JOIN_BY_INVITE may hold a good token, and the server's log shows statements that end in an error:
 * whatever the error is, not this one.
 */
static void
hide_statement(void *arg)
{
	(void) arg;
	errhidestmt(true);
}

static bool
holds_secret(const Jsonb *message)
{
	JsonbContainer *root = unconstify(JsonbContainer *, &message->root);
	char *type = JsonContainerIsObject(root) ? json_string(json_get(root, "type")) : NULL;

	return type != NULL && strcmp(type, "JOIN_BY_INVITE") == 0;
}

/* collab.execute(command jsonb) RETURNS jsonb: {"type", "id"?, "payload"} in, the ACK's payload out; raises refusals */
Datum
collab_execute(PG_FUNCTION_ARGS)
{
	MemoryContext caller = CurrentMemoryContext;
	Jsonb *message = PG_GETARG_JSONB_P(0);
	ErrorContextCallback hiding = {.previous = error_context_stack, .callback = hide_statement};
	Jsonb *ack;

	if (holds_secret(message))
		error_context_stack = &hiding;
	check_session();
	SPI_connect();
	ack = execute(access_actor(), message, false, caller);
	SPI_finish();
	error_context_stack = hiding.previous;
	PG_RETURN_JSONB_P(ack);
}

/* collab.execute_as(user_id bigint, command jsonb) RETURNS jsonb: the same as this user */
Datum
collab_execute_as(PG_FUNCTION_ARGS)
{
	MemoryContext caller = CurrentMemoryContext;
	Jsonb *ack;

	check_session();
	SPI_connect();
	ack = execute(PG_GETARG_INT64(0), PG_GETARG_JSONB_P(1), true, caller);
	SPI_finish();
	PG_RETURN_JSONB_P(ack);
}
