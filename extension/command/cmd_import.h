/*
 * cmd_import.h: what every import shares: the report, the people, what became of what, and the writer of the events.
 *
 * A reader of a format (cmd_import_trello.c, cmd_import_collab.c) fills the structs below from its document; only
 * cmd_import_write.c makes events of them.
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
	int custom_fields;
	int checklists;
	int checklist_items;
	int comments;
	int attachments;
	int dependencies;
	int members;
	int placeholders;
	List *unmapped; /* of UnmappedKind */
	List *notes; /* of texts */
} ImportReport;

/* Notes a thing that has no place here: what kind, where it was, what it was. Without where it is only counted. */
extern void import_unmapped(ImportReport *report, const char *kind, const char *where, const char *what);
/* The report as JSON text. */
extern char *import_report_text(const ImportReport *report);

/* A person of the document. */
typedef struct ImportPerson
{
	char key[NAMEDATALEN]; /* the document's id */
	int64 user_id; /* 0: nobody here, and nobody was made up */
	const char *name;
	bool is_placeholder;
	bool is_on_board; /* has something to do on a board that is private */
} ImportPerson;

typedef struct ImportPeople
{
	HTAB *by_key;
	HTAB *by_username; /* as written in the document, for @mentions */
	const pg_uuid_t *workspace_id;
	ImportReport *report;
	bool has_no_placeholders; /* who is not found stays away */
} ImportPeople;

/* Who somebody is elsewhere; all but key may be NULL. */
typedef struct ImportIdentity
{
	const char *key;
	const char *issuer;
	const char *subject;
	const char *handle;
	const char *name;
} ImportIdentity;

extern void import_people_start(ImportPeople *people, const pg_uuid_t *workspace_id, ImportReport *report);
/*
 * The member of the workspace who is issuer and subject, else the one with that handle, else a placeholder. A key that
 * was added before is not looked at again.
 */
extern ImportPerson *import_people_add(ImportPeople *people, const ImportIdentity *identity);
extern ImportPerson *import_people_find(ImportPeople *people, const char *key); /* NULL: not in the document */
/* The ids of those whom the text names with @username, as a JSON array. */
extern char *import_people_mentions(ImportPeople *people, const char *text);

/* A thing of the document and what became of it. */
typedef struct Mapped
{
	char key[NAMEDATALEN];
	pg_uuid_t id;
	const char *name;
	const char *color; /* of a label */
	const char *category; /* of a list */
	const char *kind; /* of a custom field */
	const char *options; /* of a custom field: JSON text of an array */
	int open_tasks; /* of a list */
	int tasks; /* of a list, archived ones too */
	int checklists; /* of a task */
	int comments; /* of a task */
	int comments_told; /* of a task: how many it says it has */
	int index; /* its place in the document */
	int owner; /* of a comment, attachment or option: the index of its task or field */
} Mapped;

typedef struct Import
{
	Command *command;
	JsonbContainer *document;
	ImportReport report;
	ImportPeople people;
	HTAB *labels;
	HTAB *lists;
	HTAB *tasks;
	HTAB *fields;
	HTAB *options; /* of custom fields */
	HTAB *comments;
	HTAB *attachments;
} Import;

/* Empty tables, and nobody known. */
extern void import_start(Import *import, Command *command, JsonbContainer *document);
/* A new thing of a table, with a new id; NULL when the key is there already. */
extern Mapped *import_map_new(HTAB *table, const char *key);
extern Mapped *import_map_find(HTAB *table, const char *key); /* NULL: there is none */

/* Writing (cmd_import_write.c). Times are those of the source; NULL: not known. */

typedef struct ImportList
{
	Mapped *mapped;
	int wip_limit; /* 0: none */
	bool is_archived;
	const TimestampTz *created_at;
	const TimestampTz *archived_at;
} ImportList;

typedef struct ImportTask
{
	TaskDocument document; /* board, status, position, version, created_at and updated_at are filled in */
	Mapped *mapped;
	Mapped *list;
	int64 created_by; /* 0: the actor */
	bool is_archived;
	const TimestampTz *created_at;
	const TimestampTz *archived_at;
} ImportTask;

typedef struct ImportItem
{
	const char *text;
	bool is_checked;
	const TimestampTz *due_date;
	const ImportPerson *assignee;
} ImportItem;

typedef struct ImportChecklist
{
	Mapped *task;
	const char *name;
	const TimestampTz *created_at;
	const ImportItem *items;
	int item_count;
} ImportChecklist;

typedef struct ImportComment
{
	pg_uuid_t id;
	Mapped *task;
	const ImportPerson *author;
	const char *text;
	const pg_uuid_t *reply_to;
	const char *mentions; /* JSON array of users' ids */
	const TimestampTz *created_at;
	const TimestampTz *edited_at;
} ImportComment;

typedef struct ImportAttachment
{
	pg_uuid_t id;
	Mapped *task;
	const char *name;
	const char *url; /* of a link; a file has what follows */
	const char *content_type;
	const char *sha256;
	int64 size;
	pg_uuid_t upload_id;
	const ImportPerson *author; /* NULL: the actor */
	const TimestampTz *created_at;
} ImportAttachment;

extern void import_add_label(Import *import, const Mapped *label, const TimestampTz *created_at);
extern void import_add_field(Import *import, const Mapped *field, const TimestampTz *created_at);
extern void import_add_list(Import *import, const ImportList *list);
extern void import_add_task(Import *import, ImportTask *task);
extern void import_add_checklist(Import *import, const ImportChecklist *checklist);
extern void import_add_comment(Import *import, const ImportComment *comment);
extern void import_add_attachment(Import *import, const ImportAttachment *attachment);
extern void import_add_dependency(Import *import, const Mapped *task, const Mapped *blocked_by);
/* The last event, with the report; refuses when the board would have too many open tasks, or the document too many people. */
extern bool import_finish(Import *import, const char *format);

/* The readers of the formats; each makes all events of the command or refuses. */
extern bool import_trello(Command *command, JsonbContainer *document);
extern bool import_collab(Import *import, const char *name);

#endif
