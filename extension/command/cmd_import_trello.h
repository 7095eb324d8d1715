/*
 * cmd_import_trello.h: what the parts of a Trello import share: reading the export, fitting texts, what became of what.
 */
#ifndef COLLAB_CMD_IMPORT_TRELLO_H
#define COLLAB_CMD_IMPORT_TRELLO_H

#include "postgres.h"
#include "utils/hsearch.h"

#include "command/cmd_import.h"

#define IMPORT_NAME_CHARACTERS 100
#define IMPORT_TITLE_CHARACTERS 500
#define IMPORT_DESCRIPTION_BYTES (64 * 1024)
#define IMPORT_COMMENT_BYTES (16 * 1024)

/* A list, card or label of the export and what became of it. */
typedef struct Mapped
{
	char key[NAMEDATALEN];
	pg_uuid_t id;
	const char *name;
	const char *color; /* of a label */
	const char *category; /* of a list */
	int open_tasks; /* of a list */
	int tasks; /* of a list, archived ones too */
	int checklists; /* of a card */
	int comments; /* of a card */
	int comments_told; /* of a card: how many it says it has */
	JsonbContainer *object; /* of a custom field: its definition */
} Mapped;

typedef struct Import
{
	Command *command;
	JsonbContainer *document;
	ImportReport report;
	ImportPeople people;
	HTAB *labels;
	HTAB *lists;
	HTAB *cards;
	HTAB *fields;
} Import;

/* An element of an array, with what it is sorted by. */
typedef struct Element
{
	JsonbContainer *object;
	double position;
	int index;
} Element;

/* Reading (cmd_import_read.c). The shape was checked: a value is of its type, or absent or null. */
extern const char *import_text(JsonbContainer *object, const char *key);
extern bool import_is_true(JsonbContainer *object, const char *key);
extern double import_number(JsonbContainer *object, const char *key); /* 0 when absent */
extern const TimestampTz *import_time(JsonbContainer *object, const char *key);
extern JsonbValue **import_array(JsonbContainer *object, const char *key, int *count);
/* The objects of an array, by "pos". */
extern Element *import_sorted(JsonbContainer *object, const char *key, int *count);
/* When a thing was made, by its id; false when the id does not tell. */
extern bool import_id_time(const char *id, TimestampTz *time);

/* Texts as they fit here; what had to be changed is reported. most: characters, bytes where multiline. */
extern const char *import_fit_text(Import *import, const char *text, int most, bool multiline, const char *where);
extern const char *import_fit_name(Import *import, const char *text, int most, const char *where);

/* Refuses an id that the export holds twice, with NULL. */
extern Mapped *import_map_new(Import *import, HTAB *table, const char *what, int index, JsonbContainer *object);
extern Mapped *import_map_find(HTAB *table, const char *key); /* NULL: there is none */

/* Parts of events: "imported", which says that counts come at the end, and "occurred_at". */
extern void import_put_origin(StringInfo out, JsonbContainer *object);
extern void import_put_origin_time(StringInfo out, const TimestampTz *time); /* NULL: not known */
extern void import_put_rank(StringInfo out, const pg_uuid_t *id, int64 index);
/* Adds the event that archives a list or task; list_id and occurred_at may be NULL. */
extern bool import_archive(Import *import, EventType type, const char *key, const pg_uuid_t *id,
						   const pg_uuid_t *list_id, const TimestampTz *occurred_at);
/* Reports every element of an array as unmapped. */
extern void import_report_array(Import *import, JsonbContainer *object, const char *key, const char *kind,
								const char *where);

/* Cards and checklists (cmd_import_card.c). */
extern bool import_card(Import *import, const Element *element);
extern bool import_checklist(Import *import, const Element *element);

#endif
