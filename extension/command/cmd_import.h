/*
 * cmd_import.h: what the parts of an import share: the shape check, the people, the report.
 */
#ifndef COLLAB_CMD_IMPORT_H
#define COLLAB_CMD_IMPORT_H

#include "postgres.h"
#include "nodes/pg_list.h"
#include "utils/hsearch.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "command/command.h"
#include "support/support_compat.h"

/* What was imported, and what could not be. */
typedef struct ImportReport
{
	int lists;
	int archived_lists;
	int tasks;
	int archived_tasks;
	int labels;
	int checklists;
	int checklist_items;
	int comments;
	int members;
	int placeholders;
	List *unmapped; /* of UnmappedKind */
} ImportReport;

/* Refuses with the place in the document that does not fit. */
extern bool import_check_trello(JsonbContainer *document, Refusal *refusal);

/* Notes a thing that has no place here: what kind, where it was, what it was. Without where it is only counted. */
extern void import_unmapped(ImportReport *report, const char *kind, const char *where, const char *what);
/* The report as JSON text. */
extern char *import_report_text(const ImportReport *report);

/* A person of the export. */
typedef struct ImportPerson
{
	char key[NAMEDATALEN]; /* the source's id */
	int64 user_id;
	const char *name;
	bool is_placeholder;
} ImportPerson;

typedef struct ImportPeople
{
	HTAB *by_key;
	HTAB *by_username; /* as written in the source, for @mentions */
	const pg_uuid_t *workspace_id;
	ImportReport *report;
} ImportPeople;

extern void import_people_start(ImportPeople *people, const pg_uuid_t *workspace_id, ImportReport *report);
/* The member of the workspace with that handle, else a placeholder. member: an object with id, username, fullName. */
extern ImportPerson *import_people_add(ImportPeople *people, JsonbContainer *member);
extern ImportPerson *import_people_find(ImportPeople *people, const char *key); /* NULL: not in the export */
/* The ids of those whom the text names with @username, as a JSON array. */
extern char *import_people_mentions(ImportPeople *people, const char *text);

#endif
