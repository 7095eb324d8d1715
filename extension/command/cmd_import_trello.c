/*
 * cmd_import_trello.c: makes a board of a Trello board export (format 'trello' of IMPORT_BOARD).
 *
 * The format is what Trello's "Export as JSON" writes: an object with lists, cards, labels, members, checklists,
 * actions; comments are actions of type commentCard, newest first. Order is in "pos" (a float). The first 8 hex digits
 * of an id are the time it was made, seconds since 1970: that becomes event_data.occurred_at.
 *
 * The board's events come in this order: the board, labels, custom fields, lists, tasks with their attachments,
 * checklists, comments, the report. Archived lists and tasks are archived right after they were created, by an event of
 * their own.
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

#define MOST_WIP 10000

static const char *const note_actions =
	"A Trello export holds at most 1,000 actions: comments older than those may be missing.";
static const char *const note_categories =
	"Trello lists have no category: todo, doing or done was taken from their names.";
static const char *const note_preferences =
	"Nobody was added to the workspace; the board's preferences, background and subscribers stay with Trello.";

/* Labels and lists */

static bool
add_label(Import *import, int index, JsonbContainer *object)
{
	Mapped *label = import_map_object(import, import->labels, "labels", index, object);
	const char *name = import_text(object, "name");
	const char *color = import_text(object, "color");
	const char *where = name != NULL && *name != '\0' ? name : "a label without a name";

	if (label == NULL)
		return false;
	label->name = import_fit_text(import, name ? name : "", IMPORT_NAME_CHARACTERS, false, "label");
	label->color = import_color(import, color, where);
	import_add_label(import, label, import_made_at(object));
	return true;
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

static bool
add_list(Import *import, const Element *element)
{
	JsonbContainer *object = element->object;
	double limit = import_number(object, "softLimit");
	ImportList list = {
		.mapped = import_map_object(import, import->lists, "lists", element->index, object),
		.wip_limit = limit >= 1 && limit <= MOST_WIP ? (int) limit : 0,
		.is_archived = import_is_true(object, "closed"),
		.created_at = import_made_at(object),
	};

	if (list.mapped == NULL)
		return false;
	list.mapped->name = import_fit_name(import, import_text(object, "name"), IMPORT_NAME_CHARACTERS,
										psprintf("lists[%d]", element->index));
	list.mapped->category = guess_category(list.mapped->name);
	if (limit != 0 && list.wip_limit == 0)
		import_unmapped(&import->report, "list limits", list.mapped->name, psprintf("%g", limit));
	import_add_list(import, &list);
	return true;
}

/* Comments */

static ImportPerson *
add_person(Import *import, JsonbContainer *member)
{
	ImportIdentity identity = {
		.key = import_text(member, "id"),
		.issuer = "trello",
		.subject = import_text(member, "id"),
		.handle = import_text(member, "username"),
		.name = import_text(member, "fullName"),
	};

	return import_people_add(&import->people, &identity);
}

/* The author may have left the board since: then only the action describes him. */
static ImportPerson *
author_of(Import *import, JsonbContainer *action)
{
	JsonbValue *creator = json_get(action, "memberCreator");
	const char *id = import_text(action, "idMemberCreator");

	if (json_is_object(creator))
		return add_person(import, creator->val.binary.data);
	return id == NULL ? NULL : import_people_find(&import->people, id);
}

static void
add_comment(Import *import, JsonbContainer *action)
{
	JsonbValue *value = json_get(action, "data");
	JsonbContainer *data = json_is_object(value) ? value->val.binary.data : NULL;
	JsonbValue *card = data == NULL ? NULL : json_get(data, "card");
	const char *text = data == NULL ? NULL : import_text(data, "text");
	ImportComment comment = {
		.id = command_new_id(),
		.task = json_is_object(card) ? import_map_find(import->tasks, import_text(card->val.binary.data, "id")) : NULL,
		.author = author_of(import, action),
		.created_at = import_time(action, "date"),
		.edited_at = data == NULL ? NULL : import_time(data, "dateLastEdited"),
	};

	if (comment.task != NULL)
		comment.task->comments++;
	if (text != NULL && comment.task != NULL)
		comment.text = import_fit_text(import, text, IMPORT_COMMENT_BYTES, true, comment.task->name);
	if (comment.text == NULL || *comment.text == '\0' || comment.author == NULL)
	{
		import_unmapped(&import->report, "comments",
						comment.task ? comment.task->name : "a card that is not in the export",
						text && *text ? text : "no text");
		return;
	}
	comment.mentions = import_people_mentions(&import->people, comment.text);
	import_add_comment(import, &comment);
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

	hash_seq_init(&scan, import->tasks);
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

	for (int i = 0; i < count; i++)
		(void) add_person(import, members[i]->val.binary.data);
}

static void
add_board(Import *import)
{
	Command *command = import->command;
	const char *description = import_text(import->document, "desc");
	BoardSpec board = {
		.id = command->stream_id,
		.workspace_id = command->workspace_id,
		.owner_id = command->user_id,
		.name = import_fit_name(import, import_text(import->document, "name"), IMPORT_NAME_CHARACTERS, "board"),
		.description = import_fit_text(import, description ? description : "", IMPORT_DESCRIPTION_BYTES, true, "board"),
		.occurred_at = import_made_at(import->document),
		.version = command_next_version(command),
	};

	if (import_is_true(import->document, "closed"))
		import_unmapped(&import->report, "board", "board", "closed there, open here");
	(void) command_add_event(command, EVENT_BoardCreated, cmd_board_created_json(&board));
}

bool
import_trello(Command *command, JsonbContainer *document)
{
	Import import;

	if (!import_check_trello(document, &command->refusal))
	{
		command->outcome = OUTCOME_REFUSED;
		return false;
	}
	import_start(&import, command, document);
	import.report.notes = list_make3(unconstify(char *, note_actions), unconstify(char *, note_categories),
									 unconstify(char *, note_preferences));
	add_people(&import);
	add_board(&import);
	if (!add_labels(&import) || !import_fields(&import) || !add_each(&import, "lists", add_list) ||
		!add_each(&import, "cards", import_card) || !add_each(&import, "checklists", import_checklist))
		return false;
	add_actions(&import);
	import_report_array(&import, document, "pluginData", "plugin data", "board");
	report_missing_comments(&import);
	return import_finish(&import, "trello");
}
