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

/*
 * Parses the conninfo and resolves its names; blocks. False with a message in `error` when the
 * conninfo cannot be parsed; a name that does not resolve yet is not an error.
 */
bool pg_address_open(const char *conninfo, char *error, int error_size) __attribute__((warn_unused_result));
void pg_address_close(void);

/*
 * Parameters for PQconnectStartParams, ending in NULLs; valid until the next call. server_options
 * are appended to those of the conninfo.
 */
void pg_address_params(const char *application_name, const char *server_options, const char *const **keywords,
					   const char *const **values);

/* Starts a look-up in the background when the last one is older than a few seconds. */
void pg_address_refresh(void);

#endif
