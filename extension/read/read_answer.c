/*
 * read_answer.c: what handlers share: the fields as parameters of a statement, its row as members of the result, and checks
 * of fields that go together.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "read/read.h"
#include "support/support_json.h"

static Oid
type_of(FieldKind kind)
{
	switch (kind)
	{
		case FIELD_UUID:
			return UUIDOID;
		case FIELD_USER:
		case FIELD_ID:
			return INT8OID;
		case FIELD_POSITION:
		case FIELD_LIMIT:
			return INT4OID;
		case FIELD_BOOLEAN:
			return BOOLOID;
		case FIELD_TIME:
			return TIMESTAMPTZOID;
		case FIELD_OBJECT:
			return JSONBOID;
		default:
			return TEXTOID;
	}
}

/* A text, or a number's digits. */
static char *
text_of(const JsonbValue *value)
{
	return value->type == jbvString ? json_string(value) : json_value_text(value);
}

/* The value of a field, which is there and was checked. */
static Datum
datum_of(const Read *read, const FieldDef *field)
{
	JsonbValue *value = json_get(read->payload, field->name);
	int64 number = 0;
	bool is_true = false;
	TimestampTz time = 0;
	pg_uuid_t *id;

	switch (type_of(field->kind))
	{
		case UUIDOID:
			id = palloc(sizeof(pg_uuid_t));
			(void) json_uuid(value, id);
			return UUIDPGetDatum(id);
		case INT8OID:
			(void) json_int64(value, &number);
			return Int64GetDatum(number);
		case INT4OID:
			(void) json_int64(value, &number);
			return Int32GetDatum((int32) number);
		case BOOLOID:
			(void) field_bool(read->payload, field->name, &is_true);
			return BoolGetDatum(is_true);
		case TIMESTAMPTZOID:
			(void) field_time(read->payload, field->name, &time);
			return TimestampTzGetDatum(time);
		case JSONBOID:
			return PointerGetDatum(JsonbValueToJsonb(value));
		default:
			return CStringGetTextDatum(text_of(value));
	}
}

/* Runs the statement with the table's fields; refuses when there is no row. */
static bool
run(Read *read, SpiStatement *statement)
{
	Datum values[SPI_STATEMENT_MAX_ARGS] = {0};
	char nulls[SPI_STATEMENT_MAX_ARGS + 1] = {0};
	int count = 0;

	for (const FieldDef *field = read->def->fields; field->name != NULL; field++, count++)
	{
		bool is_null = json_is_null(json_get(read->payload, field->name));

		nulls[count] = is_null ? 'n' : ' ';
		statement->argtypes[count] = type_of(field->kind);
		if (!is_null)
			values[count] = datum_of(read, field);
	}
	return spi_read(statement, values, nulls) == 1 ||
		   read_refuse(read, REFUSAL_NOT_FOUND, "not found or access denied");
}

bool
read_answer(Read *read, SpiStatement *statement)
{
	if (!run(read, statement))
		return false;
	for (int column = 1; column <= SPI_tuptable->tupdesc->natts; column++)
	{
		const char *name = SPI_fname(SPI_tuptable->tupdesc, column);

		if (strcmp(name, "version") == 0)
			read->version = spi_int32(0, column);
		else if (strcmp(name, "event") == 0)
			read->event = spi_cstring(0, column);
		else
			json_add_raw(&read->out, name, spi_cstring(0, column));
	}
	return true;
}

bool
read_answer_whole(Read *read, SpiStatement *statement, const char *content_type)
{
	if (!run(read, statement))
		return false;
	resetStringInfo(&read->out);
	appendStringInfoString(&read->out, spi_cstring(0, 1));
	read->is_whole = true;
	read->content_type = content_type;
	return true;
}

bool
read_check_limit(Read *read, int largest)
{
	int64 limit;

	if (!field_int64(read->payload, "limit", &limit) || limit <= largest)
		return true;
	return read_refuse(read, REFUSAL_INVALID, "limit must be an integer from 1 to %d", largest);
}

bool
read_check_number(Read *read, const char *field)
{
	JsonbValue *value = json_get(read->payload, field);
	char *digits = json_is_null(value) ? "0" : text_of(value);
	size_t length = strlen(digits);

	/* 18 digits are a bigint, whichever they are */
	if (length > 0 && length <= 18 && strspn(digits, "0123456789") == length)
		return true;
	return read_refuse(read, REFUSAL_INVALID, "%s must be the next_cursor of the page before", field);
}

bool
read_check_one_of(Read *read, const char *const *fields)
{
	StringInfoData known;
	int count = 0;

	initStringInfo(&known);
	for (; *fields != NULL; fields++)
	{
		count += json_is_null(json_get(read->payload, *fields)) ? 0 : 1;
		appendStringInfo(&known, "%s%s", known.len > 0 ? ", " : "", *fields);
	}
	return count == 1 || read_refuse(read, REFUSAL_INVALID, "one of %s must be given, and only one", known.data);
}
