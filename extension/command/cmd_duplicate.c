/*
 * cmd_duplicate.c: DUPLICATE_BOARD: a copy is an export of the board, without what is archived and who said what, that is
 * imported at once.
 *
 * The frame has checked that the actor sees the board that is copied, and his role.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "command/cmd_import.h"
#include "support/support_spi.h"

SPI_STATEMENT(export_board, "SELECT collab.export_document($1, $2, false, true)", UUIDOID, TEXTOID);
SPI_STATEMENT(count_left,
			  "SELECT count(*) FILTER (WHERE t.archived_at IS NOT NULL OR l.archived_at IS NOT NULL)::int,"
			  " (SELECT count(*)::int FROM collab.lists AS a WHERE a.board_id = $1 AND a.archived_at IS NOT NULL),"
			  " coalesce(sum(t.comments_count) FILTER (WHERE t.archived_at IS NULL AND l.archived_at IS NULL), 0)::int,"
			  " (SELECT count(*)::int FROM collab.attachments AS f JOIN collab.tasks AS o ON o.board_id = f.board_id"
			  " AND o.id = f.task_id WHERE f.board_id = $1 AND f.url IS NULL AND f.deleted_at IS NULL"
			  " AND o.deleted_at IS NULL AND o.archived_at IS NULL)"
			  " FROM collab.tasks AS t JOIN collab.lists AS l ON l.board_id = t.board_id AND l.id = t.list_id"
			  " WHERE t.board_id = $1 AND t.deleted_at IS NULL",
			  UUIDOID);

static void
note_left(Import *import, int count, const char *what)
{
	if (count > 0)
		import->report.notes = lappend(import->report.notes, psprintf("Not copied: %s (%d).", what, count));
}

/* What a copy leaves behind on purpose; without tasks that is clear. */
static void
note_all_left(Import *import, const pg_uuid_t *source)
{
	Datum values[] = {UUIDPGetDatum(source)};
	int counts[4];

	(void) spi_run(&count_left, values, NULL);
	for (int i = 0; i < (int) lengthof(counts); i++)
		counts[i] = spi_int32(0, i + 1);
	note_left(import, counts[0], "archived tasks and tasks in archived lists");
	note_left(import, counts[1], "archived lists");
	note_left(import, counts[2], "comments");
	note_left(import, counts[3], "files");
}

bool
cmd_duplicate_board(Command *command)
{
	bool with_tasks = false;
	pg_uuid_t source;
	Datum values[2];
	Jsonb *document;
	Import import;

	(void) field_uuid(command->payload, "board_id", &source);
	(void) field_bool(command->payload, "with_tasks", &with_tasks);
	values[0] = UUIDPGetDatum(&source);
	values[1] = CStringGetTextDatum(with_tasks ? "open" : "none");
	(void) spi_run(&export_board, values, NULL);
	document = DatumGetJsonbPCopy(spi_datum(0, 1));
	import_start(&import, command, &document->root);
	import.people.has_no_placeholders = true;
	if (with_tasks)
		note_all_left(&import, &source);
	return import_collab(&import, field_text(command->payload, "name"));
}
