/*
 * cmd_import_collab_read.c: checked reading of a document of our own format.
 *
 * Things are named by their "ref", a short text that means something inside the document only.
 */
#include "postgres.h"

#include "command/cmd_import_collab.h"
#include "support/support_json.h"

bool
collab_refuse(Import *import, const Part *part, const char *key, const char *wanted)
{
	return command_refuse(import->command, REFUSAL_INVALID, NULL, "%s.%s must %s", part->place, key, wanted);
}

bool
collab_check(Import *import, const Part *part, const FieldDef *fields)
{
	if (fields_check(fields, part->object, psprintf("%s.", part->place), &import->command->refusal))
		return true;
	import->command->outcome = OUTCOME_REFUSED;
	return false;
}

Part *
collab_parts(Import *import, const Part *parent, const char *key, int *count)
{
	JsonbValue *array = json_get(parent->object, key);
	JsonbValue **elements = NULL;
	Part *parts;

	*count = 0;
	if (!json_is_null(array) && !json_is_array(array))
	{
		(void) collab_refuse(import, parent, key, "be an array");
		return NULL;
	}
	if (!json_is_null(array))
		elements = json_elements(array, count);
	parts = palloc(sizeof(Part) * Max(*count, 1));
	for (int i = 0; i < *count; i++)
	{
		if (!json_is_object(elements[i]))
		{
			(void) collab_refuse(import, parent, psprintf("%s[%d]", key, i), "be an object");
			return NULL;
		}
		parts[i].object = elements[i]->val.binary.data;
		parts[i].place = psprintf("%s.%s[%d]", parent->place, key, i);
	}
	return parts;
}

static bool
read_ref(Import *import, const Part *part, const char *key, const JsonbValue *value, char **ref)
{
	*ref = NULL;
	if (value->type != jbvString || value->val.string.len == 0 || value->val.string.len >= NAMEDATALEN)
		return collab_refuse(import, part, key, "be a ref, a text of 1 to 63 bytes");
	*ref = json_string(value);
	return true;
}

Mapped *
collab_enter(Import *import, const Part *part, HTAB *table, int index)
{
	JsonbValue *value = json_get(part->object, "ref");
	Mapped *mapped;
	char *ref;

	if (json_is_null(value))
	{
		(void) command_refuse(import->command, REFUSAL_INVALID, NULL, "%s.ref is missing", part->place);
		return NULL;
	}
	if (!read_ref(import, part, "ref", value, &ref))
		return NULL;
	mapped = import_map_new(table, ref);
	if (mapped == NULL)
		(void) collab_refuse(import, part, "ref", "be another than those before it");
	else
		mapped->index = index;
	return mapped;
}

static bool
refuse_unknown(Import *import, const Part *part, const char *key)
{
	return collab_refuse(import, part, key, "be the ref of something in the document");
}

bool
collab_find(Import *import, const Part *part, const char *key, HTAB *table, Mapped **found)
{
	JsonbValue *value = json_get(part->object, key);
	char *ref;

	*found = NULL;
	if (json_is_null(value))
		return true;
	if (!read_ref(import, part, key, value, &ref))
		return false;
	*found = import_map_find(table, ref);
	return *found != NULL || refuse_unknown(import, part, key);
}

/* The refs of an array; NULL: refused. */
static char **
read_refs(Import *import, const Part *part, const char *key, int *count)
{
	JsonbValue *array = json_get(part->object, key);
	JsonbValue **elements = NULL;
	char **refs;

	*count = 0;
	if (!json_is_null(array) && !json_is_array(array))
	{
		(void) collab_refuse(import, part, key, "be an array");
		return NULL;
	}
	if (!json_is_null(array))
		elements = json_elements(array, count);
	if (*count > FIELD_ARRAY_LENGTH)
	{
		(void) command_refuse(import->command, REFUSAL_LIMIT, NULL, "%s.%s must have at most %d elements", part->place,
							  key, FIELD_ARRAY_LENGTH);
		return NULL;
	}
	refs = palloc(sizeof(char *) * Max(*count, 1));
	for (int i = 0; i < *count; i++)
	{
		if (!read_ref(import, part, psprintf("%s[%d]", key, i), elements[i], &refs[i]))
			return NULL;
		for (int j = 0; j < i; j++)
		{
			if (strcmp(refs[i], refs[j]) == 0)
			{
				(void) collab_refuse(import, part, psprintf("%s[%d]", key, i), "be another than those before it");
				return NULL;
			}
		}
	}
	return refs;
}

bool
collab_find_all(Import *import, const Part *part, const char *key, HTAB *table, MappedArray *found)
{
	char **refs = read_refs(import, part, key, &found->count);

	if (refs == NULL)
		return false;
	found->things = palloc(sizeof(Mapped *) * Max(found->count, 1));
	for (int i = 0; i < found->count; i++)
	{
		found->things[i] = import_map_find(table, refs[i]);
		if (found->things[i] == NULL)
			return refuse_unknown(import, part, psprintf("%s[%d]", key, i));
	}
	return true;
}

bool
collab_find_person(Import *import, const Part *part, const char *key, ImportPerson **found)
{
	JsonbValue *value = json_get(part->object, key);
	char *ref;

	*found = NULL;
	if (json_is_null(value))
		return true;
	if (!read_ref(import, part, key, value, &ref))
		return false;
	*found = import_people_find(&import->people, ref);
	return *found != NULL || refuse_unknown(import, part, key);
}

bool
collab_find_people(Import *import, const Part *part, const char *key, ImportPerson ***found, int *count)
{
	char **refs = read_refs(import, part, key, count);

	if (refs == NULL)
		return false;
	*found = palloc(sizeof(ImportPerson *) * Max(*count, 1));
	for (int i = 0; i < *count; i++)
	{
		(*found)[i] = import_people_find(&import->people, refs[i]);
		if ((*found)[i] == NULL)
			return refuse_unknown(import, part, psprintf("%s[%d]", key, i));
	}
	return true;
}

const TimestampTz *
collab_time(const Part *part, const char *key)
{
	TimestampTz *time = palloc(sizeof(TimestampTz));

	return field_time(part->object, key, time) ? time : NULL;
}

bool
collab_is_true(const Part *part, const char *key)
{
	bool value = false;

	return field_bool(part->object, key, &value) && value;
}
