/*
 * fuzz_support.c - what the fuzz targets share.
 */
#include "fuzz_support.h"

#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>

#include "base/json_validate.h"
#include "base/memory.h"
#include "base/utf8.h"

#define FUZZ_JSON_DEPTH 64

void
fuzz_fail(const char *file, int line, const char *claim, Slice shown)
{
	fprintf(stderr, "%s:%d: not so: %s\n", file, line, claim);
	fwrite(shown.bytes, 1, shown.length, stderr);
	fputc('\n', stderr);
	abort();
}

Slice
fuzz_take_line(Slice *rest)
{
	const char *end = rest->length > 0 ? memchr(rest->bytes, '\n', rest->length) : NULL;
	Slice line = slice_of(rest->bytes, end ? (size_t) (end - rest->bytes) : rest->length);
	size_t used = line.length + (end ? 1 : 0);

	*rest = slice_of(rest->bytes + used, rest->length - used);
	return line;
}

char *
fuzz_text(Slice slice)
{
	return memory_copy_bytes(slice.bytes, slice.length);
}

bool
fuzz_is_utf8(Slice text)
{
	return utf8_is_valid(text.bytes, text.length);
}

bool
fuzz_is_json(Slice text)
{
	JsonReport report;

	return json_validate(text.bytes, text.length, SIZE_MAX, &report);
}

void
fuzz_claim_json(Slice text)
{
	FUZZ_CLAIM(fuzz_is_json(text), text);
}

struct json_object *
fuzz_json_c(Slice text)
{
	struct json_tokener *tokener = json_tokener_new_ex(FUZZ_JSON_DEPTH);
	struct json_object *document = NULL;

	if (text.length < INT_MAX)
	{
		/* The NUL ends a document that is a bare number. */
		char *copy = fuzz_text(text);

		json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
		document = json_tokener_parse_ex(tokener, copy, (int) text.length + 1);
		if (json_tokener_get_error(tokener) != json_tokener_success)
			document = NULL;
		free(copy);
	}
	json_tokener_free(tokener);
	return document;
}

void
fuzz_claim_refusal(const Refusal *refusal)
{
	Slice text = slice_of_text(refusal->message);

	FUZZ_CLAIM(refusal->code != REFUSAL_NONE, text);
	FUZZ_CLAIM(text.length > 0, text);
	FUZZ_CLAIM(fuzz_is_utf8(text), text);
}
