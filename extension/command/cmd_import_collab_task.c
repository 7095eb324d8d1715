/*
 * cmd_import_collab_task.c: the tasks of a document of our own format, and what is on them.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "command/cmd_custom_field.h"
#include "command/cmd_import_collab.h"
#include "support/support_json.h"

static const FieldDef task_fields[] = {
	{"title", FIELD_TITLE, FIELD_REQUIRED},          {"description", FIELD_DESCRIPTION, FIELD_OPTIONAL},
	{"priority", FIELD_PRIORITY, FIELD_OPTIONAL},    {"start_date", FIELD_TIME, FIELD_OPTIONAL},
	{"due_date", FIELD_TIME, FIELD_OPTIONAL},        {"completed_at", FIELD_TIME, FIELD_OPTIONAL},
	{"config", FIELD_CONFIG, FIELD_OPTIONAL},        {"cover", FIELD_COVER, FIELD_OPTIONAL},
	{"custom_fields", FIELD_OBJECT, FIELD_OPTIONAL}, {"created_at", FIELD_TIME, FIELD_OPTIONAL},
	{"archived_at", FIELD_TIME, FIELD_OPTIONAL},     {NULL}};
static const FieldDef cover_fields[] = {
	{"color", FIELD_COLOR, FIELD_OPTIONAL}, {"url", FIELD_URL, FIELD_OPTIONAL}, {NULL}};
static const FieldDef checklist_fields[] = {
	{"name", FIELD_NAME, FIELD_REQUIRED}, {"created_at", FIELD_TIME, FIELD_OPTIONAL}, {NULL}};
static const FieldDef item_fields[] = {{"text", FIELD_TITLE, FIELD_REQUIRED},
									   {"checked", FIELD_BOOLEAN, FIELD_OPTIONAL},
									   {"due_date", FIELD_TIME, FIELD_OPTIONAL},
									   {NULL}};
static const FieldDef comment_fields[] = {{"text", FIELD_COMMENT, FIELD_REQUIRED},
										  {"created_at", FIELD_TIME, FIELD_OPTIONAL},
										  {"edited_at", FIELD_TIME, FIELD_OPTIONAL},
										  {NULL}};

/* Entering */

static void
note_person(Import *import, const JsonbValue *ref)
{
	char *key = json_string(ref);
	ImportPerson *person = key == NULL ? NULL : import_people_find(&import->people, key);

	if (person != NULL)
		person->is_on_board = true;
}

/* Who is assigned here must see the board; the fields are checked later. */
static void
note_assignees(Import *import, const Part *task)
{
	JsonbValue *assignees = json_get(task->object, "assignees");
	int count = 0;
	JsonbValue **refs = json_is_array(assignees) ? json_elements(assignees, &count) : NULL;

	for (int i = 0; i < count; i++)
		note_person(import, refs[i]);
}

static bool
enter_children(Import *import, const Part *task, const char *key, HTAB *table, int owner)
{
	int count;
	Part *parts = collab_parts(import, task, key, &count);

	for (int i = 0; parts != NULL && i < count; i++)
	{
		Mapped *mapped = collab_enter(import, &parts[i], table, (int) hash_get_num_entries(table));

		if (mapped == NULL)
			return false;
		mapped->owner = owner;
	}
	return parts != NULL;
}

bool
collab_enter_tasks(Import *import, const Part *tasks, int count)
{
	for (int i = 0; i < count; i++)
	{
		if (collab_enter(import, &tasks[i], import->tasks, i) == NULL ||
			!enter_children(import, &tasks[i], "comments", import->comments, i) ||
			!enter_children(import, &tasks[i], "attachments", import->attachments, i))
			return false;
		note_assignees(import, &tasks[i]);
	}
	return true;
}

/* The task itself */

