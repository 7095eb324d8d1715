/*
 * support_field.c: checks and reads the fields of commands and reads.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "support/support_field.h"
#include "support/support_json.h"
#include "support/support_time.h"

#define NAME_LENGTH 100
#define TITLE_LENGTH 500
#define DESCRIPTION_BYTES (64 * 1024)
#define CONFIG_BYTES (64 * 1024)
#define COMMENT_BYTES (16 * 1024)
#define FILE_NAME_LENGTH 255
#define URL_BYTES 2000
#define TOKEN_BYTES 200
#define QUERY_LENGTH 500
#define CURSOR_BYTES 200
#define LONGEST_SECONDS (366 * 24 * 3600)
#define ARRAY_LENGTH FIELD_ARRAY_LENGTH
/* A character can take four bytes, and be written in several before it is normalised. */
#define BYTES_A_CHARACTER 16
#define MAX_USER_ID INT64CONST(9007199254740991)

static const char *const priorities[] = {"low", "medium", "high", "urgent", NULL};
static const char *const categories[] = {"todo", "doing", "done", NULL};
static const char *const roles[] = {"viewer", "member", "admin", "owner", NULL};
static const char *const formats[] = {"trello", "collab", NULL};
static const char *const visibilities[] = {"workspace", "private", NULL};
static const char *const kinds[] = {"text", "number", "date", "choice", "checkbox", NULL};
static const char *const details[] = {"full", "cards", NULL};
static const char *const reports[] = {"throughput", "flow_times", "cumulative_flow", "burndown", "workload", NULL};
static const char *const buckets[] = {"day", "week", "category", "list", NULL};
static const char *const exports[] = {"json", "csv", NULL};
static const char *const colors[] = {"red",  "orange", "yellow", "lime", "green", "teal", "sky",
									 "blue", "purple", "pink",   "gray", "black", NULL};

/* Text */

static bool
is_ascii_text(const char *text)
{
	for (; *text; text++)
	{
		if (IS_HIGHBIT_SET(*text))
			return false;
	}
	return true;
}

static char *
trim(char *text)
{
	size_t length = strlen(text);

	while (length > 0 && strchr(" \t\r\n", text[length - 1]) != NULL)
		text[--length] = '\0';
	while (*text != '\0' && strchr(" \t\r\n", *text) != NULL)
		text++;
	return text;
}

/* Normalising a run of combining marks takes the square of its length, so a run has an end (UAX #15, stream-safe). */
static bool
has_long_run_of_marks(const char *text)
{
	int run = 0;

	for (const char *c = text; *c; c += pg_mblen(c))
	{
		run = IS_HIGHBIT_SET(*c) && pg_dsplen(c) == 0 ? run + 1 : 0;
		if (run > TEXT_MARKS_IN_A_ROW)
			return true;
	}
	return false;
}

/* C0, DEL, and C1 (0xC2 0x80..0x9F in UTF-8). */
static bool
has_control_character(const char *text, bool multiline)
{
	for (const unsigned char *c = (const unsigned char *) text; *c; c++)
	{
		if (multiline && (*c == '\n' || *c == '\t' || *c == '\r'))
			continue;
		if (*c < 0x20 || *c == 0x7f || (*c == 0xc2 && c[1] >= 0x80 && c[1] <= 0x9f))
			return true;
	}
	return false;
}

char *
text_clean(const char *given, bool multiline)
{
	char *result = pstrdup(given);
	bool is_ascii = is_ascii_text(result);

	if (!is_ascii && has_long_run_of_marks(result))
		return NULL;
	if (!is_ascii)
		result = TextDatumGetCString(
			DirectFunctionCall2(unicode_normalize_func, CStringGetTextDatum(result), CStringGetTextDatum("NFC")));
	result = trim(result);
	return has_control_character(result, multiline) ? NULL : result;
}

static bool
refuse_length(Refusal *refusal, const char *name, int longest, bool multiline)
{
	return refuse(refusal, REFUSAL_LIMIT, NULL, "%s must have at most %d %s", name, longest,
				  multiline ? "bytes" : "characters");
}

static bool
check_text(const JsonbValue *value, const char *name, int longest, bool multiline, Refusal *refusal)
{
	char *text = json_string(value);
	char *clean;

	if (text == NULL)
		return refuse(refusal, REFUSAL_INVALID, NULL, "%s must be a text", name);
	if (strlen(text) > (size_t) longest * (multiline ? 2 : BYTES_A_CHARACTER))
		return refuse_length(refusal, name, longest, multiline);
	clean = text_clean(text, multiline);
	if (clean == NULL)
		return refuse(refusal, REFUSAL_INVALID, NULL,
					  "%s must not contain control characters, nor more than %d combining marks in a row", name,
					  TEXT_MARKS_IN_A_ROW);
	if (multiline && strlen(clean) > (size_t) longest)
		return refuse_length(refusal, name, longest, multiline);
	if (!multiline && *clean == '\0')
		return refuse(refusal, REFUSAL_INVALID, NULL, "%s must not be empty", name);
	if (!multiline && pg_mbstrlen(clean) > longest)
		return refuse_length(refusal, name, longest, multiline);
	return true;
}

