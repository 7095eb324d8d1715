/*
 * fuzz_json.c - what json_validate accepts json-c reads, and json_scan finds there what json-c finds; any text can be
 * written as JSON.
 */
#include <json-c/json.h>

#include "base/json_scan.h"
#include "base/json_validate.h"
#include "fuzz_support.h"
#include "proto/json_text.h"

/* What json_scan_says promises: it compares ASCII only. */
static bool
is_plain(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

static void
claim_members(Slice text, struct json_object *document)
{
	int left = 8;

	json_object_object_foreach(document, name, expected)
	{
		Slice value = json_scan_find(text, name);
		struct json_object *found;

		if (!is_plain(name) || left-- == 0)
			continue;
		FUZZ_CLAIM(value.length > 0, text);
		found = fuzz_json_c(value);
		FUZZ_CLAIM(json_object_equal(found, expected), value);
		json_object_put(found);
	}
}

static void
claim_scanned(Slice text, const JsonReport *report, struct json_object *document)
{
	size_t count = 0;
	JsonScan scan;
	Slice name;
	Slice value;

	if (json_scan_open(&scan, text, '{'))
	{
		while (json_scan_member(&scan, &name, &value))
			count++;
		FUZZ_CLAIM(count == report->outer_members, text);
		claim_members(text, document);
	}
	else if (json_scan_open(&scan, text, '['))
	{
		while (json_scan_value(&scan, &value))
			fuzz_claim_json(value);
	}
}

/* Text that is no JSON must not lead it out of its bounds. */
static void
scan_anything(Slice text)
{
	char copy[16];
	JsonScan scan;
	Slice name;
	Slice value;

	for (const char *bracket = "{["; *bracket; bracket++)
	{
		if (!json_scan_open(&scan, text, *bracket))
			continue;
		(void) json_scan_rest(&scan);
		while (json_scan_member(&scan, &name, &value))
			(void) json_scan_copy(name, copy, sizeof(copy));
	}
	(void) json_scan_find(text, "type");
}

static void
claim_written(Slice text)
{
	Buffer out = BUFFER_EMPTY;
	struct json_object *string;

	json_append_string(&out, text);
	string = fuzz_json_c(buffer_slice(&out));
	FUZZ_CLAIM(json_object_is_type(string, json_type_string), text);
	if (fuzz_is_utf8(text))
	{
		FUZZ_CLAIM((size_t) json_object_get_string_len(string) == text.length, text);
		FUZZ_CLAIM(memcmp(json_object_get_string(string), text.bytes, text.length) == 0, text);
	}
	if (memchr(text.bytes, '\0', text.length) == NULL)
		fuzz_claim_json(buffer_slice(&out));
	json_object_put(string);
	buffer_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	Slice text = fuzz_slice(bytes, length);
	JsonReport report;

	if (json_validate(text.bytes, text.length, SIZE_MAX, &report))
	{
		struct json_object *document = fuzz_json_c(text);

		FUZZ_CLAIM(report.fault == JSON_VALID, text);
		FUZZ_CLAIM(document != NULL || report.first == 'n', text);
		claim_scanned(text, &report, document);
		json_object_put(document);
		FUZZ_CLAIM(!json_validate(text.bytes, text.length, text.length - 1, &report), text);
		FUZZ_CLAIM(report.fault == JSON_TOO_LONG, text);
	}
	else
	{
		FUZZ_CLAIM(report.fault != JSON_VALID && report.offset <= text.length, text);
		FUZZ_CLAIM(json_fault_text(report.fault)[0] != '\0', text);
	}
	scan_anything(text);
	if (length > 0)
		claim_written(text);
	return 0;
}
