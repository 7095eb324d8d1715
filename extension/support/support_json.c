/*
 * support_json.c: see support_json.h.
 */
#include "postgres.h"

#include <math.h>

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#include "support/support_json.h"
#include "support/support_time.h"

#define UUID_TEXT_LENGTH 36

JsonbValue *
json_get(JsonbContainer *object, const char *key)
{
	return getKeyJsonValueFromContainer(object, key, strlen(key), NULL);
}

bool
json_is_null(const JsonbValue *value)
{
	return value == NULL || value->type == jbvNull;
}

bool
json_is_object(const JsonbValue *value)
{
	return value != NULL && value->type == jbvBinary && JsonContainerIsObject(value->val.binary.data);
}

bool
json_is_array(const JsonbValue *value)
{
	return value != NULL && value->type == jbvBinary && JsonContainerIsArray(value->val.binary.data) &&
		   !JsonContainerIsScalar(value->val.binary.data);
}

char *
json_string(const JsonbValue *value)
{
	if (value == NULL || value->type != jbvString)
		return NULL;
	return pnstrdup(value->val.string.val, value->val.string.len);
}

bool
json_int64(const JsonbValue *value, int64 *result)
{
	Datum text;
	char *digits;
	char *end;

	if (value == NULL || value->type != jbvNumeric)
		return false;
	text = DirectFunctionCall1(numeric_out, NumericGetDatum(value->val.numeric));
	digits = DatumGetCString(text);
	if (strlen(digits) > 20)
		return false;
	errno = 0;
	*result = strtoll(digits, &end, 10);
	while (*end == '.' || (end > digits && *end == '0'))
		end++; /* 3.0 is the integer 3 */
	return errno == 0 && *end == '\0';
}

bool
json_uuid(const JsonbValue *value, pg_uuid_t *result)
{
	char *text = json_string(value);

	return text != NULL && uuid_parse(text, result);
}

char *
json_value_text(const JsonbValue *value)
{
	if (value->type == jbvBinary)
		return JsonbToCString(NULL, value->val.binary.data, value->val.binary.len);
	else
	{
		Jsonb *scalar = JsonbValueToJsonb(unconstify(JsonbValue *, value));

		return JsonbToCString(NULL, &scalar->root, VARSIZE(scalar));
	}
}

bool
json_fits(JsonbContainer *container, size_t limit)
{
	JsonbIterator *iterator = JsonbIteratorInit(container);
	JsonbIteratorToken token;
	JsonbValue value;
	size_t length = 0;

	while ((token = JsonbIteratorNext(&iterator, &value, false)) != WJB_DONE && length <= limit)
	{
		length += 2; /* brackets, quotes, separators */
		if (token != WJB_KEY && token != WJB_VALUE && token != WJB_ELEM)
			continue;
		if (value.type == jbvString)
			length += value.val.string.len;
		else if (value.type == jbvNumeric)
			length += strlen(DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value.val.numeric))));
		else
			length += 4;
	}
	return length <= limit;
}

JsonbValue **
json_elements(const JsonbValue *array, int *count)
{
	JsonbContainer *container = array->val.binary.data;
	JsonbValue **elements;

	*count = JsonContainerSize(container);
	elements = palloc(sizeof(JsonbValue *) * Max(*count, 1));
	for (int i = 0; i < *count; i++)
		elements[i] = getIthJsonbValueFromContainer(container, i);
	return elements;
}

/* Writing */

/* '\0': a buffer may hold texts one after another. */
static void
json_separate(StringInfo out)
{
	char last = out->len > 0 ? out->data[out->len - 1] : '\0';

	if (last != '\0' && last != '{' && last != '[' && last != ':' && last != ',')
		appendStringInfoCharMacro(out, ',');
}

/* As PostgreSQL's escape_json, but what needs no escape is copied in one go. */
static void
put_quoted(StringInfo out, const char *value)
{
	const char *from = value;
	const char *cursor = value;

	appendStringInfoCharMacro(out, '"');
	for (; *cursor != '\0'; cursor++)
	{
		unsigned char c = (unsigned char) *cursor;

		if (c >= ' ' && c != '"' && c != '\\')
			continue;
		appendBinaryStringInfo(out, from, cursor - from);
		from = cursor + 1;
		switch (c)
		{
			case '\b':
				appendStringInfoString(out, "\\b");
				break;
			case '\f':
				appendStringInfoString(out, "\\f");
				break;
			case '\n':
				appendStringInfoString(out, "\\n");
				break;
			case '\r':
				appendStringInfoString(out, "\\r");
				break;
			case '\t':
				appendStringInfoString(out, "\\t");
				break;
			case '"':
				appendStringInfoString(out, "\\\"");
				break;
			case '\\':
				appendStringInfoString(out, "\\\\");
				break;
			default:
				appendStringInfo(out, "\\u%04x", c);
				break;
		}
	}
	appendBinaryStringInfo(out, from, cursor - from);
	appendStringInfoCharMacro(out, '"');
}

