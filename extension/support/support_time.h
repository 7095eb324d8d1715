/*
 * support_time.h: times as RFC 3339 text.
 */
#ifndef COLLAB_SUPPORT_TIME_H
#define COLLAB_SUPPORT_TIME_H

#include "postgres.h"
#include "utils/timestamp.h"

#define TIME_TEXT_LENGTH 27 /* with microseconds */

/* RFC 3339 date-time, or a date alone (midnight UTC). False when it is neither or out of the calendar. */
extern bool time_parse(const char *text, TimestampTz *result);
/* "2026-11-21T09:30:00Z", with microseconds only where there are some; raises an ERROR outside the years 1 to 9999. */
extern char *time_text(TimestampTz value);
/* The same into a buffer of TIME_TEXT_LENGTH + 1. */
extern void time_write(char *to, TimestampTz value);

#endif
