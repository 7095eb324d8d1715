/*
 * support_jsonb.c: see support_jsonb.h.
 *
 * jsonb_in builds a tree of values first and sorts it through function pointers. Here each value is written in its final
 * form as soon as it is read, at the end of a buffer. When an array ends, its header is pushed in before it; when an
 * object ends, its header, keys and values are put together behind it and moved to where the first of them stood. What is
 * inside a container does not depend on where it stands, as long as that is aligned: so it is only copied afterwards.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"

#include "support/support_jsonb.h"

#define MOST_INTEGER_DIGITS 18

/* An element of an array, or a member of an object, that is written: buffer[start] …, without padding before it. */
typedef struct Member
{
	const char *key; /* objects only; not terminated */
	uint32 key_length;
	JEntry type;
	uint32 start;
	uint32 length;
} Member;

typedef struct TextReader
{
	const char *at;
	StringInfoData buffer;
	Member *members; /* a stack: those of the containers that are open */
	int count;
	int room;
} TextReader;

static void put_value(TextReader *reader, Member *value);

static void
fail_at(const TextReader *reader)
{
	elog(ERROR, "JSON text of the extension's own is malformed near \"%.40s\"", reader->at);
}

static inline void
skip_spaces(TextReader *reader)
{
	while (*reader->at == ' ' || *reader->at == '\n' || *reader->at == '\t' || *reader->at == '\r')
		reader->at++;
}

static inline void
expect(TextReader *reader, char wanted)
{
	if (*reader->at != wanted)
		fail_at(reader);
	reader->at++;
}

static inline void
align(StringInfo buffer)
{
	uint32 padding = INTALIGN(buffer->len) - buffer->len;

	enlargeStringInfo(buffer, sizeof(uint32));
	memset(buffer->data + buffer->len, 0, padding);
	buffer->len += padding;
}

/* Strings */

/* The escapes that escape_json makes: \u only for control characters. */
static void
put_escape(TextReader *reader, StringInfo out)
{
	static const char names[] = "\"\\/bfnrt";
	static const char meanings[] = "\"\\/\b\f\n\r\t";
	const char *name = *reader->at == '\0' ? NULL : strchr(names, *reader->at);
	unsigned int code;

	if (name != NULL)
		appendStringInfoChar(out, meanings[name - names]);
	else if (*reader->at == 'u' && sscanf(reader->at + 1, "%4x", &code) == 1 && code > 0 && code < 0x80)
	{
		appendStringInfoChar(out, (char) code);
		reader->at += 4;
	}
	else
		fail_at(reader);
	reader->at++;
}

/* Up to the closing quote or a backslash. */
static inline uint32
plain_length(const TextReader *reader)
{
	const char *cursor = reader->at;

	while (*cursor != '"' && *cursor != '\\' && *cursor != '\0')
		cursor++;
	return (uint32) (cursor - reader->at);
}

/* After the opening quote; reads over the closing one. */
static void
put_string(TextReader *reader, StringInfo out)
{
	for (;;)
	{
		uint32 length = plain_length(reader);

		appendBinaryStringInfo(out, reader->at, (int) length);
		reader->at += length;
		if (*reader->at == '"')
			break;
		expect(reader, '\\');
		put_escape(reader, out);
	}
	reader->at++;
}

static void
read_key(TextReader *reader, Member *member)
{
	uint32 length;

	expect(reader, '"');
	length = plain_length(reader);
	member->key = reader->at;
	member->key_length = length;
	if (reader->at[length] == '\\')
	{
		StringInfo key = makeStringInfo();

		put_string(reader, key);
		member->key = key->data;
		member->key_length = (uint32) key->len;
	}
	else
		reader->at += length + 1;
}

/* Scalars */

