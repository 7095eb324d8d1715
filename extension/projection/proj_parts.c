/*
 * proj_parts.c: see proj_parts.h.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "utils/builtins.h"

#include "projection/proj_parts.h"
#include "support/support_json.h"
#include "support/support_spi.h"

#define OF_TASK " AND task_id = $2"
#define LABELS_SQL "SELECT id, name, color FROM collab.labels WHERE board_id = $1 AND deleted_at IS NULL"
#define TASK_LABELS_SQL "SELECT task_id, ordinal, label_id FROM collab.task_labels WHERE board_id = $1"
#define ASSIGNEES_SQL "SELECT task_id, ordinal, user_id FROM collab.task_assignees WHERE board_id = $1"
#define BLOCKERS_SQL                                                                                                   \
	"SELECT d.task_id, d.created_at, d.blocked_by FROM collab.task_dependencies AS d"                                  \
	" JOIN collab.tasks AS b ON b.board_id = d.board_id AND b.id = d.blocked_by WHERE d.board_id = $1"                 \
	" AND b.deleted_at IS NULL"
#define CHECKLISTS_SQL                                                                                                 \
	"SELECT task_id, rank, id, name FROM collab.checklists WHERE board_id = $1 AND deleted_at IS NULL"
#define ITEMS_SQL                                                                                                      \
	"SELECT task_id, rank, id, checklist_id, checked, assigned_to, text, due_date FROM collab.checklist_items"         \
	" WHERE board_id = $1 AND deleted_at IS NULL"

typedef struct PartStatements
{
	SpiStatement labels;
	SpiStatement task_labels;
	SpiStatement assignees;
	SpiStatement blockers;
	SpiStatement checklists;
	SpiStatement items;
} PartStatements;

static PartStatements of_board = {
	.labels = {.sql = LABELS_SQL, .argtypes = {UUIDOID}},
	.task_labels = {.sql = TASK_LABELS_SQL, .argtypes = {UUIDOID}},
	.assignees = {.sql = ASSIGNEES_SQL, .argtypes = {UUIDOID}},
	.blockers = {.sql = BLOCKERS_SQL, .argtypes = {UUIDOID}},
	.checklists = {.sql = CHECKLISTS_SQL, .argtypes = {UUIDOID}},
	.items = {.sql = ITEMS_SQL, .argtypes = {UUIDOID}},
};

static PartStatements of_task = {
	.labels = {.sql = LABELS_SQL " AND id IN (SELECT label_id FROM collab.task_labels WHERE board_id = $1" OF_TASK ")",
			   .argtypes = {UUIDOID, UUIDOID}},
	.task_labels = {.sql = TASK_LABELS_SQL OF_TASK, .argtypes = {UUIDOID, UUIDOID}},
	.assignees = {.sql = ASSIGNEES_SQL OF_TASK, .argtypes = {UUIDOID, UUIDOID}},
	.blockers = {.sql = BLOCKERS_SQL " AND d.task_id = $2", .argtypes = {UUIDOID, UUIDOID}},
	.checklists = {.sql = CHECKLISTS_SQL OF_TASK, .argtypes = {UUIDOID, UUIDOID}},
	.items = {.sql = ITEMS_SQL " AND checklist_id IN (SELECT id FROM collab.checklists WHERE board_id = $1" OF_TASK ")",
			  .argtypes = {UUIDOID, UUIDOID}},
};

/* Ids */

typedef struct IdEntry
{
	pg_uuid_t id;
	uint32 number;
	char status;
} IdEntry;

static inline uint32
hash_id(pg_uuid_t id)
{
	uint32 words[4];

	memcpy(words, id.data, sizeof(words));
	return murmurhash32(words[0] ^ words[1] ^ words[2] ^ words[3]);
}

#define SH_PREFIX ids
#define SH_ELEMENT_TYPE IdEntry
#define SH_KEY_TYPE pg_uuid_t
#define SH_KEY id
#define SH_HASH_KEY(table, key) hash_id(key)
#define SH_EQUAL(table, a, b) (memcmp((a).data, (b).data, UUID_LEN) == 0)
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

struct IdMap
{
	ids_hash *table;
	uint32 count;
};

