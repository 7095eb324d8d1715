/*
 * fuzz_header.c - the values of request headers that mean something: ranges, entity tags, the last event seen, types, and
 * forms with a file.
 *
 * The first line of an input is the header's value, the second an entity tag or an Accept-Encoding, the rest a body.
 */
#include "door/condition.h"
#include "door/gzip.h"
#include "door/route_header.h"
#include "door/upload_form.h"
#include "fuzz_support.h"

static void
try_range(const char *value, uint64_t size)
{
	uint64_t first;
	uint64_t last;

	if (condition_range(value, size, &first, &last) == RANGE_PART)
		FUZZ_CLAIM(first <= last && last < size, slice_of_text(value));
}

static void
try_tags(const char *value, const char *etag)
{
	Slice slice = slice_of_text(value);
	Refusal refusal;
	int64_t version;
	bool has_id;
	Uuid id;

	(void) condition_has_tag(value, etag);
	FUZZ_CLAIM(condition_has_tag("*", etag), slice_of_text(etag));
	if (!route_read_if_match(slice, &version, &refusal))
		fuzz_claim_refusal(&refusal);
	else
	{
		FUZZ_CLAIM(version >= -1 && version <= 999999999, slice);
		FUZZ_CLAIM(version < 0 || route_none_match(slice, version), slice);
	}
	if (!route_read_key(slice, &has_id, &id, &refusal))
		fuzz_claim_refusal(&refusal);
}

static void
try_last_id(const char *value)
{
	const char *mark;
	int version;

	if (!route_read_last_id(value, &version, &mark))
		return;
	FUZZ_CLAIM(version >= 0, slice_of_text(value));
	FUZZ_CLAIM(mark > value && mark[-1] == ':', slice_of_text(value));
}

static void
claim_inside(Slice part, Slice whole)
{
	FUZZ_CLAIM(part.bytes == NULL ||
				   (part.bytes >= whole.bytes && part.bytes + part.length <= whole.bytes + whole.length),
			   whole);
}

static void
try_form(Slice content_type, Slice body)
{
	const char *problem = NULL;
	UploadPart file;
	Buffer name = BUFFER_EMPTY;

	(void) route_is_json(content_type);
	(void) upload_type_is(content_type, "multipart/form-data");
	(void) upload_file_name(&name, content_type);
	if (upload_find_file(content_type, body, &file, &problem))
	{
		claim_inside(file.content, body);
		claim_inside(file.disposition, body);
		claim_inside(file.content_type, body);
		buffer_clear(&name);
		FUZZ_CLAIM(upload_file_name(&name, file.disposition), file.disposition);
	}
	else
		FUZZ_CLAIM(problem != NULL, body);
	buffer_free(&name);
}

/* Whatever a file is called, its header is one line of ASCII with one name in quotes, and the name comes back. */
static void
claim_disposition(Slice name)
{
	Buffer header = BUFFER_EMPTY;
	Buffer back = BUFFER_EMPTY;
	int quotes = 0;

	upload_append_disposition(&header, "attachment", name);
	for (size_t i = 0; i < header.length; i++)
	{
		FUZZ_CLAIM(header.bytes[i] >= ' ' && header.bytes[i] <= '~', name);
		quotes += header.bytes[i] == '"';
	}
	FUZZ_CLAIM(quotes == 2, buffer_slice(&header));
	FUZZ_CLAIM(upload_file_name(&back, buffer_slice(&header)), buffer_slice(&header));
	if (name.length > 0 && memchr(name.bytes, '/', name.length) == NULL &&
		memchr(name.bytes, '\\', name.length) == NULL)
		FUZZ_CLAIM(back.length == name.length && memcmp(back.bytes, name.bytes, name.length) == 0,
				   buffer_slice(&header));
	buffer_free(&header);
	buffer_free(&back);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	Slice rest = fuzz_slice(bytes, length);
	Slice line = fuzz_take_line(&rest);
	char *value = fuzz_text(line);
	char *second = fuzz_text(fuzz_take_line(&rest));

	try_range(value, rest.length);
	try_range(value, UINT64_MAX);
	try_tags(value, second);
	try_last_id(value);
	(void) gzip_is_accepted(second);
	try_form(line, rest);
	claim_disposition(line);
	free(value);
	free(second);
	return 0;
}
