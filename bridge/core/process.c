/*
 * process.c - what the process uses: memory, processor, descriptors.
 *
 * Read from /proc/self when a page of metrics is asked for; what cannot be read there keeps its last value.  Owns
 * nothing.  Called by main.c's collector.
 */
#include "core/process.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/metrics.h"

static void
process_measure_memory(void)
{
	long long pages;
	FILE *file = fopen("/proc/self/statm", "re");

	if (file == NULL)
		return;
	if (fscanf(file, "%*s %lld", &pages) == 1)
		metrics_set(METRIC_RESIDENT_MEMORY, pages * sysconf(_SC_PAGESIZE));
	fclose(file);
}

static void
process_measure_files(void)
{
	int count = 0;
	DIR *directory = opendir("/proc/self/fd");

	if (directory == NULL)
		return;
	for (const struct dirent *entry; (entry = readdir(directory)) != NULL;)
		count += entry->d_name[0] != '.';
	closedir(directory);
	metrics_set(METRIC_OPEN_FILES, count - 1); /* without the one that counts */
}

static void
process_measure_processor(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage) == 0)
		metrics_set(METRIC_CPU_SECONDS, usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
											(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000000);
}

void
process_measure(void)
{
	process_measure_memory();
	process_measure_files();
	process_measure_processor();
}
