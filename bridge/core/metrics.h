/*
 * metrics.h - counters, gauges and histograms, printed as Prometheus text.
 *
 * Numbers of this process, kept in static memory; one thread only.
 */
#ifndef COLLAB_CORE_METRICS_H
#define COLLAB_CORE_METRICS_H

#include <stdint.h>

#include "base/buffer.h"

typedef enum Metric
{
#define METRIC_FAMILY(name, type, help)
#define METRIC(ID, labels) METRIC_##ID,
#define HISTOGRAM(ID, name, buckets, help)
#include "core/metrics.def"
#undef METRIC
#undef HISTOGRAM
	METRIC_COUNT
} Metric;

typedef enum Histogram
{
#define METRIC(ID, labels)
#define HISTOGRAM(ID, name, buckets, help) HISTOGRAM_##ID,
#include "core/metrics.def"
#undef METRIC_FAMILY
#undef METRIC
#undef HISTOGRAM
	HISTOGRAM_COUNT
} Histogram;

extern void metrics_add(Metric metric, int64_t amount); /* negative for gauges only */
extern void metrics_set(Metric metric, int64_t amount); /* gauges */
extern int64_t metrics_get(Metric metric);

/* Seconds for the *_SECONDS histograms, commands for BATCH_COMMANDS. */
extern void metrics_observe(Histogram histogram, double amount);
extern uint64_t metrics_observed(Histogram histogram); /* how many so far */

/* One more of collab_bridge_command_results_total and, by result alone, of METRIC_COMMANDS_…: `result` is one of these. */
extern void metrics_count_command(const char *type, Metric result);

/* Called before each page: sets what is measured rather than counted. NULL: nobody. */
extern void metrics_set_collector(void (*collect)(void));

extern void metrics_render(Buffer *out);
extern void metrics_reset(void); /* everything to zero: for tests */

#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

#endif