JsonMembers
json_members(JsonbContainer *object)
{
	JsonMembers members = {.iterator = JsonbIteratorInit(object)};

	(void) JsonbIteratorNext(&members.iterator, &members.value, true); /* the opening brace */
	return members;
}

bool
json_next_member(JsonMembers *members)
{
	if (JsonbIteratorNext(&members->iterator, &members->value, true) != WJB_KEY)
		return false;
	members->name = json_string(&members->value);
	(void) JsonbIteratorNext(&members->iterator, &members->value, true);
	return true;
}

void
json_begin(StringInfo out, char bracket)
{
	json_separate(out);
	appendStringInfoChar(out, bracket);
}

void
json_end(StringInfo out, char bracket)
{
	appendStringInfoChar(out, bracket);
}

void
json_key(StringInfo out, const char *key)
{
	json_separate(out);
	put_quoted(out, key);
	appendStringInfoChar(out, ':');
}

void
json_put_raw(StringInfo out, const char *json)
{
	json_separate(out);
	appendStringInfoString(out, json ? json : "null");
}

void
json_put_string(StringInfo out, const char *value)
{
	if (value == NULL)
		json_put_raw(out, NULL);
	else
	{
		json_separate(out);
		put_quoted(out, value);
	}
}

void
json_put_int(StringInfo out, int64 value)
{
	char digits[MAXINT8LEN + 1];

	json_separate(out);
	appendBinaryStringInfo(out, digits, pg_lltoa(value, digits));
}

void
json_put_bool(StringInfo out, bool value)
{
	json_put_raw(out, value ? "true" : "false");
}

void
json_put_uuid(StringInfo out, const pg_uuid_t *value)
{
	static const char hex[] = "0123456789abcdef";
	char text[UUID_TEXT_LENGTH + 2];
	char *end = text;

	if (value == NULL)
	{
		json_put_raw(out, NULL);
		return;
	}
	*end++ = '"';
	for (int i = 0; i < UUID_LEN; i++)
	{
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*end++ = '-';
		*end++ = hex[value->data[i] >> 4];
		*end++ = hex[value->data[i] & 15];
	}
	*end++ = '"';
	json_separate(out);
	appendBinaryStringInfo(out, text, end - text);
}

void
json_put_time(StringInfo out, TimestampTz value)
{
	char text[TIME_TEXT_LENGTH + 1];

	time_write(text, value);
	json_put_string(out, text);
}

void
json_add_string(StringInfo out, const char *key, const char *value)
{
	json_key(out, key);
	json_put_string(out, value);
}

void
json_add_int(StringInfo out, const char *key, int64 value)
{
	json_key(out, key);
	json_put_int(out, value);
}

void
json_add_bool(StringInfo out, const char *key, bool value)
{
	json_key(out, key);
	json_put_bool(out, value);
}

void
json_add_uuid(StringInfo out, const char *key, const pg_uuid_t *value)
{
	json_key(out, key);
	json_put_uuid(out, value);
}

void
json_add_time(StringInfo out, const char *key, TimestampTz value)
{
	json_key(out, key);
	json_put_time(out, value);
}

void
json_add_raw(StringInfo out, const char *key, const char *json)
{
	json_key(out, key);
	json_put_raw(out, json);
}

Jsonb *
json_text_to_jsonb(const char *text)
{
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(text)));
}

/* Identifiers */

char *
uuid_text(const pg_uuid_t *value)
{
	return DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(value)));
}

bool
uuid_equal(const pg_uuid_t *a, const pg_uuid_t *b)
{
	return memcmp(a->data, b->data, UUID_LEN) == 0;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
uuid_parse(const char *text, pg_uuid_t *result)
{
	int byte = 0;

	if (strlen(text) != UUID_TEXT_LENGTH)
		return false;
	for (int i = 0; i < UUID_TEXT_LENGTH;)
	{
		if (i == 8 || i == 13 || i == 18 || i == 23)
		{
			if (text[i++] != '-')
				return false;
			continue;
		}
		if (hex_digit(text[i]) < 0 || hex_digit(text[i + 1]) < 0)
			return false;
		result->data[byte++] = (unsigned char) (hex_digit(text[i]) << 4 | hex_digit(text[i + 1]));
		i += 2;
	}
	return true;
}
