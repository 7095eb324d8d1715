/*
 * support_json.h: reading fields out of jsonb, and writing JSON text.
 *
 * Writing goes to text first: the same writer serves the wire and, through json_text_to_jsonb, the event log. A writer
 * puts commas by itself: it looks at the last character written.
 */
#ifndef COLLAB_SUPPORT_JSON_H
#define COLLAB_SUPPORT_JSON_H

#include "postgres.h"
#include "lib/stringinfo.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

/* NULL when the object has no such key; the value points into the jsonb. */
extern JsonbValue *json_get(JsonbContainer *object, const char *key);
extern bool json_is_null(const JsonbValue *value); /* absent counts as null */
extern bool json_is_object(const JsonbValue *value);
extern bool json_is_array(const JsonbValue *value);
/* Copies; NULL when the value is not a string. */
extern char *json_string(const JsonbValue *value);
/* False when the value is not an integer of the range. */
extern bool json_int64(const JsonbValue *value, int64 *result);
/* False when the value is not a string with a uuid in its usual form. */
extern bool json_uuid(const JsonbValue *value, pg_uuid_t *result);
/* The value as JSON text, whatever it is. */
extern char *json_value_text(const JsonbValue *value);
/* Whether the JSON text has at most `limit` bytes; found without writing it: 6 bytes of 1e131000 are 131 kB of text. */
extern bool json_fits(JsonbContainer *container, size_t limit);
/* The elements of an array, one palloc'd array of pointers; *count gets their number. */
extern JsonbValue **json_elements(const JsonbValue *array, int *count);

/* A walk through an object: members = json_members(object); while (json_next_member(&members)) … name, value … */
typedef struct JsonMembers
{
	JsonbIterator *iterator;
	char *name; /* a copy */
	JsonbValue value; /* points into the jsonb */
} JsonMembers;

extern JsonMembers json_members(JsonbContainer *object);
extern bool json_next_member(JsonMembers *members);

extern void json_begin(StringInfo out, char bracket); /* '{' or '[' */
extern void json_end(StringInfo out, char bracket); /* '}' or ']' */
extern void json_key(StringInfo out, const char *key);
extern void json_put_string(StringInfo out, const char *value); /* NULL becomes null */
extern void json_put_int(StringInfo out, int64 value);
extern void json_put_bool(StringInfo out, bool value);
extern void json_put_uuid(StringInfo out, const pg_uuid_t *value); /* NULL becomes null */
extern void json_put_time(StringInfo out, TimestampTz value); /* as time_text */
extern void json_put_raw(StringInfo out, const char *json); /* a complete JSON value; NULL becomes null */

/* A member of an object: the key and its value. */
extern void json_add_string(StringInfo out, const char *key, const char *value);
extern void json_add_int(StringInfo out, const char *key, int64 value);
extern void json_add_bool(StringInfo out, const char *key, bool value);
extern void json_add_uuid(StringInfo out, const char *key, const pg_uuid_t *value);
extern void json_add_time(StringInfo out, const char *key, TimestampTz value);
extern void json_add_raw(StringInfo out, const char *key, const char *json);

extern Jsonb *json_text_to_jsonb(const char *text);

extern char *uuid_text(const pg_uuid_t *value);
extern bool uuid_equal(const pg_uuid_t *a, const pg_uuid_t *b);
extern bool uuid_parse(const char *text, pg_uuid_t *result);

#endif
