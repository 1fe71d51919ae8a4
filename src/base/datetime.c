/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/datetime.h"

#include <time.h>

#define YEAR_MIN 1970
#define YEAR_MAX 9999
#define YEAR_BASE 1900		 /* of tm_year */
#define LAST_SECOND 253402300799 /* the end of the year 9999; a zone offset can lead beyond it */

/* Removes exactly n digits from the front of text; their value must be within the range. */
static bool take_digits(struct span *text, size_t n, int least, int most, int *out)
{
	int value = 0;
	if (text->len < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!ascii_isdigit(text->ptr[i]))
			return false;
		value = value * 10 + (text->ptr[i] - '0');
	}
	*text = span_sub(*text, n, text->len);
	*out = value;
	return value >= least && value <= most;
}

static bool take_char(struct span *text, char c)
{
	if (!text->len || ascii_lower(text->ptr[0]) != c)
		return false;
	*text = span_sub(*text, 1, text->len);
	return true;
}

static int days_of_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return month == 2 && leap ? 29 : days[month - 1];
}

/* full-date = 4DIGIT "-" 2DIGIT "-" 2DIGIT */
static bool take_date(struct span *text, struct tm *tm)
{
	int year, month, day;
	if (!take_digits(text, 4, YEAR_MIN, YEAR_MAX, &year) || !take_char(text, '-') ||
	    !take_digits(text, 2, 1, 12, &month) || !take_char(text, '-') ||
	    !take_digits(text, 2, 1, days_of_month(year, month), &day))
		return false;
	tm->tm_year = year - YEAR_BASE;
	tm->tm_mon = month - 1;
	tm->tm_mday = day;
	return true;
}

/* partial-time = 2DIGIT ":" 2DIGIT ":" 2DIGIT ["." 1*DIGIT]; 60 is a leap second */
static bool take_time(struct span *text, bool seconds_needed, struct tm *tm)
{
	tm->tm_sec = 0;
	if (!take_digits(text, 2, 0, 23, &tm->tm_hour) || !take_char(text, ':') ||
	    !take_digits(text, 2, 0, 59, &tm->tm_min))
		return false;
	if (!take_char(text, ':'))
		return !seconds_needed;
	if (!take_digits(text, 2, 0, 60, &tm->tm_sec))
		return false;
	int digit;
	if (!take_char(text, '.'))
		return true;
	if (!take_digits(text, 1, 0, 9, &digit))
		return false;
	while (text->len && ascii_isdigit(text->ptr[0]))
		*text = span_sub(*text, 1, text->len);
	return true;
}

/* time-offset = "Z" / (("+" / "-") 2DIGIT ":" 2DIGIT); must end the text */
static bool take_zone(struct span *text, int *seconds)
{
	int hours, minutes;
	*seconds = 0;
	if (take_char(text, 'z'))
		return !text->len;
	int sign = take_char(text, '+') ? 1 : take_char(text, '-') ? -1 : 0;
	if (!sign || !take_digits(text, 2, 0, 23, &hours))
		return false;
	(void)take_char(text, ':');
	if (!take_digits(text, 2, 0, 59, &minutes))
		return false;
	*seconds = sign * (hours * 60 + minutes) * 60;
	return !text->len;
}

static bool set_if_in_range(int64_t found, int64_t *when)
{
	if (found < 0 || found > LAST_SECOND)
		return false;
	*when = found;
	return true;
}

static bool set_with_zone(struct span text, struct tm *tm, int64_t *when)
{
	int offset;
	return take_zone(&text, &offset) && set_if_in_range((int64_t)timegm(tm) - offset, when);
}

bool datetime_parse(struct span text, int64_t *when)
{
	struct tm tm = {.tm_sec = 0};
	return take_date(&text, &tm) && take_char(&text, 't') && take_time(&text, true, &tm) &&
	       set_with_zone(text, &tm, when);
}

/* mktime() finds out whether summer time applies, and moves a time that a change of the clock skips. */
static int64_t local_point(struct tm tm)
{
	tm.tm_isdst = -1;
	return (int64_t)mktime(&tm);
}

static bool parse_time_of_day(struct span text, int64_t now, int64_t *when)
{
	struct tm tm, today;
	time_t t = (time_t)now;
	if (!localtime_r(&t, &today))
		return false;
	tm = today;
	if (!take_time(&text, false, &tm) || text.len)
		return false;
	int64_t found = local_point(tm);
	if (found <= now) {
		tm.tm_mday++;
		found = local_point(tm);
	}
	return set_if_in_range(found, when);
}

bool datetime_parse_local(struct span text, int64_t now, int64_t *when)
{
	struct tm tm = {.tm_sec = 0};
	struct span rest = text;
	if (!take_date(&rest, &tm))
		return parse_time_of_day(text, now, when);
	if ((!take_char(&rest, 't') && !take_char(&rest, ' ')) || !take_time(&rest, false, &tm))
		return false;
	return rest.len ? set_with_zone(rest, &tm, when) : set_if_in_range(local_point(tm), when);
}

void datetime_format(int64_t when, struct strbuf *out)
{
	struct tm tm;
	time_t t = (time_t)when;
	char text[sizeof("9999-12-31T23:59:59Z")];
	if (gmtime_r(&t, &tm) && strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		strbuf_adds(out, text);
}
