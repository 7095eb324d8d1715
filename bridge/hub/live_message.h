/*
 * live_message.h - what bridges tell each other on collab:live:<board>: cursors and focus, sealed.
 *
 * Pure. One message is the payload of one NOTIFY, which every role that can connect can read and
 * forge. So it holds ids and numbers and names out of a fixed list, never a text of a user's, and it
 * is sealed with HMAC-SHA256 under a key that only bridges can read. The seal covers the board, so a
 * message cannot be moved to another channel; bridge, time and counter let the receiver drop what it
 * has had before.
 *
 *     <seal> <bridge id> <milliseconds since 1970> <counter>\n
 *     h\n                                  whoever has people here: tell about them
 *     c <user> <x> <y> [<task>]\n          a cursor
 *     f <user> [<task> [<field>]]\n        what they look at, nothing without a task
 *
 * Called by live.c.
 */
#ifndef COLLAB_HUB_LIVE_MESSAGE_H
#define COLLAB_HUB_LIVE_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "base/slice.h"
#include "base/uuid.h"

/* A NOTIFY's payload has to be shorter than 8000 bytes. */
#define LIVE_MESSAGE_MAX 7999
#define LIVE_KEY_BYTES 32

typedef struct LiveKey
{
	uint8_t bytes[LIVE_KEY_BYTES];
} LiveKey;

typedef struct LiveHead
{
	Uuid bridge_id;
	int64_t sent_ms; /* wall clock of the sender */
	int64_t counter; /* goes up by at least one with each message of this bridge */
} LiveHead;

typedef enum LiveEntryKind
{
	LIVE_HELLO,
	LIVE_CURSOR,
	LIVE_FOCUS
} LiveEntryKind;

typedef struct LiveEntry
{
	LiveEntryKind kind;
	int64_t user_id;
	double x;
	double y;
	bool has_task;
	Uuid task_id;
	const char *editing; /* a literal; NULL: none */
} LiveEntry;

/* The 64 hexadecimal digits that the database gives; false for anything else. */
bool live_key_parse(Slice text, LiveKey *key) MUST_CHECK;

/* Into an empty buffer: begin, add, seal. */
void live_message_begin(Buffer *out, const LiveHead *head);
bool live_message_add(Buffer *out, const LiveEntry *entry) MUST_CHECK; /* false: it is full */
void live_message_seal(Buffer *out, const LiveKey *key, const Uuid *board_id);

/* False: the seal is not of this key and board, or the head is none. Entries are read with _next. */
bool live_message_open(Slice payload, const LiveKey *key, const Uuid *board_id, LiveHead *head,
					   Slice *entries) MUST_CHECK;
/* False at the end, and at what is no entry. */
bool live_message_next(Slice *entries, LiveEntry *entry) MUST_CHECK;

#endif
