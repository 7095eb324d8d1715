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
#include "command/cmd_import.h"
#include "mb/pg_wchar.h"
#include "support/support_json.h"

#define RANK_STEP (INT64CONST(1) << 40)
#define NAME_CHARACTERS 100
#define TITLE_CHARACTERS 500
#define DESCRIPTION_BYTES (64 * 1024)
#define COMMENT_BYTES (16 * 1024)
#define ITEM_CHARACTERS 500

/* A list, card or label of the export and what became of it. */
typedef struct Mapped
{
	char key[NAMEDATALEN];
	pg_uuid_t id;
	const char *name;
	const char *color; /* of a label */
	const char *category; /* of a list */
	int open_tasks; /* of a list */
	int tasks; /* of a list, archived ones too */
	int checklists; /* of a card */
	int comments; /* of a card */
	int comments_told; /* of a card: how many it says it has */
} Mapped;

typedef struct Import
{
	Command *command;
	JsonbContainer *document;
	ImportReport report;
	ImportPeople people;
	HTAB *labels;
	HTAB *lists;
	HTAB *cards;
} Import;

/* An element of an array, with what it is sorted by. */
typedef struct Element
{
	JsonbContainer *object;
	double position;
	int index;
} Element;

/* Reading the export */

static const char *
text_of(JsonbContainer *object, const char *key)
{
	return json_string(json_get(object, key));
}

static bool
is_true(JsonbContainer *object, const char *key)
{
	JsonbValue *value = json_get(object, key);

	return value != NULL && value->type == jbvBool && value->val.boolean;
}

static double
number_of(JsonbContainer *object, const char *key)
{
	JsonbValue *value = json_get(object, key);

	if (value == NULL || value->type != jbvNumeric)
		return 0;
	return DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(value->val.numeric)));
}

static const TimestampTz *
time_of(JsonbContainer *object, const char *key)
{
	TimestampTz *time = palloc(sizeof(TimestampTz));

	return field_time(object, key, time) ? time : NULL;
}

static JsonbValue **
array_of(JsonbContainer *object, const char *key, int *count)
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
static Element *
sorted_elements(JsonbContainer *object, const char *key, int *count)
{
	JsonbValue **values = array_of(object, key, count);
	Element *elements = palloc(sizeof(Element) * Max(*count, 1));

	for (int i = 0; i < *count; i++)
	{
		elements[i].object = values[i]->val.binary.data;
		elements[i].position = number_of(elements[i].object, "pos");
		elements[i].index = i;
	}
	qsort(elements, *count, sizeof(Element), compare_elements);
	return elements;
}

