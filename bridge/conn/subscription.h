/*
 * subscription.h - a connection on a board, as the session*.c files share it; nobody else includes it.
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
 */
#ifndef COLLAB_CONN_SUBSCRIPTION_H
#define COLLAB_CONN_SUBSCRIPTION_H

#include "conn/session_private.h"

typedef enum SubscriptionPhase
{
	SUBSCRIPTION_READING_STATE,
	SUBSCRIPTION_READING_RESUME,
	SUBSCRIPTION_PAGES,
	SUBSCRIPTION_LIVE
} SubscriptionPhase;

typedef struct Subscription
{
	RoomMember member;
	ListLink link; /* in session->subscriptions; unlisted once it is gone */
	Session *session; /* a reference */
	Uuid board_id;
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
	WheelTimer retry_timer; /* `read` failed and nobody would ask again */

	int after; /* pages: what the client has */
	int target; /* pages: the head when it asked */
	char *mark; /* of `after` */
	bool has_sent_page;

	char command[PARSE_MAX_TYPE_LENGTH + 1]; /* what to answer, in an ERROR */
	bool has_command_id;
	Uuid command_id;
} Subscription;

/* subscription.c */
Subscription *subscription_find(const Session *session, const Uuid *board_id);
Subscription *subscription_open(Session *session, const Uuid *board_id); /* made if need be */
void subscription_end(Subscription *subscription);
bool subscription_take_answer(Subscription *subscription) MUST_CHECK;
bool subscription_has_access(const Subscription *subscription, const PgReadResult *result, int64_t acl_version);
void subscription_end_without_access(Subscription *subscription);
void subscription_fail(Subscription *subscription);
void subscription_go_live(Subscription *subscription, int version);
void subscription_submit(Subscription *subscription);
void subscription_read_state(Subscription *subscription);

/* subscription_pages.c */
void subscription_read_resume(Subscription *subscription, int since_version, Slice since_event);
void subscription_send_pages(Subscription *subscription);

/* How many of the bodies one BOARD_EVENTS holds. */
size_t page_fit(const Slice *bodies, size_t count);
void page_send(Session *session, const EncodeEvents *page);

#endif