static void
put_number(TextReader *reader)
{
	const char *end = reader->at + strspn(reader->at, "+-0123456789.eE");
	const char *digits = reader->at + (*reader->at == '-' ? 1 : 0);
	size_t length = end - reader->at;
	Datum number;

	if (length == 0 || *digits == '\0')
		fail_at(reader);
	if (end - digits <= MOST_INTEGER_DIGITS && strspn(digits, "0123456789") == (size_t) (end - digits))
		number = DirectFunctionCall1(int8_numeric, Int64GetDatum(strtoll(reader->at, NULL, 10)));
	else
		number = DirectFunctionCall3(numeric_in, CStringGetDatum(pnstrdup(reader->at, length)),
									 ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
	align(&reader->buffer);
	appendBinaryStringInfo(&reader->buffer, DatumGetPointer(number), VARSIZE(DatumGetPointer(number)));
	pfree(DatumGetPointer(number));
	reader->at = end;
}

static void
read_word(TextReader *reader, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(reader->at, word, length) != 0)
		fail_at(reader);
	reader->at += length;
}

/* Containers */

static Member *
push_member(TextReader *reader)
{
	if (reader->count == reader->room)
	{
		reader->room *= 2;
		reader->members = repalloc_huge(reader->members, sizeof(Member) * reader->room);
	}
	return &reader->members[reader->count++];
}

/* As jsonb orders keys: by length, then by bytes. */
static inline int
compare_keys(const Member *a, const Member *b)
{
	if (a->key_length != b->key_length)
		return a->key_length < b->key_length ? -1 : 1;
	return memcmp(a->key, b->key, a->key_length);
}

static int
compare_members(const void *a, const void *b)
{
	return compare_keys(a, b);
}

static void
sort_members(Member *members, int count)
{
	if (count > 64)
		qsort(members, count, sizeof(Member), compare_members);
	else
	{
		for (int i = 1; i < count; i++)
		{
			Member member = members[i];
			int to = i;

			for (; to > 0 && compare_keys(&members[to - 1], &member) > 0; to--)
				members[to] = members[to - 1];
			members[to] = member;
		}
	}
	for (int i = 1; i < count; i++)
	{
		if (compare_keys(&members[i - 1], &members[i]) == 0)
			elog(ERROR, "JSON text of the extension's own has the key \"%.*s\" twice", (int) members[i].key_length,
				 members[i].key);
	}
}

/* Every JB_OFFSET_STRIDE'th entry says where it ends, the others how long they are. */
static inline JEntry
entry_of(int index, JEntry type, uint32 length, uint32 end)
{
	if (end > JENTRY_OFFLENMASK)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("total size of jsonb elements exceeds the maximum of %u bytes", JENTRY_OFFLENMASK)));
	return index % JB_OFFSET_STRIDE == 0 ? type | end | JENTRY_HAS_OFF : type | length;
}

static inline void
put_entry(StringInfo buffer, uint32 container, int index, JEntry entry)
{
	memcpy(buffer->data + container + sizeof(uint32) + sizeof(JEntry) * index, &entry, sizeof(entry));
}

/* The elements stand in their order already: the header is pushed in before them, which keeps them aligned. */
static void
close_array(TextReader *reader, int first, uint32 start)
{
	Member *members = &reader->members[first];
	int count = reader->count - first;
	StringInfo buffer = &reader->buffer;
	uint32 header = (uint32) count | JB_FARRAY;
	uint32 head = (uint32) (sizeof(header) + sizeof(JEntry) * count);
	uint32 last_end = start;

	enlargeStringInfo(buffer, (int) head);
	memmove(buffer->data + start + head, buffer->data + start, buffer->len - start);
	buffer->len += (int) head;
	memcpy(buffer->data + start, &header, sizeof(header));
	for (int i = 0; i < count; i++)
	{
		uint32 end = members[i].start + members[i].length;

		put_entry(buffer, start, i, entry_of(i, members[i].type, end - last_end, end - start));
		last_end = end;
	}
	reader->count = first;
}