static bool
read_assignees(Import *import, const Part *part, TaskDocument *task)
{
	ImportPerson **people;
	int64 *ids;
	int count;

	if (!collab_find_people(import, part, "assignees", &people, &count))
		return false;
	task->assignees = ids = palloc(sizeof(int64) * Max(count, 1));
	for (int i = 0; i < count; i++)
	{
		bool is_new = people[i]->user_id != 0;

		/* two people there can be one here, by his handle */
		for (int j = 0; is_new && j < task->assignee_count; j++)
			is_new = ids[j] != people[i]->user_id;
		if (is_new)
			ids[task->assignee_count++] = people[i]->user_id;
		else
			import_unmapped(&import->report, "assignees", task->title, people[i]->name);
	}
	return true;
}

static bool
read_labels(Import *import, const Part *part, TaskDocument *task)
{
	MappedArray found;
	LabelDocument *labels;

	if (!collab_find_all(import, part, "labels", import->labels, &found))
		return false;
	task->labels = labels = palloc(sizeof(LabelDocument) * Max(found.count, 1));
	task->label_count = found.count;
	for (int i = 0; i < found.count; i++)
		labels[i] = (LabelDocument){found.things[i]->id, found.things[i]->name, found.things[i]->color};
	return true;
}

/* Exactly one of color, url and attachment. */
static bool
read_cover(Import *import, const Part *task, int index, const char **json)
{
	JsonbValue *value = json_get(task->object, "cover");
	Part cover = {.place = psprintf("%s.cover", task->place)};
	Mapped *attachment;
	char *color;
	char *url;
	StringInfoData out;

	*json = NULL;
	if (json_is_null(value))
		return true;
	cover.object = value->val.binary.data;
	if (!collab_check(import, &cover, cover_fields) ||
		!collab_find(import, &cover, "attachment", import->attachments, &attachment))
		return false;
	color = field_word(cover.object, "color");
	url = field_word(cover.object, "url");
	if ((color != NULL) + (url != NULL) + (attachment != NULL) != 1)
		return collab_refuse(import, task, "cover", "have exactly one of color, url and attachment");
	if (attachment != NULL && attachment->owner != index)
		return collab_refuse(import, &cover, "attachment", "be the ref of an attachment of the task");
	initStringInfo(&out);
	json_begin(&out, '{');
	json_add_string(&out,
					color != NULL ? "color"
					: url != NULL ? "url"
								  : "attachment_id",
					color != NULL ? color
					: url != NULL ? url
								  : uuid_text(&attachment->id));
	json_end(&out, '}');
	*json = out.data;
	return true;
}

/* {"<ref>": value} with the fields' new ids. */
static bool
read_values(Import *import, const Part *task, const char **json)
{
	JsonbValue *value = json_get(task->object, "custom_fields");
	JsonMembers members;
	StringInfoData out;

	*json = NULL;
	if (json_is_null(value))
		return true;
	initStringInfo(&out);
	json_begin(&out, '{');
	members = json_members(value->val.binary.data);
	while (json_next_member(&members))
	{
		char *ref = members.name;
		Mapped *field = strlen(ref) < NAMEDATALEN ? import_map_find(import->fields, ref) : NULL;
		CustomField definition;
		char *stored;

		if (field == NULL)
			return collab_refuse(import, task, "custom_fields", "name fields of the document only");
		definition = (CustomField){field->id, field->name, field->kind, unconstify(char *, field->options)};
		if (!field_check(FIELD_VALUE, &members.value, psprintf("%s.custom_fields.%s", task->place, ref),
						 &import->command->refusal) ||
			!custom_field_value(&definition, &members.value, psprintf("%s.custom_fields.%s", task->place, ref), &stored,
								&import->command->refusal))
		{
			import->command->outcome = OUTCOME_REFUSED;
			return false;
		}
		if (stored == NULL)
			continue;
		json_key(&out, uuid_text(&field->id));
		json_put_raw(&out, stored);
	}
	json_end(&out, '}');
	*json = out.data;
	return true;
}

