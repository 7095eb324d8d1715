/*
 * support_field.h: the fields of commands and reads: their kinds, their check, their typed values.
 *
 * Checks come first, for all fields of a message at once; readers below rely on them and only tell absence.
 */
#ifndef COLLAB_SUPPORT_FIELD_H
#define COLLAB_SUPPORT_FIELD_H

#include "postgres.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "support/support_refusal.h"

#define FIELD_ARRAY_LENGTH 100
#define TEXT_MARKS_IN_A_ROW 30

typedef enum FieldKind
{
	FIELD_UUID,
	FIELD_USER, /* a user's id */
	FIELD_USERS, /* an array of users' ids */
	FIELD_NAME, /* text, 1 to 100 characters */
	FIELD_TITLE, /* text, 1 to 500 characters */
	FIELD_DESCRIPTION, /* text to 64 KB, line breaks and tabs allowed */
	FIELD_POSITION, /* integer from 0 */
	FIELD_LIMIT, /* integer from 1 */
	FIELD_TIME, /* RFC 3339, or a date */
	FIELD_PRIORITY, /* low, medium, high, urgent */
	FIELD_CATEGORY, /* todo, doing, done */
	FIELD_ROLE, /* viewer, member, admin, owner */
	FIELD_FORMAT, /* trello, collab */
	FIELD_LABELS, /* an array of label ids or names */
	FIELD_OBJECT,
	FIELD_CONFIG, /* an object, to 64 KB of text */
	FIELD_SETTINGS, /* a board's settings, an object; cmd_board.c knows what may be in it */
	FIELD_COVER, /* an object; cmd_task_fields.c knows what may be in it */
	FIELD_COMMENT, /* text, 1 byte to 16 KB, line breaks and tabs allowed */
	FIELD_FILE_NAME, /* text, 1 to 255 characters */
	FIELD_URL, /* http or https, to 2,000 bytes */
	FIELD_TOKEN, /* of an invite: 1 to 200 ASCII letters, digits, - and _ */
	FIELD_COLOR, /* a name of the palette, or #rrggbb */
	FIELD_BOOLEAN,
	FIELD_SECONDS, /* integer from 1 to a year */
	FIELD_VISIBILITY, /* workspace, private */
	FIELD_KIND, /* of a custom field: text, number, date, choice, checkbox */
	FIELD_OPTIONS, /* an array of names */
	FIELD_VALUE, /* any JSON value, to 64 KB of text */
	FIELD_ID, /* of a notification: integer from 1 */
	FIELD_IDS, /* an array of notifications' ids */
	FIELD_DETAIL, /* full, cards */
	FIELD_QUERY, /* words to look for, to 500 characters */
	FIELD_CURSOR, /* next_cursor of the page before: text, or a number for its digits */
	FIELD_REPORT, /* throughput, flow_times, cumulative_flow, burndown, workload */
	FIELD_BUCKET, /* day, week, category, list */
	FIELD_EXPORT, /* json, csv */
} FieldKind;

typedef enum FieldPresence
{
	FIELD_REQUIRED,
	FIELD_OPTIONAL, /* null is as absent */
	FIELD_NULLABLE, /* null clears */
} FieldPresence;

typedef struct FieldDef
{
	const char *name; /* NULL ends a table */
	FieldKind kind;
	FieldPresence presence;
} FieldDef;

/* The type of a message, {"type", "payload"?}, called a noun; refuses and returns NULL when it has none. */
extern char *message_type(JsonbContainer *message, const char *noun, Refusal *refusal);
/* Refuses a type that there is not; returns false. */
extern bool message_refuse_type(const char *type, const char *noun, Refusal *refusal);
/* The payload of a message; refuses and returns NULL when it is no object. */
extern JsonbContainer *message_payload(JsonbContainer *message, Refusal *refusal);

/* Checks every field of the table; at the first that does not fit refuses with its name, prefix before it. */
extern bool fields_check(const FieldDef *defs, JsonbContainer *object, const char *prefix, Refusal *refusal);
/* Checks one value, which must be there. */
extern bool field_check(FieldKind kind, const JsonbValue *value, const char *name, Refusal *refusal);
/* True when a text is a value of the kind. */
extern bool field_text_fits(FieldKind kind, const char *text);
/* True when the object names at least one field of the table. */
extern bool fields_any(const FieldDef *defs, JsonbContainer *object);

extern bool field_present(JsonbContainer *object, const char *name); /* also when it is null */
extern bool field_uuid(JsonbContainer *object, const char *name, pg_uuid_t *value);
extern bool field_int64(JsonbContainer *object, const char *name, int64 *value);
extern bool field_time(JsonbContainer *object, const char *name, TimestampTz *value);
extern bool field_bool(JsonbContainer *object, const char *name, bool *value);
/* A choice or other short text as it is; NULL when absent or null. */
extern char *field_word(JsonbContainer *object, const char *name);
/* Text trimmed and NFC-normalised; NULL when absent or null. */
extern char *field_text(JsonbContainer *object, const char *name);
/* Any value as JSON text; NULL when absent. */
extern char *field_json(JsonbContainer *object, const char *name);

/*
 * Trimmed and NFC-normalised; NULL where there are control characters (multiline: but line breaks and tabs), or more
 * than TEXT_MARKS_IN_A_ROW combining marks in a row.
 */
extern char *text_clean(const char *given, bool multiline);

#endif
