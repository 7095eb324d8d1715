/*
 * fuzz_notify.c - payloads of NOTIFY, which every role that can connect can forge: hints of versions, and what bridges tell
 * each other, sealed.
 *
 * An input is tried as a hint, as a sealed message, and, given a seal, as what a bridge with the key might say.
 */
#include <math.h>

#include "fuzz_support.h"
#include "hub/live_message.h"
#include "pg/pg_hint.h"

static const LiveKey live_key = {.bytes = "0123456789abcdef0123456789abcde"};
static const Uuid board = {.bytes = {1, 2, 3}};
static const Uuid other_board = {.bytes = {1, 2, 4}};

#define SEAL_LENGTH 64

static void
try_hint(Slice payload)
{
	static const struct
	{
		const char *name;
		int64_t most;
	} numbers[] = {{"version", INT32_MAX}, {"user_id", INT64_MAX}, {"x", 0}};

	for (size_t i = 0; i < LENGTH_OF(numbers); i++)
	{
		int64_t number = pg_hint_number(payload, numbers[i].name, numbers[i].most);

		FUZZ_CLAIM(number >= 0 && number <= numbers[i].most, payload);
	}
}

static bool
entry_is_same(const LiveEntry *left, const LiveEntry *right)
{
	return left->kind == right->kind && left->user_id == right->user_id && left->x == right->x && left->y == right->y &&
		   left->has_task == right->has_task && uuid_equals(&left->task_id, &right->task_id) &&
		   left->editing == right->editing;
}

/* Written again, it reads the same. */
static void
claim_round_trip(const LiveHead *head, const LiveEntry *entry, Slice payload)
{
	Buffer out = BUFFER_EMPTY;
	LiveHead other_head;
	LiveEntry other;
	Slice entries;

	live_message_begin(&out, head);
	FUZZ_CLAIM(live_message_add(&out, entry), payload);
	live_message_seal(&out, &live_key, &board);
	FUZZ_CLAIM(live_message_open(buffer_slice(&out), &live_key, &board, &other_head, &entries), buffer_slice(&out));
	FUZZ_CLAIM(uuid_equals(&head->bridge_id, &other_head.bridge_id) && head->sent_ms == other_head.sent_ms &&
				   head->counter == other_head.counter,
			   payload);
	FUZZ_CLAIM(live_message_next(&entries, &other), buffer_slice(&out));
	FUZZ_CLAIM(entry_is_same(entry, &other), buffer_slice(&out));
	FUZZ_CLAIM(!live_message_next(&entries, &other), buffer_slice(&out));
	buffer_free(&out);
}

static void
read_entries(const LiveHead *head, Slice entries, Slice payload)
{
	size_t left = entries.length;
	LiveEntry entry;

	for (int checked = 0; live_message_next(&entries, &entry); checked++)
	{
		FUZZ_CLAIM(entries.length < left, payload);
		left = entries.length;
		FUZZ_CLAIM(entry.user_id >= 0 && isfinite(entry.x) && isfinite(entry.y), payload);
		if (checked < 4)
			claim_round_trip(head, &entry, payload);
	}
}

static void
try_live(Slice payload)
{
	LiveHead head;
	Slice entries;

	if (!live_message_open(payload, &live_key, &board, &head, &entries))
		return;
	read_entries(&head, entries, payload);
	FUZZ_CLAIM(!live_message_open(payload, &live_key, &other_board, &head, &entries), payload);
}

static void
try_sealed(Slice body)
{
	Buffer out = BUFFER_EMPTY;

	memset(buffer_extend(&out, SEAL_LENGTH), '0', SEAL_LENGTH);
	buffer_append_slice(&out, body);
	live_message_seal(&out, &live_key, &board);
	try_live(buffer_slice(&out));
	buffer_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	Slice payload = fuzz_slice(bytes, length);
	LiveKey parsed;

	try_hint(payload);
	try_live(payload);
	try_sealed(payload);
	FUZZ_CLAIM(!live_key_parse(payload, &parsed) || length == 2 * LIVE_KEY_BYTES, payload);
	return 0;
}
