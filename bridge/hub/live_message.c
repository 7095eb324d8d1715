/*
 * live_message.c - what bridges tell each other on collab:live:<board>: cursors and focus, sealed.
 *
 * Owns nothing. The seal stands in front, in hexadecimal, and covers the board's id and everything
 * behind it. Called by live.c.
 */
#include "hub/live_message.h"

#include <ctype.h>
#include <math.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/json_text.h"
#include "proto/task_fields.h"

#define LIVE_SEAL_BYTES 32
#define LIVE_SEAL_TEXT 64
#define LIVE_NUMBER_MAX 32 /* characters */
#define LIVE_COORDINATE_MAX 1e9

/* ---- the seal ---- */

static int
hex_digit(char character)
{
	if (character >= '0' && character <= '9')
		return character - '0';
	return character >= 'a' && character <= 'f' ? character - 'a' + 10 : -1;
}

static bool
hex_parse(Slice text, uint8_t *bytes, size_t count)
{
	if (text.length != count * 2)
		return false;
	for (size_t i = 0; i < count; i++)
	{
		int high = hex_digit(text.bytes[i * 2]);
		int low = hex_digit(text.bytes[i * 2 + 1]);

		if (high < 0 || low < 0)
			return false;
		bytes[i] = (uint8_t) (high << 4 | low);
	}
	return true;
}

bool
live_key_parse(Slice text, LiveKey *key)
{
	return hex_parse(text, key->bytes, sizeof(key->bytes));
}

static bool
live_seal(Slice body, const LiveKey *key, const Uuid *board_id, uint8_t seal[LIVE_SEAL_BYTES])
{
	Buffer sealed = BUFFER_EMPTY;
	unsigned length = 0;
	bool is_sealed;

	buffer_append_text(&sealed, "collab:live:");
	buffer_append(&sealed, board_id->bytes, sizeof(board_id->bytes));
	buffer_append_slice(&sealed, body);
	is_sealed = HMAC(EVP_sha256(), key->bytes, sizeof(key->bytes), (const unsigned char *) sealed.bytes, sealed.length,
					 seal, &length) != NULL &&
				length == LIVE_SEAL_BYTES;
	buffer_free(&sealed);
	return is_sealed;
}

/* ---- writing ---- */

void
live_message_begin(Buffer *out, const LiveHead *head)
{
	char text[UUID_TEXT_SIZE];

	memset(buffer_extend(out, LIVE_SEAL_TEXT), '0', LIVE_SEAL_TEXT);
	buffer_append_format(out, " %s %lld %lld\n", uuid_format(&head->bridge_id, text), (long long) head->sent_ms,
						 (long long) head->counter);
}

static void
entry_append(Buffer *out, const LiveEntry *entry)
{
	static const char letters[] = {[LIVE_HELLO] = 'h', [LIVE_CURSOR] = 'c', [LIVE_FOCUS] = 'f'};
	char text[UUID_TEXT_SIZE];

	buffer_append_char(out, letters[entry->kind]);
	if (entry->kind != LIVE_HELLO)
		buffer_append_format(out, " %lld", (long long) entry->user_id);
	if (entry->kind == LIVE_CURSOR)
	{
		buffer_append_char(out, ' ');
		json_append_number(out, entry->x);
		buffer_append_char(out, ' ');
		json_append_number(out, entry->y);
	}
	if (entry->has_task)
		buffer_append_format(out, " %s", uuid_format(&entry->task_id, text));
	if (entry->has_task && entry->editing != NULL)
		buffer_append_format(out, " %s", entry->editing);
	buffer_append_char(out, '\n');
}

bool
live_message_add(Buffer *out, const LiveEntry *entry)
{
	size_t length = out->length;

	entry_append(out, entry);
	if (out->length <= LIVE_MESSAGE_MAX)
		return true;
	buffer_truncate(out, length);
	return false;
}

void
live_message_seal(Buffer *out, const LiveKey *key, const Uuid *board_id)
{
	uint8_t seal[LIVE_SEAL_BYTES];
	char text[LIVE_SEAL_TEXT + 1];

	/* Without a seal the zeros stay, and nobody takes it. */
	if (!live_seal(slice_of(out->bytes + LIVE_SEAL_TEXT, out->length - LIVE_SEAL_TEXT), key, board_id, seal))
		return;
	for (size_t i = 0; i < sizeof(seal); i++)
		snprintf(text + i * 2, 3, "%02x", seal[i]);
	memcpy(out->bytes, text, LIVE_SEAL_TEXT);
}

