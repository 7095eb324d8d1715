/*
 * cmd_import_trello.h: what the parts of a Trello import share: reading the export, fitting texts, colors.
 */
#ifndef COLLAB_CMD_IMPORT_TRELLO_H
#define COLLAB_CMD_IMPORT_TRELLO_H

#include "postgres.h"
#include "utils/hsearch.h"

#include "command/cmd_import.h"

#define IMPORT_NAME_CHARACTERS 100
#define IMPORT_TITLE_CHARACTERS 500
#define IMPORT_FILE_NAME_CHARACTERS 255
#define IMPORT_DESCRIPTION_BYTES (64 * 1024)
#define IMPORT_COMMENT_BYTES (16 * 1024)

/* An element of an array, with what it is sorted by. */
typedef struct Element
{
	JsonbContainer *object;
	double position;
	int index;
} Element;

/* Refuses with the place in the document that does not fit (cmd_import_check.c). */
extern bool import_check_trello(JsonbContainer *document, Refusal *refusal);

/* Reading (cmd_import_read.c). The shape was checked: a value is of its type, or absent or null. */
extern const char *import_text(JsonbContainer *object, const char *key);
extern bool import_is_true(JsonbContainer *object, const char *key);
extern double import_number(JsonbContainer *object, const char *key); /* 0 when absent */
extern const TimestampTz *import_time(JsonbContainer *object, const char *key);
extern JsonbValue **import_array(JsonbContainer *object, const char *key, int *count);
/* The objects of an array, by "pos". */
extern Element *import_sorted(JsonbContainer *object, const char *key, int *count);
/* When a thing was made, by its id; NULL when the id does not tell. */
extern const TimestampTz *import_made_at(JsonbContainer *object);

/* Texts as they fit here; what had to be changed is reported. most: characters, bytes where multiline. */
extern const char *import_fit_text(Import *import, const char *text, int most, bool multiline, const char *where);
extern const char *import_fit_name(Import *import, const char *text, int most, const char *where);
/* Reports every element of an array as unmapped. */
extern void import_report_array(Import *import, JsonbContainer *object, const char *key, const char *kind,
								const char *where);
/* Enters a thing under its id; refuses an id that the export holds twice, with NULL. */
extern Mapped *import_map_object(Import *import, HTAB *table, const char *what, int index, JsonbContainer *object);

/* Cards and checklists (cmd_import_card.c). */
extern bool import_card(Import *import, const Element *element);
extern bool import_checklist(Import *import, const Element *element);

/* Attachments, covers and colors (cmd_import_attachment.c). */

/* The color of ours that comes nearest; what is not the same is reported. NULL: the export names none. */
extern const char *import_color(Import *import, const char *color, const char *where);
/* A card's attachments, with new ids, in the order of the export; those that cannot be links are reported. */
extern ImportAttachment *import_attachments(Import *import, JsonbContainer *card, Mapped *task, int *count);
/* A card's cover as it is stored, JSON text; NULL: none, or none that can be had, which is reported. */
extern char *import_cover(Import *import, JsonbContainer *card, const char *title);

/* Custom fields (cmd_import_field.c). */

extern bool import_fields(Import *import);
/* A card's values, JSON text of an object by field id; NULL: none. */
extern char *import_field_values(Import *import, JsonbContainer *card, const char *title);

#endif
