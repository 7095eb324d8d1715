/*
 * cmd_import_card.c: cards and their checklists of a Trello export.
 */
#include "postgres.h"

#include "command/cmd_import_trello.h"
#include "command/cmd_place.h"
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

static JsonbContainer *
find_by_id(JsonbContainer *object, const char *array, const char *id)
{
	int count;
	JsonbValue **elements = import_array(object, array, &count);

	for (int i = 0; id != NULL && i < count; i++)
	{
		JsonbContainer *element = json_is_object(elements[i]) ? elements[i]->val.binary.data : NULL;
		const char *found = element == NULL ? NULL : import_text(element, "id");

		if (found != NULL && strcmp(found, id) == 0)
			return element;
	}
	return NULL;
}

/* {"text": "Hello"}, {"number": "8"}, {"checked": "true"}, {"date": …}: what it says, whichever it is. */
static const char *
value_said(const JsonbValue *value)
{
	static const char *const kinds[] = {"text", "number", "checked", "date"};

	for (int i = 0; json_is_object(value) && i < (int) lengthof(kinds); i++)
	{
		const char *said = import_text(value->val.binary.data, kinds[i]);

		if (said != NULL)
			return said;
	}
	return value == NULL ? "null" : json_value_text(value);
}

/* A dropdown's value is the id of one of its field's options. */
static const char *
custom_field_value(JsonbContainer *field, JsonbContainer *item)
{
	const char *option_id = import_text(item, "idValue");
	JsonbContainer *option = field == NULL ? NULL : find_by_id(field, "options", option_id);

	if (option != NULL)
		return value_said(json_get(option, "value"));
	return json_is_null(json_get(item, "value")) && option_id != NULL ? option_id : value_said(json_get(item, "value"));
}

static void
report_custom_fields(Import *import, JsonbContainer *card, const char *title)
{
	int count;
	JsonbValue **items = import_array(card, "customFieldItems", &count);

	for (int i = 0; i < count; i++)
	{
		JsonbContainer *item = items[i]->val.binary.data;
		const char *field_id = import_text(item, "idCustomField");
		Mapped *mapped = import_map_find(import->fields, field_id);
		JsonbContainer *field = mapped == NULL ? NULL : mapped->object;
		const char *name = field == NULL ? NULL : import_text(field, "name");

		import_unmapped(&import->report, "custom field values", title,
						psprintf("%s: %s", name ? name : field_id, custom_field_value(field, item)));
	}
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
	JsonbValue *cover = json_get(card, "cover");

	report_custom_fields(import, card, title);
	import_report_array(import, card, "attachments", "attachments", title);
	import_report_array(import, card, "pluginData", "plugin data", title);
	import_report_array(import, card, "stickers", "stickers", title);
	report_votes(import, card, title);
	if (json_is_object(cover) && (!json_is_null(json_get(cover->val.binary.data, "idAttachment")) ||
								  !json_is_null(json_get(cover->val.binary.data, "color"))))
		import_unmapped(&import->report, "covers", title, json_value_text(cover));
	if (!json_is_null(json_get(card, "address")) || !json_is_null(json_get(card, "coordinates")))
		import_unmapped(&import->report, "locations", title, import_text(card, "address"));
	if (import_is_true(card, "isTemplate"))
		import_unmapped(&import->report, "card templates", title, "imported as an ordinary task");
	if (!json_is_null(json_get(card, "dueReminder")))
		import_unmapped(&import->report, "due reminders", title, json_value_text(json_get(card, "dueReminder")));
}

static void
fill_task(Import *import, const Mapped *card, const Mapped *list, JsonbContainer *object, TaskDocument *task)
{
	const char *description = import_text(object, "desc");

	task->board_id = import->command->stream_id;
	task->id = card->id;
	task->list_id = list->id;
	task->title = card->name;
	task->description =
		import_fit_text(import, description ? description : "", IMPORT_DESCRIPTION_BYTES, true, card->name);
	task->start_date = import_time(object, "start");
	task->due_date = import_time(object, "due");
	task->completed_at = completion_of(import, list, object);
	task->status = list->category;
	task->position = list->open_tasks;
	task->config = "{}";
	task->checklists = "[]";
	task->version = command_next_version(import->command);
	task->created_at = task->updated_at = import->command->now;
	take_assignees(import, object, task);
	take_labels(import, object, task);
}

static void
add_task_event(Import *import, const TaskDocument *task, const Mapped *list, JsonbContainer *object)
{
	StringInfoData out;

	initStringInfo(&out);
	json_begin(&out, '{');
	json_key(&out, "task");
	proj_put_task(&out, task, DETAIL_FULL);
	json_key(&out, "list_id");
	json_put_uuid(&out, &task->list_id);
	import_put_rank(&out, &task->id, list->tasks);
	import_put_origin(&out, object);
	json_end(&out, '}');
	(void) command_add_event(import->command, EVENT_TaskCreated, out.data);
}

