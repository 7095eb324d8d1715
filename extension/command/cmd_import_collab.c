/*
 * cmd_import_collab.c: makes a board of a document of collab.export_board (docs/export.md): the board itself, its people,
 * labels, custom fields and lists. Tasks are in cmd_import_collab_task.c.
 *
 * First everything that has a ref is entered, in the order of the document; then everything is checked and written. A
 * refusal in the middle takes all of it back. Nothing of the document is trusted: it may have been written by anybody.
 */
#include "postgres.h"

#include "catalog/pg_collation.h"
#include "utils/formatting.h"

#include "command/cmd_board.h"
#include "command/cmd_board_settings.h"
#include "command/cmd_custom_field.h"
#include "command/cmd_import_collab.h"
#include "support/support_json.h"
#include "support/support_patch.h"

#define FORMAT_VERSION 1

static const FieldDef document_fields[] = {{"format", FIELD_FORMAT, FIELD_REQUIRED},
										   {"format_version", FIELD_LIMIT, FIELD_REQUIRED},
										   {"board", FIELD_OBJECT, FIELD_REQUIRED},
										   {NULL}};
static const FieldDef board_fields[] = {{"name", FIELD_NAME, FIELD_REQUIRED},
										{"description", FIELD_DESCRIPTION, FIELD_OPTIONAL},
										{"visibility", FIELD_VISIBILITY, FIELD_OPTIONAL},
										{"settings", FIELD_SETTINGS, FIELD_OPTIONAL},
										{NULL}};
/* FIELD_TITLE has as many characters as an issuer and a subject may have. */
static const FieldDef person_fields[] = {{"issuer", FIELD_TITLE, FIELD_REQUIRED},
										 {"subject", FIELD_TITLE, FIELD_REQUIRED},
										 {"handle", FIELD_NAME, FIELD_OPTIONAL},
										 {"name", FIELD_TITLE, FIELD_OPTIONAL},
										 {NULL}};
static const FieldDef label_fields[] = {
	{"color", FIELD_COLOR, FIELD_REQUIRED}, {"created_at", FIELD_TIME, FIELD_OPTIONAL}, {NULL}};
static const FieldDef label_name_fields[] = {{"name", FIELD_NAME, FIELD_REQUIRED}, {NULL}};
static const FieldDef custom_field_fields[] = {{"name", FIELD_NAME, FIELD_REQUIRED},
											   {"kind", FIELD_KIND, FIELD_REQUIRED},
											   {"options", FIELD_OPTIONS, FIELD_OPTIONAL},
											   {"created_at", FIELD_TIME, FIELD_OPTIONAL},
											   {NULL}};
static const FieldDef list_fields[] = {
	{"name", FIELD_NAME, FIELD_REQUIRED},        {"category", FIELD_CATEGORY, FIELD_REQUIRED},
	{"wip_limit", FIELD_LIMIT, FIELD_OPTIONAL},  {"created_at", FIELD_TIME, FIELD_OPTIONAL},
	{"archived_at", FIELD_TIME, FIELD_OPTIONAL}, {NULL}};

/* The parts of a document. */
typedef struct CollabDocument
{
	Part document;
	Part board;
	Part *people;
	Part *labels;
	Part *fields;
	Part *lists;
	Part *tasks;
	int people_count;
	int label_count;
	int field_count;
	int list_count;
	int task_count;
} CollabDocument;