IdMap *
id_map_new(uint32 expected)
{
	IdMap *map = palloc(sizeof(IdMap));

	map->table = ids_create(CurrentMemoryContext, Max(expected, 8), NULL);
	map->count = 0;
	return map;
}

uint32
id_map_put(IdMap *map, const pg_uuid_t *id)
{
	bool found;
	IdEntry *entry = ids_insert(map->table, *id, &found);

	if (!found)
		entry->number = map->count++;
	return entry->number;
}

int
id_map_find(const IdMap *map, const pg_uuid_t *id)
{
	IdEntry *entry = ids_lookup(map->table, *id);

	return entry == NULL ? -1 : (int) entry->number;
}

/* Lists of parts */

static void
list_start(PartList *list, uint32 expected)
{
	list->room = Max(expected, 8);
	list->parts = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(Part) * list->room);
	initStringInfo(&list->texts);
}

static Part *
list_add(PartList *list, uint32 owner)
{
	if (list->count == list->room)
	{
		list->room *= 2;
		list->parts = repalloc_huge(list->parts, sizeof(Part) * list->room);
	}
	list->parts[list->count].owner = owner;
	return &list->parts[list->count++];
}

static int
compare_parts(const void *left, const void *right)
{
	const Part *a = left;
	const Part *b = right;

	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	return memcmp(a->id.data, b->id.data, UUID_LEN);
}

static void
arrange_owner(Part *parts, uint32 count)
{
	for (uint32 i = 1; i < count; i++)
	{
		if (compare_parts(&parts[i - 1], &parts[i]) > 0)
		{
			qsort(parts, count, sizeof(Part), compare_parts);
			return;
		}
	}
}

/* Files the parts under their owners, in the order they came, and puts each owner's in order. */
static void
list_arrange(PartList *list, uint32 owners)
{
	Part *arranged = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(Part) * Max(list->count, 1));
	uint32 *starts = palloc0(sizeof(uint32) * (owners + 2));

	/* starts[n + 1] first counts, then says where owner n's next part goes, and ends as where owner n + 1 starts */
	for (uint32 i = 0; i < list->count; i++)
		starts[list->parts[i].owner + 2]++;
	for (uint32 n = 2; n < owners + 2; n++)
		starts[n] += starts[n - 1];
	for (uint32 i = 0; i < list->count; i++)
		arranged[starts[list->parts[i].owner + 1]++] = list->parts[i];
	for (uint32 n = 0; n < owners; n++)
		arrange_owner(arranged + starts[n], starts[n + 1] - starts[n]);
	list->parts = arranged;
	list->starts = starts;
	list->owners = owners;
}

static const Part *
parts_of_owner(const PartList *list, int owner, uint32 *count)
{
	*count = 0;
	if (owner < 0 || owner >= (int) list->owners)
		return NULL;
	*count = list->starts[owner + 1] - list->starts[owner];
	return list->parts + list->starts[owner];
}

/* Taking rows */

static const pg_uuid_t *
row_id(const SpiRow *row, int column)
{
	return DatumGetUUIDP(row->values[column]);
}

static void
take_label(const SpiRow *row, void *context)
{
	TaskParts *parts = context;
	LabelDocument *label;
	MemoryContext old = MemoryContextSwitchTo(GetMemoryChunkContext(parts));

	if (parts->label_count == parts->label_room)
	{
		parts->label_room *= 2;
		parts->label_documents = repalloc(parts->label_documents, sizeof(LabelDocument) * parts->label_room);
	}
	(void) id_map_put(parts->label_ids, row_id(row, 0));
	label = &parts->label_documents[parts->label_count++];
	label->id = *row_id(row, 0);
	label->name = TextDatumGetCString(row->values[1]);
	label->color = TextDatumGetCString(row->values[2]);
	MemoryContextSwitchTo(old);
}

static void
take_task_label(const SpiRow *row, void *context)
{
	TaskParts *parts = context;
	int label = id_map_find(parts->label_ids, row_id(row, 2));
	Part *part;

	if (label < 0)
		return;
	part = list_add(&parts->labels, id_map_put(parts->tasks, row_id(row, 0)));
	part->order = DatumGetInt32(row->values[1]);
	part->id = *row_id(row, 2);
	part->label = &parts->label_documents[label];
}

