/*
 * json_validate.c - is this text RFC 8259 JSON that every later reader understands alike?
 *
 * One pass over the bytes with a stack of one bit per level (object or array), no allocation and no recursion, so
 * that hostile input costs no more than its length.  Called by parse.c and auth/jwt.c before any other reader.
 */
#include "base/json_validate.h"

#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

typedef struct Scan
{
	const char *bytes;
	size_t length;
	size_t at;
	uint32_t is_object; /* bit per open level; the level just opened is bit depth - 1 */
	int depth;
	JsonReport *report;
} Scan;

_Static_assert(JSON_MAX_DEPTH <= 32, "one bit of Scan.is_object a level");

static bool
scan_fault(Scan *scan, JsonFault fault)
{
	scan->report->fault = fault;
	scan->report->offset = scan->at;
	return false;
}

static bool
scan_is_at_end(const Scan *scan)
{
	return scan->at == scan->length;
}

/* The character here, or NUL at the end (a NUL in the text is refused everywhere anyway). */
static char
scan_peek(const Scan *scan)
{
	return scan_is_at_end(scan) ? '\0' : scan->bytes[scan->at];
}

static bool
scan_unexpected(Scan *scan)
{
	return scan_fault(scan, scan_is_at_end(scan) ? JSON_CUT_OFF : JSON_UNEXPECTED);
}

static void
scan_space(Scan *scan)
{
	for (char c = scan_peek(scan); c == ' ' || c == '\t' || c == '\n' || c == '\r'; c = scan_peek(scan))
		scan->at++;
}

static bool
scan_is_digit(const Scan *scan)
{
	char character = scan_peek(scan);

	return character >= '0' && character <= '9';
}

static bool
scan_literal(Scan *scan, const char *word)
{
	size_t length = strlen(word);
	size_t left = scan->length - scan->at;

	if (left < length && memcmp(scan->bytes + scan->at, word, left) == 0)
	{
		scan->at = scan->length;
		return scan_fault(scan, JSON_CUT_OFF);
	}
	if (left < length || memcmp(scan->bytes + scan->at, word, length) != 0)
		return scan_fault(scan, JSON_BAD_LITERAL);
	scan->at += length;
	return true;
}

/* At least one digit. */
static bool
scan_digits(Scan *scan)
{
	if (!scan_is_digit(scan))
		return scan_fault(scan, scan_is_at_end(scan) ? JSON_CUT_OFF : JSON_BAD_NUMBER);
	while (scan_is_digit(scan))
		scan->at++;
	return true;
}

/* After the e: sign and digits, of a value that fits. */
static bool
scan_exponent(Scan *scan)
{
	size_t start;
	int exponent = 0;

	if (scan_peek(scan) == '+' || scan_peek(scan) == '-')
		scan->at++;
	start = scan->at;
	if (!scan_digits(scan))
		return false;
	for (size_t i = start; i < scan->at; i++)
	{
		exponent = exponent * 10 + (scan->bytes[i] - '0');
		if (exponent > JSON_MAX_EXPONENT)
			return scan_fault(scan, JSON_EXPONENT_TOO_BIG);
	}
	return true;
}

static bool
scan_integer_part(Scan *scan)
{
	if (scan_peek(scan) == '-')
		scan->at++;
	if (scan_peek(scan) != '0')
		return scan_digits(scan);
	scan->at++;
	return scan_is_digit(scan) ? scan_fault(scan, JSON_BAD_NUMBER) : true;
}

static bool
scan_number(Scan *scan)
{
	size_t start = scan->at;

	if (!scan_integer_part(scan))
		return false;
	if (scan_peek(scan) == '.')
	{
		scan->at++;
		if (!scan_digits(scan))
			return false;
	}
	if (scan_peek(scan) == 'e' || scan_peek(scan) == 'E')
	{
		scan->at++;
		if (!scan_exponent(scan))
			return false;
	}
	return scan->at - start > JSON_MAX_NUMBER_LENGTH ? scan_fault(scan, JSON_NUMBER_TOO_LONG) : true;
}

