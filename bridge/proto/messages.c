/*
 * messages.c - the table of messages.def as look-ups.
 *
 * Owns constant tables only.  Called by parse.c, encode.c and whoever asks what a message is.
 */
#include "proto/messages.h"

#include <ctype.h>
#include <string.h>

typedef struct MessageInfo
{
	const char *name;
	const char *workspace_name; /* NULL: derived from the name */
	MessageRole role;
	MessageAggregate aggregate;
} MessageInfo;

static const MessageInfo message_table[MESSAGE_TYPE_COUNT] = {
	[MESSAGE_UNKNOWN] = {"", "", MESSAGE_ROLE_NONE, MESSAGE_AGGREGATE_NONE},
#define CLIENT_MESSAGE(TYPE, workspace_name, role)                                                                     \
	[MESSAGE_##TYPE] = {#TYPE, workspace_name, MESSAGE_ROLE_##role, MESSAGE_AGGREGATE_NONE},
#define DATABASE_COMMAND(TYPE, base_name, aggregate)                                                                   \
	[MESSAGE_##TYPE] = {#TYPE, NULL, MESSAGE_ROLE_COMMAND, MESSAGE_AGGREGATE_##aggregate},
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
	const MessageInfo *info = &message_table[type];
	const char *end = info->name + strlen(info->name);
	const char *noun = strchr(info->name, '_');

	if (info->workspace_name)
	{
		buffer_append_text(out, info->workspace_name);
		return;
	}
	if (noun)
	{
		message_append_lower(out, noun + 1, end);
		buffer_append_char(out, '.');
	}
	message_append_lower(out, info->name, noun ? noun : end);
}

MessageType
message_from_client_name(Slice name)
{
	for (MessageType type = MESSAGE_UNKNOWN + 1; type < MESSAGE_TYPE_COUNT; type++)
		if (message_table[type].role != MESSAGE_ROLE_SERVER && slice_equals_text(name, message_table[type].name))
			return type;
	return MESSAGE_UNKNOWN;
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
