/*
 * messages.h - the table of messages.def as enums and look-ups.
 */
#ifndef COLLAB_PROTO_MESSAGES_H
#define COLLAB_PROTO_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "base/slice.h"
#include "base/uuid.h"

/* MESSAGE_JOIN_BOARD, MESSAGE_MOVE_TASK, MESSAGE_ACK, ... */
typedef enum MessageType
{
	MESSAGE_UNKNOWN,
#define CLIENT_MESSAGE(TYPE, workspace_name, role) MESSAGE_##TYPE,
#define DATABASE_COMMAND(TYPE, base_name, aggregate) MESSAGE_##TYPE,
#define DATABASE_READ(TYPE) MESSAGE_##TYPE,
#define SERVER_MESSAGE(TYPE, workspace_name) MESSAGE_##TYPE,
#include "proto/messages.def"
	MESSAGE_TYPE_COUNT
} MessageType;

typedef enum MessageRole
{
	MESSAGE_ROLE_NONE, /* unknown */
	MESSAGE_ROLE_LOCAL, /* answered by the bridge alone */
	MESSAGE_ROLE_READ, /* answered by a read function of the database */
	MESSAGE_ROLE_COMMAND, /* forwarded to execute_batch as it came */
	MESSAGE_ROLE_SERVER, /* from the server */
} MessageRole;

/* What a command is about; _NEW: it makes the aggregate. */
typedef enum MessageAggregate
{
	MESSAGE_AGGREGATE_NONE,
	MESSAGE_AGGREGATE_WORKSPACE,
	MESSAGE_AGGREGATE_BOARD,
	MESSAGE_AGGREGATE_WORKSPACE_NEW,
	MESSAGE_AGGREGATE_BOARD_NEW,
	MESSAGE_AGGREGATE_INVITED, /* the workspace that an invite leads to: only the database knows it */
	MESSAGE_AGGREGATE_ACTOR, /* none: the actor's own */
} MessageAggregate;

/* MESSAGE_FIELD_BOARD_ID, ...: bit numbers of MessageFields.present. */
typedef enum MessageField
{
#define MESSAGE_FIELD(ID, member, TYPE, minimum, maximum) MESSAGE_FIELD_##ID,
#include "proto/messages.def"
	MESSAGE_FIELD_COUNT
} MessageField;

typedef enum MessageFieldType
{
	MESSAGE_FIELD_TYPE_UUID,
	MESSAGE_FIELD_TYPE_TEXT,
	MESSAGE_FIELD_TYPE_INTEGER,
	MESSAGE_FIELD_TYPE_NUMBER,
	MESSAGE_FIELD_TYPE_BOOLEAN,
	MESSAGE_FIELD_TYPE_DETAIL,
	MESSAGE_FIELD_TYPE_BOARDS,
} MessageFieldType;

typedef enum MessageDetail
{
	MESSAGE_DETAIL_FULL, /* when the field is absent, too */
	MESSAGE_DETAIL_CARDS,
} MessageDetail;

struct json_object;

#define MESSAGE_MEMBER_UUID Uuid
#define MESSAGE_MEMBER_TEXT Slice
#define MESSAGE_MEMBER_INTEGER int64_t
#define MESSAGE_MEMBER_NUMBER double
#define MESSAGE_MEMBER_BOOLEAN bool
#define MESSAGE_MEMBER_DETAIL MessageDetail
#define MESSAGE_MEMBER_BOARDS struct json_object * /* inside the message; parse.h's message_board_marks() reads it */

/* The fields a message of the bridge's own brought; absent ones are zero.  TEXT lives as long as the message. */
typedef struct MessageFields
{
	uint32_t present; /* bit per MessageField */
#define MESSAGE_FIELD(ID, member, TYPE, minimum, maximum) MESSAGE_MEMBER_##TYPE member;
#include "proto/messages.def"
} MessageFields;

typedef struct MessageFieldInfo
{
	const char *name; /* in the payload */
	MessageFieldType type;
	size_t offset; /* in MessageFields */
	double minimum;
	double maximum;
} MessageFieldInfo;

typedef struct MessageUse
{
	MessageType type;
	MessageField field;
	bool is_required;
} MessageUse;

extern const char *message_name(MessageType type); /* "MOVE_TASK" */
extern MessageRole message_role(MessageType type);
extern MessageAggregate message_aggregate(MessageType type);
extern bool message_is_bulk(MessageType type);
extern void message_append_workspace_name(Buffer *out, MessageType type); /* "task.move" */

/*
 * "TASK_MOVED" as "task.moved": any name of the board dialect that comes from the server, events of the log included,
 * also those of a newer database.
 */
extern void message_append_server_name(Buffer *out, Slice name);

/* Only what a client may send; MESSAGE_UNKNOWN otherwise. */
extern MessageType message_from_client_name(Slice name);
extern MessageType message_from_workspace_name(Slice name);

/* What the bridge itself makes; MESSAGE_UNKNOWN for events of the log. */
extern MessageType message_from_server_name(Slice name);

/* Whether the message's payload has a field of this name, as its table says. */
extern bool message_takes(MessageType type, const char *name);

/* The board dialect's name of a member that the workspace dialect calls otherwise; NULL when they agree. */
extern const char *message_renamed_field(MessageType type, Slice workspace_member);

extern const MessageFieldInfo *message_field_info(MessageField field);

/* The fields of one type of message; *count may be 0. */
extern const MessageUse *message_uses(MessageType type, size_t *count);

#endif
