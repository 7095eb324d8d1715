/*
 * session.h - one client connection: who it is, what it has joined, what it has asked.
 *
 *   from          to            when
 *   -----------   -----------   -----------------------------------------------------------------
 *   OPENING       IDENTIFYING   a valid token was shown; the user is being looked up
 *   IDENTIFYING   ACTIVE        the user is known; WELCOME is sent
 *   OPENING       CLOSING       no token, bad token, shutdown
 *   IDENTIFYING   CLOSING       bad token, database away, shutdown
 *   ACTIVE        CLOSING       session_close, for whatever reason
 *   any           CLOSED        the transport is gone
 *
 * Called by door/, which gives it complete messages and writes for it. A session has one way to
 * die, session_close: with a reason that is logged, counted and sent. It is freed at the end of the
 * turn in which the transport is gone and the last answer it waited for has come.
 */
#ifndef COLLAB_CONN_SESSION_H
#define COLLAB_CONN_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/jwt.h"
#include "base/compiler.h"
#include "base/slice.h"
#include "base/uuid.h"
#include "conn/outq.h"
#include "core/config.h"
#include "proto/codes.h"
#include "proto/parse.h"

typedef enum SessionState
{
	SESSION_OPENING,
	SESSION_IDENTIFYING,
	SESSION_ACTIVE,
	SESSION_CLOSING,
	SESSION_CLOSED
} SessionState;

typedef struct Session Session;

/* What the door does for a session; `transport` is its own. */
typedef struct SessionTransport
{
	OutqWrite write;
	/* session_writable is to be called when the socket takes more. */
	void (*want_writable)(void *transport);
	/* Hang up now; session_gone follows. */
	void (*kill)(void *transport);
	/*
	 * Forms without a close frame (SSE), NULL for the others: everything is handed over, end the
	 * stream behind it; session_gone follows. Called once.
	 */
	void (*finish)(void *transport);
} SessionTransport;

/* What the upgrade request said. Borrowed. */
typedef struct SessionRequest
{
	const char *peer; /* address, for the log */
	Slice token; /* bytes NULL: none yet */
	TokenOrigin token_origin;
	bool is_poll; /* one request of many of one client: not an attempt to connect */
	FrameForm form; /* how it gets messages; one that is made */
	bool has_board; /* /ws/board/{id} */
	Uuid board_id;
	bool has_workspace; /* /ws/workspace/{id} */
	Uuid workspace_id;
	bool has_since;
	int since_version; /* -1: was no version */
	const char *since_event; /* NULL: none */
	MessageDetail detail; /* of the board's state */
} SessionRequest;

void session_hub_open(const Config *config, const TokenRules *rules);
void session_hub_close(void);

size_t session_count(void);
/* More is held in memory than option memory_limit: nothing new is begun until it falls. */
bool session_memory_is_short(void);

/* Commands are refused from now on; what was accepted is still answered. */
void session_drain_begin(void);
/* SERVER_SHUTDOWN and close 1001 for everyone. */
void session_drain_end(void);

/* Asks the database which users may still be here, and closes the connections of those who may not. */
void session_check_users(void);

Session *session_open(const SessionTransport *transport, void *transport_handle, const SessionRequest *request);

bool session_is_closing(const Session *session);
CloseCode session_close_code(const Session *session); /* CLOSE_NONE while it is open */

/* One complete message. */
void session_receive(Session *session, const char *text, size_t length);
/* Anything else the client sent: a pong. */
void session_seen(Session *session);
/* Now it may be written; also when the socket has drained. */
void session_writable(Session *session);
/* The transport is gone; the session must not be used by the door any more. */
void session_gone(Session *session);

/*
 * The close frame is queued behind what is there already; from then on what the client still sends
 * is read and ignored until its own close frame comes, or it is hung up after a while.
 */
void session_close(Session *session, CloseCode code, const char *reason);

#endif
