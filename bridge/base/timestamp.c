/*
 * timestamp.c - the clocks, and time as RFC 3339 text.
 *
 * Owns nothing.  Called by everyone who measures or prints time.
 */
#include "base/timestamp.h"

#include <stdio.h>
#include <time.h>

#define TIMESTAMP_FIRST_MS INT64_C(-62167219200000) /* 0000-01-01 */
#define TIMESTAMP_LAST_MS INT64_C(253402300799999) /* 9999-12-31, its last millisecond */

static int64_t
timestamp_read(clockid_t clock, int64_t per_second)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * per_second + now.tv_nsec / (1000000000 / per_second);
}

int64_t
timestamp_now_ms(void)
{
	return timestamp_read(CLOCK_REALTIME, 1000);
}

int64_t
timestamp_monotonic_ms(void)
{
	return timestamp_read(CLOCK_MONOTONIC, 1000);
}

int64_t
timestamp_monotonic_us(void)
{
	return timestamp_read(CLOCK_MONOTONIC, 1000000);
}

char *
timestamp_format(int64_t wall_ms, char text[TIMESTAMP_TEXT_SIZE])
{
	struct tm parts;
	time_t seconds;
	int64_t milliseconds;

	if (wall_ms < TIMESTAMP_FIRST_MS)
		wall_ms = TIMESTAMP_FIRST_MS;
	if (wall_ms > TIMESTAMP_LAST_MS)
		wall_ms = TIMESTAMP_LAST_MS;
	milliseconds = (wall_ms % 1000 + 1000) % 1000;
	seconds = (time_t) ((wall_ms - milliseconds) / 1000);
	gmtime_r(&seconds, &parts);
	/* The remainders tell the compiler what the limits above guarantee: every part fits its digits. */
	snprintf(text, TIMESTAMP_TEXT_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
			 (unsigned) (parts.tm_year + 1900) % 10000, (unsigned) (parts.tm_mon + 1) % 100,
			 (unsigned) parts.tm_mday % 100, (unsigned) parts.tm_hour % 100, (unsigned) parts.tm_min % 100,
			 (unsigned) parts.tm_sec % 100, (unsigned) milliseconds % 1000);
	return text;
}
