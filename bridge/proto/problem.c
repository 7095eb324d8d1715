/*
 * problem.c - refusals as RFC 9457 problem documents.
 *
 * The members of an ERROR or CONFLICT_ERROR that have no place of their own in such a document are passed on as they are.
 *
 * Owns nothing.  Called by the REST door.
 */
#include "proto/problem.h"

#include "base/compiler.h"
#include "base/json_scan.h"
#include "proto/codes.h"
#include "proto/json_text.h"

const char *
problem_title(int status)
{
	static const struct
	{
		int status;
		const char *title;
	} titles[] = {
		{400, "Bad Request"},
		{401, "Unauthorized"},
		{403, "Forbidden"},
		{404, "Not Found"},
		{405, "Method Not Allowed"},
		{409, "Conflict"},
		{410, "Gone"},
		{413, "Content Too Large"},
		{415, "Unsupported Media Type"},
		{422, "Unprocessable Content"},
		{429, "Too Many Requests"},
		{500, "Internal Server Error"},
		{431, "Request Header Fields Too Large"},
		{503, "Service Unavailable"},
	};

	for (size_t i = 0; i < LENGTH_OF(titles); i++)
		if (titles[i].status == status)
			return titles[i].title;
	return "Error";
}

/* The document up to its `detail`, whose value the caller appends. */
static void
problem_begin(Buffer *out, int status, const char *code)
{
	buffer_append_text(out, "{\"type\":\"about:blank\",\"title\":");
	json_append_text(out, problem_title(status));
	buffer_append_format(out, ",\"status\":%d,\"code\":", status);
	json_append_text(out, code);
	buffer_append_text(out, ",\"detail\":");
}

/* Every member but these two, and the closing brace. */
static void
problem_end(Buffer *out, Slice payload, const char *but, const char *and_but)
{
	JsonScan scan;
	Slice name;
	Slice value;

	if (json_scan_open(&scan, payload, '{'))
		while (json_scan_member(&scan, &name, &value))
		{
			if (slice_equals_text(name, but) || slice_equals_text(name, and_but))
				continue;
			buffer_append_text(out, ",\"");
			buffer_append_slice(out, name);
			buffer_append_text(out, "\":");
			buffer_append_slice(out, value);
		}
	buffer_append_char(out, '}');
}

static void
problem_append_detail(Buffer *out, Slice text)
{
	if (text.length > 0)
		buffer_append_slice(out, text);
	else
		buffer_append_text(out, "null");
}

int
problem_append_error(Buffer *out, Slice payload)
{
	Slice code = {0};
	RefusalCode known = REFUSAL_NONE;
	int status;

	if (json_scan_string(json_scan_find(payload, "code"), &code))
		known = refusal_from_text(code);
	status = known == REFUSAL_NONE ? 500 : refusal_http_status(known);
	problem_begin(out, status, known == REFUSAL_NONE ? "internal" : refusal_text(known));
	problem_append_detail(out, json_scan_find(payload, "message"));
	problem_end(out, payload, "code", "message");
	return status;
}

int
problem_append_conflict(Buffer *out, Slice payload)
{
	int status = refusal_http_status(REFUSAL_VERSION_CONFLICT);

	problem_begin(out, status, refusal_text(REFUSAL_VERSION_CONFLICT));
	problem_append_detail(out, json_scan_find(payload, "reason"));
	problem_end(out, payload, "reason", "code");
	return status;
}

int
problem_append_refusal(Buffer *out, const Refusal *refusal, int status)
{
	if (status == 0)
		status = refusal_http_status(refusal->code);
	problem_begin(out, status, refusal_text(refusal->code));
	json_append_text(out, refusal->message);
	if (refusal->retry_after_ms > 0)
		buffer_append_format(out, ",\"retry_after_ms\":%lld", (long long) refusal->retry_after_ms);
	buffer_append_char(out, '}');
	return status;
}