static bool
read_document(Import *import, CollabDocument *given)
{
	int64 version;

	given->document = (Part){import->document, "document"};
	if (!collab_check(import, &given->document, document_fields))
		return false;
	if (strcmp(field_word(import->document, "format"), "collab") != 0)
		return collab_refuse(import, &given->document, "format", "be collab");
	if (!field_int64(import->document, "format_version", &version) || version != FORMAT_VERSION)
		return command_refuse(import->command, REFUSAL_INVALID, "Export the board again with this version of collab.",
							  "document.format_version must be %d", FORMAT_VERSION);
	given->board = (Part){json_get(import->document, "board")->val.binary.data, "document.board"};
	given->people = collab_parts(import, &given->document, "people", &given->people_count);
	given->labels = given->people ? collab_parts(import, &given->document, "labels", &given->label_count) : NULL;
	given->fields = given->labels ? collab_parts(import, &given->document, "custom_fields", &given->field_count) : NULL;
	given->lists = given->fields ? collab_parts(import, &given->document, "lists", &given->list_count) : NULL;
	given->tasks = given->lists ? collab_parts(import, &given->document, "tasks", &given->task_count) : NULL;
	return given->tasks != NULL && collab_check(import, &given->board, board_fields);
}

/* Entering */

static bool
enter_person(Import *import, const Part *part, HTAB *refs, int index)
{
	ImportIdentity identity;

	if (!collab_check(import, part, person_fields) || collab_enter(import, part, refs, index) == NULL)
		return false;
	identity = (ImportIdentity){
		.key = field_word(part->object, "ref"),
		.issuer = field_word(part->object, "issuer"),
		.subject = field_word(part->object, "subject"),
		.handle = field_word(part->object, "handle"),
		.name = field_text(part->object, "name"),
	};
	(void) import_people_add(&import->people, &identity);
	return true;
}

static bool
enter_people(Import *import, const CollabDocument *given)
{
	HASHCTL control = {.keysize = NAMEDATALEN, .entrysize = sizeof(Mapped), .hcxt = CurrentMemoryContext};
	HTAB *refs = hash_create("refs of people", 64, &control, HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);

	for (int i = 0; i < given->people_count; i++)
	{
		if (!enter_person(import, &given->people[i], refs, i))
			return false;
	}
	return true;
}

static bool
enter_all(Import *import, const Part *parts, int count, HTAB *table)
{
	for (int i = 0; i < count; i++)
	{
		if (collab_enter(import, &parts[i], table, i) == NULL)
			return false;
	}
	return true;
}

/* The board */

static bool
map_targets(Import *import, const Part *transitions, const char *key, StringInfo out)
{
	MappedArray targets;

	if (!collab_find_all(import, transitions, key, import->lists, &targets))
		return false;
	json_begin(out, '[');
	for (int i = 0; i < targets.count; i++)
		json_put_uuid(out, &targets.things[i]->id);
	json_end(out, ']');
	return true;
}

/* {"transitions": {"<ref>": ["<ref>", …]}} with the lists' new ids. */
static bool
map_workflow(Import *import, const Part *workflow, StringInfo out)
{
	JsonbValue *value = json_get(workflow->object, "transitions");
	Part transitions = {.place = psprintf("%s.transitions", workflow->place)};
	JsonMembers members;

	if (!json_is_object(value))
		return collab_refuse(import, workflow, "transitions", "be an object: from a list to lists");
	transitions.object = value->val.binary.data;
	json_begin(out, '{');
	json_key(out, "transitions");
	json_begin(out, '{');
	members = json_members(transitions.object);
	while (json_next_member(&members))
	{
		char *ref = members.name;
		Mapped *list = strlen(ref) < NAMEDATALEN ? import_map_find(import->lists, ref) : NULL;

		if (list == NULL)
			return command_refuse(import->command, REFUSAL_INVALID, NULL, "%s must name lists of the document only",
								  transitions.place);
		json_key(out, uuid_text(&list->id));
		if (!map_targets(import, &transitions, ref, out))
			return false;
	}
	json_end(out, '}');
	json_end(out, '}');
	return true;
}

