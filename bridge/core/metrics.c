/*
 * metrics.c - counters, gauges and histograms, printed as Prometheus text (version 0.0.4).
 *
 * Owns the numbers, in static memory.  Everything that exists comes from metrics.def.  Called by everyone above
 * core/, and by the HTTP door for the page.
 */
#include "core/metrics.h"

#include <string.h>

#include "base/compiler.h"
#include "core/version.h"

#define METRICS_PREFIX "collab_bridge_"
#define METRICS_MAX_BUCKETS 16

typedef struct HistogramCounts
{
	uint64_t in_bucket[METRICS_MAX_BUCKETS + 1]; /* the last: above all bounds */
	uint64_t count;
	double sum;
} HistogramCounts;

typedef struct HistogramInfo
{
	const char *name;
	const char *help;
	const double *bounds;
	size_t bound_count;
} HistogramInfo;

static const double metrics_seconds[] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
										 0.1,    0.25,  0.5,    1,     2.5,  5,     10};
static const double metrics_sizes[] = {1, 2, 5, 10, 20, 30, 40, 50, 60};

_Static_assert(LENGTH_OF(metrics_seconds) <= METRICS_MAX_BUCKETS, "more buckets than there is room for");
_Static_assert(LENGTH_OF(metrics_sizes) <= METRICS_MAX_BUCKETS, "more buckets than there is room for");

static const HistogramInfo metrics_histograms[] = {
#define METRIC_FAMILY(name, type, help)
#define METRIC(ID, labels)
#define HISTOGRAM(ID, name, buckets, help) {METRICS_PREFIX #name, help, buckets, LENGTH_OF(buckets)},
#include "core/metrics.def"
#undef METRIC_FAMILY
#undef METRIC
#undef HISTOGRAM
};

static const char *const metrics_labels[METRIC_COUNT] = {
#define METRIC_FAMILY(name, type, help)
#define METRIC(ID, labels) labels,
#define HISTOGRAM(ID, name, buckets, help)
#include "core/metrics.def"
#undef METRIC_FAMILY
#undef METRIC
#undef HISTOGRAM
};

/* The label's values come from the table of commands and from nowhere else, so that there are never more of them. */
static const char *const metrics_command_types[] = {
#define COMMAND(TYPE, handler, aggregate, role, entity, fields, summary) #TYPE,
#include "../../extension/command/commands.def"
#undef COMMAND
	"other",
};

#define METRICS_COMMAND_TYPES LENGTH_OF(metrics_command_types)
#define METRICS_FIRST_RESULT METRIC_COMMANDS_ACK
#define METRICS_RESULTS (METRIC_COMMANDS_UNAVAILABLE - METRICS_FIRST_RESULT + 1)

static uint64_t metrics_commands[METRICS_COMMAND_TYPES][METRICS_RESULTS];
static void (*metrics_collector)(void);
static int64_t metrics_values[METRIC_COUNT];
static HistogramCounts metrics_counts[HISTOGRAM_COUNT];

void
metrics_add(Metric metric, int64_t amount)
{
	metrics_values[metric] += amount;
}

void
metrics_set(Metric metric, int64_t amount)
{
	metrics_values[metric] = amount;
}

int64_t
metrics_get(Metric metric)
{
	return metrics_values[metric];
}

void
metrics_observe(Histogram histogram, double amount)
{
	const HistogramInfo *info = &metrics_histograms[histogram];
	HistogramCounts *counts = &metrics_counts[histogram];
	size_t bucket = 0;

	while (bucket < info->bound_count && amount > info->bounds[bucket])
		bucket++;
	counts->in_bucket[bucket]++;
	counts->count++;
	counts->sum += amount;
}

uint64_t
metrics_observed(Histogram histogram)
{
	return metrics_counts[histogram].count;
}

void
metrics_count_command(const char *type, Metric result)
{
	size_t at = 0;

	while (at < METRICS_COMMAND_TYPES - 1 && (type == NULL || strcmp(type, metrics_command_types[at]) != 0))
		at++;
	metrics_commands[at][result - METRICS_FIRST_RESULT]++;
	metrics_add(result, 1);
}

void
metrics_set_collector(void (*collect)(void))
{
	metrics_collector = collect;
}

void
metrics_reset(void)
{
	memset(metrics_commands, 0, sizeof(metrics_commands));
	memset(metrics_values, 0, sizeof(metrics_values));
	memset(metrics_counts, 0, sizeof(metrics_counts));
}

static void
metrics_render_head(Buffer *out, const char *name, const char *type, const char *help)
{
	buffer_append_format(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
metrics_render_histogram(Buffer *out, Histogram histogram)
{
	const HistogramInfo *info = &metrics_histograms[histogram];
	const HistogramCounts *counts = &metrics_counts[histogram];
	uint64_t below = 0;

	metrics_render_head(out, info->name, "histogram", info->help);
	for (size_t i = 0; i < info->bound_count; i++)
	{
		below += counts->in_bucket[i];
		buffer_append_format(out, "%s_bucket{le=\"%g\"} %llu\n", info->name, info->bounds[i],
							 (unsigned long long) below);
	}
	buffer_append_format(out, "%s_bucket{le=\"+Inf\"} %llu\n", info->name, (unsigned long long) counts->count);
	buffer_append_format(out, "%s_sum %.9g\n%s_count %llu\n", info->name, counts->sum, info->name,
						 (unsigned long long) counts->count);
}

static void
metrics_render_value(Buffer *out, const char *name, const char *labels, Metric metric)
{
	buffer_append_text(out, name);
	buffer_append_text(out, labels);
	buffer_append_char(out, ' ');
	buffer_append_integer(out, metrics_values[metric]);
	buffer_append_char(out, '\n');
}

/* Only what has happened: a line for each type and result would be some hundreds of zeros. */
static void
metrics_render_commands(Buffer *out)
{
	static const char name[] = METRICS_PREFIX "command_results_total";

	metrics_render_head(out, name, "counter", "Commands answered, by type and result.");
	for (size_t type = 0; type < METRICS_COMMAND_TYPES; type++)
		for (size_t result = 0; result < METRICS_RESULTS; result++)
			if (metrics_commands[type][result] > 0)
				buffer_append_format(out, "%s{type=\"%s\",%s %llu\n", name, metrics_command_types[type],
									 metrics_labels[METRICS_FIRST_RESULT + result] + 1,
									 (unsigned long long) metrics_commands[type][result]);
}

/* The table in its own order; each line of it is one call. */
void
metrics_render(Buffer *out)
{
	const char *family = "";

	if (metrics_collector != NULL)
		metrics_collector();
	metrics_render_head(out, METRICS_PREFIX "info", "gauge", "The version of the bridge.");
	buffer_append_format(out, METRICS_PREFIX "info{version=\"%s\"} 1\n", version_text());
#define METRIC_FAMILY(name, type, help)                                                                                \
	family = METRICS_PREFIX #name;                                                                                     \
	metrics_render_head(out, family, type, help);
#define METRIC(ID, labels) metrics_render_value(out, family, labels, METRIC_##ID);
#define HISTOGRAM(ID, name, buckets, help) metrics_render_histogram(out, HISTOGRAM_##ID);
#include "core/metrics.def"
#undef METRIC_FAMILY
#undef METRIC
#undef HISTOGRAM
	metrics_render_commands(out);
}