/* Writes header, keys and values behind the values, and moves them to `start`; takes the members off the stack. */
static void
close_object(TextReader *reader, int first, uint32 start)
{
	Member *members = &reader->members[first];
	int count = reader->count - first;
	StringInfo buffer = &reader->buffer;
	uint32 header = (uint32) count | JB_FOBJECT;
	uint32 container;
	uint32 end = 0;

	sort_members(members, count);
	align(buffer);
	container = (uint32) buffer->len;
	enlargeStringInfo(buffer, (int) (sizeof(header) + sizeof(JEntry) * 2 * count + (container - start)));
	memcpy(buffer->data + container, &header, sizeof(header));
	buffer->len += (int) (sizeof(header) + sizeof(JEntry) * 2 * count);
	for (int i = 0; i < count; i++)
	{
		end += members[i].key_length;
		appendBinaryStringInfo(buffer, members[i].key, (int) members[i].key_length);
		put_entry(buffer, container, i, entry_of(i, JENTRY_ISSTRING, members[i].key_length, end));
	}
	for (int i = 0; i < count; i++)
	{
		uint32 before = (uint32) buffer->len;

		if (members[i].type == JENTRY_ISNUMERIC || members[i].type == JENTRY_ISCONTAINER)
			align(buffer);
		enlargeStringInfo(buffer, (int) members[i].length);
		memcpy(buffer->data + buffer->len, buffer->data + members[i].start, members[i].length);
		buffer->len += (int) members[i].length;
		end += (uint32) buffer->len - before;
		put_entry(buffer, container, count + i,
				  entry_of(count + i, members[i].type, (uint32) buffer->len - before, end));
	}
	memmove(buffer->data + start, buffer->data + container, buffer->len - container);
	buffer->len -= (int) (container - start);
	reader->count = first;
}

static void
put_container(TextReader *reader, bool is_object)
{
	int first = reader->count;
	uint32 start;

	check_stack_depth();
	align(&reader->buffer);
	start = (uint32) reader->buffer.len;
	reader->at++;
	skip_spaces(reader);
	while (*reader->at != (is_object ? '}' : ']'))
	{
		Member member = {0};

		if (is_object)
		{
			read_key(reader, &member);
			skip_spaces(reader);
			expect(reader, ':');
			skip_spaces(reader);
		}
		put_value(reader, &member);
		*push_member(reader) = member;
		skip_spaces(reader);
		if (*reader->at != ',')
			continue;
		reader->at++;
		skip_spaces(reader);
	}
	reader->at++;
	if (is_object)
		close_object(reader, first, start);
	else
		close_array(reader, first, start);
}

static void
put_value(TextReader *reader, Member *value)
{
	bool is_aligned = true;

	value->start = (uint32) reader->buffer.len;
	switch (*reader->at)
	{
		case '"':
			reader->at++;
			put_string(reader, &reader->buffer);
			value->type = JENTRY_ISSTRING;
			is_aligned = false;
			break;
		case '{':
		case '[':
			put_container(reader, *reader->at == '{');
			value->type = JENTRY_ISCONTAINER;
			break;
		case 'n':
			read_word(reader, "null");
			value->type = JENTRY_ISNULL;
			is_aligned = false;
			break;
		case 't':
			read_word(reader, "true");
			value->type = JENTRY_ISBOOL_TRUE;
			is_aligned = false;
			break;
		case 'f':
			read_word(reader, "false");
			value->type = JENTRY_ISBOOL_FALSE;
			is_aligned = false;
			break;
		default:
			put_number(reader);
			value->type = JENTRY_ISNUMERIC;
			break;
	}
	if (is_aligned)
		value->start = INTALIGN(value->start);
	value->length = (uint32) reader->buffer.len - value->start;
}

Jsonb *
jsonb_of_own_text(const char *text)
{
	TextReader reader = {.at = text, .room = 64};
	Member whole = {0};

	reader.members = palloc(sizeof(Member) * reader.room);
	initStringInfo(&reader.buffer);
	enlargeStringInfo(&reader.buffer, (int) Min(strlen(text) * 2, MaxAllocSize / 2));
	appendBinaryStringInfo(&reader.buffer, "\0\0\0\0", VARHDRSZ);
	skip_spaces(&reader);
	if (*reader.at != '{' && *reader.at != '[')
		fail_at(&reader);
	put_value(&reader, &whole);
	skip_spaces(&reader);
	if (*reader.at != '\0')
		fail_at(&reader);
	SET_VARSIZE(reader.buffer.data, reader.buffer.len);
	return (Jsonb *) reader.buffer.data;
}