/* Four hexadecimal digits; -1 when there are none. */
static int
scan_hex4(Scan *scan)
{
	int value = 0;

	for (int i = 0; i < 4; i++)
	{
		char c = scan_peek(scan);

		if (c >= '0' && c <= '9')
			value = value << 4 | (c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value << 4 | (c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			value = value << 4 | (c - 'A' + 10);
		else
			return -1;
		scan->at++;
	}
	return value;
}

/* A character after \u, whose second half must follow when it is a high surrogate. */
static bool
scan_unicode_escape(Scan *scan)
{
	int unit = scan_hex4(scan);

	if (unit < 0)
		return scan_fault(scan, scan_is_at_end(scan) ? JSON_CUT_OFF : JSON_BAD_ESCAPE);
	if (unit == 0)
		return scan_fault(scan, JSON_NUL_CHARACTER);
	if (unit < 0xd800 || unit > 0xdfff)
		return true;
	if (unit > 0xdbff || scan->length - scan->at < 2 || memcmp(scan->bytes + scan->at, "\\u", 2) != 0)
		return scan_fault(scan, JSON_LONE_SURROGATE);
	scan->at += 2;
	unit = scan_hex4(scan);
	if (unit < 0)
		return scan_fault(scan, scan_is_at_end(scan) ? JSON_CUT_OFF : JSON_BAD_ESCAPE);
	return unit >= 0xdc00 && unit <= 0xdfff ? true : scan_fault(scan, JSON_LONE_SURROGATE);
}

/* After a backslash. */
static bool
scan_escape(Scan *scan)
{
	char letter = scan_peek(scan);

	if (scan_is_at_end(scan))
		return scan_fault(scan, JSON_CUT_OFF);
	if (letter == '\0' || strchr("\"\\/bfnrtu", letter) == NULL)
		return scan_fault(scan, JSON_BAD_ESCAPE);
	scan->at++;
	return letter == 'u' ? scan_unicode_escape(scan) : true;
}

/* One character of a string other than the quote that ends it. */
static bool
scan_string_character(Scan *scan)
{
	unsigned char character = (unsigned char) scan->bytes[scan->at];
	size_t length;

	if (character == '\\')
	{
		scan->at++;
		return scan_escape(scan);
	}
	if (character < 0x20)
		return scan_fault(scan, JSON_CONTROL_CHARACTER);
	length = character < 0x80 ? 1 : utf8_character_length(scan->bytes + scan->at, scan->length - scan->at);
	if (length == 0)
		return scan_fault(scan, JSON_BAD_UTF8);
	scan->at += length;
	return true;
}

/* Whether the eight bytes there are printable ASCII, neither a quote nor a backslash. Of text this is nearly always so. */
static bool
scan_are_plain(const char *bytes)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	/* what is below a bound takes from its byte's highest bit; the bits of non-ASCII are set already */
	return ((word | (word - ones * 0x20) | ((word ^ ones * '"') - ones) | ((word ^ ones * '\\') - ones)) &
			ones * 0x80) == 0;
}

static void
scan_over_plain(Scan *scan)
{
	while (scan->length - scan->at >= 8 && scan_are_plain(scan->bytes + scan->at))
		scan->at += 8;
}

static bool
scan_string(Scan *scan)
{
	if (scan_peek(scan) != '"')
		return scan_unexpected(scan);
	scan->at++;
	for (scan_over_plain(scan); !scan_is_at_end(scan) && scan->bytes[scan->at] != '"'; scan_over_plain(scan))
		if (!scan_string_character(scan))
			return false;
	if (scan_is_at_end(scan))
		return scan_fault(scan, JSON_CUT_OFF);
	scan->at++;
	return true;
}

static bool
scan_in_object(const Scan *scan)
{
	return (scan->is_object >> (scan->depth - 1) & 1) != 0;
}

static bool
scan_open(Scan *scan)
{
	uint32_t level;

	if (scan->depth == JSON_MAX_DEPTH)
		return scan_fault(scan, JSON_TOO_DEEP);
	level = UINT32_C(1) << scan->depth;
	if (scan_peek(scan) == '{')
		scan->is_object |= level;
	else
		scan->is_object &= ~level;
	scan->depth++;
	if (scan->depth > scan->report->depth)
		scan->report->depth = scan->depth;
	scan->at++;
	return true;
}

static bool
scan_scalar(Scan *scan)
{
	switch (scan_peek(scan))
	{
		case '"':
			return scan_string(scan);
		case 't':
			return scan_literal(scan, "true");
		case 'f':
			return scan_literal(scan, "false");
		case 'n':
			return scan_literal(scan, "null");
		default:
			if (scan_peek(scan) == '-' || scan_is_digit(scan))
				return scan_number(scan);
			return scan_unexpected(scan);
	}
}

/* A member's name and the colon after it. */
static bool
scan_name(Scan *scan)
{
	scan_space(scan);
	if (!scan_string(scan))
		return false;
	scan_space(scan);
	if (scan_peek(scan) != ':')
		return scan_unexpected(scan);
	scan->at++;
	if (scan->depth == 1)
		scan->report->outer_members++;
	return true;
}

/* After a complete value: closes levels until another value must follow (true with *is_done false) or none is open. */
static bool
scan_after_value(Scan *scan, bool *is_done)
{
	while (scan->depth > 0)
	{
		char closing = scan_in_object(scan) ? '}' : ']';

		scan_space(scan);
		if (scan_peek(scan) == ',')
		{
			scan->at++;
			*is_done = false;
			return closing == '}' ? scan_name(scan) : true;
		}
		if (scan_peek(scan) != closing)
			return scan_unexpected(scan);
		scan->at++;
		scan->depth--;
	}
	*is_done = true;
	return true;
}

/* After an opening bracket: true with *is_empty when it closes at once; otherwise a value must follow. */
static bool
scan_after_open(Scan *scan, bool *is_empty)
{
	char closing = scan_in_object(scan) ? '}' : ']';

	scan_space(scan);
	*is_empty = scan_peek(scan) == closing;
	if (*is_empty)
	{
		scan->at++;
		scan->depth--;
		return true;
	}
	return closing == '}' ? scan_name(scan) : true;
}

static bool
scan_document(Scan *scan)
{
	bool is_done = false;

	while (!is_done)
	{
		bool is_complete = true;

		scan_space(scan);
		if (scan_peek(scan) == '{' || scan_peek(scan) == '[')
		{
			if (!scan_open(scan) || !scan_after_open(scan, &is_complete))
				return false;
		}
		else if (!scan_scalar(scan))
			return false;
		if (is_complete && !scan_after_value(scan, &is_done))
			return false;
	}
	scan_space(scan);
	return scan_is_at_end(scan) ? true : scan_fault(scan, JSON_TRAILING);
}

bool
json_validate(const char *bytes, size_t length, size_t max_length, JsonReport *report)
{
	Scan scan = {.bytes = bytes, .length = length, .report = report};

	*report = (JsonReport){.fault = JSON_VALID};
	if (length > max_length)
		return scan_fault(&scan, JSON_TOO_LONG);
	scan_space(&scan);
	if (scan_is_at_end(&scan))
		return scan_fault(&scan, JSON_EMPTY);
	report->first = scan_peek(&scan);
	return scan_document(&scan);
}

const char *
json_fault_text(JsonFault fault)
{
	static const char *const texts[] = {
		[JSON_VALID] = "valid",
		[JSON_TOO_LONG] = "too long",
		[JSON_EMPTY] = "empty",
		[JSON_CUT_OFF] = "ends in the middle",
		[JSON_UNEXPECTED] = "unexpected character",
		[JSON_BAD_LITERAL] = "neither true, false nor null",
		[JSON_BAD_NUMBER] = "malformed number",
		[JSON_NUMBER_TOO_LONG] = "number with more than 32 characters",
		[JSON_EXPONENT_TOO_BIG] = "exponent greater than 308",
		[JSON_BAD_UTF8] = "not UTF-8",
		[JSON_CONTROL_CHARACTER] = "control character in a string",
		[JSON_BAD_ESCAPE] = "malformed escape",
		[JSON_NUL_CHARACTER] = "\\u0000 in a string",
		[JSON_LONE_SURROGATE] = "unpaired surrogate",
		[JSON_TOO_DEEP] = "more than 32 levels deep",
		[JSON_TRAILING] = "something after the document",
	};

	return texts[fault];
}
