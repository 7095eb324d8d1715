/*
 * cmd_import_field.c: custom fields of a Trello export, and the cards' values of them.
 *
 * Trello's kinds are text, number, date, checkbox and list, which is a choice here. Every value is a text there.
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "command/cmd_custom_field.h"
#include "command/cmd_import_trello.h"
#include "support/support_json.h"

static const char *
kind_of(JsonbContainer *field)
{
	static const char *const kinds[][2] = {
		{"text", "text"}, {"number", "number"}, {"date", "date"}, {"checkbox", "checkbox"}, {"list", "choice"}};
	const char *type = import_text(field, "type");

	for (int i = 0; type != NULL && i < (int) lengthof(kinds); i++)
	{
		if (strcmp(kinds[i][0], type) == 0)
			return kinds[i][1];
	}
	return NULL;
}

static const char *
option_name(Import *import, JsonbContainer *option, const char *field)
{
	JsonbValue *value = json_get(option, "value");
	const char *text = json_is_object(value) ? import_text(value->val.binary.data, "text") : NULL;

	return import_fit_name(import, text ? text : "", IMPORT_NAME_CHARACTERS, field);
}

static bool
is_listed(List *names, const char *name)
{
	ListCell *cell;

	foreach (cell, names)
	{
		if (strcmp(lfirst(cell), name) == 0)
			return true;
	}
	return false;
}

/* The options' names in Trello's order, each once, JSON text; enters them, a list's value is the id of one of them. */
static char *
options_of(Import *import, JsonbContainer *field, const char *name, int index)
{
	int count;
	Element *elements = import_sorted(field, "options", &count);
	List *names = NIL;
	ListCell *cell;
	StringInfoData out;

	for (int i = 0; i < count; i++)
	{
		const char *option = option_name(import, elements[i].object, name);
		const char *id = import_text(elements[i].object, "id");
		Mapped *mapped = id == NULL ? NULL : import_map_new(import->options, id);

		if (mapped != NULL)
		{
			mapped->name = option;
			mapped->owner = index;
		}
		if (is_listed(names, option))
			continue;
		if (list_length(names) < FIELD_ARRAY_LENGTH)
			names = lappend(names, unconstify(char *, option));
		else
			import_unmapped(&import->report, "custom fields", name, psprintf("one option too many: %s", option));
	}
	initStringInfo(&out);
	json_begin(&out, '[');
	foreach (cell, names)
		json_put_string(&out, lfirst(cell));
	json_end(&out, ']');
	return out.data;
}

static bool
add_field(Import *import, const Element *element)
{
	JsonbContainer *object = element->object;
	Mapped *field = import_map_object(import, import->fields, "customFields", element->index, object);
	const char *name = import_text(object, "name");
	const char *type = import_text(object, "type");

	if (field == NULL)
		return false;
	field->index = element->index;
	field->name = import_fit_name(import, name ? name : "", IMPORT_NAME_CHARACTERS, "custom field");
	field->kind = kind_of(object);
	field->options = "[]";
	if (field->kind != NULL && strcmp(field->kind, "choice") == 0)
	{
		field->options = options_of(import, object, field->name, element->index);
		if (strcmp(field->options, "[]") == 0)
			field->kind = NULL;
	}
	if (field->kind == NULL)
		import_unmapped(&import->report, "custom fields", field->name,
						psprintf("the type %s%s", type ? type : "is missing",
								 type && strcmp(type, "list") == 0 ? " has no options" : ""));
	else if (import->report.custom_fields >= CUSTOM_FIELDS_OF_A_BOARD)
	{
		field->kind = NULL;
		import_unmapped(&import->report, "custom fields", field->name, "one field too many");
	}
	else
		import_add_field(import, field, import_made_at(object));
	return true;
}

bool
import_fields(Import *import)
{
	int count;
	Element *elements = import_sorted(import->document, "customFields", &count);

	for (int i = 0; i < count; i++)
	{
		if (!add_field(import, &elements[i]))
			return false;
	}
	return true;
}

/* Values */