static bool
check_comment(const JsonbValue *value, const char *name, Refusal *refusal)
{
	if (!check_text(value, name, COMMENT_BYTES, true, refusal))
		return false;
	return *text_clean(json_string(value), true) != '\0' ||
		   refuse(refusal, REFUSAL_INVALID, NULL, "%s must not be empty", name);
}

/* Other kinds */

static bool
check_word(const JsonbValue *value, const char *name, const char *const *words, Refusal *refusal)
{
	char *text = json_string(value);
	StringInfoData known;

	initStringInfo(&known);
	for (; *words != NULL; words++)
	{
		if (text != NULL && strcmp(text, *words) == 0)
			return true;
		appendStringInfo(&known, "%s%s", known.len > 0 ? ", " : "", *words);
	}
	return refuse(refusal, REFUSAL_INVALID, NULL, "%s must be one of %s", name, known.data);
}

static bool
check_integer(const JsonbValue *value, const char *name, int64 least, int64 most, Refusal *refusal)
{
	int64 number;

	if (json_int64(value, &number) && number >= least && number <= most)
		return true;
	return refuse(refusal, REFUSAL_INVALID, NULL, "%s must be an integer from " INT64_FORMAT " to " INT64_FORMAT, name,
				  least, most);
}

static bool
check_uuid(const JsonbValue *value, const char *name, Refusal *refusal)
{
	pg_uuid_t id;

	return json_uuid(value, &id) || refuse(refusal, REFUSAL_INVALID, NULL, "%s must be a uuid", name);
}

static bool
check_time(const JsonbValue *value, const char *name, Refusal *refusal)
{
	char *text = json_string(value);
	TimestampTz time;

	if (text != NULL && time_parse(text, &time))
		return true;
	return refuse(refusal, REFUSAL_INVALID, "Write a date as 2026-11-21 or a time as 2026-11-21T09:30:00Z.",
				  "%s must be an RFC 3339 date or time", name);
}

static bool
check_url(const JsonbValue *value, const char *name, Refusal *refusal)
{
	char *text = json_string(value);
	bool is_url = text != NULL && (pg_strncasecmp(text, "http://", 7) == 0 || pg_strncasecmp(text, "https://", 8) == 0);

	if (is_url && strlen(text) > URL_BYTES)
		return refuse(refusal, REFUSAL_LIMIT, NULL, "%s must have at most %d bytes", name, URL_BYTES);
	/* RFC 3986 knows no space, control or non-ASCII character: those are written with % */
	for (const char *c = text; is_url && *c; c++)
		is_url = *c > ' ' && *c < 0x7f && strchr("<>\"\\^`{|}", *c) == NULL;
	if (is_url && strchr("/?#", *(strstr(text, "://") + 3)) == NULL)
		return true;
	return refuse(refusal, REFUSAL_INVALID, NULL, "%s must be an http or https address", name);
}

static bool
check_token(const JsonbValue *value, const char *name, Refusal *refusal)
{
	char *text = json_string(value);
	size_t length = text == NULL ? 0 : strlen(text);

	if (length > 0 && length <= TOKEN_BYTES &&
		strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == length)
		return true;
	return refuse(refusal, REFUSAL_INVITE_INVALID, NULL, "%s is not the token of an invite", name);
}

/* What it leads to is its reader's to check. */
static bool
check_cursor(const JsonbValue *value, const char *name, Refusal *refusal)
{
	int64 number;

	if (json_int64(value, &number) || (value->type == jbvString && value->val.string.len <= CURSOR_BYTES))
		return true;
	return refuse(refusal, REFUSAL_INVALID, NULL, "%s must be the next_cursor of the page before", name);
}

/* Of no word everything is found: unlike a name it may be empty. */
static bool
check_query(const JsonbValue *value, const char *name, Refusal *refusal)
{
	char *text = json_string(value);

	if (text == NULL)
		return refuse(refusal, REFUSAL_INVALID, NULL, "%s must be a text", name);
	return pg_mbstrlen(text) <= QUERY_LENGTH || refuse_length(refusal, name, QUERY_LENGTH, false);
}

