/*
 * cmd_import_write.c: the events of an import. Every format's reader comes here, so that a thing is written one way.
 *
 * Each event says "imported", which leaves running counts to the last one, BoardImported, and in "occurred_at" when the
 * thing was made where it comes from.
 */
#include "postgres.h"

#include "command/cmd_custom_field.h"
#include "command/cmd_import.h"
#include "command/cmd_place.h"
#include "command/cmd_task.h"
#include "support/support_json.h"

/* Each of them can become a user. */
#define MOST_PEOPLE 5000

static HTAB *
mapped_table(const char *name)
{
	HASHCTL control = {.keysize = NAMEDATALEN, .entrysize = sizeof(Mapped), .hcxt = CurrentMemoryContext};

	return hash_create(name, 256, &control, HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
}

void
import_start(Import *import, Command *command, JsonbContainer *document)
{
	memset(import, 0, sizeof(*import));
	import->command = command;
	import->document = document;
	import->labels = mapped_table("labels of an import");
	import->lists = mapped_table("lists of an import");
	import->tasks = mapped_table("tasks of an import");
	import->fields = mapped_table("custom fields of an import");
	import->options = mapped_table("options of an import");
	import->comments = mapped_table("comments of an import");
	import->attachments = mapped_table("attachments of an import");
	import_people_start(&import->people, &command->workspace_id, &import->report);
}

Mapped *
import_map_new(HTAB *table, const char *key)
{
	bool found;
	Mapped *mapped = hash_search(table, key, HASH_ENTER, &found);

	if (found)
		return NULL;
	memset((char *) mapped + NAMEDATALEN, 0, sizeof(Mapped) - NAMEDATALEN);
	mapped->id = command_new_id();
	return mapped;
}

Mapped *
import_map_find(HTAB *table, const char *key)
{
	return key == NULL ? NULL : hash_search(table, key, HASH_FIND, NULL);
}

/* Parts of events */

static void
begin(StringInfo out)
{
	initStringInfo(out);
	json_begin(out, '{');
}

static void
put_rank(StringInfo out, const pg_uuid_t *id, int64 index)
{
	json_key(out, "ranks");
	json_begin(out, '{');
	json_key(out, uuid_text(id));
	json_put_int(out, (index + 1) * PLACE_RANK_STEP);
	json_end(out, '}');
}

/* Ends the event and adds it. */
static void
add(Import *import, EventType type, StringInfo out, const TimestampTz *occurred_at)
{
	json_add_bool(out, "imported", true);
	if (occurred_at != NULL)
		proj_put_time(out, "occurred_at", occurred_at);
	json_end(out, '}');
	(void) command_add_event(import->command, type, out->data);
	pfree(out->data);
}

/* Things of the board */

void
import_add_label(Import *import, const Mapped *label, const TimestampTz *created_at)
{
	LabelDocument document = {label->id, label->name, label->color};
	StringInfoData out;

	begin(&out);
	json_key(&out, "label");
	proj_put_label(&out, &document);
	import->report.labels++;
	add(import, EVENT_LabelCreated, &out, created_at);
}

void
import_add_field(Import *import, const Mapped *field, const TimestampTz *created_at)
{
	CustomField defined = {field->id, field->name, field->kind, field->options};
	StringInfoData out;

	begin(&out);
	custom_field_put_defined(&out, import->command, &defined);
	import->report.custom_fields++;
	add(import, EVENT_CustomFieldDefined, &out, created_at);
}

static void
put_list(StringInfo out, const Import *import, const ImportList *list)
{
	json_key(out, "list");
	json_begin(out, '{');
	json_add_uuid(out, "id", &list->mapped->id);
	json_add_string(out, "name", list->mapped->name);
	json_add_int(out, "position", import->report.lists);
	json_add_string(out, "category", list->mapped->category);
	json_add_raw(out, "wip_limit", list->wip_limit > 0 ? psprintf("%d", list->wip_limit) : NULL);
	json_add_int(out, "version", command_next_version(import->command));
	json_add_raw(out, "tasks", "[]");
	json_end(out, '}');
}

/* list_id: of a task, or NULL. */
static void
add_archived(Import *import, EventType type, const char *key, const pg_uuid_t *id, const pg_uuid_t *list_id,
			 const TimestampTz *archived_at)
{
	StringInfoData out;

	begin(&out);
	json_add_uuid(&out, key, id);
	if (list_id != NULL)
		json_add_uuid(&out, "list_id", list_id);
	add(import, type, &out, archived_at);
}

void
import_add_list(Import *import, const ImportList *list)
{
	StringInfoData out;

	begin(&out);
	put_list(&out, import, list);
	json_add_int(&out, "position", import->report.lists);
	put_rank(&out, &list->mapped->id, import->report.lists + import->report.archived_lists);
	add(import, EVENT_ListCreated, &out, list->created_at);
	if (!list->is_archived)
	{
		import->report.lists++;
		return;
	}
	import->report.archived_lists++;
	add_archived(import, EVENT_ListArchived, "list_id", &list->mapped->id, NULL, list->archived_at);
}

/* Tasks, and what is on them */

static void
fill_document(const Import *import, ImportTask *task)
{
	TaskDocument *document = &task->document;

	document->board_id = import->command->stream_id;
	document->id = task->mapped->id;
	document->list_id = task->list->id;
	document->status = task->list->category;
	document->position = task->list->open_tasks;
	document->checklists = "[]";
	document->version = command_next_version(import->command);
	document->created_at = task->created_at ? *task->created_at : import->command->now;
	document->updated_at = import->command->now;
}

void
import_add_task(Import *import, ImportTask *task)
{
	StringInfoData out;

	fill_document(import, task);
	begin(&out);
	json_key(&out, "task");
	proj_put_task(&out, &task->document, DETAIL_FULL);
	json_add_uuid(&out, "list_id", &task->list->id);
	if (task->created_by != 0)
		json_add_int(&out, "created_by", task->created_by);
	put_rank(&out, &task->mapped->id, task->list->tasks++);
	add(import, EVENT_TaskCreated, &out, task->created_at);
	if (!task->is_archived)
	{
		task->list->open_tasks++;
		import->report.tasks++;
		return;
	}
	import->report.archived_tasks++;
	add_archived(import, EVENT_TaskArchived, "task_id", &task->mapped->id, &task->list->id, task->archived_at);
}

static void
put_item(StringInfo out, const ImportItem *item, const pg_uuid_t *id, int position)
{
	json_begin(out, '{');
	json_add_uuid(out, "id", id);
	json_add_string(out, "text", item->text);
	json_add_bool(out, "checked", item->is_checked);
	proj_put_time(out, "due_date", item->due_date);
	json_key(out, "assigned_to");
	if (item->assignee != NULL && item->assignee->user_id != 0)
		json_put_int(out, item->assignee->user_id);
	else
		json_put_raw(out, NULL);
	json_add_int(out, "position", position);
	json_end(out, '}');
}

static void
put_items(StringInfo out, StringInfo ranks, const ImportChecklist *checklist)
{
	json_key(out, "items");
	json_begin(out, '[');
	for (int i = 0; i < checklist->item_count; i++)
	{
		pg_uuid_t id = command_new_id();

		put_item(out, &checklist->items[i], &id, i);
		json_key(ranks, uuid_text(&id));
		json_put_int(ranks, (i + 1) * PLACE_RANK_STEP);
	}
	json_end(out, ']');
}

void
import_add_checklist(Import *import, const ImportChecklist *checklist)
{
	pg_uuid_t id = command_new_id();
	StringInfoData out;
	StringInfoData ranks;

	begin(&ranks);
	json_key(&ranks, uuid_text(&id));
	json_put_int(&ranks, (checklist->task->checklists + 1) * PLACE_RANK_STEP);
	begin(&out);
	json_add_uuid(&out, "task_id", &checklist->task->id);
	json_add_uuid(&out, "checklist_id", &id);
	json_key(&out, "checklist");
	json_begin(&out, '{');
	json_add_uuid(&out, "id", &id);
	json_add_string(&out, "name", checklist->name);
	json_add_int(&out, "position", checklist->task->checklists++);
	put_items(&out, &ranks, checklist);
	json_end(&out, '}');
	json_end(&ranks, '}');
	json_add_raw(&out, "ranks", ranks.data);
	pfree(ranks.data);
	import->report.checklists++;
	import->report.checklist_items += checklist->item_count;
	add(import, EVENT_ChecklistCreated, &out, checklist->created_at);
}

void
import_add_comment(Import *import, const ImportComment *comment)
{
	StringInfoData out;

	begin(&out);
	json_add_uuid(&out, "task_id", &comment->task->id);
	json_add_uuid(&out, "comment_id", &comment->id);
	json_key(&out, "comment");
	json_begin(&out, '{');
	json_add_uuid(&out, "id", &comment->id);
	json_add_uuid(&out, "task_id", &comment->task->id);
	json_add_int(&out, "user_id", comment->author->user_id);
	json_add_string(&out, "username", comment->author->name);
	json_add_string(&out, "text", comment->text);
	json_add_uuid(&out, "reply_to", comment->reply_to);
	json_add_raw(&out, "mentions", comment->mentions);
	proj_put_time(&out, "created_at", comment->created_at ? comment->created_at : &import->command->now);
	proj_put_time(&out, "edited_at", comment->edited_at);
	json_end(&out, '}');
	import->report.comments++;
	add(import, EVENT_CommentAdded, &out, comment->created_at);
}

static void
put_file(StringInfo out, const ImportAttachment *attachment)
{
	bool is_file = attachment->url == NULL;

	json_add_string(out, "content_type", attachment->content_type);
	json_add_raw(out, "size", is_file ? psprintf(INT64_FORMAT, attachment->size) : NULL);
	if (!is_file)
		return;
	json_add_string(out, "sha256", attachment->sha256);
	json_add_uuid(out, "upload_id", &attachment->upload_id);
}

void
import_add_attachment(Import *import, const ImportAttachment *attachment)
{
	StringInfoData out;

	begin(&out);
	json_add_uuid(&out, "task_id", &attachment->task->id);
	json_add_uuid(&out, "attachment_id", &attachment->id);
	json_key(&out, "attachment");
	json_begin(&out, '{');
	json_add_uuid(&out, "id", &attachment->id);
	json_add_string(&out, "name", attachment->name);
	json_add_string(&out, "url", attachment->url);
	put_file(&out, attachment);
	if (attachment->author != NULL && attachment->author->user_id != 0)
		json_add_int(&out, "user_id", attachment->author->user_id);
	proj_put_time(&out, "created_at", attachment->created_at ? attachment->created_at : &import->command->now);
	json_end(&out, '}');
	import->report.attachments++;
	add(import, EVENT_AttachmentAdded, &out, attachment->created_at);
}

void
import_add_dependency(Import *import, const Mapped *task, const Mapped *blocked_by)
{
	StringInfoData out;

	begin(&out);
	json_add_uuid(&out, "task_id", &task->id);
	json_add_uuid(&out, "blocked_by", &blocked_by->id);
	import->report.dependencies++;
	add(import, EVENT_DependencyAdded, &out, NULL);
}

bool
import_finish(Import *import, const char *format)
{
	StringInfoData out;

	if (!task_check_count(import->command, import->report.tasks))
		return false;
	if (hash_get_num_entries(import->people.by_key) > MOST_PEOPLE)
		return command_refuse(import->command, REFUSAL_LIMIT, NULL, "document names %ld people, the limit is %d",
							  hash_get_num_entries(import->people.by_key), MOST_PEOPLE);
	begin(&out);
	json_add_string(&out, "format", format);
	json_add_raw(&out, "report", import_report_text(&import->report));
	json_end(&out, '}');
	return command_add_event(import->command, EVENT_BoardImported, out.data);
}
