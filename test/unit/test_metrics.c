/* test_metrics.c - the page of core/metrics in Prometheus' text form. */
#include "unit_support.h"

#include <ctype.h>

#include "core/metrics.h"
#include "core/version.h"

static int
set_up(void **state)
{
	metrics_reset();
	return 0;
}

/* Whether the page has exactly this line. */
static bool
has_line(Buffer *page, const char *line)
{
	size_t length = strlen(line);

	for (const char *at = buffer_text(page); at; at = strchr(at, '\n'))
	{
		if (*at == '\n')
			at++;
		if (strncmp(at, line, length) == 0 && at[length] == '\n')
			return true;
	}
	return false;
}

static void
assert_line(Buffer *page, const char *line)
{
	if (!has_line(page, line))
		fail_msg("no line \"%s\" in\n%s", line, buffer_text(page));
}

static void
test_values_by_label(void **state)
{
	Buffer page = BUFFER_EMPTY;

	metrics_add(METRIC_COMMANDS_ACK, 2);
	metrics_add(METRIC_COMMANDS_ACK, 1);
	metrics_add(METRIC_COMMANDS_CONFLICT, 1);
	metrics_set(METRIC_CONNECTIONS, 5);
	metrics_add(METRIC_CONNECTIONS, -2);
	assert_int_equal(metrics_get(METRIC_COMMANDS_ACK), 3);
	metrics_render(&page);
	assert_line(&page, "# TYPE collab_bridge_commands_total counter");
	assert_line(&page, "collab_bridge_commands_total{result=\"ack\"} 3");
	assert_line(&page, "collab_bridge_commands_total{result=\"conflict\"} 1");
	assert_line(&page, "collab_bridge_commands_total{result=\"replayed\"} 0");
	assert_line(&page, "collab_bridge_connections 3");
	buffer_free(&page);
}

static void
test_histogram_buckets_are_cumulative(void **state)
{
	Buffer page = BUFFER_EMPTY;

	metrics_observe(HISTOGRAM_BATCH_COMMANDS, 1);
	metrics_observe(HISTOGRAM_BATCH_COMMANDS, 2);
	metrics_observe(HISTOGRAM_BATCH_COMMANDS, 3);
	metrics_observe(HISTOGRAM_BATCH_COMMANDS, 60);
	metrics_observe(HISTOGRAM_BATCH_COMMANDS, 1000);
	assert_int_equal(metrics_observed(HISTOGRAM_BATCH_COMMANDS), 5);
	metrics_render(&page);
	assert_line(&page, "# TYPE collab_bridge_batch_commands histogram");
	assert_line(&page, "collab_bridge_batch_commands_bucket{le=\"1\"} 1");
	assert_line(&page, "collab_bridge_batch_commands_bucket{le=\"2\"} 2");
	assert_line(&page, "collab_bridge_batch_commands_bucket{le=\"5\"} 3");
	assert_line(&page, "collab_bridge_batch_commands_bucket{le=\"50\"} 3");
	assert_line(&page, "collab_bridge_batch_commands_bucket{le=\"60\"} 4");
	assert_line(&page, "collab_bridge_batch_commands_bucket{le=\"+Inf\"} 5");
	assert_line(&page, "collab_bridge_batch_commands_sum 1066");
	assert_line(&page, "collab_bridge_batch_commands_count 5");
	buffer_free(&page);
}

static void
test_seconds_keep_their_fractions(void **state)
{
	Buffer page = BUFFER_EMPTY;

	metrics_observe(HISTOGRAM_COMMAND_SECONDS, 0.0005);
	metrics_observe(HISTOGRAM_COMMAND_SECONDS, 0.00051);
	metrics_observe(HISTOGRAM_COMMAND_SECONDS, 11);
	metrics_render(&page);
	assert_line(&page, "collab_bridge_command_seconds_bucket{le=\"0.0005\"} 1");
	assert_line(&page, "collab_bridge_command_seconds_bucket{le=\"0.001\"} 2");
	assert_line(&page, "collab_bridge_command_seconds_bucket{le=\"10\"} 2");
	assert_line(&page, "collab_bridge_command_seconds_bucket{le=\"+Inf\"} 3");
	assert_line(&page, "collab_bridge_delivery_seconds_count 0");
	buffer_free(&page);
}

/* Prometheus refuses a page that describes a name twice or gives a sample before its description. */
static void
test_page_is_well_formed(void **state)
{
	Buffer page = BUFFER_EMPTY;
	Buffer family = BUFFER_EMPTY;
	Buffer seen = BUFFER_EMPTY;
	char *rest;
	char *line;

	metrics_render(&page);
	(void) buffer_text(&page);
	assert_int_equal(page.bytes[page.length - 1], '\n');
	for (line = strtok_r(page.bytes, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
	{
		if (strncmp(line, "# HELP ", 7) == 0)
		{
			buffer_clear(&family);
			buffer_append_format(&family, " %.*s ", (int) strcspn(line + 7, " "), line + 7);
			assert_null(strstr(buffer_text(&seen), buffer_text(&family)));
			buffer_append_slice(&seen, buffer_slice(&family));
			buffer_clear(&family);
			buffer_append(&family, line + 7, strcspn(line + 7, " "));
		}
		else if (strncmp(line, "# TYPE ", 7) == 0)
			assert_int_equal(strncmp(line + 7, buffer_text(&family), family.length), 0);
		else
		{
			assert_int_equal(strncmp(line, buffer_text(&family), family.length), 0);
			assert_true(isdigit((unsigned char) line[strlen(line) - 1]));
		}
	}
	buffer_free(&page);
	buffer_free(&family);
	buffer_free(&seen);
}

static void
test_page_shows_the_version(void **state)
{
	Buffer page = BUFFER_EMPTY;
	Buffer line = BUFFER_EMPTY;

	metrics_render(&page);
	buffer_append_format(&line, "collab_bridge_info{version=\"%s\"} 1", version_text());
	assert_line(&page, buffer_text(&line));
	buffer_free(&page);
	buffer_free(&line);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_values_by_label, set_up),
		cmocka_unit_test_setup(test_histogram_buckets_are_cumulative, set_up),
		cmocka_unit_test_setup(test_seconds_keep_their_fractions, set_up),
		cmocka_unit_test_setup(test_page_is_well_formed, set_up),
		cmocka_unit_test_setup(test_page_shows_the_version, set_up),
	};

	return RUN_TESTS(tests);
}