/* ---- reading ---- */

/* Takes the next word off a line, without the space in front; empty at its end. */
static Slice
take_word(Slice *line)
{
	const char *start;
	const char *space;
	Slice word;

	if (line->length == 0)
		return (Slice){0};
	if (line->bytes[0] == ' ')
		*line = slice_of(line->bytes + 1, line->length - 1);
	start = line->bytes;
	space = memchr(start, ' ', line->length);
	word = slice_of(start, space != NULL ? (size_t) (space - start) : line->length);
	*line = slice_of(start + word.length, line->length - word.length);
	return word;
}

static Slice
take_line(Slice *text)
{
	const char *end = text->length > 0 ? memchr(text->bytes, '\n', text->length) : NULL;
	Slice line;

	if (end == NULL)
		return (Slice){0};
	line = slice_of(text->bytes, (size_t) (end - text->bytes));
	*text = slice_of(end + 1, text->length - line.length - 1);
	return line;
}

static bool
parse_integer(Slice word, int64_t *number)
{
	*number = 0;
	if (word.length == 0 || word.length > 18)
		return false;
	for (size_t i = 0; i < word.length; i++)
	{
		if (!isdigit((unsigned char) word.bytes[i]))
			return false;
		*number = *number * 10 + (word.bytes[i] - '0');
	}
	return true;
}

static bool
parse_coordinate(Slice word, double *number)
{
	char text[LIVE_NUMBER_MAX + 1];
	char *end;

	if (word.length == 0 || word.length > LIVE_NUMBER_MAX)
		return false;
	memcpy(text, word.bytes, word.length);
	text[word.length] = '\0';
	if (strspn(text, "0123456789+-.e") != word.length)
		return false;
	*number = strtod(text, &end);
	return *end == '\0' && fabs(*number) <= LIVE_COORDINATE_MAX;
}

bool
live_message_open(Slice payload, const LiveKey *key, const Uuid *board_id, LiveHead *head, Slice *entries)
{
	uint8_t given[LIVE_SEAL_BYTES];
	uint8_t made[LIVE_SEAL_BYTES];
	Slice line;
	Slice bridge;

	if (payload.length <= LIVE_SEAL_TEXT || !hex_parse(slice_of(payload.bytes, LIVE_SEAL_TEXT), given, sizeof(given)))
		return false;
	*entries = slice_of(payload.bytes + LIVE_SEAL_TEXT, payload.length - LIVE_SEAL_TEXT);
	if (!live_seal(*entries, key, board_id, made) || CRYPTO_memcmp(given, made, sizeof(made)) != 0)
		return false;
	line = take_line(entries);
	bridge = take_word(&line);
	return uuid_parse(bridge.bytes, bridge.length, &head->bridge_id) &&
		   parse_integer(take_word(&line), &head->sent_ms) && parse_integer(take_word(&line), &head->counter);
}

/* The task and the field, both of which may be absent. */
static bool
entry_parse_task(Slice *line, LiveEntry *entry)
{
	Slice task = take_word(line);
	Slice editing = take_word(line);

	if (task.length == 0)
		return true;
	entry->has_task = true;
	entry->editing = task_field_name(editing);
	return uuid_parse(task.bytes, task.length, &entry->task_id) && (editing.length == 0 || entry->editing != NULL);
}

bool
live_message_next(Slice *entries, LiveEntry *entry)
{
	Slice line = take_line(entries);
	Slice kind = take_word(&line);

	*entry = (LiveEntry){.kind = LIVE_HELLO};
	if (slice_equals_text(kind, "h"))
		return true;
	if (slice_equals_text(kind, "c"))
		entry->kind = LIVE_CURSOR;
	else if (slice_equals_text(kind, "f"))
		entry->kind = LIVE_FOCUS;
	else
		return false;
	if (!parse_integer(take_word(&line), &entry->user_id))
		return false;
	if (entry->kind == LIVE_CURSOR &&
		(!parse_coordinate(take_word(&line), &entry->x) || !parse_coordinate(take_word(&line), &entry->y)))
		return false;
	return entry_parse_task(&line, entry);
}
