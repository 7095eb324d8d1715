/*
 * cmd_import_trello.c: makes a board of a Trello board export (format 'trello' of IMPORT_BOARD).
 *
 * The format is what Trello's "Export as JSON" writes: an object with lists, cards, labels, members, checklists,
 * actions; comments are actions of type commentCard, newest first. Order is in "pos" (a float). The first 8 hex digits
 * of an id are the time it was made, seconds since 1970: that becomes event_data.occurred_at.
 *
 * The board's events come in this order: the board, labels, lists, tasks, checklists, comments, the report. Archived
 * lists and tasks are archived right after they were created, by an event of their own.
 */
#include "postgres.h"

#include "catalog/pg_collation.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/formatting.h"
#include "utils/hsearch.h"
#include "utils/numeric.h"

#include "command/cmd_board.h"
#include "command/cmd_import_trello.h"
#include "mb/pg_wchar.h"
#include "support/support_json.h"

#define COLOR_CHARACTERS 30

static HTAB *
mapped_table(const char *name)
{
	HASHCTL control = {.keysize = NAMEDATALEN, .entrysize = sizeof(Mapped), .hcxt = CurrentMemoryContext};

	return hash_create(name, 256, &control, HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
}

/* Labels and lists */

static bool
add_label(Import *import, int index, JsonbContainer *object)
{
	Mapped *label = import_map_new(import, import->labels, "labels", index, object);
	LabelDocument document;
	StringInfoData out;

	if (label == NULL)
		return false;
	label->name = import_fit_text(import, import_text(object, "name") ? import_text(object, "name") : "",
								  IMPORT_NAME_CHARACTERS, false, "label");
	label->color = import_text(object, "color") ? import_text(object, "color") : "none";
	label->color = import_fit_text(import, label->color, COLOR_CHARACTERS, false, "label");
	document = (LabelDocument){label->id, label->name, label->color};
	initStringInfo(&out);
	json_begin(&out, '{');
	json_key(&out, "label");
	proj_put_label(&out, &document);
	import_put_origin(&out, object);
	json_end(&out, '}');
	import->report.labels++;
	return command_add_event(import->command, EVENT_LabelCreated, out.data);
}

static bool
add_labels(Import *import)
{
	int count;
	JsonbValue **labels = import_array(import->document, "labels", &count);

	for (int i = 0; i < count; i++)
	{
		if (!add_label(import, i, labels[i]->val.binary.data))
			return false;
	}
	return true;
}

static bool
contains_word(const char *name, const char *const *words)
{
	char *lower = str_tolower(name, strlen(name), DEFAULT_COLLATION_OID);

	for (; *words != NULL; words++)
	{
		if (strstr(lower, *words) != NULL)
			return true;
	}
	return false;
}

static const char *
guess_category(const char *name)
{
	static const char *const done[] = {"done", "complete", "finished", "shipped", "released", "live", "erledigt", NULL};
	static const char *const doing[] = {"progress", "doing", "review", "testing", "working", "in arbeit", NULL};

	if (contains_word(name, done))
		return "done";
	return contains_word(name, doing) ? "doing" : "todo";
}

static void
put_list(StringInfo out, const Import *import, const Mapped *list, JsonbContainer *object)
{
	double limit = import_number(object, "softLimit");

	json_begin(out, '{');
	json_key(out, "id");
	json_put_uuid(out, &list->id);
	json_key(out, "name");
	json_put_string(out, list->name);
	json_key(out, "position");
	json_put_int(out, import->report.lists);
	json_key(out, "category");
	json_put_string(out, list->category);
	json_key(out, "wip_limit");
	json_put_raw(out, limit >= 1 && limit <= 10000 ? psprintf("%d", (int) limit) : NULL);
	json_key(out, "version");
	json_put_int(out, command_next_version(import->command));
	json_key(out, "tasks");
	json_put_raw(out, "[]");
	json_end(out, '}');
}

static bool
add_list(Import *import, const Element *element)
{
	Mapped *list = import_map_new(import, import->lists, "lists", element->index, element->object);
	StringInfoData out;

	if (list == NULL)
		return false;
	list->name = import_fit_name(import, import_text(element->object, "name"), IMPORT_NAME_CHARACTERS,
								 psprintf("lists[%d]", element->index));
	list->category = guess_category(list->name);
	initStringInfo(&out);
	json_begin(&out, '{');
	json_key(&out, "list");
	put_list(&out, import, list, element->object);
	json_key(&out, "position");
	json_put_int(&out, import->report.lists);
	import_put_rank(&out, &list->id, import->report.lists + import->report.archived_lists);
	import_put_origin(&out, element->object);
	json_end(&out, '}');
	(void) command_add_event(import->command, EVENT_ListCreated, out.data);
	if (!import_is_true(element->object, "closed"))
	{
		import->report.lists++;
		return true;
	}
	import->report.archived_lists++;
	return import_archive(import, EVENT_ListArchived, "list_id", &list->id, NULL, NULL);
}

/* Comments */

/* The author may have left the board since: then only the action describes him. */
static ImportPerson *
author_of(Import *import, JsonbContainer *action)
{
	JsonbValue *creator = json_get(action, "memberCreator");
	const char *id = import_text(action, "idMemberCreator");

	if (json_is_object(creator))
		return import_people_add(&import->people, creator->val.binary.data);
	return id == NULL ? NULL : import_people_find(&import->people, id);
}

static void
put_comment(StringInfo out, Import *import, const Mapped *card, const ImportPerson *author, const char *text)
{
	pg_uuid_t id = command_new_id();
	const char *fitted = import_fit_text(import, text, IMPORT_COMMENT_BYTES, true, card->name);

	json_begin(out, '{');
	json_key(out, "id");
	json_put_uuid(out, &id);
	json_key(out, "task_id");
	json_put_uuid(out, &card->id);
	json_key(out, "user_id");
	json_put_int(out, author->user_id);
	json_key(out, "username");
	json_put_string(out, author->name);
	json_key(out, "text");
	json_put_string(out, fitted);
	json_key(out, "reply_to");
	json_put_raw(out, NULL);
	json_key(out, "mentions");
	json_put_raw(out, import_people_mentions(&import->people, fitted));
	json_key(out, "created_at");
	json_put_time(out, import->command->now);
	json_key(out, "edited_at");
	json_put_raw(out, NULL);
	json_end(out, '}');
}

static void
add_comment(Import *import, JsonbContainer *action)
{
	JsonbValue *data = json_get(action, "data");
	JsonbValue *card_value = json_is_object(data) ? json_get(data->val.binary.data, "card") : NULL;
	const char *text = json_is_object(data) ? import_text(data->val.binary.data, "text") : NULL;
	Mapped *card = json_is_object(card_value)
					   ? import_map_find(import->cards, import_text(card_value->val.binary.data, "id"))
					   : NULL;
	ImportPerson *author = author_of(import, action);
	const TimestampTz *date = import_time(action, "date");
	StringInfoData out;

	if (card == NULL || text == NULL || author == NULL)
	{
		import_unmapped(&import->report, "comments", card == NULL ? "a card that is not in the export" : card->name,
						text ? text : "no text");
		if (card != NULL)
			card->comments++;
		return;
	}
	initStringInfo(&out);
	json_begin(&out, '{');
	json_key(&out, "comment");
	put_comment(&out, import, card, author, text);
	import_put_origin_time(&out, date);
	json_end(&out, '}');
	card->comments++;
	import->report.comments++;
	(void) command_add_event(import->command, EVENT_CommentAdded, out.data);
}

/* Oldest first; the export has the newest first. Of other actions only the number is told. */
static void
add_actions(Import *import)
{
	int count;
	JsonbValue **actions = import_array(import->document, "actions", &count);

	for (int i = count - 1; i >= 0; i--)
	{
		JsonbContainer *action = actions[i]->val.binary.data;
		const char *type = import_text(action, "type");

		if (strcmp(type, "commentCard") == 0)
			add_comment(import, action);
		else
			import_unmapped(&import->report, psprintf("history: %s", type), NULL, NULL);
	}
}

static void
report_missing_comments(Import *import)
{
	HASH_SEQ_STATUS scan;
	Mapped *card;

	hash_seq_init(&scan, import->cards);
	while ((card = hash_seq_search(&scan)) != NULL)
	{
		for (int i = card->comments; i < card->comments_told && i < card->comments + 1000; i++)
			import_unmapped(&import->report, "comments", card->name, "not in the export");
	}
}

/* The whole */

static bool
add_each(Import *import, const char *key, bool (*add)(Import *import, const Element *element))
{
	int count;
	Element *elements = import_sorted(import->document, key, &count);

	for (int i = 0; i < count; i++)
	{
		if (!add(import, &elements[i]))
			return false;
	}
	return true;
}

static void
add_people(Import *import)
{
	int count;
	JsonbValue **members = import_array(import->document, "members", &count);

	import_people_start(&import->people, &import->command->workspace_id, &import->report);
	for (int i = 0; i < count; i++)
		(void) import_people_add(&import->people, members[i]->val.binary.data);
}

static void
map_fields(Import *import)
{
	int count;
	JsonbValue **fields = import_array(import->document, "customFields", &count);

	for (int i = 0; i < count; i++)
	{
		bool found;
		Mapped *field = hash_search(import->fields, import_text(fields[i]->val.binary.data, "id"), HASH_ENTER, &found);

		field->object = fields[i]->val.binary.data;
	}
}

static bool
add_report(Import *import)
{
	StringInfoData out;

	import_report_array(import, import->document, "customFields", "custom fields", "board");
	import_report_array(import, import->document, "pluginData", "plugin data", "board");
	report_missing_comments(import);
	initStringInfo(&out);
	json_begin(&out, '{');
	json_key(&out, "format");
	json_put_string(&out, "trello");
	json_key(&out, "report");
	json_put_raw(&out, import_report_text(&import->report));
	json_end(&out, '}');
	return command_add_event(import->command, EVENT_BoardImported, out.data);
}

bool
cmd_import_board(Command *command)
{
	Import import = {.command = command};
	const char *description;
	TimestampTz created_at;
	bool has_time;
	BoardSpec board;

	import.document = json_get(command->payload, "document")->val.binary.data;
	if (!import_check_trello(import.document, &command->refusal))
	{
		command->outcome = OUTCOME_REFUSED;
		return false;
	}
	import.labels = mapped_table("labels of an import");
	import.lists = mapped_table("lists of an import");
	import.cards = mapped_table("cards of an import");
	import.fields = mapped_table("custom fields of an import");
	map_fields(&import);
	add_people(&import);
	description = import_text(import.document, "desc");
	has_time =
		import_text(import.document, "id") != NULL && import_id_time(import_text(import.document, "id"), &created_at);
	board = (BoardSpec){
		.id = command->stream_id,
		.workspace_id = command->workspace_id,
		.owner_id = command->user_id,
		.name = import_fit_name(&import, import_text(import.document, "name"), IMPORT_NAME_CHARACTERS, "board"),
		.description =
			import_fit_text(&import, description ? description : "", IMPORT_DESCRIPTION_BYTES, true, "board"),
		.occurred_at = has_time ? &created_at : NULL,
		.version = command_next_version(command),
	};
	(void) command_add_event(command, EVENT_BoardCreated, cmd_board_created_json(&board));
	if (!add_labels(&import) || !add_each(&import, "lists", add_list) || !add_each(&import, "cards", import_card) ||
		!add_each(&import, "checklists", import_checklist))
		return false;
	add_actions(&import);
	return add_report(&import);
}
