/*
 * pg_rows.c - reading values out of a PGresult, and building array parameters.
 *
 * Owns nothing. Called by pg_lane.c and pg_read.c.
 */
#include "pg/pg_rows.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

Slice
pg_rows_slice(const PGresult *rows, int row, int column)
{
	return slice_of(PQgetvalue(rows, row, column), (size_t) PQgetlength(rows, row, column));
}

int64_t
pg_rows_integer(const PGresult *rows, int row, int column)
{
	return strtoll(PQgetvalue(rows, row, column), NULL, 10);
}

bool
pg_rows_boolean(const PGresult *rows, int row, int column)
{
	return PQgetvalue(rows, row, column)[0] == 't';
}

bool
pg_rows_uuid(const PGresult *rows, int row, int column, Uuid *uuid)
{
	Slice text = pg_rows_slice(rows, row, column);

	return uuid_parse(text.bytes, text.length, uuid);
}

static void
append_int32(Buffer *out, uint32_t number)
{
	uint32_t wire = htonl(number);

	buffer_append(out, &wire, sizeof(wire));
}

void
pg_array_begin(Buffer *out, uint32_t element_type, size_t count)
{
	append_int32(out, count > 0 ? 1 : 0); /* dimensions */
	append_int32(out, 0); /* no nulls */
	append_int32(out, element_type);
	if (count == 0)
		return;
	append_int32(out, (uint32_t) count);
	append_int32(out, 1); /* lower bound */
}

void
pg_array_add_integer(Buffer *out, int64_t number)
{
	append_int32(out, sizeof(number));
	append_int32(out, (uint32_t) ((uint64_t) number >> 32));
	append_int32(out, (uint32_t) number);
}

void
pg_array_add_bytes(Buffer *out, const void *bytes, size_t length)
{
	append_int32(out, (uint32_t) length);
	buffer_append(out, bytes, length);
}
