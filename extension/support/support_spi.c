/*
 * support_spi.c: see support_spi.h.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#include "support/support_spi.h"

static void
spi_prepare(SpiStatement *statement)
{
	int nargs = 0;
	SPIPlanPtr plan;

	while (nargs < SPI_STATEMENT_MAX_ARGS && OidIsValid(statement->argtypes[nargs]))
		nargs++;
	/* Everything is looked up by keys: a plan made for one call's values is not better, and costs more than it runs. */
	plan = SPI_prepare_cursor(statement->sql, nargs, statement->argtypes, CURSOR_OPT_GENERIC_PLAN);
	if (plan == NULL)
		elog(ERROR, "could not prepare \"%s\": %s", statement->sql, SPI_result_code_string(SPI_result));
	if (SPI_keepplan(plan) != 0)
		elog(ERROR, "could not keep the plan of \"%s\"", statement->sql);
	statement->plan = plan;
}

static uint64
spi_execute(SpiStatement *statement, Datum *values, const char *nulls, bool read_only)
{
	int result;

	if (statement->plan == NULL)
		spi_prepare(statement);
	result = SPI_execute_plan(statement->plan, values, nulls, read_only, 0);
	if (result < 0)
		elog(ERROR, "could not execute \"%s\": %s", statement->sql, SPI_result_code_string(result));
	return SPI_processed;
}

uint64
spi_run(SpiStatement *statement, Datum *values, const char *nulls)
{
	return spi_execute(statement, values, nulls, false);
}

uint64
spi_read(SpiStatement *statement, Datum *values, const char *nulls)
{
	return spi_execute(statement, values, nulls, true);
}

void
spi_free_rows(void)
{
	if (SPI_tuptable != NULL)
		SPI_freetuptable(SPI_tuptable);
}

bool
spi_is_null(uint64 row, int column)
{
	bool isnull;

	(void) SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, &isnull);
	return isnull;
}

Datum
spi_datum(uint64 row, int column)
{
	bool isnull;
	Datum value = SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, &isnull);

	if (isnull)
		elog(ERROR, "unexpected null in column %d", column);
	return value;
}

pg_uuid_t
spi_uuid(uint64 row, int column)
{
	return *DatumGetUUIDP(spi_datum(row, column));
}

int32
spi_int32(uint64 row, int column)
{
	return DatumGetInt32(spi_datum(row, column));
}

int64
spi_int64(uint64 row, int column)
{
	return DatumGetInt64(spi_datum(row, column));
}

bool
spi_bool(uint64 row, int column)
{
	return DatumGetBool(spi_datum(row, column));
}

TimestampTz
spi_timestamptz(uint64 row, int column)
{
	return DatumGetTimestampTz(spi_datum(row, column));
}

char *
spi_cstring(uint64 row, int column)
{
	return SPI_getvalue(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column);
}

/* Rows one by one */

#if PG_VERSION_NUM >= 140000

typedef struct RowReceiver
{
	DestReceiver receiver; /* first: the executor knows no more */
	SpiRowFunction take;
	void *context;
	MemoryContext row_memory;
} RowReceiver;

static bool
receive_row(TupleTableSlot *slot, DestReceiver *self)
{
	RowReceiver *receiver = (RowReceiver *) self;
	SpiRow row;
	MemoryContext old;

	slot_getallattrs(slot);
	row = (SpiRow){slot->tts_values, slot->tts_isnull};
	MemoryContextReset(receiver->row_memory);
	old = MemoryContextSwitchTo(receiver->row_memory);
	receiver->take(&row, receiver->context);
	MemoryContextSwitchTo(old);
	return true;
}

static void
ignore_startup(DestReceiver *self, int operation, TupleDesc columns)
{
}

static void
ignore_end(DestReceiver *self)
{
}

static ParamListInfo
parameters_of(const SpiStatement *statement, const Datum *values)
{
	int count = 0;
	ParamListInfo parameters;

	while (count < SPI_STATEMENT_MAX_ARGS && OidIsValid(statement->argtypes[count]))
		count++;
	parameters = makeParamList(count);
	for (int i = 0; i < count; i++)
		parameters->params[i] = (ParamExternData){
			.value = values[i], .isnull = false, .pflags = PARAM_FLAG_CONST, .ptype = statement->argtypes[i]};
	return parameters;
}

void
spi_each(SpiStatement *statement, Datum *values, bool is_read, SpiRowFunction take, void *context)
{
	RowReceiver receiver = {
		.receiver = {receive_row, ignore_startup, ignore_end, ignore_end, DestNone}, .take = take, .context = context};
	SPIExecuteOptions options = {.read_only = is_read, .dest = &receiver.receiver};
	int result;

	if (statement->plan == NULL)
		spi_prepare(statement);
	options.params = parameters_of(statement, values);
	receiver.row_memory = AllocSetContextCreate(CurrentMemoryContext, "collab row", ALLOCSET_DEFAULT_SIZES);
	result = SPI_execute_plan_extended(statement->plan, &options);
	if (result < 0)
		elog(ERROR, "could not execute \"%s\": %s", statement->sql, SPI_result_code_string(result));
	MemoryContextDelete(receiver.row_memory);
}

#else

void
spi_each(SpiStatement *statement, Datum *values, bool is_read, SpiRowFunction take, void *context)
{
	uint64 count = spi_execute(statement, values, NULL, is_read);
	int columns = SPI_tuptable->tupdesc->natts;
	Datum *column_values = palloc(sizeof(Datum) * columns);
	bool *nulls = palloc(sizeof(bool) * columns);
	SpiRow row = {column_values, nulls};

	for (uint64 i = 0; i < count; i++)
	{
		heap_deform_tuple(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, column_values, nulls);
		take(&row, context);
	}
	spi_free_rows();
}

#endif

ReturnSetInfo *
spi_begin_rows(FunctionCallInfo fcinfo)
{
#if PG_VERSION_NUM >= 160000
	InitMaterializedSRF(fcinfo, 0);
#elif PG_VERSION_NUM >= 150000
	SetSingleFuncCall(fcinfo, 0);
#else
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext old;
	TupleDesc columns;

	if (result == NULL || !IsA(result, ReturnSetInfo) || (result->allowedModes & SFRM_Materialize) == 0)
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("materialize mode required, but it is not allowed in this context")));
	old = MemoryContextSwitchTo(result->econtext->ecxt_per_query_memory);
	if (get_call_result_type(fcinfo, NULL, &columns) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	result->returnMode = SFRM_Materialize;
	result->setResult = tuplestore_begin_heap(true, false, work_mem);
	result->setDesc = columns;
	MemoryContextSwitchTo(old);
#endif
	return (ReturnSetInfo *) fcinfo->resultinfo;
}