/* The settings with the lists' new ids, JSON text; NULL: refused. */
static char *
read_settings(Import *import, const Part *board)
{
	JsonbValue *value = json_get(board->object, "settings");
	JsonbValue *workflow;
	Part part;
	StringInfoData mapped;
	char *rest;
	Jsonb *patch;
	JsonbValue given = {.type = jbvBinary};
	char *after;

	if (json_is_null(value))
		return pstrdup(BOARD_SETTINGS_DEFAULT);
	initStringInfo(&mapped);
	json_begin(&mapped, '{');
	json_key(&mapped, "workflow");
	workflow = json_get(value->val.binary.data, "workflow");
	part.place = psprintf("%s.settings.workflow", board->place);
	if (json_is_null(workflow))
		json_put_raw(&mapped, NULL);
	else if (!json_is_object(workflow))
	{
		(void) command_refuse(import->command, REFUSAL_INVALID, NULL, "%s must be an object", part.place);
		return NULL;
	}
	else
	{
		part.object = workflow->val.binary.data;
		if (!map_workflow(import, &part, &mapped))
			return NULL;
	}
	json_end(&mapped, '}');
	/* the lists are not there yet: the workflow was checked here, the rest where all settings are */
	rest = patch_json_text(json_value_text(value), "{\"workflow\":null}");
	patch = json_text_to_jsonb(rest);
	given.val.binary.data = &patch->root;
	given.val.binary.len = VARSIZE(patch) - VARHDRSZ;
	after = board_settings_patched(import->command, "{}", &given, psprintf("%s.settings", board->place));
	return after == NULL ? NULL : patch_json_text(after, mapped.data);
}

static int
compare_ids(const ListCell *a, const ListCell *b)
{
	int64 left = *(int64 *) lfirst(a);
	int64 right = *(int64 *) lfirst(b);

	return left < right ? -1 : left > right ? 1 : 0;
}

/* Those of the workspace who are members of the board there, or have tasks on it, see it here; the actor does anyway. */
static bool
read_members(Import *import, const Part *board, char **members)
{
	ImportPerson **named;
	ImportPerson *person;
	HASH_SEQ_STATUS scan;
	List *ids = NIL;
	ListCell *cell;
	StringInfoData out;
	int count;

	if (!collab_find_people(import, board, "members", &named, &count))
		return false;
	for (int i = 0; i < count; i++)
		named[i]->is_on_board = true;
	hash_seq_init(&scan, import->people.by_key);
	while ((person = hash_seq_search(&scan)) != NULL)
	{
		if (person->is_on_board && person->user_id != 0 && !person->is_placeholder)
			ids = lappend(ids, &person->user_id);
	}
	ids = lappend(ids, &import->command->user_id);
	list_sort(ids, compare_ids);
	initStringInfo(&out);
	json_begin(&out, '[');
	foreach (cell, ids)
	{
		if (foreach_current_index(cell) == 0 ||
			*(int64 *) lfirst(cell) != *(int64 *) list_nth(ids, foreach_current_index(cell) - 1))
			json_put_int(&out, *(int64 *) lfirst(cell));
	}
	json_end(&out, ']');
	*members = out.data;
	return true;
}

static bool
add_board(Import *import, const Part *part, const char *name)
{
	Command *command = import->command;
	BoardSpec board = {
		.id = command->stream_id,
		.workspace_id = command->workspace_id,
		.owner_id = command->user_id,
		.name = name != NULL ? name : field_text(part->object, "name"),
		.description = field_text(part->object, "description"),
		.visibility = field_word(part->object, "visibility"),
		.settings = read_settings(import, part),
		.version = command_next_version(command),
	};

	if (board.settings == NULL || !read_members(import, part, unconstify(char **, &board.members)))
		return false;
	return command_add_event(command, EVENT_BoardCreated, cmd_board_created_json(&board));
}

/* Labels, custom fields, lists */