/* {"text": "Hello"}, {"number": "8"}, {"checked": "true"}, {"date": …}: what it says, whichever it is. */
static const char *
value_said(JsonbContainer *item)
{
	static const char *const kinds[] = {"text", "number", "checked", "date"};
	JsonbValue *value = json_get(item, "value");

	for (int i = 0; json_is_object(value) && i < (int) lengthof(kinds); i++)
	{
		const char *said = import_text(value->val.binary.data, kinds[i]);

		if (said != NULL)
			return said;
	}
	return NULL;
}

/* As JSON writes numbers, without an exponent. */
static bool
is_number(const char *text)
{
	const char *digits = text + (*text == '-' ? 1 : 0);
	size_t whole = strspn(digits, "0123456789");
	const char *rest = digits + whole;

	if (whole == 0 || (whole > 1 && *digits == '0'))
		return false;
	if (*rest != '.')
		return *rest == '\0';
	return rest[1] != '\0' && rest[1 + strspn(rest + 1, "0123456789")] == '\0';
}

/* The value that a text stands for in a kind, to be checked like one of a command; NULL: none. */
static JsonbValue *
value_of_kind(const char *kind, const char *said)
{
	JsonbValue *value = palloc0(sizeof(JsonbValue));
	StringInfoData json;

	if (strcmp(kind, "number") == 0)
	{
		Jsonb *number;

		if (!is_number(said))
			return NULL;
		initStringInfo(&json);
		appendStringInfo(&json, "[%s]", said);
		number = json_text_to_jsonb(json.data);
		return getIthJsonbValueFromContainer(&number->root, 0);
	}
	if (strcmp(kind, "checkbox") == 0)
	{
		if (strcmp(said, "true") != 0 && strcmp(said, "false") != 0)
			return NULL;
		value->type = jbvBool;
		value->val.boolean = strcmp(said, "true") == 0;
		return value;
	}
	value->type = jbvString;
	value->val.string.val = unconstify(char *, said);
	value->val.string.len = (int) strlen(said);
	return value;
}

/* The value as it is stored, JSON text; NULL: there is none, or it does not fit, which is reported. */
static char *
take_value(Import *import, const Mapped *field, JsonbContainer *item, const char *title)
{
	bool is_choice = strcmp(field->kind, "choice") == 0;
	const char *option_id = import_text(item, "idValue");
	const Mapped *option = import_map_find(import->options, option_id);
	const char *chosen = option != NULL && option->owner == field->index ? option->name : NULL;
	const char *said = is_choice ? chosen : value_said(item);
	CustomField definition = {field->id, field->name, field->kind, unconstify(char *, field->options)};
	Refusal refusal = {REFUSAL_NONE};
	char *json = NULL;
	JsonbValue *value;

	if (said == NULL && (!is_choice || option_id == NULL))
		return NULL;
	if (said != NULL && strcmp(field->kind, "text") == 0)
		said = import_fit_text(import, said, CUSTOM_FIELD_TEXT_BYTES, true, title);
	value = said == NULL ? NULL : value_of_kind(field->kind, said);
	if (value != NULL && custom_field_value(&definition, value, "value", &json, &refusal))
		return json;
	import_unmapped(&import->report, "custom field values", title,
					psprintf("%s: %s", field->name, said ? said : option_id));
	return NULL;
}

char *
import_field_values(Import *import, JsonbContainer *card, const char *title)
{
	int count;
	JsonbValue **items = import_array(card, "customFieldItems", &count);
	StringInfoData out;
	bool is_empty = true;

	initStringInfo(&out);
	json_begin(&out, '{');
	for (int i = 0; i < count; i++)
	{
		JsonbContainer *item = items[i]->val.binary.data;
		const char *field_id = import_text(item, "idCustomField");
		Mapped *field = import_map_find(import->fields, field_id);
		const char *said = value_said(item);
		char *json = NULL;

		if (field == NULL || field->kind == NULL)
			import_unmapped(&import->report, "custom field values", title,
							psprintf("%s: %s", field ? field->name : field_id, said ? said : "null"));
		else
			json = take_value(import, field, item, title);
		if (json == NULL)
			continue;
		json_key(&out, uuid_text(&field->id));
		json_put_raw(&out, json);
		is_empty = false;
	}
	json_end(&out, '}');
	return is_empty ? NULL : out.data;
}
