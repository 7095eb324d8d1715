/* test_log.c - lines of core/log, and what never gets into them. */
#include "unit_support.h"

#include <json-c/json.h>

#include "base/json_validate.h"
#include "core/log.h"

#define TOKEN "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl"

static char *text;
static size_t text_length;
static FILE *stream;

static void
open_log(LogLevel level, LogFormat format)
{
	stream = open_memstream(&text, &text_length);
	log_set_stream(stream);
	log_start(level, format);
}

/* What was written, without the time, which is checked to be one; the caller frees it. */
static char *
close_log(void)
{
	char *rest;

	log_set_stream(NULL);
	fclose(stream);
	if (text_length == 0)
		return text;
	assert_int_equal(text[24], ' ');
	assert_int_equal(text[23], 'Z');
	assert_int_equal(text[10], 'T');
	rest = strdup(text + 25);
	free(text);
	return rest;
}

static void
assert_logged(const char *expected)
{
	char *written = close_log();

	assert_string_equal(written, expected);
	free(written);
}

static void
assert_redacted(const char *url, const char *expected)
{
	Buffer out = BUFFER_EMPTY;

	log_redact_url(&out, slice_of_text(url));
	assert_buffer_text(&out, expected);
	buffer_free(&out);
}

static void
test_text_line(void **state)
{
	Uuid uuid = {{0xab}};

	open_log(LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
	log_info("listening", LOG_TEXT("address", "127.0.0.1:8080"), LOG_INTEGER("port", 8080), LOG_CONNECTION(&uuid),
			 LOG_UUID("board", &uuid), LOG_SECONDS("took", 0.25), LOG_SLICE("part", slice_of("abcdef", 3)));
	assert_logged(
		"info listening address=127.0.0.1:8080 port=8080 conn=ab000000-0000-0000-0000-000000000000 board=ab000000-0000-0000-0000-000000000000 "
		"took=0.250000 part=abc\n");
}

static void
test_line_without_fields(void **state)
{
	open_log(LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
	log_warning("stopping");
	assert_logged("warning stopping\n");
}

static void
test_absent_values_leave_the_field_out(void **state)
{
	open_log(LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
	log_error("x", LOG_TEXT("a", NULL), LOG_UUID("b", NULL), LOG_TEXT("c", ""));
	assert_logged("error x c=\"\"\n");
}

static void
test_a_line_stays_one_line(void **state)
{
	open_log(LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
	log_info("x", LOG_TEXT("a", "two\nlines info forged a=b"), LOG_TEXT("b", "quote\" and \\"),
			 LOG_TEXT("c", "\x1b[31m"), LOG_TEXT("d", "caf\xc3\xa9\xff"));
	assert_logged("info x a=\"two\\nlines info forged a=b\" b=\"quote\\\" and \\\\\" c=\"\\u001b[31m\" "
				  "d=\"caf\xc3\xa9\xef\xbf\xbd\"\n");
}

static void
test_json_line_is_json(void **state)
{
	struct json_object *line;
	JsonReport report;

	stream = open_memstream(&text, &text_length);
	log_set_stream(stream);
	log_start(LOG_LEVEL_INFO, LOG_FORMAT_JSON);
	log_info("refused", LOG_TEXT("reason", "a \"b\"\n\x01\xff"), LOG_INTEGER("conn", -3), LOG_SECONDS("took", 1.5),
			 LOG_TEXT("none", NULL));
	log_set_stream(NULL);
	fclose(stream);
	assert_int_equal(text[text_length - 1], '\n');
	assert_true(json_validate(text, text_length, SIZE_MAX, &report));
	line = json_tokener_parse(text);
	assert_string_equal(unit_text_member(line, "event"), "refused");
	assert_string_equal(unit_text_member(line, "level"), "info");
	assert_string_equal(unit_text_member(line, "reason"), "a \"b\"\n\x01\xef\xbf\xbd");
	assert_int_equal(json_object_get_int(unit_member(line, "conn")), -3);
	assert_int_equal(json_object_object_length(line), 6);
	json_object_put(line);
	free(text);
}

static void
test_levels_below_are_silent(void **state)
{
	open_log(LOG_LEVEL_WARNING, LOG_FORMAT_TEXT);
	log_debug("no");
	log_info("no");
	log_warning("yes");
	assert_false(log_is_enabled(LOG_LEVEL_INFO));
	assert_logged("warning yes\n");
}

static void
test_token_parameters_are_redacted(void **state)
{
	assert_redacted("/ws?token=abc", "/ws?token=[redacted]");
	assert_redacted("/ws?since=3&token=abc&x=1", "/ws?since=3&token=[redacted]&x=1");
	assert_redacted("/ws?auth_token=a&access_token=b", "/ws?auth_token=[redacted]&access_token=[redacted]");
	assert_redacted("/ws?TOKEN=abc", "/ws?TOKEN=[redacted]");
	assert_redacted("/ws?%74oken=abc", "/ws?%74oken=[redacted]");
	assert_redacted("/ws?tok%65%6E=abc;token=d", "/ws?tok%65%6E=[redacted];token=[redacted]");
	assert_redacted("/ws#token=abc", "/ws#token=[redacted]");
	assert_redacted("/ws?a?token=abc", "/ws?a?token=[redacted]");
	assert_redacted("/ws?token=a=b==", "/ws?token=[redacted]");
	assert_redacted("token=abc", "token=[redacted]");
}

static void
test_other_parameters_are_kept(void **state)
{
	assert_redacted("", "");
	assert_redacted("/ws/board/1?since=4", "/ws/board/1?since=4");
	assert_redacted("/ws?token", "/ws?token");
	assert_redacted("/tokens/1?x=%", "/tokens/1?x=%");
	assert_redacted("/?%7=1&%zz=2", "/?%7=1&%zz=2");
}

static void
test_urls_are_redacted_in_lines(void **state)
{
	open_log(LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
	log_info("request", LOG_URL("url", SLICE("/ws?token=opaque&a=1")));
	assert_logged("info request url=\"/ws?token=[redacted]&a=1\"\n");
}

/* Wherever it turns up, under whatever name. */
static void
test_nothing_that_looks_like_a_token_is_logged(void **state)
{
	open_log(LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
	log_info("x", LOG_TEXT("header", "Bearer " TOKEN), LOG_TEXT("whole", TOKEN),
			 LOG_TEXT("list", "collab.v1, bearer." TOKEN ","), LOG_URL("url", SLICE("/ws?t=" TOKEN "&x=1")));
	assert_logged("info x header=\"Bearer [redacted]\" whole=[redacted] list=\"collab.v1, bearer.[redacted],\" "
				  "url=\"/ws?t=[redacted]&x=1\"\n");
}

static void
test_ordinary_text_is_not_taken_for_a_token(void **state)
{
	open_log(LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
	log_info("x", LOG_TEXT("a", "eyJ"), LOG_TEXT("b", "eyJabcdefghijklmnopqrstuvwxyz"),
			 LOG_TEXT("c", "key.eyes.are.good.to.have"));
	assert_logged("info x a=eyJ b=eyJabcdefghijklmnopqrstuvwxyz c=key.eyes.are.good.to.have\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_line),
		cmocka_unit_test(test_line_without_fields),
		cmocka_unit_test(test_absent_values_leave_the_field_out),
		cmocka_unit_test(test_a_line_stays_one_line),
		cmocka_unit_test(test_json_line_is_json),
		cmocka_unit_test(test_levels_below_are_silent),
		cmocka_unit_test(test_token_parameters_are_redacted),
		cmocka_unit_test(test_other_parameters_are_kept),
		cmocka_unit_test(test_urls_are_redacted_in_lines),
		cmocka_unit_test(test_nothing_that_looks_like_a_token_is_logged),
		cmocka_unit_test(test_ordinary_text_is_not_taken_for_a_token),
	};

	return RUN_TESTS(tests);
}
