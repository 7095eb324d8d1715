/*
 * parse.h - a message from a client, from bytes to a struct, or the refusal to send back.
 *
 * Pure: no I/O, no state.  The bytes are checked by json_validate() first; only then does json-c see them.
 * Commands for the database need a valid envelope only; the bytes themselves are forwarded, never rebuilt.
 */
#ifndef COLLAB_PROTO_PARSE_H
#define COLLAB_PROTO_PARSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "base/slice.h"
#include "base/uuid.h"
#include "proto/codes.h"
#include "proto/messages.h"

struct json_object;

#define PARSE_MAX_TYPE_LENGTH 63
#define PARSE_MAX_REFUSAL_LENGTH 255

typedef struct Refusal
{
	RefusalCode code;
	char message[PARSE_MAX_REFUSAL_LENGTH + 1]; /* names the field; UTF-8 */
	int64_t retry_after_ms; /* 0: not sent */
} Refusal;

typedef struct Message
{
	MessageType type; /* MESSAGE_UNKNOWN after a refusal, perhaps */
	char type_text[PARSE_MAX_TYPE_LENGTH + 1]; /* as the client wrote it; "" when missing or longer */
	bool has_id;
	Uuid id; /* the command id */

	/* Where a command goes; whether each is there and a uuid.  The database checks them, not the bridge. */
	bool has_board_id;
	bool has_workspace_id;
	bool has_list_id;
	bool has_task_id;
	Uuid board_id;
	Uuid workspace_id;
	Uuid list_id;
	Uuid task_id;

	MessageFields fields; /* LOCAL and READ messages only */

	struct json_object *envelope; /* owned; NULL after a refusal, perhaps */
	struct json_object *payload; /* inside envelope; NULL when absent */
} Message;

/*
 * Fills *message, which need not be initialised and always goes to message_release() afterwards.  False: refused;
 * *refusal says why, and type_text and id hold what could be read, for the ERROR that answers.
 */
extern bool message_parse(Message *message, const char *bytes, size_t length, size_t max_length,
						  Refusal *refusal) MUST_CHECK;
extern void message_release(Message *message);

extern bool message_has(const Message *message, MessageField field);

/* What a client has of one board: JOIN_WORKSPACE's `boards`. */
typedef struct BoardMark
{
	Uuid board_id;
	int64_t version;
	Slice event; /* lives as long as the message; empty when it gave none */
} BoardMark;

/* Newly allocated, the caller frees it; NULL when the message has no `boards`. */
extern BoardMark *message_board_marks(const Message *message, size_t *count) MUST_CHECK;

/*
 * The id whose hash chooses a command's connection: the board, else the workspace, else the list or task named;
 * for a command about a workspace the workspace first.  False when the message names none.
 */
extern bool message_routing_key(const Message *message, Uuid *key) MUST_CHECK;

extern void refusal_set(Refusal *refusal, RefusalCode code, const char *format, ...) PRINTF_LIKE(3, 4);

#endif
