/*
 * pg.c - everything the bridge has towards the database, opened and closed together.
 *
 * The first connection that succeeds after an outage ends the pauses of all the others, so that the
 * bridge is whole again at once. Called by main.c.
 */
#include "pg/pg.h"

#include "pg/pg_address.h"
#include "pg/pg_command.h"
#include "pg/pg_conn.h"
#include "pg/pg_read.h"

/* One connection stands again: the others need not wait out their pauses. */
static void
on_any_ready(void)
{
	pg_listener_hurry();
	pg_read_hurry();
	pg_command_hurry();
}

bool
pg_open(const Config *config, const PgListenerHandlers *handlers, Buffer *problem)
{
	const char *pool = config->pool_database[0] != '\0' ? config->pool_database : config->database;
	char error[256];

	if (!pg_address_open(PG_ADDRESS_DIRECT, config->database, error, sizeof(error)))
	{
		buffer_append_format(problem, "option database: %s", error);
		return false;
	}
	if (!pg_address_open(PG_ADDRESS_POOL, pool, error, sizeof(error)))
	{
		buffer_append_format(problem, "option pool_database: %s", error);
		return false;
	}
	pg_conn_set_observer(on_any_ready);
	pg_listener_open(config, handlers);
	pg_read_open(config);
	pg_command_open(config);
	return true;
}

void
pg_configure(const Config *config)
{
	pg_read_configure(config);
	pg_command_configure(config);
}

void
pg_close(void)
{
	pg_conn_set_observer(NULL);
	pg_command_close();
	pg_read_close();
	pg_listener_close();
	pg_address_close();
}

bool
pg_is_up(void)
{
	return pg_listener_is_up() && pg_read_is_up() && pg_command_is_up();
}
