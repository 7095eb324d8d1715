/*
 * pg_address.h - connection parameters with host names resolved beforehand.
 *
 * libpq looks names up inside PQconnectStart and blocks for as long as the resolver takes. So the
 * names of the conninfo are looked up once before clients are served, and again off the loop after
 * a failed attempt; libpq gets addresses only. Called by pg_conn.c and pg.c.
 */
#ifndef BRIDGE_PG_ADDRESS_H
#define BRIDGE_PG_ADDRESS_H

#include <stdbool.h>

/* Which of the two conninfos: the server itself, or what stands in front of it for commands and reads. */
typedef enum PgAddressKind
{
	PG_ADDRESS_DIRECT, /* option database */
	PG_ADDRESS_POOL, /* option pool_database; the same as the other when that is empty */
	PG_ADDRESS_COUNT
} PgAddressKind;

typedef struct PgAddressUse
{
	PgAddressKind kind;
	const char *application_name;
	const char *server_options; /* appended to those of the conninfo; may be NULL */
} PgAddressUse;

/*
 * Parses the conninfo and resolves its names; blocks. False with a message in `error` when the
 * conninfo cannot be parsed; a name that does not resolve yet is not an error.
 */
bool pg_address_open(PgAddressKind kind, const char *conninfo, char *error, int error_size)
	__attribute__((warn_unused_result));
void pg_address_close(void); /* both */

/* Parameters for PQconnectStartParams, ending in NULLs; valid until the next call. */
void pg_address_params(const PgAddressUse *use, const char *const **keywords, const char *const **values);

/* Starts a look-up in the background when the last one is older than a few seconds. */
void pg_address_refresh(PgAddressKind kind);

#endif
