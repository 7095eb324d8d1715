/*
 * cmd_import_card.c: cards and their checklists of a Trello export.
 */
#include "postgres.h"

#include "command/cmd_import_trello.h"
#include "support/support_json.h"

#define ITEM_CHARACTERS 500
#define MOST_COMMENTS 100000

static void
take_assignees(Import *import, JsonbContainer *card, TaskDocument *task)
{
	int count;
	JsonbValue **members = import_array(card, "idMembers", &count);
	int64 *assignees = palloc(sizeof(int64) * Max(count, 1));

	task->assignees = assignees;
	for (int i = 0; i < count; i++)
	{
		ImportPerson *person = import_people_find(&import->people, json_string(members[i]));
		bool is_new = person != NULL;

		for (int j = 0; is_new && j < task->assignee_count; j++)
			is_new = assignees[j] != person->user_id;
		if (is_new && task->assignee_count < FIELD_ARRAY_LENGTH)
			assignees[task->assignee_count++] = person->user_id;
		else if (is_new)
			import_unmapped(&import->report, "members", task->title, "one assignee too many");
		else if (person == NULL)
			import_unmapped(&import->report, "members", task->title, "an assignee whom the export does not describe");
	}
}

static void
take_labels(Import *import, JsonbContainer *card, TaskDocument *task)
{
	int count;
	JsonbValue **ids = import_array(card, "idLabels", &count);
	LabelDocument *labels = palloc(sizeof(LabelDocument) * Max(count, 1));

	task->labels = labels;
	for (int i = 0; i < count; i++)
	{
		Mapped *label = import_map_find(import->labels, json_string(ids[i]));
		bool is_new = label != NULL;

		for (int j = 0; is_new && j < task->label_count; j++)
			is_new = !uuid_equal(&labels[j].id, &label->id);
		if (is_new && task->label_count < FIELD_ARRAY_LENGTH)
			labels[task->label_count++] = (LabelDocument){label->id, label->name, label->color};
		else if (is_new)
			import_unmapped(&import->report, "labels", task->title, "one label too many");
		else if (label == NULL)
			import_unmapped(&import->report, "labels", task->title, "a label that the export does not describe");
	}
}

/* Trello knows that a card is done, not since when: the last activity stands in. */
static const TimestampTz *
completion_of(const Import *import, const Mapped *list, JsonbContainer *card)
{
	const TimestampTz *time;

	if (!import_is_true(card, "dueComplete") && strcmp(list->category, "done") != 0)
		return NULL;
	time = import_time(card, "dateLastActivity");
	return time != NULL ? time : &import->command->now;
}

static void
report_votes(Import *import, JsonbContainer *card, const char *title)
{
	int count;
	JsonbValue **voters = import_array(card, "idMembersVoted", &count);

	for (int i = 0; i < count; i++)
	{
		const ImportPerson *person = import_people_find(&import->people, json_string(voters[i]));

		import_unmapped(&import->report, "votes", title, person ? person->name : json_string(voters[i]));
	}
}

/* What a card can have that a task has no place for yet. */
static void
report_card(Import *import, JsonbContainer *card, const char *title)
{
	import_report_array(import, card, "pluginData", "plugin data", title);
	import_report_array(import, card, "stickers", "stickers", title);
	report_votes(import, card, title);
	if (!json_is_null(json_get(card, "address")) || !json_is_null(json_get(card, "coordinates")))
		import_unmapped(&import->report, "locations", title, import_text(card, "address"));
	if (import_is_true(card, "isTemplate"))
		import_unmapped(&import->report, "card templates", title, "imported as an ordinary task");
	if (!json_is_null(json_get(card, "dueReminder")))
		import_unmapped(&import->report, "due reminders", title, json_value_text(json_get(card, "dueReminder")));
}

static void
fill_task(Import *import, JsonbContainer *object, ImportTask *task)
{
	TaskDocument *document = &task->document;
	const char *title = task->mapped->name;
	const char *description = import_text(object, "desc");

	document->title = title;
	document->description =
		import_fit_text(import, description ? description : "", IMPORT_DESCRIPTION_BYTES, true, title);
	document->start_date = import_time(object, "start");
	document->due_date = import_time(object, "due");
	document->completed_at = completion_of(import, task->list, object);
	document->config = "{}";
	document->cover = import_cover(import, object, title);
	document->custom_fields = import_field_values(import, object, title);
	take_assignees(import, object, document);
	take_labels(import, object, document);
	task->is_archived = import_is_true(object, "closed");
	task->created_at = import_made_at(object);
	task->archived_at = import_time(object, "dateLastActivity");
}

bool
import_card(Import *import, const Element *element)
{
	JsonbContainer *object = element->object;
	Mapped *card = import_map_object(import, import->tasks, "cards", element->index, object);
	ImportTask task = {.mapped = card, .list = import_map_find(import->lists, import_text(object, "idList"))};
	JsonbValue *badges = json_get(object, "badges");
	ImportAttachment *attachments;
	int count;

	if (card == NULL)
		return false;
	card->index = element->index;
	if (task.list == NULL)
		return command_refuse(import->command, REFUSAL_INVALID, NULL,
							  "document.cards[%d].idList must name a list of the export", element->index);
	card->name = import_fit_name(import, import_text(object, "name"), IMPORT_TITLE_CHARACTERS,
								 psprintf("cards[%d]", element->index));
	card->comments_told = json_is_object(badges)
							  ? (int) Max(0, Min(import_number(badges->val.binary.data, "comments"), MOST_COMMENTS))
							  : 0;
	attachments = import_attachments(import, object, card, &count);
	fill_task(import, object, &task);
	import_add_task(import, &task);
	for (int i = 0; i < count; i++)
		import_add_attachment(import, &attachments[i]);
	report_card(import, object, card->name);
	return true;
}

/* Checklists */

static ImportItem *
read_items(Import *import, JsonbContainer *checklist, const char *where, int *count)
{
	Element *elements = import_sorted(checklist, "checkItems", count);
	ImportItem *items = palloc(sizeof(ImportItem) * Max(*count, 1));

	for (int i = 0; i < *count; i++)
	{
		JsonbContainer *object = elements[i].object;
		const char *state = import_text(object, "state");
		const char *member = import_text(object, "idMember");

		items[i].text = import_fit_name(import, import_text(object, "name"), ITEM_CHARACTERS, where);
		items[i].is_checked = state != NULL && strcmp(state, "complete") == 0;
		items[i].due_date = import_time(object, "due");
		items[i].assignee = member == NULL ? NULL : import_people_find(&import->people, member);
		if (member != NULL && items[i].assignee == NULL)
			import_unmapped(&import->report, "members", where, "somebody whom the export does not describe");
	}
	return items;
}

bool
import_checklist(Import *import, const Element *element)
{
	Mapped *card = import_map_find(import->tasks, import_text(element->object, "idCard"));
	const char *name = import_text(element->object, "name");
	ImportChecklist checklist = {.task = card, .created_at = import_made_at(element->object)};

	if (card == NULL)
	{
		import_unmapped(&import->report, "checklists", "a card that is not in the export", name);
		return true;
	}
	checklist.name = import_fit_name(import, name, IMPORT_NAME_CHARACTERS, card->name);
	checklist.items = read_items(import, element->object, card->name, &checklist.item_count);
	import_add_checklist(import, &checklist);
	return true;
}
