/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A time that is accepted is the one that the text says, written back it is the same time, and it is accepted in the
 * form of users, too.  Any point in time is written as a valid Date field.
 */
#include "fuzz.h"

#include "base/datetime.h"
#include "header/msgid.h"

static bool has_form(const char *text, const char *form)
{
	for (; *form; form++, text++)
		if (*form == '0' ? !ascii_isdigit(*text) : *form == 'x' ? !*text : *text != *form)
			return false;
	return true;
}

/* What the digits say, found out in another way. */
static int64_t count(const char *text)
{
	struct tm tm = {.tm_isdst = 0};
	char zone[8] = "";
	double seconds;
	MUST(has_form(text, "0000-00-00x00:00:00"));
	int n = sscanf(text, "%4d-%2d-%2d%*c%2d:%2d:%lf%6s", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour,
		       &tm.tm_min, &seconds, zone);
	MUST(n == 7);
	tm.tm_year -= 1900;
	tm.tm_mon--;
	tm.tm_sec = (text[17] - '0') * 10 + text[18] - '0';
	int64_t offset = 0;
	if (zone[0] != 'Z' && zone[0] != 'z') {
		int hours = (zone[1] - '0') * 10 + zone[2] - '0', at = zone[3] == ':' ? 4 : 3;
		offset = (hours * 60 + (zone[at] - '0') * 10 + zone[at + 1] - '0') * 60;
		offset = zone[0] == '-' ? -offset : offset;
	}
	return (int64_t)timegm(&tm) - offset;
}

static void must_be_a_date(int64_t when)
{
	AUTO(strbuf) date = STRBUF_INIT;
	struct tm tm = {.tm_isdst = -1};
	date_make(&date, (time_t)when);
	const char *end = strptime(date.buf, "%a, %d %b %Y %H:%M:%S %z", &tm);
	MUST(end && !*end);
	int64_t offset = tm.tm_gmtoff;
	MUST((int64_t)timegm(&tm) - offset == when);
}

static void must_be_the_same(int64_t when)
{
	AUTO(strbuf) text = STRBUF_INIT;
	int64_t again;
	MUST(when >= 0 && when <= INT64_C(253402300799));
	datetime_format(when, &text);
	MUST(has_form(text.buf, "0000-00-00T00:00:00Z") && text.len == 20);
	MUST(datetime_parse(strbuf_span(&text), &again) && again == when);
	must_be_a_date(when);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_make((const char *)data, size);
	AUTO_FREE char *string = fuzz_string(text);
	int64_t when, as_user;
	bool ok = datetime_parse(text, &when), user = datetime_parse_local(text, FUZZ_NOW, &as_user);
	if (ok) {
		MUST(strlen(string) == size && when == count(string));
		must_be_the_same(when);
		MUST(user && as_user == when);
	}
	if (user) {
		must_be_the_same(as_user);
		/* a time of day is one within the next day, or two where a change of the clock skips it */
		MUST(text.len > 12 || text.len < 4 || text.ptr[2] != ':' ||
		     (as_user > FUZZ_NOW && as_user <= FUZZ_NOW + INT64_C(2) * 24 * 60 * 60));
	}
	return 0;
}
