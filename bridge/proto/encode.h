/*
 * encode.h - the messages the bridge sends, as bytes appended to a buffer.
 *
 * Pure.  What the database has written as JSON (bodies) is spliced in as it is; everything else is escaped here.
 * Each function appends one complete {"type": …, "payload": …} of the board dialect.
 */
#ifndef COLLAB_PROTO_ENCODE_H
#define COLLAB_PROTO_ENCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "base/slice.h"
#include "base/uuid.h"
#include "proto/parse.h"

#define ENCODE_PROTOCOL "collab.v1"

typedef struct EncodeUser
{
	int64_t user_id;
	const char *username;
	const char *handle; /* WELCOME only */
	const char *avatar; /* NULL: null */
} EncodeUser;

typedef struct EncodeWelcome
{
	const Uuid *connection_id;
	EncodeUser user;
	int64_t server_time_ms; /* wall */
	int64_t heartbeat_interval_ms; /* sent as `heartbeat_interval`, in seconds */
	int64_t max_message; /* the limits */
	int64_t event_page;
	int64_t command_rate; /* a minute; 0: not limited */
	int64_t command_burst;
	int64_t unread_count; /* notifications */
} EncodeWelcome;

typedef struct EncodeActiveUser
{
	EncodeUser user;
	bool has_cursor;
	double x;
	double y;
	const Uuid *task_id; /* NULL: null */
	const char *editing; /* a field of that task; NULL: null */
	int64_t last_seen_ms;
} EncodeActiveUser;

typedef struct EncodeUsers
{
	const EncodeActiveUser *users;
	size_t count;
} EncodeUsers;

typedef struct EncodeState
{
	Slice board; /* the object, from the database */
	int64_t version;
	const char *event;
	EncodeUsers active_users;
	bool is_reset;
} EncodeState;

typedef struct EncodeEvents
{
	const Uuid *board_id; /* of a workspace's own log: its id */
	int64_t from_version; /* the version the first event follows */
	int64_t to_version; /* of the last event, or from_version when there is none */
	const char *event; /* mark of to_version */
	bool has_more;
	const Slice *bodies; /* whole messages, ascending */
	size_t count;
} EncodeEvents;

typedef struct EncodeCursor
{
	const Uuid *board_id;
	const EncodeUser *user;
	double x;
	double y;
	const Uuid *task_id; /* NULL: left out */
} EncodeCursor;

typedef struct EncodeFocus
{
	const Uuid *board_id;
	const EncodeUser *user;
	const Uuid *task_id; /* NULL: null, none any more */
	const char *editing; /* NULL: null */
} EncodeFocus;

typedef struct EncodeWorkspaceState
{
	Slice body; /* from the database, an object: workspace, boards, presence */
	int64_t version;
	const char *event;
	bool is_reset;
} EncodeWorkspaceState;

extern void encode_welcome(Buffer *out, const EncodeWelcome *welcome);
extern void encode_board_state(Buffer *out, const EncodeState *state);
extern void encode_board_events(Buffer *out, const EncodeEvents *events);
extern void encode_workspace_events(Buffer *out, const EncodeEvents *events);

/* False, with nothing appended, when the body is not an object. */
extern bool encode_workspace_state(Buffer *out, const EncodeWorkspaceState *state) MUST_CHECK;

/* A board that the receiver sees no more. */
extern void encode_board_removed(Buffer *out, const Uuid *board_id, const Uuid *workspace_id);

/*
 * `body` is the payload from the database, an object; "events": […] is added at its end.  events NULL leaves
 * the member out (echo).  False, with nothing appended, when body is not an object.
 */
extern bool encode_ack(Buffer *out, Slice body, const Slice *events, size_t count) MUST_CHECK;

typedef struct EncodeAnswer
{
	const char *command;
	const Uuid *command_id; /* NULL: left out */
	Slice body; /* from the database */
	bool is_json; /* else it is text, sent as a string */
} EncodeAnswer;

/* ACK of a read: its body as `result`. */
extern void encode_read_result(Buffer *out, const EncodeAnswer *answer);

/* ERROR that a read was refused with: the members of the body.  False, with nothing appended, when it is no object. */
extern bool encode_read_refusal(Buffer *out, const EncodeAnswer *answer) MUST_CHECK;

/* The payload of the ACK alone, for HTTP. */
extern bool encode_ack_payload(Buffer *out, Slice body, const Slice *events, size_t count) MUST_CHECK;

/* {"type": <type>, "payload": <body>}: CONFLICT_ERROR and ERROR that come complete from the database. */
extern void encode_body(Buffer *out, MessageType type, Slice body);

/* ERROR for a refusal of the bridge's own; `command` may be NULL or "", command_id NULL. */
extern void encode_error(Buffer *out, const Refusal *refusal, const char *command, const Uuid *command_id);

extern void encode_user_joined(Buffer *out, const Uuid *board_id, const EncodeUser *user);
extern void encode_user_left(Buffer *out, const Uuid *board_id, int64_t user_id);
extern void encode_presence(Buffer *out, const Uuid *board_id, EncodeUsers users);
/* PRESENCE of a workspace: its members with online and last_seen, an array from the database. */
extern void encode_workspace_presence(Buffer *out, const Uuid *workspace_id, Slice members);
extern void encode_task_focus(Buffer *out, const EncodeFocus *focus);
/* `notification` is the object from the database. */
extern void encode_notification(Buffer *out, Slice notification, int64_t unread_count);
extern void encode_cursor_update(Buffer *out, const EncodeCursor *cursor);
extern void encode_heartbeat_ack(Buffer *out, int64_t server_time_ms);
extern void encode_server_shutdown(Buffer *out, int64_t reconnect_after_ms);

/* The body of GET /api/me: {user_id, username, handle, avatar}. */
extern void encode_me(Buffer *out, const EncodeUser *user);

#endif
