/*
 * timestamp.h - the clocks, and time as RFC 3339 text.
 *
 * Wall time is in milliseconds since 1970, UTC; it may jump.  Monotonic time is for durations only.
 */
#ifndef COLLAB_BASE_TIMESTAMP_H
#define COLLAB_BASE_TIMESTAMP_H

#include <stdint.h>

#define TIMESTAMP_TEXT_SIZE 25 /* 2025-03-01T09:30:00.123Z and the NUL */

extern int64_t timestamp_now_ms(void);
extern int64_t timestamp_monotonic_ms(void);
extern int64_t timestamp_monotonic_us(void);

/* Writes RFC 3339 in UTC with milliseconds and returns `text`.  Years 0 to 9999; outside them the nearest. */
extern char *timestamp_format(int64_t wall_ms, char text[TIMESTAMP_TEXT_SIZE]);

#endif
