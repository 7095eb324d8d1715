/*
 * pg.h - everything the bridge has towards the database, opened and closed together.
 *
 * Called by main.c. The parts are used through their own headers: pg_command.h, pg_read.h,
 * pg_listener.h.
 */
#ifndef COLLAB_PG_H
#define COLLAB_PG_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "core/config.h"
#include "pg/pg_listener.h"

/*
 * Starts to connect; never waits for the server, but looks up its name once. False with a one-line
 * problem when option database cannot be parsed.
 */
bool pg_open(const Config *config, const PgListenerHandlers *handlers, Buffer *problem) MUST_CHECK;
void pg_configure(const Config *config); /* after a reload */
void pg_close(void);

/* Commands, reads and notifications all work now. */
bool pg_is_up(void);

#endif