static bool
check_color(const JsonbValue *value, const char *name, Refusal *refusal)
{
	char *text = json_string(value);

	if (text != NULL && *text == '#' && strlen(text) == 7 && strspn(text + 1, "0123456789abcdef") == 6)
		return true;
	return check_word(value, name, colors, refusal) ||
		   refuse(refusal, REFUSAL_INVALID,
				  "The names are red, orange, yellow, lime, green, teal, sky, blue, purple, "
				  "pink, gray and black.",
				  "%s must be a color: a name, or #rrggbb in lower case", name);
}

static bool
check_value_size(const JsonbValue *value, const char *name, Refusal *refusal)
{
	if (value->type == jbvBinary
			? value->val.binary.len <= CONFIG_BYTES && json_fits(value->val.binary.data, CONFIG_BYTES)
			: value->type != jbvString || value->val.string.len <= CONFIG_BYTES)
		return true;
	return refuse(refusal, REFUSAL_LIMIT, NULL, "%s must have at most %d bytes of JSON", name, CONFIG_BYTES);
}

static bool
check_config(const JsonbValue *value, const char *name, Refusal *refusal)
{
	if (!json_is_object(value))
		return refuse(refusal, REFUSAL_INVALID, NULL, "%s must be an object", name);
	if (value->val.binary.len > CONFIG_BYTES || !json_fits(value->val.binary.data, CONFIG_BYTES))
		return refuse(refusal, REFUSAL_LIMIT, NULL, "%s must have at most %d bytes of JSON", name, CONFIG_BYTES);
	return true;
}

static bool
check_array(const JsonbValue *value, const char *name, FieldKind kind, Refusal *refusal)
{
	JsonbValue **elements;
	int count;

	if (!json_is_array(value))
		return refuse(refusal, REFUSAL_INVALID, NULL, "%s must be an array", name);
	elements = json_elements(value, &count);
	if (count > ARRAY_LENGTH)
		return refuse(refusal, REFUSAL_LIMIT, NULL, "%s must have at most %d elements", name, ARRAY_LENGTH);
	for (int i = 0; i < count; i++)
	{
		char *element = psprintf("%s[%d]", name, i);

		if (kind == FIELD_USERS && !check_integer(elements[i], element, 1, MAX_USER_ID, refusal))
			return false;
		if (kind == FIELD_IDS && !check_integer(elements[i], element, 1, PG_INT64_MAX, refusal))
			return false;
		if ((kind == FIELD_LABELS || kind == FIELD_OPTIONS) &&
			!check_text(elements[i], element, NAME_LENGTH, false, refusal))
			return false;
	}
	return true;
}

static bool
check_value(FieldKind kind, const JsonbValue *value, const char *name, Refusal *refusal)
{
	switch (kind)
	{
		case FIELD_UUID:
			return check_uuid(value, name, refusal);
		case FIELD_USER:
			return check_integer(value, name, 1, MAX_USER_ID, refusal);
		case FIELD_USERS:
		case FIELD_LABELS:
		case FIELD_OPTIONS:
		case FIELD_IDS:
			return check_array(value, name, kind, refusal);
		case FIELD_NAME:
			return check_text(value, name, NAME_LENGTH, false, refusal);
		case FIELD_TITLE:
			return check_text(value, name, TITLE_LENGTH, false, refusal);
		case FIELD_DESCRIPTION:
			return check_text(value, name, DESCRIPTION_BYTES, true, refusal);
		case FIELD_POSITION:
			return check_integer(value, name, 0, PG_INT32_MAX, refusal);
		case FIELD_LIMIT:
			return check_integer(value, name, 1, PG_INT32_MAX, refusal);
		case FIELD_TIME:
			return check_time(value, name, refusal);
		case FIELD_PRIORITY:
			return check_word(value, name, priorities, refusal);
		case FIELD_CATEGORY:
			return check_word(value, name, categories, refusal);
		case FIELD_ROLE:
			return check_word(value, name, roles, refusal);
		case FIELD_FORMAT:
			return check_word(value, name, formats, refusal);
		case FIELD_OBJECT:
			return json_is_object(value) || refuse(refusal, REFUSAL_INVALID, NULL, "%s must be an object", name);
		case FIELD_CONFIG:
		case FIELD_SETTINGS:
		case FIELD_COVER:
			return check_config(value, name, refusal);
		case FIELD_COMMENT:
			return check_comment(value, name, refusal);
		case FIELD_FILE_NAME:
			return check_text(value, name, FILE_NAME_LENGTH, false, refusal);
		case FIELD_URL:
			return check_url(value, name, refusal);
		case FIELD_TOKEN:
			return check_token(value, name, refusal);
		case FIELD_COLOR:
			return check_color(value, name, refusal);
		case FIELD_BOOLEAN:
			return value->type == jbvBool || refuse(refusal, REFUSAL_INVALID, NULL, "%s must be true or false", name);
		case FIELD_SECONDS:
			return check_integer(value, name, 1, LONGEST_SECONDS, refusal);
		case FIELD_VISIBILITY:
			return check_word(value, name, visibilities, refusal);
		case FIELD_KIND:
			return check_word(value, name, kinds, refusal);
		case FIELD_VALUE:
			return check_value_size(value, name, refusal);
		case FIELD_ID:
			return check_integer(value, name, 1, PG_INT64_MAX, refusal);
		case FIELD_DETAIL:
			return check_word(value, name, details, refusal);
		case FIELD_QUERY:
			return check_query(value, name, refusal);
		case FIELD_CURSOR:
			return check_cursor(value, name, refusal);
		case FIELD_REPORT:
			return check_word(value, name, reports, refusal);
		case FIELD_BUCKET:
			return check_word(value, name, buckets, refusal);
		case FIELD_EXPORT:
			return check_word(value, name, exports, refusal);
	}
	pg_unreachable();
}