static bool
add_task(Import *import, const Part *part, Mapped *mapped)
{
	ImportTask task = {.mapped = mapped};
	TaskDocument *document = &task.document;
	char *description = field_text(part->object, "description");
	ImportPerson *creator;

	if (!collab_check(import, part, task_fields))
		return false;
	document->title = mapped->name = field_text(part->object, "title");
	document->description = description ? description : "";
	document->priority = field_word(part->object, "priority");
	document->start_date = collab_time(part, "start_date");
	document->due_date = collab_time(part, "due_date");
	document->completed_at = collab_time(part, "completed_at");
	document->config = json_is_null(json_get(part->object, "config")) ? "{}" : field_json(part->object, "config");
	task.created_at = collab_time(part, "created_at");
	task.archived_at = collab_time(part, "archived_at");
	task.is_archived = task.archived_at != NULL;
	if (!collab_find(import, part, "list", import->lists, &task.list) ||
		!collab_find_person(import, part, "created_by", &creator) || !read_assignees(import, part, document) ||
		!read_labels(import, part, document) || !read_cover(import, part, mapped->index, &document->cover) ||
		!read_values(import, part, &document->custom_fields))
		return false;
	if (task.list == NULL)
		return command_refuse(import->command, REFUSAL_INVALID, NULL, "%s.list is missing", part->place);
	task.created_by = creator == NULL ? 0 : creator->user_id;
	import_add_task(import, &task);
	return true;
}

/* Checklists */

static bool
read_item(Import *import, const Part *part, const Mapped *task, ImportItem *item)
{
	ImportPerson *assignee;

	if (!collab_check(import, part, item_fields) || !collab_find_person(import, part, "assigned_to", &assignee))
		return false;
	item->text = field_text(part->object, "text");
	item->is_checked = collab_is_true(part, "checked");
	item->due_date = collab_time(part, "due_date");
	item->assignee = assignee;
	if (assignee != NULL && assignee->user_id == 0)
		import_unmapped(&import->report, "assignees", task->name, assignee->name);
	return true;
}

static bool
add_checklist(Import *import, const Part *part, Mapped *task)
{
	ImportChecklist checklist = {.task = task, .created_at = collab_time(part, "created_at")};
	Part *parts = collab_parts(import, part, "items", &checklist.item_count);
	ImportItem *items;

	if (parts == NULL || !collab_check(import, part, checklist_fields))
		return false;
	items = palloc0(sizeof(ImportItem) * Max(checklist.item_count, 1));
	for (int i = 0; i < checklist.item_count; i++)
	{
		if (!read_item(import, &parts[i], task, &items[i]))
			return false;
	}
	checklist.name = field_text(part->object, "name");
	checklist.items = items;
	import_add_checklist(import, &checklist);
	return true;
}

/* Comments */

static bool
read_mentions(Import *import, const Part *part, const char **json)
{
	ImportPerson **people;
	StringInfoData out;
	int count;

	if (!collab_find_people(import, part, "mentions", &people, &count))
		return false;
	initStringInfo(&out);
	json_begin(&out, '[');
	for (int i = 0; i < count; i++)
	{
		if (people[i]->user_id != 0)
			json_put_int(&out, people[i]->user_id);
	}
	json_end(&out, ']');
	*json = out.data;
	return true;
}

static bool
add_comment(Import *import, const Part *part, Mapped *task)
{
	Mapped *mapped = import_map_find(import->comments, field_word(part->object, "ref"));
	ImportComment comment = {.id = mapped->id, .task = task};
	ImportPerson *author;
	Mapped *parent;

	if (!collab_check(import, part, comment_fields) || !collab_find_person(import, part, "author", &author) ||
		!collab_find(import, part, "reply_to", import->comments, &parent) ||
		!read_mentions(import, part, &comment.mentions))
		return false;
	if (author == NULL || author->user_id == 0)
		return command_refuse(import->command, REFUSAL_INVALID, NULL, "%s.author is missing", part->place);
	if (parent != NULL && parent->owner != mapped->owner)
		return collab_refuse(import, part, "reply_to", "be the ref of a comment of the same task");
	comment.author = author;
	comment.text = field_text(part->object, "text");
	comment.reply_to = parent == NULL ? NULL : &parent->id;
	comment.created_at = collab_time(part, "created_at");
	comment.edited_at = collab_time(part, "edited_at");
	import_add_comment(import, &comment);
	return true;
}

