/*
 * messages.c - the table of messages.def as look-ups.
 *
 * Owns constant tables only.  Called by parse.c, encode.c and whoever asks what a message is.
 */
#include "proto/messages.h"

#include <ctype.h>
#include <string.h>

#include "base/json_scan.h"
#include "proto/fields.h"

typedef struct MessageInfo
{
	const char *name;
	const char *workspace_name; /* NULL: see message_given_name() */
	MessageRole role;
	MessageAggregate aggregate;
} MessageInfo;

static const MessageInfo message_table[MESSAGE_TYPE_COUNT] = {
	[MESSAGE_UNKNOWN] = {"", "", MESSAGE_ROLE_NONE, MESSAGE_AGGREGATE_NONE},
#define CLIENT_MESSAGE(TYPE, workspace_name, role)                                                                     \
	[MESSAGE_##TYPE] = {#TYPE, workspace_name, MESSAGE_ROLE_##role, MESSAGE_AGGREGATE_NONE},
#define DATABASE_COMMAND(TYPE, base_name, aggregate)                                                                   \
	[MESSAGE_##TYPE] = {#TYPE, NULL, MESSAGE_ROLE_COMMAND, MESSAGE_AGGREGATE_##aggregate},
#define DATABASE_READ(TYPE) [MESSAGE_##TYPE] = {#TYPE, NULL, MESSAGE_ROLE_READ, MESSAGE_AGGREGATE_NONE},
#define SERVER_MESSAGE(TYPE, workspace_name)                                                                           \
	[MESSAGE_##TYPE] = {#TYPE, workspace_name, MESSAGE_ROLE_SERVER, MESSAGE_AGGREGATE_NONE},
#include "proto/messages.def"
};

static const MessageFieldInfo message_fields[MESSAGE_FIELD_COUNT] = {
#define MESSAGE_FIELD(ID, member, TYPE, minimum, maximum)                                                              \
	{#member, MESSAGE_FIELD_TYPE_##TYPE, offsetof(MessageFields, member), minimum, maximum},
#include "proto/messages.def"
};

_Static_assert(MESSAGE_FIELD_COUNT <= 32, "one bit of MessageFields.present a field");

#define MESSAGE_NEED_REQUIRED true
#define MESSAGE_NEED_OPTIONAL false

/* All uses of one message stand together. */
static const MessageUse message_use_table[] = {
#define MESSAGE_USES(TYPE, ID, needed) {MESSAGE_##TYPE, MESSAGE_FIELD_##ID, MESSAGE_NEED_##needed},
#include "proto/messages.def"
};

const char *
message_name(MessageType type)
{
	return message_table[type].name;
}

MessageRole
message_role(MessageType type)
{
	return message_table[type].role;
}

MessageAggregate
message_aggregate(MessageType type)
{
	return message_table[type].aggregate;
}

bool
message_is_bulk(MessageType type)
{
	switch (type)
	{
#define BULK_COMMAND(TYPE) case MESSAGE_##TYPE:
#include "proto/messages.def"
		return true;
		default:
			return false;
	}
}

/* The name in the workspace dialect where it does not follow the rule; NULL where it does. */
static const char *
message_given_name(MessageType type)
{
	switch (type)
	{
#define WORKSPACE_NAME(TYPE, workspace_name)                                                                           \
	case MESSAGE_##TYPE:                                                                                               \
		return workspace_name;
#include "proto/messages.def"
		default:
			return message_table[type].workspace_name;
	}
}

static void
message_append_lower(Buffer *out, const char *from, const char *end)
{
	for (const char *at = from; at < end; at++)
		buffer_append_char(out, (char) tolower((unsigned char) *at));
}

/* VERB_NOUN_NOUN becomes noun_noun.verb; a verb alone stays one. */
void
message_append_workspace_name(Buffer *out, MessageType type)
{
	const char *given = message_given_name(type);
	const char *name = message_table[type].name;
	const char *end = name + strlen(name);
	const char *noun = strchr(name, '_');

	if (given)
	{
		buffer_append_text(out, given);
		return;
	}
	if (noun)
	{
		message_append_lower(out, noun + 1, end);
		buffer_append_char(out, '.');
	}
	message_append_lower(out, name, noun ? noun : end);
}

/* NOUN_NOUN_VERBED becomes noun_noun.verbed. */
void
message_append_server_name(Buffer *out, Slice name)
{
	MessageType type = message_from_server_name(name);
	const char *end = name.bytes + name.length;
	const char *verb = name.length > 0 ? memrchr(name.bytes, '_', name.length) : NULL;

	if (type != MESSAGE_UNKNOWN)
		buffer_append_text(out, message_given_name(type));
	else if (verb)
	{
		message_append_lower(out, name.bytes, verb);
		buffer_append_char(out, '.');
		message_append_lower(out, verb + 1, end);
	}
	else
		message_append_lower(out, name.bytes, end);
}

MessageType
message_from_client_name(Slice name)
{
	for (MessageType type = MESSAGE_UNKNOWN + 1; type < MESSAGE_TYPE_COUNT; type++)
		if (message_table[type].role != MESSAGE_ROLE_SERVER && slice_equals_text(name, message_table[type].name))
			return type;
	return MESSAGE_UNKNOWN;
}

MessageType
message_from_server_name(Slice name)
{
	for (MessageType type = MESSAGE_UNKNOWN + 1; type < MESSAGE_TYPE_COUNT; type++)
		if (message_table[type].role == MESSAGE_ROLE_SERVER && slice_equals_text(name, message_table[type].name))
			return type;
	return MESSAGE_UNKNOWN;
}

static bool
message_is_lower_of(const char *lower, const char *name, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (lower[i] != tolower((unsigned char) name[i]))
			return false;
	return true;
}

/* Whether noun_noun.verb is what VERB_NOUN_NOUN becomes. */
static bool
message_is_called(MessageType type, Slice name)
{
	const char *given = message_given_name(type);
	const char *board_name = message_table[type].name;
	const char *noun = strchr(board_name, '_');
	size_t verb_length = noun ? (size_t) (noun - board_name) : strlen(board_name);
	size_t noun_length = noun ? strlen(noun + 1) : 0;

	if (given)
		return slice_equals_text(name, given);
	if (name.length != strlen(board_name))
		return false;
	if (noun == NULL)
		return message_is_lower_of(name.bytes, board_name, verb_length);
	return message_is_lower_of(name.bytes, noun + 1, noun_length) && name.bytes[noun_length] == '.' &&
		   message_is_lower_of(name.bytes + noun_length + 1, board_name, verb_length);
}

MessageType
message_from_workspace_name(Slice name)
{
	for (MessageType type = MESSAGE_UNKNOWN + 1; type < MESSAGE_TYPE_COUNT; type++)
		if (message_table[type].role != MESSAGE_ROLE_SERVER && message_is_called(type, name))
			return type;
	return MESSAGE_UNKNOWN;
}

bool
message_takes(MessageType type, const char *name)
{
	size_t count;
	const MessageUse *uses = message_uses(type, &count);

	for (size_t i = 0; i < count; i++)
		if (strcmp(message_fields[uses[i].field].name, name) == 0)
			return true;
	return field_find(message_table[type].name, slice_of_text(name)) != NULL;
}

const char *
message_renamed_field(MessageType type, Slice workspace_member)
{
#define WORKSPACE_FIELD(TYPE, member, workspace_member_name)                                                           \
	if (type == MESSAGE_##TYPE && json_scan_says(workspace_member, #workspace_member_name))                            \
		return #member;
#include "proto/messages.def"
	return NULL;
}

const MessageFieldInfo *
message_field_info(MessageField field)
{
	return &message_fields[field];
}

const MessageUse *
message_uses(MessageType type, size_t *count)
{
	const MessageUse *first = NULL;

	*count = 0;
	for (size_t i = 0; i < LENGTH_OF(message_use_table); i++)
	{
		if (message_use_table[i].type != type)
			continue;
		if (first == NULL)
			first = &message_use_table[i];
		(*count)++;
	}
	return first;
}
