/*
 * proj_model.h: the tables of the read model, taken as a whole: an aggregate's rows deleted, listed, saved, loaded.
 */
#ifndef COLLAB_PROJ_MODEL_H
#define COLLAB_PROJ_MODEL_H

#include "postgres.h"
#include "utils/jsonb.h"
#include "utils/uuid.h"

#include "event/event_types.h"

/* One table's rows as text, in the order of their key. */
typedef struct ModelRows
{
	const char *table;
	char **rows;
	int count;
} ModelRows;

extern void proj_model_delete(AggregateKind kind, const pg_uuid_t *id);

/* All tables of the kind, children first; palloc'd array of *count. */
extern ModelRows *proj_model_list(AggregateKind kind, const pg_uuid_t *id, int *count);

/*
 * A board's rows as JSON: {"tasks": [{…}, …], …}, without the board's id and without generated columns: they can be
 * loaded under any id. The same rows always give the same JSON.
 */
extern Jsonb *proj_model_save(const pg_uuid_t *board_id);
extern void proj_model_load(const pg_uuid_t *board_id, Jsonb *state);

#endif
