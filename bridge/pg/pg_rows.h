/*
 * pg_rows.h - reading values out of a PGresult, and building array parameters.
 *
 * Arrays go to the server in binary form: no escaping, and bytes that are already checked are copied
 * once. Used by the other files of pg/ only.
 */
#ifndef COLLAB_PG_ROWS_H
#define COLLAB_PG_ROWS_H

#include <libpq-fe.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"
#include "base/uuid.h"

#define PG_OID_INT8 20
#define PG_OID_TEXT 25
#define PG_OID_UUID 2950

Slice pg_rows_slice(const PGresult *rows, int row, int column); /* empty for null */
int64_t pg_rows_integer(const PGresult *rows, int row, int column); /* 0 for null */
bool pg_rows_boolean(const PGresult *rows, int row, int column); /* false for null */
bool pg_rows_uuid(const PGresult *rows, int row, int column, Uuid *uuid); /* false for null */

/* A one-dimensional array in binary form: head first, then its elements. */
void pg_array_begin(Buffer *out, uint32_t element_type, size_t count);
void pg_array_add_integer(Buffer *out, int64_t number);
void pg_array_add_bytes(Buffer *out, const void *bytes, size_t length);

#endif
