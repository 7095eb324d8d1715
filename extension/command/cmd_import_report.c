/*
 * cmd_import_report.c: what an import tells: how many of each it made, and what it could not map.
 *
 * Every kind is counted in full; of each the first MOST_ITEMS that have a place are named.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "nodes/pg_list.h"

#include "command/cmd_import.h"
#include "support/support_json.h"

#define MOST_ITEMS 200
#define MOST_KINDS 100

typedef struct UnmappedItem
{
	const char *where;
	const char *what;
} UnmappedItem;

typedef struct UnmappedKind
{
	const char *kind;
	int count;
	List *items; /* of UnmappedItem */
} UnmappedKind;

static const char *const other_kinds = "other";

static UnmappedKind *
find_kind(ImportReport *report, const char *kind)
{
	UnmappedKind *found;
	ListCell *cell;

	foreach (cell, report->unmapped)
	{
		found = lfirst(cell);
		if (strcmp(found->kind, kind) == 0)
			return found;
	}
	if (list_length(report->unmapped) >= MOST_KINDS && strcmp(kind, other_kinds) != 0)
		return find_kind(report, other_kinds);
	found = palloc0(sizeof(UnmappedKind));
	found->kind = kind;
	report->unmapped = lappend(report->unmapped, found);
	return found;
}

void
import_unmapped(ImportReport *report, const char *kind, const char *where, const char *what)
{
	UnmappedKind *found = find_kind(report, kind);
	UnmappedItem *item;

	CHECK_FOR_INTERRUPTS();
	if (found->count++ >= MOST_ITEMS || where == NULL)
		return;
	item = palloc(sizeof(UnmappedItem));
	item->where = where;
	item->what = what;
	found->items = lappend(found->items, item);
}

static void
put_count(StringInfo out, const char *key, int count)
{
	json_add_int(out, key, count);
}

static void
put_kind(StringInfo out, const UnmappedKind *kind)
{
	ListCell *cell;

	json_begin(out, '{');
	json_add_string(out, "kind", kind->kind);
	put_count(out, "count", kind->count);
	json_key(out, "items");
	json_begin(out, '[');
	foreach (cell, kind->items)
	{
		UnmappedItem *item = lfirst(cell);

		json_begin(out, '{');
		json_add_string(out, "where", item->where);
		json_add_string(out, "what", item->what);
		json_end(out, '}');
	}
	json_end(out, ']');
	json_end(out, '}');
}

char *
import_report_text(const ImportReport *report)
{
	StringInfoData out;
	ListCell *cell;

	initStringInfo(&out);
	json_begin(&out, '{');
	json_key(&out, "imported");
	json_begin(&out, '{');
	put_count(&out, "lists", report->lists);
	put_count(&out, "archived_lists", report->archived_lists);
	put_count(&out, "tasks", report->tasks);
	put_count(&out, "archived_tasks", report->archived_tasks);
	put_count(&out, "labels", report->labels);
	put_count(&out, "custom_fields", report->custom_fields);
	put_count(&out, "checklists", report->checklists);
	put_count(&out, "checklist_items", report->checklist_items);
	put_count(&out, "comments", report->comments);
	put_count(&out, "attachments", report->attachments);
	put_count(&out, "dependencies", report->dependencies);
	put_count(&out, "members", report->members);
	put_count(&out, "placeholders", report->placeholders);
	json_end(&out, '}');
	json_key(&out, "unmapped");
	json_begin(&out, '[');
	foreach (cell, report->unmapped)
		put_kind(&out, lfirst(cell));
	json_end(&out, ']');
	json_key(&out, "notes");
	json_begin(&out, '[');
	foreach (cell, report->notes)
		json_put_string(&out, lfirst(cell));
	json_end(&out, ']');
	json_end(&out, '}');
	return out.data;
}