/* A label of Trello may have no name. */
static bool
add_label(Import *import, const Part *part)
{
	Mapped *label = import_map_find(import->labels, field_word(part->object, "ref"));
	char *name = json_string(json_get(part->object, "name"));

	if (!collab_check(import, part, label_fields) ||
		((name == NULL || *name != '\0') && !collab_check(import, part, label_name_fields)))
		return false;
	label->name = field_text(part->object, "name");
	label->color = field_word(part->object, "color");
	import_add_label(import, label, collab_time(part, "created_at"));
	return true;
}

/* The options as JSON text, each once. */
static bool
read_options(Import *import, const Part *part, const char *kind, const char **options)
{
	JsonbValue *array = json_get(part->object, "options");
	int count = 0;
	JsonbValue **elements = json_is_null(array) ? NULL : json_elements(array, &count);
	char **lower = palloc(sizeof(char *) * Max(count, 1));
	StringInfoData out;

	if ((strcmp(kind, "choice") == 0) != (count > 0))
		return collab_refuse(import, part, "options",
							 count > 0 ? "be empty unless the kind is choice" : "not be empty");
	initStringInfo(&out);
	json_begin(&out, '[');
	for (int i = 0; i < count; i++)
	{
		char *option = text_clean(json_string(elements[i]), false);

		lower[i] = str_tolower(option, strlen(option), DEFAULT_COLLATION_OID);
		for (int j = 0; j < i; j++)
		{
			if (strcmp(lower[i], lower[j]) == 0)
				return collab_refuse(import, part, psprintf("options[%d]", i), "be another than those before it");
		}
		json_put_string(&out, option);
	}
	json_end(&out, ']');
	*options = out.data;
	return true;
}

static bool
add_field(Import *import, const Part *part)
{
	Mapped *field = import_map_find(import->fields, field_word(part->object, "ref"));

	if (!collab_check(import, part, custom_field_fields))
		return false;
	field->name = field_text(part->object, "name");
	field->kind = field_word(part->object, "kind");
	if (!read_options(import, part, field->kind, &field->options))
		return false;
	import_add_field(import, field, collab_time(part, "created_at"));
	return true;
}

static bool
add_list(Import *import, const Part *part)
{
	ImportList list = {.mapped = import_map_find(import->lists, field_word(part->object, "ref"))};
	int64 limit = 0;

	if (!collab_check(import, part, list_fields))
		return false;
	(void) field_int64(part->object, "wip_limit", &limit);
	list.mapped->name = field_text(part->object, "name");
	list.mapped->category = field_word(part->object, "category");
	list.wip_limit = (int) limit;
	list.created_at = collab_time(part, "created_at");
	list.archived_at = collab_time(part, "archived_at");
	list.is_archived = list.archived_at != NULL;
	import_add_list(import, &list);
	return true;
}

static bool
add_each(Import *import, const Part *parts, int count, bool (*add)(Import *import, const Part *part))
{
	for (int i = 0; i < count; i++)
	{
		if (!add(import, &parts[i]))
			return false;
	}
	return true;
}

bool
import_collab(Import *import, const char *name)
{
	CollabDocument given;

	if (!read_document(import, &given))
		return false;
	if (given.field_count > CUSTOM_FIELDS_OF_A_BOARD)
		return command_refuse(import->command, REFUSAL_LIMIT, NULL,
							  "document.custom_fields must have at most %d elements", CUSTOM_FIELDS_OF_A_BOARD);
	return enter_people(import, &given) && enter_all(import, given.labels, given.label_count, import->labels) &&
		   enter_all(import, given.fields, given.field_count, import->fields) &&
		   enter_all(import, given.lists, given.list_count, import->lists) &&
		   collab_enter_tasks(import, given.tasks, given.task_count) && add_board(import, &given.board, name) &&
		   add_each(import, given.labels, given.label_count, add_label) &&
		   add_each(import, given.fields, given.field_count, add_field) &&
		   add_each(import, given.lists, given.list_count, add_list) &&
		   collab_add_tasks(import, given.tasks, given.task_count) &&
		   import_finish(import, name == NULL ? "collab" : "copy");
}
