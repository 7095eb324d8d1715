/*
 * session_private.h - what the session*.c files share; nobody else includes it.
 *
 *   session.c          life, states, timers, sending
 *   session_auth.c     tokens, WELCOME, expiry
 *   session_message.c  a message in: which of the others handles it, and when
 *   session_command.c  commands to the pool and back; command_outcome.c is shared with REST
 *   session_board.c    joining, leaving, cursors; subscription*.c behind it
 *   session_workspace.c   joining and leaving workspaces; workspace_boards.c behind it
 *   session_cursor.c   cursors and focus
 *   session_users.c    closes the connections of deactivated users
 *   session_query.c    reads of boards that are not joined, and of history
 *   session_read.c     all other reads
 *   session_limit.c    too many messages, commands, connections
 */
#ifndef COLLAB_CONN_SESSION_PRIVATE_H
#define COLLAB_CONN_SESSION_PRIVATE_H

#include "auth/limit.h"
#include "base/hashmap.h"
#include "base/list.h"
#include "base/timer_wheel.h"
#include "conn/session.h"
#include "core/loop.h"
#include "hub/frame.h"
#include "hub/room.h"
#include "pg/pg_command.h"
#include "pg/pg_read.h"
#include "proto/encode.h"
#include "proto/parse.h"

typedef struct SessionAddress SessionAddress;
typedef struct SessionUser SessionUser;

/* What CURSOR_MOVE or FOCUS_TASK says. */
typedef struct SessionPoint
{
	bool is_set;
	Uuid board_id;
	double x;
	double y;
	bool has_task;
	Uuid task_id;
	const char *editing; /* a literal; NULL: nothing */
} SessionPoint;

struct Session
{
	SessionState state;
	ListLink link; /* in the hub's list */
	Uuid connection_id; /* in the log, in WELCOME and in the database's presence */
	unsigned references; /* transport, commands, reads */

	const SessionTransport *transport;
	void *transport_handle; /* NULL once gone */
	char *peer;
	FrameForm form;
	Outq queue;
	LoopWork flush_work;
	CloseCode close_code;
	int64_t reconnect_after_ms; /* what the workspace dialect says of it; below 0: nothing */
	bool is_finished; /* transport->finish was called */

	char *issuer; /* the user's identity; set once identified */
	char *subject;
	int64_t user_id;
	char *username;
	char *handle;
	char *avatar;
	int64_t token_end_s; /* seconds since 1970: when the token expires */
	PgRead identify_read;

	WheelTimer auth_timer; /* handshake, then expiry, then the close */
	WheelTimer alive_timer; /* pings and silence */
	int64_t seen_ms; /* monotonic: last frame from the client */
	int64_t pinged_ms;
	LimitBucket messages;
	LimitBucket cursors;
	SessionPoint late_cursor; /* above their rate */
	SessionPoint late_focus;
	WheelTimer late_timer; /* until they are taken */
	unsigned refused_messages; /* for their rate, since one was taken */
	SessionAddress *address; /* counts its connections; NULL: not counted */
	SessionUser *user; /* counts the user's connections; NULL until the user is known */
	bool is_poll;
	ListLink inbox_link; /* inbox.c's, with the other connections of the user */
	uint64_t inbox_start;
	bool awaits_inbox; /* the undelivered notifications are being read: nothing else goes before them */
	bool is_in_inbox_read;
	int64_t behind_ms; /* monotonic: since when events are held back; 0: they are not */

	int malformed_count; /* in a row */
	PgCommandStream stream;
	List commands; /* SessionCommand.link, in the order accepted */
	size_t command_count;
	uint64_t command_number; /* of the last one accepted */
	List deferred; /* DeferredMessage.link: wait for their turn */
	size_t deferred_count;
	size_t deferred_bytes;
	unsigned deferred_commands;
	LoopWork deferred_work;
	List subscriptions; /* Subscription.link */
	unsigned reads_in_flight;

	bool has_path_board; /* joined after WELCOME */
	Uuid path_board_id;
	bool has_path_workspace;
	Uuid path_workspace_id; /* zero without: what messages of no board or workspace name in the workspace dialect */
	bool awaits_resume; /* the path's workspace is not joined yet */
	WheelTimer path_timer;
	bool has_path_since;
	int path_since_version;
	MessageDetail path_detail;
	char *path_since_event;
};