/* Cuts at a character's border; a text that had to be changed is reported. */
static const char *
fit_text(Import *import, const char *text, int most, bool multiline, const char *where)
{
	char *clean = text_clean(text, true);
	size_t length;

	if (clean == NULL)
	{
		clean = pstrdup(text);
		for (char *c = clean; *c; c++)
		{
			if ((unsigned char) *c < 0x20 || *c == 0x7f)
				*c = ' ';
		}
		import_unmapped(&import->report, "control characters", where, "replaced by spaces");
	}
	for (char *c = clean; !multiline && *c; c++)
	{
		if (*c == '\n' || *c == '\r' || *c == '\t')
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
static const char *
fit_name(Import *import, const char *text, int most, const char *where)
{
	const char *name = fit_text(import, text, most, false, where);

	if (*name != '\0')
		return name;
	import_unmapped(&import->report, "empty names", where, "named \"(untitled)\"");
	return "(untitled)";
}

/* Time and identity */

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

/* Where the id tells no time, occurred_at is left out. */
static void
put_occurred_at(StringInfo out, JsonbContainer *object)
{
	TimestampTz time;

	if (!id_time(text_of(object, "id"), &time))
		return;
	json_key(out, "occurred_at");
	json_put_time(out, time);
}

static void
put_rank(StringInfo out, const pg_uuid_t *id, int64 index)
{
	json_key(out, "ranks");
	json_begin(out, '{');
	json_key(out, uuid_text(id));
	json_put_int(out, (index + 1) * RANK_STEP);
	json_end(out, '}');
}

static HTAB *
mapped_table(const char *name)
{
	HASHCTL control = {.keysize = NAMEDATALEN, .entrysize = sizeof(Mapped), .hcxt = CurrentMemoryContext};

	return hash_create(name, 256, &control, HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
}

/* Refuses an id that the export holds twice. */
static Mapped *
map_new(Import *import, HTAB *table, const char *what, int index, JsonbContainer *object)
{
	bool found;
	const char *key = text_of(object, "id");
	Mapped *mapped = hash_search(table, key, HASH_ENTER, &found);

	if (found)
	{
		(void) command_refuse(import->command, REFUSAL_INVALID, NULL, "document.%s[%d].id is there twice", what, index);
		return NULL;
	}
	memset((char *) mapped + NAMEDATALEN, 0, sizeof(Mapped) - NAMEDATALEN);
	mapped->id = command_new_id();
	return mapped;
}

static Mapped *
map_find(HTAB *table, const char *key)
{
	return key == NULL ? NULL : hash_search(table, key, HASH_FIND, NULL);
}

/* Labels and lists */

static bool
add_label(Import *import, int index, JsonbContainer *object)
{
	Mapped *label = map_new(import, import->labels, "labels", index, object);
	LabelDocument document;
	StringInfoData out;

	if (label == NULL)
		return false;
	label->name =
		fit_text(import, text_of(object, "name") ? text_of(object, "name") : "", NAME_CHARACTERS, false, "label");
	label->color = text_of(object, "color") ? text_of(object, "color") : "none";
	document = (LabelDocument){label->id, label->name, label->color};
	initStringInfo(&out);
	json_begin(&out, '{');
	json_key(&out, "label");
	proj_put_label(&out, &document);
	put_occurred_at(&out, object);
	json_end(&out, '}');
	import->report.labels++;
	return command_add_event(import->command, EVENT_LabelCreated, out.data);
}

static bool
add_labels(Import *import)
{
	int count;
	JsonbValue **labels = array_of(import->document, "labels", &count);

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
	double limit = number_of(object, "softLimit");

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
archive(Import *import, EventType type, const char *key, const pg_uuid_t *id, const pg_uuid_t *list_id,
		const TimestampTz *occurred_at)
{
	StringInfoData out;

	initStringInfo(&out);
	json_begin(&out, '{');
	json_key(&out, key);
	json_put_uuid(&out, id);
	if (list_id != NULL)
	{
		json_key(&out, "list_id");
		json_put_uuid(&out, list_id);
	}
	if (occurred_at != NULL)
	{
		json_key(&out, "occurred_at");
		json_put_time(&out, *occurred_at);
	}
	json_end(&out, '}');
	return command_add_event(import->command, type, out.data);
}

static bool
add_list(Import *import, const Element *element)
{
	Mapped *list = map_new(import, import->lists, "lists", element->index, element->object);
	StringInfoData out;

	if (list == NULL)
		return false;
	list->name =
		fit_name(import, text_of(element->object, "name"), NAME_CHARACTERS, psprintf("lists[%d]", element->index));
	list->category = guess_category(list->name);
	initStringInfo(&out);
	json_begin(&out, '{');
	json_key(&out, "list");
	put_list(&out, import, list, element->object);
	json_key(&out, "position");
	json_put_int(&out, import->report.lists);
	put_rank(&out, &list->id, import->report.lists + import->report.archived_lists);
	put_occurred_at(&out, element->object);
	json_end(&out, '}');
	(void) command_add_event(import->command, EVENT_ListCreated, out.data);
	if (!is_true(element->object, "closed"))
	{
		import->report.lists++;
		return true;
	}
	import->report.archived_lists++;
	return archive(import, EVENT_ListArchived, "list_id", &list->id, NULL, NULL);
}

/* Cards */

static void
take_assignees(Import *import, JsonbContainer *card, TaskDocument *task)
{
	int count;
	JsonbValue **members = array_of(card, "idMembers", &count);
	int64 *assignees = palloc(sizeof(int64) * Max(count, 1));

	task->assignees = assignees;
	for (int i = 0; i < count; i++)
	{
		ImportPerson *person = import_people_find(&import->people, json_string(members[i]));
		bool is_new = person != NULL;

		for (int j = 0; is_new && j < task->assignee_count; j++)
			is_new = assignees[j] != person->user_id;
		if (is_new)
			assignees[task->assignee_count++] = person->user_id;
		else if (person == NULL)
			import_unmapped(&import->report, "members", task->title, "an assignee whom the export does not describe");
	}
}

static void
take_labels(Import *import, JsonbContainer *card, TaskDocument *task)
{
	int count;
	JsonbValue **ids = array_of(card, "idLabels", &count);
	LabelDocument *labels = palloc(sizeof(LabelDocument) * Max(count, 1));

	task->labels = labels;
	for (int i = 0; i < count; i++)
	{
		Mapped *label = map_find(import->labels, json_string(ids[i]));
		bool is_new = label != NULL;

		for (int j = 0; is_new && j < task->label_count; j++)
			is_new = !uuid_equal(&labels[j].id, &label->id);
		if (is_new)
			labels[task->label_count++] = (LabelDocument){label->id, label->name, label->color};
		else if (label == NULL)
			import_unmapped(&import->report, "labels", task->title, "a label that the export does not describe");
	}
}

/* Trello knows that a card is done, not since when: the last activity stands in. */
static const TimestampTz *
completion_of(const Import *import, const Mapped *list, JsonbContainer *card)
{
	const TimestampTz *time;

	if (!is_true(card, "dueComplete") && strcmp(list->category, "done") != 0)
		return NULL;
	time = time_of(card, "dateLastActivity");
	return time != NULL ? time : &import->command->now;
}

static const char *
custom_field_name(const Import *import, const char *id)
{
	int count;
	JsonbValue **fields = array_of(import->document, "customFields", &count);

	for (int i = 0; i < count; i++)
	{
		JsonbContainer *field = fields[i]->val.binary.data;

		if (strcmp(text_of(field, "id"), id) == 0)
			return text_of(field, "name") ? text_of(field, "name") : id;
	}
	return id;
}

static void
report_custom_fields(Import *import, JsonbContainer *card, const char *title)
{
	int count;
	JsonbValue **items = array_of(card, "customFieldItems", &count);

	for (int i = 0; i < count; i++)
	{
		JsonbContainer *item = items[i]->val.binary.data;
		JsonbValue *value = json_get(item, json_is_null(json_get(item, "value")) ? "idValue" : "value");

		import_unmapped(&import->report, "custom field values", title,
						psprintf("%s: %s", custom_field_name(import, text_of(item, "idCustomField")),
								 value == NULL ? "null" : json_value_text(value)));
	}
}

static void
report_array(Import *import, JsonbContainer *object, const char *key, const char *kind, const char *where)
{
	int count;
	JsonbValue **elements = array_of(object, key, &count);

	for (int i = 0; i < count; i++)
	{
		const char *name = json_is_object(elements[i]) ? text_of(elements[i]->val.binary.data, "name") : NULL;
		const char *url = json_is_object(elements[i]) ? text_of(elements[i]->val.binary.data, "url") : NULL;

		import_unmapped(&import->report, kind, where,
						psprintf("%s%s%s", name ? name : "", name && url ? " " : "", url ? url : ""));
	}
}

/* What a card can have that a task has no place for yet. */
static void
report_card(Import *import, JsonbContainer *card, const char *title)
{
	JsonbValue *cover = json_get(card, "cover");

	report_custom_fields(import, card, title);
	report_array(import, card, "attachments", "attachments", title);
	report_array(import, card, "pluginData", "plugin data", title);
	report_array(import, card, "stickers", "stickers", title);
	report_array(import, card, "idMembersVoted", "votes", title);
	if (json_is_object(cover) && (!json_is_null(json_get(cover->val.binary.data, "idAttachment")) ||
								  !json_is_null(json_get(cover->val.binary.data, "color"))))
		import_unmapped(&import->report, "covers", title, json_value_text(cover));
	if (!json_is_null(json_get(card, "address")) || !json_is_null(json_get(card, "coordinates")))
		import_unmapped(&import->report, "locations", title, text_of(card, "address"));
	if (is_true(card, "isTemplate"))
		import_unmapped(&import->report, "card templates", title, "imported as an ordinary task");
	if (!json_is_null(json_get(card, "dueReminder")))
		import_unmapped(&import->report, "due reminders", title, json_value_text(json_get(card, "dueReminder")));
}

static void
fill_task(Import *import, const Mapped *card, const Mapped *list, JsonbContainer *object, TaskDocument *task)
{
	const char *description = text_of(object, "desc");

	task->board_id = import->command->stream_id;
	task->id = card->id;
	task->list_id = list->id;
	task->title = card->name;
	task->description = fit_text(import, description ? description : "", DESCRIPTION_BYTES, true, card->name);
	task->start_date = time_of(object, "start");
	task->due_date = time_of(object, "due");
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
	put_rank(&out, &task->id, list->tasks);
	put_occurred_at(&out, object);
	json_end(&out, '}');
	(void) command_add_event(import->command, EVENT_TaskCreated, out.data);
}

static bool
add_card(Import *import, const Element *element)
{
	Mapped *card = map_new(import, import->cards, "cards", element->index, element->object);
	Mapped *list = map_find(import->lists, text_of(element->object, "idList"));
	JsonbValue *badges = json_get(element->object, "badges");
	TaskDocument task = {0};

	if (card == NULL)
		return false;
	if (list == NULL)
		return command_refuse(import->command, REFUSAL_INVALID, NULL,
							  "document.cards[%d].idList must name a list of the export", element->index);
	card->name =
		fit_name(import, text_of(element->object, "name"), TITLE_CHARACTERS, psprintf("cards[%d]", element->index));
	card->comments_told = json_is_object(badges) ? (int) number_of(badges->val.binary.data, "comments") : 0;
	fill_task(import, card, list, element->object, &task);
	add_task_event(import, &task, list, element->object);
	report_card(import, element->object, card->name);
	list->tasks++;
	if (!is_true(element->object, "closed"))
	{
		list->open_tasks++;
		import->report.tasks++;
		return true;
	}
	import->report.archived_tasks++;
	return archive(import, EVENT_TaskArchived, "task_id", &card->id, &list->id,
				   time_of(element->object, "dateLastActivity"));
}

/* Checklists */

static void
put_item(StringInfo out, Import *import, JsonbContainer *item, const pg_uuid_t *id, int position, const char *where)
{
	const char *state = text_of(item, "state");
	const char *member = text_of(item, "idMember");
	const ImportPerson *person = member == NULL ? NULL : import_people_find(&import->people, member);
	const TimestampTz *due = time_of(item, "due");

	json_begin(out, '{');
	json_key(out, "id");
	json_put_uuid(out, id);
	json_key(out, "text");
	json_put_string(out, fit_name(import, text_of(item, "name"), ITEM_CHARACTERS, where));
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
	Element *items = sorted_elements(checklist, "checkItems", &count);

	json_key(out, "items");
	json_begin(out, '[');
	for (int i = 0; i < count; i++)
	{
		pg_uuid_t id = command_new_id();

		put_item(out, import, items[i].object, &id, i, where);
		json_key(ranks, uuid_text(&id));
		json_put_int(ranks, (i + 1) * RANK_STEP);
	}
	json_end(out, ']');
	import->report.checklist_items += count;
}

static bool
add_checklist(Import *import, const Element *element)
{
	Mapped *card = map_find(import->cards, text_of(element->object, "idCard"));
	pg_uuid_t id = command_new_id();
	StringInfoData out;
	StringInfoData ranks;

	if (card == NULL)
	{
		import_unmapped(&import->report, "checklists", "a card that is not in the export",
						text_of(element->object, "name"));
		return true;
	}
	initStringInfo(&ranks);
	json_begin(&ranks, '{');
	json_key(&ranks, uuid_text(&id));
	json_put_int(&ranks, (card->checklists + 1) * RANK_STEP);
	initStringInfo(&out);
	json_begin(&out, '{');
	json_key(&out, "task_id");
	json_put_uuid(&out, &card->id);
	json_key(&out, "checklist");
	json_begin(&out, '{');
	json_key(&out, "id");
	json_put_uuid(&out, &id);
	json_key(&out, "name");
	json_put_string(&out, fit_name(import, text_of(element->object, "name"), NAME_CHARACTERS, card->name));
	json_key(&out, "position");
	json_put_int(&out, card->checklists++);
	put_items(&out, &ranks, import, element->object, card->name);
	json_end(&out, '}');
	json_end(&ranks, '}');
	json_key(&out, "ranks");
	json_put_raw(&out, ranks.data);
	put_occurred_at(&out, element->object);
	json_end(&out, '}');
	import->report.checklists++;
	return command_add_event(import->command, EVENT_ChecklistCreated, out.data);
}

/* Comments */

/* The author may have left the board since: then only the action describes him. */
static ImportPerson *
author_of(Import *import, JsonbContainer *action)
{
	JsonbValue *creator = json_get(action, "memberCreator");
	const char *id = text_of(action, "idMemberCreator");

	if (json_is_object(creator))
		return import_people_add(&import->people, creator->val.binary.data);
	return id == NULL ? NULL : import_people_find(&import->people, id);
}

static void
put_comment(StringInfo out, Import *import, const Mapped *card, const ImportPerson *author, const char *text)
{
	pg_uuid_t id = command_new_id();
	const char *fitted = fit_text(import, text, COMMENT_BYTES, true, card->name);

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
	const char *text = json_is_object(data) ? text_of(data->val.binary.data, "text") : NULL;
	Mapped *card =
		json_is_object(card_value) ? map_find(import->cards, text_of(card_value->val.binary.data, "id")) : NULL;
	ImportPerson *author = author_of(import, action);
	const TimestampTz *date = time_of(action, "date");
	StringInfoData out;

	if (card == NULL || text == NULL || author == NULL)
	{
		import_unmapped(&import->report, "comments", card == NULL ? "a card that is not in the export" : card->name,
						text ? text : "no text");
		return;
	}
	initStringInfo(&out);
	json_begin(&out, '{');
	json_key(&out, "comment");
	put_comment(&out, import, card, author, text);
	if (date != NULL)
	{
		json_key(&out, "occurred_at");
		json_put_time(&out, *date);
	}
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
	JsonbValue **actions = array_of(import->document, "actions", &count);

	for (int i = count - 1; i >= 0; i--)
	{
		JsonbContainer *action = actions[i]->val.binary.data;
		const char *type = text_of(action, "type");

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
	Element *elements = sorted_elements(import->document, key, &count);

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
	JsonbValue **members = array_of(import->document, "members", &count);

	import_people_start(&import->people, &import->command->workspace_id, &import->report);
	for (int i = 0; i < count; i++)
		(void) import_people_add(&import->people, members[i]->val.binary.data);
}

static bool
add_report(Import *import)
{
	StringInfoData out;

	report_array(import, import->document, "customFields", "custom fields", "board");
	report_array(import, import->document, "pluginData", "plugin data", "board");
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

	import.document = json_get(command->payload, "document")->val.binary.data;
	if (!import_check_trello(import.document, &command->refusal))
	{
		command->outcome = OUTCOME_REFUSED;
		return false;
	}
	import.labels = mapped_table("labels of an import");
	import.lists = mapped_table("lists of an import");
	import.cards = mapped_table("cards of an import");
	add_people(&import);
	description = text_of(import.document, "desc");
	has_time = text_of(import.document, "id") != NULL && id_time(text_of(import.document, "id"), &created_at);
	(void) cmd_board_add_created(command, fit_name(&import, text_of(import.document, "name"), NAME_CHARACTERS, "board"),
								 fit_text(&import, description ? description : "", DESCRIPTION_BYTES, true, "board"),
								 NULL, 0, has_time ? &created_at : NULL);
	if (!add_labels(&import) || !add_each(&import, "lists", add_list) || !add_each(&import, "cards", add_card) ||
		!add_each(&import, "checklists", add_checklist))
		return false;
	add_actions(&import);
	return add_report(&import);
}