/* What is on a task */

static bool
add_children(Import *import, const Part *task, const char *key, Mapped *mapped,
			 bool (*add)(Import *import, const Part *part, Mapped *task))
{
	int count;
	Part *parts = collab_parts(import, task, key, &count);

	for (int i = 0; parts != NULL && i < count; i++)
	{
		if (!add(import, &parts[i], mapped))
			return false;
	}
	return parts != NULL;
}

/* Circles */

typedef struct EdgeList
{
	ImportEdge *edges;
	int count;
	int room;
} EdgeList;

static void
note_edge(EdgeList *list, int from, int to)
{
	if (list->count == list->room)
	{
		list->room = Max(64, list->room * 2);
		list->edges = list->edges == NULL ? palloc(sizeof(ImportEdge) * list->room)
										  : repalloc_huge(list->edges, sizeof(ImportEdge) * list->room);
	}
	list->edges[list->count++] = (ImportEdge){from, to};
}

static bool
add_dependencies(Import *import, const Part *part, const Mapped *task, EdgeList *edges)
{
	MappedArray blockers;

	if (!collab_find_all(import, part, "blocked_by", import->tasks, &blockers))
		return false;
	for (int i = 0; i < blockers.count; i++)
	{
		note_edge(edges, task->index, blockers.things[i]->index);
		import_add_dependency(import, task, blockers.things[i]);
	}
	return true;
}

static bool
check_replies(Import *import, const Part *tasks, int count)
{
	int node_count = (int) hash_get_num_entries(import->comments);
	int *owners = palloc(sizeof(int) * (node_count + 1));
	EdgeList edges = {0};
	int closing;

	for (int i = 0; i < count; i++)
	{
		int comment_count;
		Part *comments = collab_parts(import, &tasks[i], "comments", &comment_count);

		for (int j = 0; j < comment_count; j++)
		{
			Mapped *comment = import_map_find(import->comments, field_word(comments[j].object, "ref"));
			Mapped *parent = import_map_find(import->comments, field_word(comments[j].object, "reply_to"));

			owners[comment->index] = i;
			if (parent != NULL)
				note_edge(&edges, comment->index, parent->index);
		}
	}
	closing = import_find_circle(edges.edges, edges.count, node_count);
	return closing < 0 || collab_refuse(import, &tasks[owners[edges.edges[closing].from]], "comments",
										"not answer each other in a circle");
}

static bool
add_all_dependencies(Import *import, const Part *tasks, int count)
{
	EdgeList edges = {0};
	int closing;

	for (int i = 0; i < count; i++)
	{
		if (!add_dependencies(import, &tasks[i], import_map_find(import->tasks, field_word(tasks[i].object, "ref")),
							  &edges))
			return false;
	}
	closing = import_find_circle(edges.edges, edges.count, count);
	return closing < 0 ||
		   collab_refuse(import, &tasks[edges.edges[closing].from], "blocked_by", "not close a circle of dependencies");
}

bool
collab_add_tasks(Import *import, const Part *tasks, int count)
{
	for (int i = 0; i < count; i++)
	{
		Mapped *task = import_map_find(import->tasks, field_word(tasks[i].object, "ref"));

		CHECK_FOR_INTERRUPTS();
		if (!add_task(import, &tasks[i], task) || !add_children(import, &tasks[i], "checklists", task, add_checklist) ||
			!add_children(import, &tasks[i], "comments", task, add_comment) ||
			!add_children(import, &tasks[i], "attachments", task, collab_add_attachment))
			return false;
	}
	return check_replies(import, tasks, count) && add_all_dependencies(import, tasks, count);
}
