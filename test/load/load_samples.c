/*
 * load_samples.c - every time is kept: percentiles of percentiles would be none.
 */
#include "load_samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int64_t
load_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void
load_samples_add(LoadSamples *samples, int64_t us)
{
	if (samples->count == samples->capacity)
	{
		samples->capacity = samples->capacity * 2 + 1024;
		samples->us = realloc(samples->us, samples->capacity * sizeof(*samples->us));
		if (samples->us == NULL)
			abort();
	}
	samples->us[samples->count++] = us > UINT32_MAX ? UINT32_MAX : (uint32_t) us;
}

static int
compare(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *) left;
	uint32_t b = *(const uint32_t *) right;

	return (a > b) - (a < b);
}

static double
percentile_ms(const LoadSamples *samples, double share)
{
	size_t at = (size_t) ((double) samples->count * share);

	return samples->us[at < samples->count ? at : samples->count - 1] / 1000.0;
}

void
load_samples_print_head(void)
{
	printf("%-30s %9s %9s %9s %9s %9s\n", "ms", "n", "p50", "p95", "p99", "max");
}

void
load_samples_print(LoadSamples *samples)
{
	if (samples->count == 0)
		return;
	qsort(samples->us, samples->count, sizeof(*samples->us), compare);
	printf("%-30s %9zu %9.2f %9.2f %9.2f %9.2f\n", samples->name, samples->count, percentile_ms(samples, 0.5),
		   percentile_ms(samples, 0.95), percentile_ms(samples, 0.99), percentile_ms(samples, 1));
}

void
load_samples_free(LoadSamples *samples)
{
	free(samples->us);
}
