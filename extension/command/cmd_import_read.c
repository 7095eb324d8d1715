/*
 * cmd_import_read.c: reads a Trello export, and fits what it holds to what is allowed here.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#include "command/cmd_import_trello.h"
#include "support/support_json.h"

const char *
import_text(JsonbContainer *object, const char *key)
{
	return json_string(json_get(object, key));
}

bool
import_is_true(JsonbContainer *object, const char *key)
{
	JsonbValue *value = json_get(object, key);

	return value != NULL && value->type == jbvBool && value->val.boolean;
}

double
import_number(JsonbContainer *object, const char *key)
{
	JsonbValue *value = json_get(object, key);

	if (value == NULL || value->type != jbvNumeric)
		return 0;
	return DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(value->val.numeric)));
}

const TimestampTz *
import_time(JsonbContainer *object, const char *key)
{
	TimestampTz *time = palloc(sizeof(TimestampTz));

	return field_time(object, key, time) ? time : NULL;
}

JsonbValue **
import_array(JsonbContainer *object, const char *key, int *count)
{
	JsonbValue *array = json_get(object, key);

	*count = 0;
	return json_is_array(array) ? json_elements(array, count) : NULL;
}

static int
compare_elements(const void *a, const void *b)
{
	const Element *left = a;
	const Element *right = b;

	if (left->position != right->position)
		return left->position < right->position ? -1 : 1;
	return left->index - right->index;
}

/* The objects of an array, by "pos". */
Element *
import_sorted(JsonbContainer *object, const char *key, int *count)
{
	JsonbValue **values = import_array(object, key, count);
	Element *elements = palloc(sizeof(Element) * Max(*count, 1));

	for (int i = 0; i < *count; i++)
	{
		elements[i].object = values[i]->val.binary.data;
		elements[i].position = import_number(elements[i].object, "pos");
		elements[i].index = i;
	}
	qsort(elements, *count, sizeof(Element), compare_elements);
	return elements;
}

/* Control characters become spaces: C0 but line breaks and tabs, DEL, and C1 (0xC2 0x80..0x9F in UTF-8). */
static char *
replace_control_characters(const char *text)
{
	StringInfoData out;

	initStringInfo(&out);
	for (const unsigned char *c = (const unsigned char *) text; *c; c++)
	{
		if (*c == 0xc2 && c[1] >= 0x80 && c[1] <= 0x9f)
			c++;
		else if ((*c >= 0x20 && *c != 0x7f) || strchr("\n\t\r", *c) != NULL)
		{
			appendStringInfoChar(&out, (char) *c);
			continue;
		}
		appendStringInfoChar(&out, ' ');
	}
	return out.data;
}

/* Cuts at a character's border; a text that had to be changed is reported. */
const char *
import_fit_text(Import *import, const char *text, int most, bool multiline, const char *where)
{
	char *clean = text_clean(text, true);
	size_t length;

	if (clean == NULL)
	{
		clean = text_clean(replace_control_characters(text), true);
		import_unmapped(&import->report, "control characters", where, "replaced by spaces");
	}
	for (char *c = clean; !multiline && *c; c++)
	{
		if (strchr("\n\t\r", *c) != NULL)
			*c = ' ';
	}
	length = strlen(clean);
	if (multiline ? length > (size_t) most : pg_mbstrlen(clean) > most)
	{
		clean[multiline ? pg_mbcliplen(clean, length, most) : pg_mbcharcliplen(clean, length, most)] = '\0';
		import_unmapped(&import->report, "long texts", where,
						psprintf("cut to %d %s", most, multiline ? "bytes" : "characters"));
	}
	return clean;
}

/* A text that must not be empty. */
const char *
import_fit_name(Import *import, const char *text, int most, const char *where)
{
	const char *name = import_fit_text(import, text, most, false, where);

	if (*name != '\0')
		return name;
	import_unmapped(&import->report, "empty names", where, "named \"(untitled)\"");
	return "(untitled)";
}

static bool
id_time(const char *id, TimestampTz *time)
{
	char seconds[9];
	char *end;
	long value;

	strlcpy(seconds, id, sizeof(seconds));
	value = strtol(seconds, &end, 16);
	if (strlen(id) != 24 || end != seconds + 8 || value <= 0)
		return false;
	*time = ((int64) value - (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY) * USECS_PER_SEC;
	return true;
}

const TimestampTz *
import_made_at(JsonbContainer *object)
{
	const char *id = import_text(object, "id");
	TimestampTz *time = palloc(sizeof(TimestampTz));

	return id != NULL && id_time(id, time) ? time : NULL;
}

void
import_report_array(Import *import, JsonbContainer *object, const char *key, const char *kind, const char *where)
{
	static const char *const names[] = {"name", "url", "image", "idPlugin"};
	int count;
	JsonbValue **elements = import_array(object, key, &count);

	for (int i = 0; i < count; i++)
	{
		StringInfoData what;

		initStringInfo(&what);
		for (int n = 0; json_is_object(elements[i]) && n < (int) lengthof(names); n++)
		{
			const char *said = import_text(elements[i]->val.binary.data, names[n]);

			if (said != NULL)
				appendStringInfo(&what, "%s%s", what.len > 0 ? " " : "", said);
		}
		import_unmapped(&import->report, kind, where, what.data);
	}
}

Mapped *
import_map_object(Import *import, HTAB *table, const char *what, int index, JsonbContainer *object)
{
	Mapped *mapped = import_map_new(table, import_text(object, "id"));

	if (mapped == NULL)
		(void) command_refuse(import->command, REFUSAL_INVALID, NULL, "document.%s[%d].id is there twice", what, index);
	return mapped;
}
