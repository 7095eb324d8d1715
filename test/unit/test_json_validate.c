/*
 * test_json_validate.c - what base/json_validate takes for JSON: test/vectors/json_documents.json, and what its
 * report says.
 */
#include "unit_support.h"

#include <json-c/json.h>

#include "base/json_validate.h"

/* In memory of exactly its length, so that the sanitizer sees any byte read beyond it. */
static bool
validate_exactly(Buffer *document, JsonReport *report)
{
	char *exact = malloc(document->length > 0 ? document->length : 1);
	bool is_valid;

	memcpy(exact, document->length > 0 ? document->bytes : "", document->length);
	is_valid = json_validate(exact, document->length, SIZE_MAX, report);
	free(exact);
	return is_valid;
}

static void
check_document(struct json_object *vector)
{
	const char *name = unit_text_member(vector, "name");
	bool expected = json_object_get_boolean(unit_member(vector, "valid"));
	Buffer document = BUFFER_EMPTY;
	JsonReport report;
	bool is_valid;

	unit_vector_bytes(vector, &document);
	is_valid = validate_exactly(&document, &report);
	if (is_valid != expected)
		fail_msg("%s: %s at byte %zu", name, json_fault_text(report.fault), report.offset);
	if (!expected && strcmp(json_fault_text(report.fault), unit_text_member(vector, "fault")) != 0)
		fail_msg("%s: refused as \"%s\", expected \"%s\"", name, json_fault_text(report.fault),
				 unit_text_member(vector, "fault"));
	assert_true(report.offset <= document.length);
	buffer_free(&document);
}

static void
test_golden_documents(void **state)
{
	struct json_object *vectors = unit_read_vectors("json_documents.json");
	struct json_object *cases = unit_member(vectors, "cases");

	assert_true(json_object_array_length(cases) > 100);
	for (size_t i = 0; i < json_object_array_length(cases); i++)
		check_document(json_object_array_get_idx(cases, i));
	json_object_put(vectors);
}

/* Cut anywhere, a valid object is no longer valid, and never reads beyond its end. */
static void
test_every_prefix_is_refused(void **state)
{
	static const char document[] =
		"{\"a\\u00e9\":[1.5e-3,true,false,null,\"\\uD83D\\uDE00 \xe2\x82\xac\"],\"b\":{\"c\":-0}}";
	JsonReport report;

	for (size_t length = 0; length < strlen(document); length++)
	{
		Buffer prefix = BUFFER_EMPTY;

		buffer_append(&prefix, document, length);
		if (validate_exactly(&prefix, &report))
			fail_msg("accepted: %.*s", (int) length, document);
		buffer_free(&prefix);
	}
	assert_true(json_validate(document, strlen(document), strlen(document), &report));
}

/* Text is looked at by eights: whatever stands in whichever place of them is seen. */
static void
test_every_byte_in_every_place_of_a_string(void **state)
{
	for (int byte = 0; byte < 256; byte++)
		for (size_t place = 0; place < 24; place++)
		{
			bool expected = byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
			char document[26];
			JsonReport report;

			memset(document, 'a', sizeof(document));
			document[0] = document[sizeof(document) - 1] = '"';
			document[1 + place] = (char) byte;
			if (json_validate(document, sizeof(document), SIZE_MAX, &report) != expected)
				fail_msg("byte %d at %zu", byte, place);
		}
}

/* Any one byte in any place: json-c must read whatever is accepted, to its very end. */
static void
test_what_is_accepted_json_c_reads(void **state)
{
	static const char document[] = "{\"a\":[1.5,true,null,\"\\n\xc3\xa9\"]}";
	size_t length = strlen(document);
	int accepted = 0;

	for (size_t at = 0; at < length; at++)
		for (int byte = 0; byte < 256; byte++)
		{
			char changed[sizeof(document)];
			JsonReport report;
			struct json_tokener *tokener;
			struct json_object *object;

			memcpy(changed, document, sizeof(document));
			changed[at] = (char) byte;
			if (!json_validate(changed, length, length, &report))
				continue;
			accepted++;
			tokener = json_tokener_new_ex(JSON_MAX_DEPTH + 1);
			object = json_tokener_parse_ex(tokener, changed, (int) length);
			if (json_tokener_get_error(tokener) != json_tokener_success)
				fail_msg("json-c refuses %s", changed);
			assert_int_equal(json_tokener_get_parse_end(tokener), length);
			json_object_put(object);
			json_tokener_free(tokener);
		}
	assert_true(accepted > 100);
}

static void
test_size_limit(void **state)
{
	JsonReport report;

	assert_true(json_validate("[10]", 4, 4, &report));
	assert_false(json_validate("[10]", 4, 3, &report));
	assert_int_equal(report.fault, JSON_TOO_LONG);
}

static void
test_report_points_at_the_fault(void **state)
{
	JsonReport report;

	assert_false(json_validate("[1, x]", 6, 100, &report));
	assert_int_equal(report.fault, JSON_UNEXPECTED);
	assert_int_equal(report.offset, 4);
	assert_false(json_validate("{\"a\":\"\xff\"}", 9, 100, &report));
	assert_int_equal(report.fault, JSON_BAD_UTF8);
	assert_int_equal(report.offset, 6);
}

static void
assert_outer(const char *text, char first, size_t members)
{
	JsonReport report;

	assert_true(json_validate(text, strlen(text), 1000, &report));
	assert_int_equal(report.first, first);
	assert_int_equal(report.outer_members, members);
}

static void
test_report_counts_outer_members(void **state)
{
	assert_outer("{}", '{', 0);
	assert_outer(" {\"a\":{\"b\":1,\"c\":2},\"d\":[{\"e\":1}],\"a\":3}", '{', 3);
	assert_outer("[{\"a\":1}]", '[', 0);
	assert_outer("\t\"x\"", '"', 0);
}

/* Depth is where a reader that recurses would break; size is where a slow one would. */
static void
test_a_megabyte_of_each_kind(void **state)
{
	Buffer document = BUFFER_EMPTY;
	JsonReport report;

	buffer_append_char(&document, '[');
	while (document.length < 1000000)
		buffer_append_text(&document, "[],{\"k\":\"\\u00e9\xc3\xa9\"},-1.5e+10,");
	buffer_append_text(&document, "0]");
	assert_true(json_validate(document.bytes, document.length, SIZE_MAX, &report));
	memset(document.bytes, '[', document.length);
	assert_false(json_validate(document.bytes, document.length, SIZE_MAX, &report));
	assert_int_equal(report.fault, JSON_TOO_DEEP);
	assert_int_equal(report.offset, JSON_MAX_DEPTH);
	buffer_free(&document);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden_documents),
		cmocka_unit_test(test_every_prefix_is_refused),
		cmocka_unit_test(test_every_byte_in_every_place_of_a_string),
		cmocka_unit_test(test_what_is_accepted_json_c_reads),
		cmocka_unit_test(test_size_limit),
		cmocka_unit_test(test_report_points_at_the_fault),
		cmocka_unit_test(test_report_counts_outer_members),
		cmocka_unit_test(test_a_megabyte_of_each_kind),
	};

	return RUN_TESTS(tests);
}