static void
take_assignee(const SpiRow *row, void *context)
{
	TaskParts *parts = context;
	Part *part = list_add(&parts->assignees, id_map_put(parts->tasks, row_id(row, 0)));

	part->order = DatumGetInt32(row->values[1]);
	part->number = DatumGetInt64(row->values[2]);
	memset(&part->id, 0, sizeof(part->id));
}

static void
take_blocker(const SpiRow *row, void *context)
{
	TaskParts *parts = context;
	Part *part = list_add(&parts->blockers, id_map_put(parts->tasks, row_id(row, 0)));

	part->order = DatumGetTimestampTz(row->values[1]);
	part->id = *row_id(row, 2);
}

static void
take_checklist(const SpiRow *row, void *context)
{
	TaskParts *parts = context;
	Part *part = list_add(&parts->checklists, id_map_put(parts->tasks, row_id(row, 0)));

	part->order = DatumGetInt64(row->values[1]);
	part->id = *row_id(row, 2);
	part->number = id_map_put(parts->checklist_ids, &part->id);
	part->text = parts->checklists.texts.len;
	json_put_string(&parts->checklists.texts, TextDatumGetCString(row->values[3]));
	appendStringInfoChar(&parts->checklists.texts, '\0');
}

static void
count_item(TaskParts *parts, uint32 task, bool is_checked)
{
	if (task >= parts->counts_room)
	{
		uint32 room = parts->counts_room;

		parts->counts_room = Max(task + 1, room * 2);
		parts->items_total = repalloc_huge(parts->items_total, sizeof(uint32) * parts->counts_room);
		parts->items_checked = repalloc_huge(parts->items_checked, sizeof(uint32) * parts->counts_room);
		memset(parts->items_total + room, 0, sizeof(uint32) * (parts->counts_room - room));
		memset(parts->items_checked + room, 0, sizeof(uint32) * (parts->counts_room - room));
	}
	parts->items_total[task]++;
	parts->items_checked[task] += is_checked ? 1 : 0;
}

/* An item, but for its position: "position" is what comes last. */
static void
put_item(StringInfo out, const SpiRow *row)
{
	TimestampTz due_date = row->nulls[7] ? 0 : DatumGetTimestampTz(row->values[7]);

	json_begin(out, '{');
	json_add_uuid(out, "id", row_id(row, 2));
	json_add_string(out, "text", TextDatumGetCString(row->values[6]));
	json_add_bool(out, "checked", DatumGetBool(row->values[4]));
	proj_put_time(out, "due_date", row->nulls[7] ? NULL : &due_date);
	json_key(out, "assigned_to");
	if (row->nulls[5])
		json_put_raw(out, NULL);
	else
		json_put_int(out, DatumGetInt64(row->values[5]));
	json_key(out, "position");
}

static void
take_item(const SpiRow *row, void *context)
{
	TaskParts *parts = context;
	int checklist = id_map_find(parts->checklist_ids, row_id(row, 3));
	StringInfo texts = &parts->items.texts;
	Part *part;

	if (checklist < 0)
		return; /* its checklist is deleted */
	count_item(parts, id_map_put(parts->tasks, row_id(row, 0)), DatumGetBool(row->values[4]));
	if (parts->detail == DETAIL_CARDS)
		return;
	part = list_add(&parts->items, checklist);
	part->order = DatumGetInt64(row->values[1]);
	part->id = *row_id(row, 2);
	part->number = row->nulls[5] ? 0 : DatumGetInt64(row->values[5]);
	part->text = texts->len;
	put_item(texts, row);
	appendStringInfoChar(texts, '\0');
}

