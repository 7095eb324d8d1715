/*
 * support_time.c: see support_time.h.
 */
#include "postgres.h"

#include <ctype.h>

#include "datatype/timestamp.h"
#include "utils/datetime.h"

#include "support/support_time.h"

/* Writing */

static char *
write_digits(char *to, int number, int width)
{
	for (int i = width - 1; i >= 0; i--, number /= 10)
		to[i] = (char) ('0' + number % 10);
	return to + width;
}

void
time_write(char *to, TimestampTz value)
{
	struct pg_tm tm;
	fsec_t microseconds;

	if (TIMESTAMP_NOT_FINITE(value) || timestamp2tm(value, NULL, &tm, &microseconds, NULL, NULL) != 0 ||
		tm.tm_year < 1 || tm.tm_year > 9999)
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE), errmsg("timestamp out of range")));
	to = write_digits(to, tm.tm_year, 4);
	*to++ = '-';
	to = write_digits(to, tm.tm_mon, 2);
	*to++ = '-';
	to = write_digits(to, tm.tm_mday, 2);
	*to++ = 'T';
	to = write_digits(to, tm.tm_hour, 2);
	*to++ = ':';
	to = write_digits(to, tm.tm_min, 2);
	*to++ = ':';
	to = write_digits(to, tm.tm_sec, 2);
	if (microseconds != 0)
	{
		*to++ = '.';
		to = write_digits(to, microseconds, 6);
	}
	*to++ = 'Z';
	*to = '\0';
}

char *
time_text(TimestampTz value)
{
	char *text = palloc(TIME_TEXT_LENGTH + 1);

	time_write(text, value);
	return text;
}

/* Reading */

/* Reads exactly `width` digits; -1 when there are none such. */
static int
read_digits(const char **cursor, int width)
{
	int number = 0;

	for (int i = 0; i < width; i++)
	{
		if (!isdigit((unsigned char) (*cursor)[i]))
			return -1;
		number = number * 10 + ((*cursor)[i] - '0');
	}
	*cursor += width;
	return number;
}

static bool
read_char(const char **cursor, const char *accepted)
{
	if (**cursor == '\0' || strchr(accepted, **cursor) == NULL)
		return false;
	(*cursor)++;
	return true;
}

/* ".123456789": microseconds, more digits are cut. */
static bool
read_fraction(const char **cursor, int *microseconds)
{
	int digits = 0;

	*microseconds = 0;
	if (**cursor != '.')
		return true;
	(*cursor)++;
	for (; isdigit((unsigned char) **cursor); (*cursor)++, digits++)
	{
		if (digits < 6)
			*microseconds = *microseconds * 10 + (**cursor - '0');
	}
	for (int i = digits; i < 6; i++)
		*microseconds *= 10;
	return digits > 0 && digits <= 12;
}

/* "Z" or "+02:00": seconds east of Greenwich. */
static bool
read_offset(const char **cursor, int *seconds)
{
	int sign = **cursor == '-' ? -1 : 1;
	int hours;
	int minutes;

	*seconds = 0;
	if (read_char(cursor, "Zz"))
		return true;
	if (!read_char(cursor, "+-"))
		return false;
	hours = read_digits(cursor, 2);
	if (hours < 0 || hours > 23 || !read_char(cursor, ":"))
		return false;
	minutes = read_digits(cursor, 2);
	*seconds = sign * (hours * SECS_PER_HOUR + minutes * SECS_PER_MINUTE);
	return minutes >= 0 && minutes < 60;
}

static bool
read_date(const char **cursor, struct pg_tm *tm)
{
	tm->tm_year = read_digits(cursor, 4);
	if (tm->tm_year < 1 || !read_char(cursor, "-"))
		return false;
	tm->tm_mon = read_digits(cursor, 2);
	if (tm->tm_mon < 1 || tm->tm_mon > MONTHS_PER_YEAR || !read_char(cursor, "-"))
		return false;
	tm->tm_mday = read_digits(cursor, 2);
	return tm->tm_mday >= 1 && tm->tm_mday <= day_tab[isleap(tm->tm_year)][tm->tm_mon - 1];
}

static bool
read_clock(const char **cursor, struct pg_tm *tm)
{
	tm->tm_hour = read_digits(cursor, 2);
	if (tm->tm_hour < 0 || tm->tm_hour > 23 || !read_char(cursor, ":"))
		return false;
	tm->tm_min = read_digits(cursor, 2);
	if (tm->tm_min < 0 || tm->tm_min > 59 || !read_char(cursor, ":"))
		return false;
	tm->tm_sec = read_digits(cursor, 2);
	return tm->tm_sec >= 0 && tm->tm_sec <= 60; /* 60: a leap second */
}

/* RFC 3339 has years of four digits, in UTC too. */
static bool
is_in_calendar(TimestampTz time)
{
	struct pg_tm tm;
	fsec_t microseconds;

	return timestamp2tm(time, NULL, &tm, &microseconds, NULL, NULL) == 0 && tm.tm_year >= 1 && tm.tm_year <= 9999;
}

bool
time_parse(const char *text, TimestampTz *result)
{
	struct pg_tm tm;
	const char *cursor = text;
	int microseconds = 0;
	int offset = 0;
	int no_zone = 0;

	memset(&tm, 0, sizeof(tm));
	if (!read_date(&cursor, &tm))
		return false;
	if (*cursor != '\0' && !(read_char(&cursor, "Tt ") && read_clock(&cursor, &tm) &&
							 read_fraction(&cursor, &microseconds) && read_offset(&cursor, &offset) && *cursor == '\0'))
		return false;
	if (tm2timestamp(&tm, microseconds, &no_zone, result) != 0)
		return false;
	*result -= (int64) offset * USECS_PER_SEC;
	return is_in_calendar(*result);
}
