/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/datetime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <time.h>

static void zone(const char *tz)
{
	assert_int_equal(setenv("TZ", tz, 1), 0);
	tzset();
}

#define NOT INT64_MIN

static void points_with_a_zone(void **state)
{
	static const struct {
		const char *text;
		int64_t when; /* NOT: none */
	} rows[] = {
		{"1970-01-01T00:00:00Z", 0},
		{"2027-01-15T08:00:00Z", 1800000000},
		{"2027-01-15t08:00:00z", 1800000000},
		{"2027-01-15T08:00:00.999Z", 1800000000},
		{"2027-01-15T09:00:00+01:00", 1800000000},
		{"2027-01-15T02:30:00-05:30", 1800000000},
		{"2027-01-15T08:00:00+00:00", 1800000000},
		{"2027-01-15T08:00:00-00:00", 1800000000},
		{"2024-02-29T00:00:00Z", 1709164800},
		{"2000-02-29T00:00:00Z", 951782400},
		{"2016-12-31T23:59:60Z", 1483228800}, /* a leap second */
		{"9999-12-31T23:59:59Z", 253402300799},
		{"9999-12-31T23:59:59-00:01", NOT}, /* would have five digits */
		{"2023-02-29T00:00:00Z", NOT},
		{"2100-02-29T00:00:00Z", NOT},
		{"2027-04-31T00:00:00Z", NOT},
		{"2027-00-01T00:00:00Z", NOT},
		{"2027-13-01T00:00:00Z", NOT},
		{"2027-01-00T00:00:00Z", NOT},
		{"1969-12-31T23:59:59Z", NOT},
		{"1970-01-01T00:00:00+01:00", NOT}, /* before 1970 */
		{"2027-01-15T24:00:00Z", NOT},
		{"2027-01-15T08:60:00Z", NOT},
		{"2027-01-15T08:00:61Z", NOT},
		{"2027-01-15T08:00:00", NOT},
		{"2027-01-15T08:00Z", NOT},
		{"2027-01-15 08:00:00Z", NOT},
		{"2027-01-15T08:00:00.Z", NOT},
		{"2027-01-15T08:00:00+24:00", NOT},
		{"2027-01-15T08:00:00+01:60", NOT},
		{"2027-01-15T08:00:00+1", NOT},
		{"2027-01-15T08:00:00Zx", NOT},
		{"2027-1-15T08:00:00Z", NOT},
		{"20270115T080000Z", NOT},
		{"+027-01-15T08:00:00Z", NOT},
		{"2027-01-15T-8:00:00Z", NOT},
		{"2027-01-15", NOT},
		{"08:00", NOT},
		{"", NOT},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t when = NOT;
		bool is = datetime_parse(span_of(rows[i].text), &when);
		if (is != (rows[i].when != NOT) || when != rows[i].when)
			fail_msg("%s: %d, %lld", rows[i].text, is, (long long)when);
	}
}

static void every_front_of_a_point_is_none(void **state)
{
	static const char text[] = "2027-01-15T08:00:00+01:00";
	(void)state;
	for (size_t n = 0; n < strlen(text); n++) {
		int64_t when = NOT;
		assert_false(datetime_parse(span_make(text, n), &when));
		assert_true(when == NOT);
	}
}

/* 1800000000 is 2027-01-15 08:00 UTC, 09:00 in Berlin. */
static void as_people_write_it(void **state)
{
	static const struct {
		const char *tz, *text;
		int64_t when;
	} rows[] = {
		{"UTC0", "2027-01-15T08:00:00Z", 1800000000},
		{"UTC0", "2027-01-15T08:00", 1800000000},
		{"UTC0", "2027-01-15 08:00", 1800000000},
		{"UTC0", "2027-01-15 08:00:30", 1800000030},
		{"UTC0", "2027-01-15 08:00+02:00", 1800000000 - 7200},
		{"UTC0", "2027-01-15T08:00+0200", 1800000000 - 7200},
		{"CET-1CEST,M3.5.0,M10.5.0/3", "2027-01-15T09:00", 1800000000},
		{"CET-1CEST,M3.5.0,M10.5.0/3", "2027-01-15T08:00Z", 1800000000},
		{"CET-1CEST,M3.5.0,M10.5.0/3", "2027-07-15T10:00", 1815638400}, /* summer time: 08:00 UTC */
		{"EST5EDT,M3.2.0,M11.1.0", "2027-01-15T03:00", 1800000000},
		{"UTC0", "2027-01-15", NOT},
		{"UTC0", "2027-01-15T", NOT},
		{"UTC0", "2027-01-15T8:00", NOT},
		{"UTC0", "2027-02-29T08:00", NOT},
		{"UTC0", "2027-01-15T08:00x", NOT},
		{"UTC0", "2027-01-15  08:00", NOT},
		{"UTC0", "tomorrow", NOT},
		/* a time of the day: the next one */
		{"UTC0", "08:00", 1800000000 + 86400}, /* it is just now so late */
		{"UTC0", "08:00:01", 1800000001},
		{"UTC0", "08:01", 1800000060},
		{"UTC0", "07:59", 1800000000 + 86400 - 60},
		{"UTC0", "23:59", 1800000000 + 16 * 3600 - 60},
		{"UTC0", "00:00", 1800000000 + 16 * 3600},
		{"CET-1CEST,M3.5.0,M10.5.0/3", "09:30", 1800000000 + 1800},
		{"CET-1CEST,M3.5.0,M10.5.0/3", "08:30", 1800000000 + 86400 - 1800},
		{"UTC0", "24:00", NOT},
		{"UTC0", "8:00", NOT},
		{"UTC0", "08:00Z", NOT},
		{"UTC0", "0800", NOT},
		{"UTC0", "", NOT},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t when = NOT;
		zone(rows[i].tz);
		bool is = datetime_parse_local(span_of(rows[i].text), 1800000000, &when);
		if (is != (rows[i].when != NOT) || when != rows[i].when)
			fail_msg("%s %s: %d, %lld", rows[i].tz, rows[i].text, is, (long long)when);
	}
}

static void the_night_the_clocks_change(void **state)
{
	int64_t when = NOT, now = 1806192000; /* 2027-03-28 01:00 CET, an hour before summer time */
	(void)state;
	zone("CET-1CEST,M3.5.0,M10.5.0/3");
	assert_true(datetime_parse_local(SPAN_LIT("04:00"), now, &when));
	assert_true(when > now && when <= now + 86400);
	assert_true(datetime_parse_local(SPAN_LIT("02:30"), now, &when)); /* there is none: moved */
	assert_true(when > now && when <= now + 86400);
}

static void written_and_read_back(void **state)
{
	static const struct {
		int64_t when;
		const char *text;
	} rows[] = {{0, "1970-01-01T00:00:00Z"},
		    {1800000000, "2027-01-15T08:00:00Z"},
		    {253402300799, "9999-12-31T23:59:59Z"}};
	(void)state;
	zone("CET-1CEST,M3.5.0,M10.5.0/3"); /* means nothing here */
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) text = STRBUF_INIT;
		int64_t when = NOT;
		datetime_format(rows[i].when, &text);
		assert_string_equal(text.buf, rows[i].text);
		assert_true(datetime_parse(strbuf_span(&text), &when) && when == rows[i].when);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(points_with_a_zone),	 cmocka_unit_test(every_front_of_a_point_is_none),
		cmocka_unit_test(as_people_write_it),	 cmocka_unit_test(the_night_the_clocks_change),
		cmocka_unit_test(written_and_read_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
