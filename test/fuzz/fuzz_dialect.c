/*
 * fuzz_dialect.c - messages of the server in the workspace dialect: JSON stays JSON, and nothing is left behind where it is
 * no message.
 */
#include "base/json_scan.h"
#include "fuzz_support.h"
#include "proto/dialect.h"

static const Uuid workspace = {.bytes = {0x99, 0x99, 0x99, 0x99, 0x88, 0x88, 0x47, 0x77, 0xa6, 0x66}};

static void
claim_translated(Slice text, Slice translated)
{
	Slice type;

	fuzz_claim_json(translated);
	FUZZ_CLAIM(json_scan_string(json_scan_find(translated, "type"), &type), translated);
	FUZZ_CLAIM(json_scan_find(translated, "workspace_id").length > 0, text);
	FUZZ_CLAIM(json_scan_find(translated, "user_id").length > 0, text);
	FUZZ_CLAIM(json_scan_find(translated, "timestamp").length > 0, text);
	FUZZ_CLAIM(json_scan_find(translated, "data").length > 0, text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	Slice text = fuzz_slice(bytes, length);
	Buffer out = BUFFER_EMPTY;
	bool is_translated = dialect_to_workspace(text, length % 2 ? &workspace : NULL, &out);

	if (!is_translated)
		FUZZ_CLAIM(out.length == 0, text);
	else if (fuzz_is_json(text))
		claim_translated(text, buffer_slice(&out));
	buffer_free(&out);
	return 0;
}
