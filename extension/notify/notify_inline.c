/*
 * notify_inline.c: one NOTIFY per changed aggregate, at commit.
 *
 * Every append adds an (aggregate, version) pair to a list in TopTransactionContext, tagged with its subtransaction's
 * nesting level. A subtransaction that aborts takes its pairs along; one that commits hands them to its parent. Just
 * before commit the list is collapsed to the highest version per aggregate and given to Async_Notify, which announces
 * at commit or not at all.
 *
 *   channel collab:board:<uuid>      {"board_id": "<uuid>", "version": 43}
 *   channel collab:workspace:<uuid>  {"workspace_id": "<uuid>", "version": 7}
 *
 * The payload points at the newest version and carries no content: every role that can connect can listen.
 */
#include "postgres.h"

#include "access/xact.h"
#include "commands/async.h"
#include "nodes/pg_list.h"
#include "utils/memutils.h"

#include "event/event_append.h"
#include "notify/notify_inline.h"
#include "support/support_json.h"

typedef struct Announcement
{
	AggregateKind kind;
	pg_uuid_t id;
	int version;
	int nest_level;
} Announcement;

/* Lives in TopTransactionContext; emptied at the end of every transaction. */
static List *announcements = NIL;

static void
remember_append(const Stream *stream, int count)
{
	MemoryContext old = MemoryContextSwitchTo(TopTransactionContext);
	Announcement *announcement = palloc(sizeof(Announcement));

	(void) count;
	announcement->kind = stream->kind;
	announcement->id = stream->id;
	announcement->version = stream->version;
	announcement->nest_level = GetCurrentTransactionNestLevel();
	announcements = lappend(announcements, announcement);
	MemoryContextSwitchTo(old);
}

static int
compare_announcements(const ListCell *a, const ListCell *b)
{
	const Announcement *left = lfirst(a);
	const Announcement *right = lfirst(b);
	int order = memcmp(left->id.data, right->id.data, UUID_LEN);

	return order != 0 ? order : right->version - left->version;
}

static void
announce(const Announcement *announcement)
{
	char *id = uuid_text(&announcement->id);

	Async_Notify(psprintf("collab:%s:%s", aggregate_kind_name(announcement->kind), id),
				 psprintf("{\"%s\": \"%s\", \"version\": %d}", aggregate_kind_key(announcement->kind), id,
						  announcement->version));
}

static void
announce_all(void)
{
	const Announcement *last = NULL;
	ListCell *cell;

	list_sort(announcements, compare_announcements);
	foreach (cell, announcements)
	{
		const Announcement *announcement = lfirst(cell);

		if (last == NULL || memcmp(last->id.data, announcement->id.data, UUID_LEN) != 0)
			announce(announcement);
		last = announcement;
	}
	announcements = NIL;
}

static void
at_transaction_end(XactEvent event, void *arg)
{
	(void) arg;
	switch (event)
	{
		case XACT_EVENT_PRE_COMMIT:
			if (announcements != NIL)
				announce_all();
			break;
		case XACT_EVENT_PRE_PREPARE:
			if (announcements != NIL)
				ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
								errmsg("cannot PREPARE a transaction that has appended collab events")));
			break;
		case XACT_EVENT_COMMIT:
		case XACT_EVENT_ABORT:
			announcements = NIL;
			break;
		default:
			break;
	}
}

static void
at_subtransaction_end(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg)
{
	int level = GetCurrentTransactionNestLevel();
	int kept = list_length(announcements);

	(void) mine;
	(void) parent;
	(void) arg;
	if (event != SUBXACT_EVENT_COMMIT_SUB && event != SUBXACT_EVENT_ABORT_SUB)
		return;
	/* those of this subtransaction are the last ones: levels ascend along the list */
	while (kept > 0)
	{
		Announcement *announcement = list_nth(announcements, kept - 1);

		if (announcement->nest_level < level)
			break;
		announcement->nest_level = level - 1;
		kept--;
	}
	if (event == SUBXACT_EVENT_ABORT_SUB)
		announcements = list_truncate(announcements, kept);
}

void
notify_inline_start(void)
{
	event_appended_hook = remember_append;
	RegisterXactCallback(at_transaction_end, NULL);
	RegisterSubXactCallback(at_subtransaction_end, NULL);
}
