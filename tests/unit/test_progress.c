/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The line about a long transfer: when it appears, what stands in it, and that it goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/strbuf.h"
#include "transport/progress.h"

static msec_t now;

static msec_t monotonic(const struct clock *clock)
{
	(void)clock;
	return now;
}

static const struct clock hand = {.monotonic = monotonic};

static const struct {
	msec_t at;
	unsigned percent;
	const char *shown; /* what is written at that time */
} steps[] = {
	{1000, 1, ""},					     /* the transfer begins */
	{2999, 10, ""},					     /* not for two seconds */
	{3000, 20, "\rsending: 20 % of 10.0 MB, 1.00 MB/s"}, /* then it appears */
	{3100, 22, ""},					     /* not redrawn for every portion */
	{3250, 45, "\rsending: 45 % of 10.0 MB, 2.00 MB/s"}, /* but soon */
	{16000, 90, "\rsending: 90 % of 10.0 MB, 0.60 MB/s"},
	{16010, 100, "\r                                   \r"}, /* complete: the terminal is empty again */
	{16020, 120, ""},					 /* doubled dots */
};

static void it_appears_after_two_seconds_and_goes(void **state)
{
	(void)state;
	struct progress p = {.clock = &hand};
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		now = steps[i].at;
		AUTO(strbuf) out = STRBUF_INIT;
		progress_draw(&p, steps[i].percent * UINT64_C(100000), UINT64_C(10000000), &out);
		assert_string_equal(out.buf, steps[i].shown);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_appears_after_two_seconds_and_goes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
