/*
 * unit_support.c - golden messages and files for the unit tests.
 */
#include "unit_support.h"

#include <json-c/json.h>
#include <unistd.h>

#include "base/json_validate.h"
#include "base/memory.h"

struct json_object *
unit_read_vectors(const char *name)
{
	char path[512];
	struct json_object *vectors;

	snprintf(path, sizeof(path), "%s/%s", VECTORS_DIRECTORY, name);
	vectors = json_object_from_file(path);
	if (vectors == NULL)
		fail_msg("%s: %s", path, json_util_get_last_err());
	return vectors;
}

struct json_object *
unit_member(struct json_object *object, const char *name)
{
	struct json_object *member = NULL;

	if (!json_object_object_get_ex(object, name, &member))
		fail_msg("no member \"%s\" in %s", name, json_object_to_json_string(object));
	return member;
}

const char *
unit_text_member(struct json_object *object, const char *name)
{
	return json_object_get_string(unit_member(object, name));
}

void
unit_vector_bytes(struct json_object *vector, Buffer *bytes)
{
	struct json_object *text = NULL;
	unsigned byte;

	if (json_object_object_get_ex(vector, "text", &text))
	{
		buffer_append(bytes, json_object_get_string(text), (size_t) json_object_get_string_len(text));
		return;
	}
	for (const char *hex = unit_text_member(vector, "hex"); *hex; hex += 2)
	{
		assert_int_equal(sscanf(hex, "%2x", &byte), 1);
		buffer_append_char(bytes, (char) byte);
	}
}

void
unit_assert_json(Buffer *buffer, struct json_object *expected, const char *name)
{
	JsonReport report;
	struct json_object *actual;

	if (!json_validate(buffer->bytes, buffer->length, SIZE_MAX, &report))
		fail_msg("%s: %s at byte %zu of %s", name, json_fault_text(report.fault), report.offset, buffer_text(buffer));
	actual = json_tokener_parse(buffer_text(buffer));
	if (!json_object_equal(actual, expected))
		fail_msg("%s:\n%s\nexpected\n%s", name, buffer_text(buffer), json_object_to_json_string(expected));
	json_object_put(actual);
}

char *
unit_write_file(Slice content)
{
	const char *directory = getenv("TMPDIR");
	Buffer path = BUFFER_EMPTY;
	int descriptor;

	buffer_append_format(&path, "%s/collab-unit-XXXXXX", directory ? directory : "/tmp");
	(void) buffer_text(&path);
	descriptor = mkstemp(path.bytes);
	assert_true(descriptor >= 0);
	assert_int_equal(write(descriptor, content.bytes, content.length), (ssize_t) content.length);
	close(descriptor);
	return buffer_detach(&path, NULL);
}
