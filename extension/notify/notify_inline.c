/*
 * notify_inline.c: one NOTIFY per changed aggregate, and one per notification made, at commit.
 *
 * Every append adds an (aggregate, version) pair to a list in TopTransactionContext, tagged with its subtransaction's
 * nesting level. A subtransaction that aborts takes its pairs along; one that commits hands them to its parent. Just
 * before commit the list is collapsed to the highest version per aggregate and given to Async_Notify, which announces
 * at commit or not at all.
 *
 *   channel collab:board:<uuid>      {"board_id": "<uuid>", "version": 43}
 *   channel collab:workspace:<uuid>  {"workspace_id": "<uuid>", "version": 7}
 *   channel collab:workspace:<uuid>  {"workspace_id": "<uuid>", "user_id": 3, "notification_id": 12}
 *   channel collab:notifications     {"user_id": 3, "notification_id": 12}
 *
 * A notification's pointer names its addressee; the second one is for who serves people, whatever workspaces these are
 * in. The payload points at what is new and carries no content: every role that can connect can listen.
 */
#include "postgres.h"

#include "access/xact.h"
#include "commands/async.h"
#include "nodes/pg_list.h"
#include "utils/memutils.h"

#include "event/event_append.h"
#include "event/event_notification.h"
#include "notify/notify_inline.h"
#include "support/support_json.h"

#define NOTIFICATIONS_CHANNEL "collab:notifications"

typedef struct Announcement
{
	AggregateKind kind;
	pg_uuid_t id;
	int version; /* of an append */
	int64 notification_id; /* 0: an append */
	int64 user_id; /* of a notification: the addressee */
	int nest_level;
} Announcement;

/* Lives in TopTransactionContext; emptied at the end of every transaction. */
static List *announcements = NIL;

static void
remember(const Announcement *announcement)
{
	MemoryContext old = MemoryContextSwitchTo(TopTransactionContext);
	Announcement *kept = palloc(sizeof(Announcement));

	*kept = *announcement;
	kept->nest_level = GetCurrentTransactionNestLevel();
	announcements = lappend(announcements, kept);
	MemoryContextSwitchTo(old);
}

static void
remember_append(const Stream *stream, int count)
{
	Announcement announcement = {.kind = stream->kind, .id = stream->id, .version = stream->version};

	(void) count;
	remember(&announcement);
}

static void
remember_notification(const Notification *notification)
{
	Announcement announcement = {.kind = AGGREGATE_WORKSPACE,
								 .id = notification->workspace_id,
								 .notification_id = notification->id,
								 .user_id = notification->user_id};

	remember(&announcement);
}

/* Appends by aggregate, the newest version first; then notifications in the order they were made in. */
static int
compare_announcements(const ListCell *a, const ListCell *b)
{
	const Announcement *left = lfirst(a);
	const Announcement *right = lfirst(b);
	int order;

	if (left->notification_id != right->notification_id)
		return left->notification_id < right->notification_id ? -1 : 1;
	order = memcmp(left->id.data, right->id.data, UUID_LEN);
	return order != 0 ? order : right->version - left->version;
}

static void
announce(const Announcement *announcement)
{
	char *id = uuid_text(&announcement->id);
	StringInfoData payload;

	initStringInfo(&payload);
	appendStringInfo(&payload, "{\"%s\": \"%s\", ", aggregate_kind_key(announcement->kind), id);
	if (announcement->notification_id == 0)
		appendStringInfo(&payload, "\"version\": %d}", announcement->version);
	else
		appendStringInfo(&payload, "\"user_id\": " INT64_FORMAT ", \"notification_id\": " INT64_FORMAT "}",
						 announcement->user_id, announcement->notification_id);
	Async_Notify(psprintf("collab:%s:%s", aggregate_kind_name(announcement->kind), id), payload.data);
	if (announcement->notification_id != 0)
		Async_Notify(NOTIFICATIONS_CHANNEL,
					 psprintf("{\"user_id\": " INT64_FORMAT ", \"notification_id\": " INT64_FORMAT "}",
							  announcement->user_id, announcement->notification_id));
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

		if (announcement->notification_id != 0 || last == NULL ||
			memcmp(last->id.data, announcement->id.data, UUID_LEN) != 0)
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
	notification_made_hook = remember_notification;
	RegisterXactCallback(at_transaction_end, NULL);
	RegisterSubXactCallback(at_subtransaction_end, NULL);
}