/* Messages */

char *
message_type(JsonbContainer *message, const char *noun, Refusal *refusal)
{
	char *type = JsonContainerIsObject(message) ? json_string(json_get(message, "type")) : NULL;

	if (!JsonContainerIsObject(message))
		(void) refuse(refusal, REFUSAL_BAD_MESSAGE, NULL, "a %s must be a JSON object", noun);
	else if (type == NULL)
		(void) refuse(refusal, REFUSAL_INVALID, NULL, "type is missing");
	return type;
}

bool
message_refuse_type(const char *type, const char *noun, Refusal *refusal)
{
	return refuse(refusal, REFUSAL_UNKNOWN_TYPE, NULL, "unknown %s type \"%s\"", noun,
				  pnstrdup(type, pg_mbcliplen(type, (int) strlen(type), 100)));
}

JsonbContainer *
message_payload(JsonbContainer *message, Refusal *refusal)
{
	JsonbValue *payload = json_get(message, "payload");

	if (json_is_object(payload))
		return payload->val.binary.data;
	(void) refuse(refusal, REFUSAL_INVALID, NULL, "payload must be an object");
	return NULL;
}

/* Fields */

bool
fields_check(const FieldDef *defs, JsonbContainer *object, const char *prefix, Refusal *refusal)
{
	for (const FieldDef *def = defs; def->name != NULL; def++)
	{
		JsonbValue *value = json_get(object, def->name);
		char *name = psprintf("%s%s", prefix, def->name);

		if (json_is_null(value))
		{
			if (def->presence == FIELD_REQUIRED)
				return refuse(refusal, REFUSAL_INVALID, NULL, "%s is missing", name);
			continue;
		}
		if (!check_value(def->kind, value, name, refusal))
			return false;
	}
	return true;
}

bool
field_check(FieldKind kind, const JsonbValue *value, const char *name, Refusal *refusal)
{
	return check_value(kind, value, name, refusal);
}

bool
field_text_fits(FieldKind kind, const char *text)
{
	JsonbValue value = {.type = jbvString, .val.string = {.len = (int) strlen(text), .val = unconstify(char *, text)}};
	Refusal refusal;

	return check_value(kind, &value, "text", &refusal);
}

bool
fields_any(const FieldDef *defs, JsonbContainer *object)
{
	for (const FieldDef *def = defs; def->name != NULL; def++)
	{
		if (field_present(object, def->name))
			return true;
	}
	return false;
}

/* Readers */

bool
field_present(JsonbContainer *object, const char *name)
{
	return json_get(object, name) != NULL;
}

bool
field_uuid(JsonbContainer *object, const char *name, pg_uuid_t *value)
{
	return json_uuid(json_get(object, name), value);
}

bool
field_int64(JsonbContainer *object, const char *name, int64 *value)
{
	return json_int64(json_get(object, name), value);
}

bool
field_time(JsonbContainer *object, const char *name, TimestampTz *value)
{
	char *text = json_string(json_get(object, name));

	return text != NULL && time_parse(text, value);
}

bool
field_bool(JsonbContainer *object, const char *name, bool *value)
{
	JsonbValue *found = json_get(object, name);

	if (found == NULL || found->type != jbvBool)
		return false;
	*value = found->val.boolean;
	return true;
}

char *
field_word(JsonbContainer *object, const char *name)
{
	return json_string(json_get(object, name));
}

char *
field_text(JsonbContainer *object, const char *name)
{
	char *text = json_string(json_get(object, name));

	return text == NULL ? NULL : text_clean(text, true);
}

char *
field_json(JsonbContainer *object, const char *name)
{
	JsonbValue *value = json_get(object, name);

	return value == NULL ? NULL : json_value_text(value);
}
