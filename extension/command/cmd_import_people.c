/*
 * cmd_import_people.c: whom the people of an export become.
 *
 * Exactly the workspace's member with that handle, or a placeholder: a user of the issuer "trello" with Trello's id as
 * subject, so that another import finds the same one. No token has that issuer, so a placeholder cannot log in.
 */
#include "postgres.h"

#include <ctype.h>

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "command/cmd_import.h"
#include "support/support_json.h"
#include "support/support_spi.h"

SPI_STATEMENT(find_member,
			  "SELECT u.id, u.name FROM collab.members AS m JOIN collab.users AS u ON u.id = m.user_id"
			  " WHERE m.workspace_id = $1 AND u.handle = lower($2) AND u.issuer <> 'trello'",
			  UUIDOID, TEXTOID);
SPI_STATEMENT(put_placeholder, "SELECT collab.put_user('trello', $1, $2, NULL, $3)", TEXTOID, TEXTOID, TEXTOID);

/* Longer names than a key holds are not found as mentions. */
typedef struct NamedPerson
{
	char username[NAMEDATALEN];
	ImportPerson *person;
} NamedPerson;

void
import_people_start(ImportPeople *people, const pg_uuid_t *workspace_id, ImportReport *report)
{
	HASHCTL control = {.keysize = NAMEDATALEN, .entrysize = sizeof(ImportPerson), .hcxt = CurrentMemoryContext};

	HASHCTL names = {.keysize = NAMEDATALEN, .entrysize = sizeof(NamedPerson), .hcxt = CurrentMemoryContext};

	people->by_key = hash_create("people of an import", 64, &control, HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
	people->by_username = hash_create("names of an import", 64, &names, HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
	people->workspace_id = workspace_id;
	people->report = report;
}

ImportPerson *
import_people_find(ImportPeople *people, const char *key)
{
	return hash_search(people->by_key, key, HASH_FIND, NULL);
}

static void
become_placeholder(ImportPerson *person, const char *username, const char *full_name)
{
	const char *name = full_name != NULL && *full_name != '\0' ? full_name : username;
	Datum values[] = {CStringGetTextDatum(person->key), CStringGetTextDatum(name), CStringGetTextDatum(username)};

	(void) spi_run(&put_placeholder, values, NULL);
	person->user_id = spi_int64(0, 1);
	person->name = pstrdup(name);
	person->is_placeholder = true;
}

static void
remember_name(ImportPeople *people, const char *username, ImportPerson *person)
{
	NamedPerson *named;
	bool found;

	if (*username == '\0' || strlen(username) >= NAMEDATALEN)
		return;
	named = hash_search(people->by_username, username, HASH_ENTER, &found);
	if (!found)
		named->person = person;
}

ImportPerson *
import_people_add(ImportPeople *people, JsonbContainer *member)
{
	char *key = json_string(json_get(member, "id"));
	char *username = json_string(json_get(member, "username"));
	Datum values[] = {UUIDPGetDatum(people->workspace_id), CStringGetTextDatum(username)};
	bool found;
	ImportPerson *person = hash_search(people->by_key, key, HASH_ENTER, &found);

	if (found)
		return person;
	person->is_placeholder = false;
	if (spi_run(&find_member, values, NULL) == 1)
	{
		person->user_id = spi_int64(0, 1);
		person->name = spi_cstring(0, 2);
	}
	else
		become_placeholder(person, username, json_string(json_get(member, "fullName")));
	remember_name(people, username, person);
	people->report->members++;
	people->report->placeholders += person->is_placeholder ? 1 : 0;
	return person;
}

static ImportPerson *
find_by_username(const ImportPeople *people, const char *name, size_t length)
{
	NamedPerson *named;
	char username[NAMEDATALEN];

	if (length == 0 || length >= NAMEDATALEN)
		return NULL;
	memcpy(username, name, length);
	username[length] = '\0';
	named = hash_search(people->by_username, username, HASH_FIND, NULL);
	return named == NULL ? NULL : named->person;
}

static size_t
username_length(const char *name)
{
	size_t length = 0;

	while (isalnum((unsigned char) name[length]) || name[length] == '_')
		length++;
	return length;
}

char *
import_people_mentions(ImportPeople *people, const char *text)
{
	StringInfoData out;
	List *mentioned = NIL;

	initStringInfo(&out);
	json_begin(&out, '[');
	for (const char *at = strchr(text, '@'); at != NULL; at = strchr(at + 1, '@'))
	{
		ImportPerson *person = find_by_username(people, at + 1, username_length(at + 1));

		if (person == NULL || list_length(mentioned) >= FIELD_ARRAY_LENGTH || list_member_ptr(mentioned, person))
			continue;
		mentioned = lappend(mentioned, person);
		json_put_int(&out, person->user_id);
	}
	json_end(&out, ']');
	return out.data;
}
