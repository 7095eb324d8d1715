/*
 * pg_read_values.c - what goes into a read and what comes out of it, as values.
 *
 * Owns nothing: the parameters stand in the read until the pool frees them. Called by those who read.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "pg/pg_read.h"
#include "pg/pg_rows.h"

/* ---- in ---- */

void
pg_read_init(PgRead *read, PgReadKind kind, void (*done)(PgRead *, const PgReadResult *))
{
	*read = (PgRead){.kind = kind, .done = done};
}

static void
read_add(PgRead *read, const void *bytes, size_t length, bool is_binary)
{
	int number = read->param_count++;

	read->param_is_null[number] = bytes == NULL;
	read->param_is_binary[number] = is_binary;
	read->param_offset[number] = read->params.length;
	read->param_length[number] = length;
	if (bytes == NULL)
		return;
	buffer_append(&read->params, bytes, length);
	buffer_append_char(&read->params, '\0');
}

void
pg_read_add_integer(PgRead *read, int64_t number)
{
	char text[24];
	int length = snprintf(text, sizeof(text), "%lld", (long long) number);

	read_add(read, text, (size_t) length, false);
}

void
pg_read_add_uuid(PgRead *read, const Uuid *uuid)
{
	char text[UUID_TEXT_SIZE];

	read_add(read, uuid_format(uuid, text), UUID_TEXT_LENGTH, false);
}

void
pg_read_add_text(PgRead *read, Slice text)
{
	read_add(read, text.bytes, text.length, false);
}

void
pg_read_add_bytes(PgRead *read, Slice bytes)
{
	read_add(read, bytes.bytes, bytes.length, true);
}

void
pg_read_add_uuids(PgRead *read, const Uuid *uuids, size_t count)
{
	Buffer array = BUFFER_EMPTY;

	pg_array_begin(&array, PG_OID_UUID, count);
	for (size_t i = 0; i < count; i++)
		pg_array_add_bytes(&array, uuids[i].bytes, sizeof(uuids[i].bytes));
	read_add(read, array.bytes, array.length, true);
	buffer_free(&array);
}

void
pg_read_add_integers(PgRead *read, const int64_t *numbers, size_t count)
{
	Buffer array = BUFFER_EMPTY;

	pg_array_begin(&array, PG_OID_INT8, count);
	for (size_t i = 0; i < count; i++)
		pg_array_add_integer(&array, numbers[i]);
	read_add(read, array.bytes, array.length, true);
	buffer_free(&array);
}

void
pg_read_add_texts(PgRead *read, const Slice *texts, size_t count)
{
	Buffer array = BUFFER_EMPTY;

	pg_array_begin(&array, PG_OID_TEXT, count);
	for (size_t i = 0; i < count; i++)
		pg_array_add_bytes(&array, texts[i].bytes, texts[i].length);
	read_add(read, array.bytes, array.length, true);
	buffer_free(&array);
}

/* ---- out ---- */

Slice
pg_read_slice(const PgReadResult *result, int row, int column)
{
	return pg_rows_slice(result->rows, row, column);
}

const char *
pg_read_text(const PgReadResult *result, int row, int column)
{
	return PQgetvalue((const PGresult *) result->rows, row, column);
}

bool
pg_read_is_null(const PgReadResult *result, int row, int column)
{
	return PQgetisnull((const PGresult *) result->rows, row, column) != 0;
}

int64_t
pg_read_integer(const PgReadResult *result, int row, int column)
{
	return pg_rows_integer(result->rows, row, column);
}

bool
pg_read_boolean(const PgReadResult *result, int row, int column)
{
	return pg_rows_boolean(result->rows, row, column);
}

bool
pg_read_uuid(const PgReadResult *result, int row, int column, Uuid *uuid)
{
	return pg_rows_uuid(result->rows, row, column, uuid);
}

/* The text form of bigint[]: {1,2,3}, never with nulls here. */
int64_t *
pg_read_integers(const PgReadResult *result, int row, int column, size_t *count)
{
	const char *at = pg_read_text(result, row, column);
	size_t capacity = 1;
	int64_t *numbers;

	for (const char *comma = at; *comma != '\0'; comma++)
		capacity += *comma == ',';
	numbers = memory_alloc(capacity * sizeof(*numbers));
	*count = 0;
	while (*at != '\0' && *at != '}' && *count < capacity)
	{
		char *end;

		at++; /* the brace or a comma */
		if (*at == '}')
			break;
		numbers[(*count)++] = strtoll(at, &end, 10);
		if (end == at)
			break;
		at = end;
	}
	return numbers;
}