bool
import_card(Import *import, const Element *element)
{
	Mapped *card = import_map_new(import, import->cards, "cards", element->index, element->object);
	Mapped *list = import_map_find(import->lists, import_text(element->object, "idList"));
	JsonbValue *badges = json_get(element->object, "badges");
	TaskDocument task = {0};

	if (card == NULL)
		return false;
	if (list == NULL)
		return command_refuse(import->command, REFUSAL_INVALID, NULL,
							  "document.cards[%d].idList must name a list of the export", element->index);
	card->name = import_fit_name(import, import_text(element->object, "name"), IMPORT_TITLE_CHARACTERS,
								 psprintf("cards[%d]", element->index));
	card->comments_told = json_is_object(badges)
							  ? (int) Max(0, Min(import_number(badges->val.binary.data, "comments"), MOST_COMMENTS))
							  : 0;
	fill_task(import, card, list, element->object, &task);
	add_task_event(import, &task, list, element->object);
	report_card(import, element->object, card->name);
	list->tasks++;
	if (!import_is_true(element->object, "closed"))
	{
		list->open_tasks++;
		import->report.tasks++;
		return true;
	}
	import->report.archived_tasks++;
	return import_archive(import, EVENT_TaskArchived, "task_id", &card->id, &list->id,
						  import_time(element->object, "dateLastActivity"));
}

/* Checklists */

static void
put_item(StringInfo out, Import *import, JsonbContainer *item, const pg_uuid_t *id, int position, const char *where)
{
	const char *state = import_text(item, "state");
	const char *member = import_text(item, "idMember");
	const ImportPerson *person = member == NULL ? NULL : import_people_find(&import->people, member);
	const TimestampTz *due = import_time(item, "due");

	json_begin(out, '{');
	json_key(out, "id");
	json_put_uuid(out, id);
	json_key(out, "text");
	json_put_string(out, import_fit_name(import, import_text(item, "name"), ITEM_CHARACTERS, where));
	json_key(out, "checked");
	json_put_bool(out, state != NULL && strcmp(state, "complete") == 0);
	json_key(out, "due_date");
	json_put_string(out, due ? time_text(*due) : NULL);
	json_key(out, "assigned_to");
	json_put_raw(out, person ? psprintf(INT64_FORMAT, person->user_id) : NULL);
	json_key(out, "position");
	json_put_int(out, position);
	json_end(out, '}');
}

static void
put_items(StringInfo out, StringInfo ranks, Import *import, JsonbContainer *checklist, const char *where)
{
	int count;
	Element *items = import_sorted(checklist, "checkItems", &count);

	json_key(out, "items");
	json_begin(out, '[');
	for (int i = 0; i < count; i++)
	{
		pg_uuid_t id = command_new_id();

		put_item(out, import, items[i].object, &id, i, where);
		json_key(ranks, uuid_text(&id));
		json_put_int(ranks, (i + 1) * PLACE_RANK_STEP);
	}
	json_end(out, ']');
	import->report.checklist_items += count;
}

bool
import_checklist(Import *import, const Element *element)
{
	Mapped *card = import_map_find(import->cards, import_text(element->object, "idCard"));
	pg_uuid_t id = command_new_id();
	StringInfoData out;
	StringInfoData ranks;

	if (card == NULL)
	{
		import_unmapped(&import->report, "checklists", "a card that is not in the export",
						import_text(element->object, "name"));
		return true;
	}
	initStringInfo(&ranks);
	json_begin(&ranks, '{');
	json_key(&ranks, uuid_text(&id));
	json_put_int(&ranks, (card->checklists + 1) * PLACE_RANK_STEP);
	initStringInfo(&out);
	json_begin(&out, '{');
	json_key(&out, "task_id");
	json_put_uuid(&out, &card->id);
	json_key(&out, "checklist");
	json_begin(&out, '{');
	json_key(&out, "id");
	json_put_uuid(&out, &id);
	json_key(&out, "name");
	json_put_string(&out,
					import_fit_name(import, import_text(element->object, "name"), IMPORT_NAME_CHARACTERS, card->name));
	json_key(&out, "position");
	json_put_int(&out, card->checklists++);
	put_items(&out, &ranks, import, element->object, card->name);
	json_end(&out, '}');
	json_end(&ranks, '}');
	json_key(&out, "ranks");
	json_put_raw(&out, ranks.data);
	import_put_origin(&out, element->object);
	json_end(&out, '}');
	import->report.checklists++;
	return command_add_event(import->command, EVENT_ChecklistCreated, out.data);
}