TaskParts *
proj_parts_read(const pg_uuid_t *board_id, const pg_uuid_t *task_id, DocumentDetail detail, uint32 expected,
				bool is_read)
{
	PartStatements *statements = task_id == NULL ? &of_board : &of_task;
	Datum values[] = {UUIDPGetDatum(board_id), UUIDPGetDatum(task_id)};
	TaskParts *parts = palloc0(sizeof(TaskParts));

	parts->detail = detail;
	parts->tasks = id_map_new(expected);
	parts->checklist_ids = id_map_new(expected);
	parts->label_ids = id_map_new(8);
	parts->label_room = parts->counts_room = 8;
	parts->label_documents = palloc(sizeof(LabelDocument) * parts->label_room);
	parts->items_total = palloc0(sizeof(uint32) * parts->counts_room);
	parts->items_checked = palloc0(sizeof(uint32) * parts->counts_room);
	list_start(&parts->labels, expected);
	list_start(&parts->assignees, expected);
	list_start(&parts->blockers, 0);
	list_start(&parts->checklists, expected);
	list_start(&parts->items, expected);
	spi_each(&statements->labels, values, is_read, take_label, parts);
	spi_each(&statements->task_labels, values, is_read, take_task_label, parts);
	spi_each(&statements->assignees, values, is_read, take_assignee, parts);
	spi_each(&statements->blockers, values, is_read, take_blocker, parts);
	spi_each(&statements->checklists, values, is_read, take_checklist, parts);
	spi_each(&statements->items, values, is_read, take_item, parts);
	list_arrange(&parts->labels, parts->tasks->count);
	list_arrange(&parts->assignees, parts->tasks->count);
	list_arrange(&parts->blockers, parts->tasks->count);
	list_arrange(&parts->checklists, parts->tasks->count);
	list_arrange(&parts->items, parts->checklist_ids->count);
	return parts;
}

/* Giving them to a task */

static void
put_checklists(StringInfo out, const TaskParts *parts, int task)
{
	uint32 count;
	const Part *checklists = parts_of_owner(&parts->checklists, task, &count);

	json_begin(out, '[');
	for (uint32 i = 0; i < count; i++)
	{
		uint32 item_count;
		const Part *items = parts_of_owner(&parts->items, (int) checklists[i].number, &item_count);

		json_begin(out, '{');
		json_add_uuid(out, "id", &checklists[i].id);
		json_add_raw(out, "name", parts->checklists.texts.data + checklists[i].text);
		json_add_int(out, "position", i);
		json_key(out, "items");
		json_begin(out, '[');
		for (uint32 item = 0; item < item_count; item++)
		{
			json_put_raw(out, parts->items.texts.data + items[item].text);
			json_put_int(out, item);
			json_end(out, '}');
		}
		json_end(out, ']');
		json_end(out, '}');
	}
	json_end(out, ']');
}

static void
fill_labels(const TaskParts *parts, int number, TaskDocument *task)
{
	uint32 count;
	const Part *found = parts_of_owner(&parts->labels, number, &count);
	LabelDocument *labels = count == 0 ? NULL : palloc(sizeof(LabelDocument) * count);

	for (uint32 i = 0; i < count; i++)
		labels[i] = *found[i].label;
	task->labels = labels;
	task->label_count = (int) count;
}

void
proj_parts_of(const TaskParts *parts, TaskDocument *task, StringInfo scratch)
{
	int number = id_map_find(parts->tasks, &task->id);
	uint32 count;
	const Part *found = parts_of_owner(&parts->assignees, number, &count);
	int64 *assignees = count == 0 ? NULL : palloc(sizeof(int64) * count);
	pg_uuid_t *blockers;

	for (uint32 i = 0; i < count; i++)
		assignees[i] = found[i].number;
	task->assignees = assignees;
	task->assignee_count = (int) count;
	fill_labels(parts, number, task);
	found = parts_of_owner(&parts->blockers, number, &count);
	blockers = count == 0 ? NULL : palloc(sizeof(pg_uuid_t) * count);
	for (uint32 i = 0; i < count; i++)
		blockers[i] = found[i].id;
	task->blocked_by = blockers;
	task->blocked_by_count = (int) count;
	if (number >= 0 && number < (int) parts->counts_room)
	{
		task->items_total = (int) parts->items_total[number];
		task->items_checked = (int) parts->items_checked[number];
	}
	if (parts->detail == DETAIL_FULL)
	{
		resetStringInfo(scratch);
		put_checklists(scratch, parts, number);
		task->checklists = scratch->data;
	}
}

int64 *
proj_parts_users(const TaskParts *parts, uint32 *count)
{
	int64 *users = palloc(sizeof(int64) * (parts->assignees.count + parts->items.count + 1));

	*count = 0;
	for (uint32 i = 0; i < parts->assignees.count; i++)
		users[(*count)++] = parts->assignees.parts[i].number;
	for (uint32 i = 0; i < parts->items.count; i++)
	{
		if (parts->items.parts[i].number != 0)
			users[(*count)++] = parts->items.parts[i].number;
	}
	return users;
}
