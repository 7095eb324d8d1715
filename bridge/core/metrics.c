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
metrics_reset(void)
{
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

/* The table in its own order; each line of it is one call. */
void
metrics_render(Buffer *out)
{
	const char *family = "";

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
}
