/*
 * cmd_import_people.c: whom the people of a document become.
 *
 * The workspace's member who has the same issuer and subject, else the one with that handle, else a placeholder: a user
 * whom no token names, so nobody can log in as him. A Trello export names no issuer; its placeholders have the issuer
 * "trello" and Trello's id as subject. Those of our own documents have "collab-import", and as subject a JSON array of
 * who they are elsewhere, which collab.export_board turns back. Another import finds the same ones.
 */
#include "postgres.h"

#include <ctype.h>

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "command/cmd_import.h"
#include "support/support_json.h"
#include "support/support_spi.h"

#define TRELLO_ISSUER "trello"
#define COLLAB_ISSUER "collab-import"
/* A subject has room for 500 characters. */
#define SUBJECT "CASE WHEN length($2) > 500 THEN 'sha256:' || encode(sha256(convert_to($2, 'UTF8')), 'hex') ELSE $2 END"

SPI_STATEMENT(find_member,
			  "SELECT u.id, u.name FROM collab.members AS m JOIN collab.users AS u ON u.id = m.user_id"
			  " WHERE m.workspace_id = $1 AND " IS_PERSON
			  " AND (u.issuer = $2 AND u.subject = $3 OR u.handle = lower($4))"
			  " ORDER BY u.issuer = $2 AND u.subject = $3 DESC NULLS LAST LIMIT 1",
			  UUIDOID, TEXTOID, TEXTOID, TEXTOID);
SPI_STATEMENT(find_placeholder, "SELECT id, name FROM collab.users WHERE issuer = $1 AND subject = " SUBJECT, TEXTOID,
			  TEXTOID);
SPI_STATEMENT(put_placeholder, "SELECT collab.put_user($1, " SUBJECT ", $3, NULL, $4)", TEXTOID, TEXTOID, TEXTOID,
			  TEXTOID);

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

static Datum
text_or_null(const char *text, char *is_null)
{
	*is_null = text == NULL ? 'n' : ' ';
	return text == NULL ? (Datum) 0 : CStringGetTextDatum(text);
}

static bool
find_as_member(const ImportPeople *people, const ImportIdentity *identity, ImportPerson *person)
{
	char nulls[] = "    ";
	Datum values[] = {UUIDPGetDatum(people->workspace_id), text_or_null(identity->issuer, &nulls[1]),
					  text_or_null(identity->subject, &nulls[2]), text_or_null(identity->handle, &nulls[3])};

	if (spi_run(&find_member, values, nulls) == 0)
		return false;
	person->user_id = spi_int64(0, 1);
	person->name = spi_cstring(0, 2);
	return true;
}

/* The subject of a placeholder: who he is elsewhere. */
static char *
placeholder_subject(const ImportIdentity *identity)
{
	StringInfoData subject;

	initStringInfo(&subject);
	json_begin(&subject, '[');
	json_put_string(&subject, identity->issuer);
	json_put_string(&subject, identity->subject);
	json_end(&subject, ']');
	return subject.data;
}

/* A placeholder keeps the name he was made with: a document must not rename those of another. */
static void
become_placeholder(const ImportPeople *people, ImportPerson *person, const ImportIdentity *identity)
{
	bool is_trello = strcmp(identity->issuer, TRELLO_ISSUER) == 0;
	const char *subject = is_trello ? identity->subject : placeholder_subject(identity);
	const char *name = identity->name != NULL && *identity->name != '\0' ? identity->name : identity->handle;
	char nulls[] = "    ";
	Datum values[] = {CStringGetTextDatum(is_trello ? TRELLO_ISSUER : COLLAB_ISSUER), CStringGetTextDatum(subject),
					  text_or_null(name, &nulls[2]), text_or_null(identity->handle, &nulls[3])};

	if (spi_run(&find_placeholder, values, NULL) == 0)
	{
		if (people->has_no_placeholders)
			return;
		(void) spi_run(&put_placeholder, values, nulls);
		(void) spi_run(&find_placeholder, values, NULL);
	}
	person->user_id = spi_int64(0, 1);
	person->name = spi_cstring(0, 2);
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
import_people_add(ImportPeople *people, const ImportIdentity *identity)
{
	bool found;
	ImportPerson *person = hash_search(people->by_key, identity->key, HASH_ENTER, &found);

	if (found)
		return person;
	memset((char *) person + NAMEDATALEN, 0, sizeof(*person) - NAMEDATALEN);
	person->name = identity->name;
	if (!find_as_member(people, identity, person))
		become_placeholder(people, person, identity);
	if (identity->handle != NULL)
		remember_name(people, identity->handle, person);
	people->report->members += person->user_id != 0 ? 1 : 0;
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
