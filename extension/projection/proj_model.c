/*
 * proj_model.c: the tables of the read model, taken as a whole. A new table of the read model is a line in model_tables.
 *
 * What is saved and loaded names its columns as the catalog has them at that moment: a column that comes with a later
 * version is then neither forgotten nor saved twice. Those statements are made anew each time, which is rarely.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "projection/proj_model.h"
#include "support/support_json.h"
#include "support/support_jsonb.h"
#include "support/support_spi.h"

/* One table of the read model: how an aggregate's rows are deleted and listed. */
typedef struct ModelTable
{
	const char *name;
	AggregateKind kind;
	const char *key; /* the column with the aggregate's id */
	const char *sort;
	SpiStatement delete_rows;
	SpiStatement list_rows;
} ModelTable;

#define MODEL_TABLE(table, aggregate, key_column, sort_columns)                                                        \
	{                                                                                                                  \
		.name = table, .kind = AGGREGATE_##aggregate, .key = key_column, .sort = sort_columns,                         \
		.delete_rows = {.sql = "DELETE FROM collab." table " WHERE " key_column " = $1", .argtypes = {UUIDOID}},       \
		.list_rows = {.sql = "SELECT r::text FROM collab." table " AS r WHERE " key_column                             \
							 " = $1 ORDER BY " sort_columns,                                                           \
					  .argtypes = {UUIDOID}},                                                                          \
	}

/* Children first. */
static ModelTable model_tables[] = {
	MODEL_TABLE("attachments", BOARD, "board_id", "id"),
	MODEL_TABLE("comments", BOARD, "board_id", "id"),
	MODEL_TABLE("checklist_items", BOARD, "board_id", "id"),
	MODEL_TABLE("checklists", BOARD, "board_id", "id"),
	MODEL_TABLE("task_dependencies", BOARD, "board_id", "task_id, blocked_by"),
	MODEL_TABLE("task_labels", BOARD, "board_id", "task_id, label_id"),
	MODEL_TABLE("task_assignees", BOARD, "board_id", "task_id, user_id"),
	MODEL_TABLE("tasks", BOARD, "board_id", "id"),
	MODEL_TABLE("custom_fields", BOARD, "board_id", "id"),
	MODEL_TABLE("labels", BOARD, "board_id", "id"),
	MODEL_TABLE("lists", BOARD, "board_id", "id"),
	MODEL_TABLE("board_members", BOARD, "board_id", "user_id"),
	MODEL_TABLE("boards", BOARD, "id", "id"),
	MODEL_TABLE("invites", WORKSPACE, "workspace_id", "id"),
	MODEL_TABLE("members", WORKSPACE, "workspace_id", "user_id"),
	MODEL_TABLE("workspaces", WORKSPACE, "id", "id"),
};

/* The columns of a table that carry its content: not the aggregate's id, nothing generated. */
SPI_STATEMENT(read_columns,
			  "SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_catalog.pg_attribute AS a"
			  " JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid WHERE c.relname = $1::name"
			  " AND c.relnamespace = 'collab'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped"
			  " AND a.attgenerated = '' AND a.attname <> $2::name",
			  TEXTOID, TEXTOID);

void
proj_model_delete(AggregateKind kind, const pg_uuid_t *id)
{
	Datum values[] = {UUIDPGetDatum(id)};

	for (int t = 0; t < (int) lengthof(model_tables); t++)
	{
		if (model_tables[t].kind == kind)
			(void) spi_run(&model_tables[t].delete_rows, values, NULL);
	}
}

ModelRows *
proj_model_list(AggregateKind kind, const pg_uuid_t *id, int *count)
{
	Datum values[] = {UUIDPGetDatum(id)};
	ModelRows *all = palloc0(sizeof(model_tables) / sizeof(ModelTable) * sizeof(ModelRows));

	*count = 0;
	for (int t = 0; t < (int) lengthof(model_tables); t++)
	{
		ModelRows *rows = &all[*count];

		if (model_tables[t].kind != kind)
			continue;
		++*count;
		rows->table = psprintf("collab.%s", model_tables[t].name);
		rows->count = (int) spi_run(&model_tables[t].list_rows, values, NULL);
		rows->rows = palloc(sizeof(char *) * Max(rows->count, 1));
		for (int row = 0; row < rows->count; row++)
			rows->rows[row] = spi_cstring(row, 1);
		spi_free_rows();
	}
	return all;
}

static char *
content_columns(const ModelTable *table)
{
	Datum values[] = {CStringGetTextDatum(table->name), CStringGetTextDatum(table->key)};
	char *columns;

	(void) spi_run(&read_columns, values, NULL);
	columns = spi_cstring(0, 1);
	spi_free_rows();
	return columns;
}

/* One statement for all tables: (name, rows as JSON text), tables without rows left out. */
static char *
save_statement(void)
{
	StringInfoData sql;

	initStringInfo(&sql);
	for (int t = 0; t < (int) lengthof(model_tables); t++)
	{
		const ModelTable *table = &model_tables[t];

		if (table->kind != AGGREGATE_BOARD)
			continue;
		appendStringInfo(
			&sql,
			"%sSELECT '%s', json_agg(r ORDER BY %s)::text FROM (SELECT %s FROM collab.%s WHERE %s = $1) AS r"
			" HAVING count(*) > 0",
			sql.len > 0 ? " UNION ALL " : "", table->name, strcmp(table->key, "id") == 0 ? "1" : table->sort,
			content_columns(table), table->name, table->key);
	}
	return sql.data;
}

/* By way of text: several times faster than jsonb_agg. */
static Jsonb *
save_rows(const pg_uuid_t *board_id)
{
	Oid types[] = {UUIDOID};
	Datum values[] = {UUIDPGetDatum(board_id)};
	StringInfoData out;
	Jsonb *state;

	if (SPI_execute_with_args(save_statement(), 1, types, values, NULL, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not save the rows of a board");
	initStringInfo(&out);
	json_begin(&out, '{');
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		json_key(&out, spi_cstring(row, 1));
		json_put_raw(&out, spi_cstring(row, 2));
	}
	json_end(&out, '}');
	spi_free_rows();
	state = jsonb_of_own_text(out.data);
	pfree(out.data);
	return state;
}

/* Times are written in the session's zone, so that it is set for a moment. */
Jsonb *
proj_model_save(const pg_uuid_t *board_id)
{
	int level = NewGUCNestLevel();
	Jsonb *state;

	(void) set_config_option("timezone", "UTC", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	state = save_rows(board_id);
	AtEOXact_GUC(true, level);
	return state;
}

void
proj_model_load(const pg_uuid_t *board_id, Jsonb *state)
{
	for (int t = 0; t < (int) lengthof(model_tables); t++)
	{
		const ModelTable *table = &model_tables[t];
		Oid types[] = {UUIDOID, JSONBOID};
		Datum values[] = {UUIDPGetDatum(board_id), JsonbPGetDatum(state)};
		char *columns;

		if (table->kind != AGGREGATE_BOARD || json_get(&state->root, table->name) == NULL)
			continue;
		columns = content_columns(table);
		if (SPI_execute_with_args(psprintf("INSERT INTO collab.%s (%s, %s) SELECT $1, %s"
										   " FROM jsonb_populate_recordset(NULL::collab.%s, $2->'%s') AS r",
										   table->name, table->key, columns, columns, table->name, table->name),
								  2, types, values, NULL, false, 0) != SPI_OK_INSERT)
			elog(ERROR, "could not load the rows of a board");
	}
}