typedef struct SessionHub
{
	const Config *config;
	const TokenRules *rules;
	TimerWheel *wheel;
	ev_timer wheel_timer;
	List sessions;
	size_t count;
	HashMap *addresses; /* AddressKey to SessionAddress */
	HashMap *users; /* user id to SessionUser */
	bool is_draining;
} SessionHub;

extern SessionHub session_hub;

/* session.c */
Session *session_ref(Session *session);
void session_unref(Session *session);
void session_set_state(Session *session, SessionState state);
bool session_is_open(const Session *session); /* neither CLOSING nor CLOSED */
void session_send(Session *session, Frame *frame); /* takes over the reference; counted; nobody else's frame */
void session_send_shared(Session *session, Frame *frame); /* the same, with others */
void session_note_workspace(const Session *session, Frame *frame); /* of no board or workspace: it is the path's */
void session_send_state(Session *session, Frame *frame);
void session_send_loose(Session *session, Frame *frame); /* borrows; may be dropped */
bool session_speaks_workspace(const Session *session); /* the workspace dialect, both ways */
void session_flush_soon(Session *session);
void session_check_behind(Session *session);
void session_start_timer(WheelTimer *timer, int64_t delay_ms, WheelTimerCallback callback);
void session_refuse(Session *session, const Refusal *refusal, const Message *message);
void session_refuse_command(Session *session, const Refusal *refusal, const char *command, const Uuid *command_id);
/* ACK of something the bridge does itself. */
void session_acknowledge(Session *session, const Message *message);

/* session_auth.c */
void session_auth_start(Session *session, const SessionRequest *request);
void session_show_token(Session *session, Slice token, TokenOrigin origin);
/* AUTH on a connection that has a user. False: refused, answered. */
bool session_refresh_token(Session *session, Slice token, const Message *message);
/* After its expiry a token is good for AUTH and HEARTBEAT only. False: refused, answered. */
bool session_token_covers(Session *session, const Message *message);
/* The undelivered notifications are queued: what the path asks for, then what was sent meanwhile. */
void session_begin(Session *session);
void session_auth_free(Session *session);

/* session_message.c */
void session_run_deferred_soon(Session *session);
void session_message_open(Session *session);
void session_message_free(Session *session);

/* session_command.c */
void session_submit_command(Session *session, const Message *message, Slice text);
bool session_awaits_command(const Session *session, const Uuid *command_id);
/* Whether every command accepted up to `number` has been answered. */
bool session_commands_done(const Session *session, uint64_t number);

/* session_workspace.c */
void session_join_path_workspace(Session *session); /* once the client has had a moment to resume */
void session_join_path_now(Session *session);
void session_join_workspace(Session *session, const Message *message);
void session_leave_workspace(Session *session, const Message *message);
void session_note_first_message(Session *session, const Message *message);

/* workspace_boards.c */
void workspace_boards_open(void);

/* session_board.c */
void session_join_path(Session *session); /* the board or workspace of the path */
void session_join_board(Session *session, const Message *message);
void session_leave_board(Session *session, const Message *message);
void session_get_board(Session *session, const Message *message);
void session_seen_on_boards(Session *session);
bool session_boards_are_settled(const Session *session);
void session_pump_boards(Session *session);
void session_leave_boards(Session *session);
RoomMember *session_find_member(Session *session, RoomKind kind, const Uuid *id, bool *is_echo);
size_t session_ack_bytes(const Session *session);
bool session_is_behind(const Session *session);

/* session_limit.c: false: refused, and answered unless it is a cursor */
bool session_takes_message(Session *session, const Message *message);
bool session_takes_command(Session *session, const Message *message);
/* For one more connection in all. False: refused and closed. */
bool session_has_room(Session *session);
/* Before the database is asked who it is. False: refused and closed. */
bool session_takes_attempt(Session *session, const Claims *claims);
/* The user is known. False: refused and closed. */
bool session_join_user(Session *session);
void session_leave_user(Session *session); /* and its address */

/* session_cursor.c */
bool message_is_cursor(const Message *message); /* CURSOR_MOVE, FOCUS_TASK */
void session_point(Session *session, const Message *message);
/* The same, a little later and only the newest. */
void session_point_later(Session *session, const Message *message);

/* session_query.c */
void session_query_board(Session *session, const Message *message);
void session_get_events(Session *session, const Message *message);

/* session_read.c */
void session_ask(Session *session, const Message *message, Slice text);

#endif
