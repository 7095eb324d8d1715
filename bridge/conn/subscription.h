/*
 * subscription.h - a connection on a board or workspace, as the session*.c files share it; nobody else includes it.
 *
 *   JOIN_BOARD ──► READING_STATE ───────────────► BOARD_STATE ─────────────────► LIVE
 *        │                ▲                                                      ▲ │
 *        │                └── not resumable ──┐                                  │ │ room reset,
 *        └─ since_version ──► READING_RESUME ─┴─► PAGES ─► BOARD_EVENTS …, PRESENCE │ GET_BOARD
 *                                                                                  ▼
 *                                                                            READING_STATE
 *
 * While a subscription is not LIVE its room member is held: nothing of the board's order is sent
 * but what is being read, so that after BOARD_STATE at version v comes v+1.
 *
 * A workspace is joined in the same way (WORKSPACE_STATE, WORKSPACE_EVENTS). Its boards come along as
 * subscriptions of their own, which point to it:
 *
 *   workspace ◄── board (LIVE from the version that WORKSPACE_STATE names)
 *             ◄── board (READING_RESUME: the client had an older version)
 *             ◄── board (READING_STATE: it has become visible just now)
 *
 * They end with the workspace, unless JOIN_BOARD asked for them, too.
 */
#ifndef COLLAB_CONN_SUBSCRIPTION_H
#define COLLAB_CONN_SUBSCRIPTION_H

#include "base/hashmap.h"
#include "conn/session_private.h"

typedef enum SubscriptionPhase
{
	SUBSCRIPTION_READING_STATE,
	SUBSCRIPTION_READING_RESUME,
	SUBSCRIPTION_PAGES,
	SUBSCRIPTION_LIVE
} SubscriptionPhase;

typedef struct Subscription Subscription;

/* What a joined workspace asks about its boards. Outlives the subscription while `read` is in flight. */
typedef struct WorkspaceBoards
{
	Subscription *workspace; /* NULL once it has ended */
	PgRead read;
	bool is_reading;
	ListLink waiting_link; /* until it is its turn to read */
	bool reads_again; /* they have changed since it was asked */
	HashMap *marks; /* board id → WorkspaceMark: what the client has, until that is dealt with; NULL: nothing */
} WorkspaceBoards;

struct Subscription
{
	RoomMember member;
	ListLink link; /* in session->subscriptions; unlisted once it is gone */
	Session *session; /* a reference */
	Uuid id; /* of the board, or of the workspace */
	Subscription *workspace; /* boards: the one it belongs to; NULL: none that is joined */
	WorkspaceBoards *boards; /* workspaces; NULL in boards */
	bool is_joined; /* the client has asked for it; false: only a board of a joined workspace */
	SubscriptionPhase phase;
	MessageDetail detail;
	bool has_archive; /* the next BOARD_STATE holds what is archived, too */
	bool is_echo;
	bool is_from_path; /* losing it closes the connection */
	bool is_reset; /* the next BOARD_STATE says so */
	bool was_live; /* a failed GET_BOARD leaves it so */
	bool is_reading; /* `read` is in flight */
	bool starts_over; /* the room was reset meanwhile */
	PgRead read;
	WheelTimer retry_timer; /* `read` failed and nobody would ask again, or other people are being read */
	bool has_waited; /* for presence_known */

	int after; /* pages: what the client has */
	int target; /* pages: the head when it asked */
	char *mark; /* of `after`; NULL: the client gave none */
	int64_t acl_version; /* the state of rights that let it in to what is paged */
	bool has_sent_page;

	char command[PARSE_MAX_TYPE_LENGTH + 1]; /* what to answer, in an ERROR */
	bool has_command_id;
	Uuid command_id;
};

/* subscription.c */
Subscription *subscription_find(const Session *session, RoomKind kind, const Uuid *id);
Subscription *subscription_open(Session *session, RoomKind kind, const Uuid *id); /* made if need be */
Subscription *subscription_new(Session *session, RoomKind kind, const Uuid *id); /* there is none yet */
void subscription_note_command(Subscription *subscription, const Message *message);
void subscription_end(Subscription *subscription);
bool subscription_take_answer(Subscription *subscription) MUST_CHECK;
bool subscription_has_access(const Subscription *subscription, const PgReadResult *result, int64_t acl_version);
void subscription_end_without_access(Subscription *subscription);
void subscription_lose(Subscription *subscription); /* the same, when no message of the client's has asked */
void subscription_fail(Subscription *subscription);
void subscription_go_live(Subscription *subscription, int version);
void subscription_submit(Subscription *subscription);
void subscription_read_state(Subscription *subscription);
bool subscription_waits_for_people(Subscription *subscription); /* it goes on by itself later */

/* subscription_pages.c */
void subscription_read_resume(Subscription *subscription, int since_version, Slice since_event);
void subscription_ask_resume(Subscription *subscription); /* the same from where it is */
void subscription_send_pages(Subscription *subscription);

/* How many of the bodies one BOARD_EVENTS holds. */
size_t page_fit(const Slice *bodies, size_t count);
/* How many rows of room_events, from the first on, are no newer than these rights. */
size_t page_rows_allowed(const PgReadResult *result, int64_t acl_version);
void page_send(Session *session, RoomKind kind, const EncodeEvents *page);

/* workspace_boards.c */
void workspace_read_state(Subscription *workspace);
WorkspaceBoards *workspace_boards_new(Subscription *workspace) MUST_CHECK;
void workspace_end_boards(Subscription *workspace);
void workspace_tell_removed(const Subscription *workspace, const Uuid *board_id);
/* Reads which boards there are, when the workspace itself is LIVE. */
void workspace_read_boards(Subscription *workspace);
/* What the client said it has of them is still to be dealt with. */
bool workspace_awaits_boards(const Subscription *subscription);
/* What the client has of each board, for workspace_read_boards or the state; replaces what was noted before. */
void workspace_note_marks(Subscription *workspace, const Message *message);

#endif
