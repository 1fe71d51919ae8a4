/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message_help.h"

#include "header/msgid.h"

#include <locale.h>

static void fill_ff(const struct rng *rng, void *p, size_t len)
{
	(void)rng;
	memset(p, 0xff, len);
}

static void fill_counting(const struct rng *rng, void *p, size_t len)
{
	(void)rng;
	for (size_t i = 0; i < len; i++)
		((unsigned char *)p)[i] = (unsigned char)i;
}

static const struct rng all_ones = {fill_ff}, counting = {fill_counting};

static void an_id_is_the_random_bits_in_base32_at_the_domain(void **state)
{
	(void)state;
	static const struct {
		const struct rng *rng;
		const char *domain, *want;
	} rows[] = {
		{&all_ones, "example.org", "<77777777777777777777777774@example.org>"},
		{&counting, "example.org", "<aaaqeayeaudaocajbifqydiob4@example.org>"},
		{&counting, "[192.0.2.1]", "<aaaqeayeaudaocajbifqydiob4@[192.0.2.1]>"},
		{&counting, "[IPv6:2001:DB8::1]", "<aaaqeayeaudaocajbifqydiob4@[IPv6:2001:DB8::1]>"},
		{&counting, "under_score.example", "<aaaqeayeaudaocajbifqydiob4@under_score.example>"},
		/* never the name of another host */
		{&counting, "a>\r\nBcc: x@y", "<aaaqeayeaudaocajbifqydiob4@localhost>"},
		{&counting,
		 "b\xc3\xbc"
		 "cher.test",
		 "<aaaqeayeaudaocajbifqydiob4@localhost>"},
		{&counting, "foo.", "<aaaqeayeaudaocajbifqydiob4@localhost>"},
		{&counting, ".foo", "<aaaqeayeaudaocajbifqydiob4@localhost>"},
		{&counting, "a..b", "<aaaqeayeaudaocajbifqydiob4@localhost>"},
		{&counting, "::1", "<aaaqeayeaudaocajbifqydiob4@localhost>"},
		{&counting, "[192.0.2.1", "<aaaqeayeaudaocajbifqydiob4@localhost>"},
		{&counting, "[a]b]", "<aaaqeayeaudaocajbifqydiob4@localhost>"},
		{&counting, "[]", "<aaaqeayeaudaocajbifqydiob4@localhost>"},
		{&counting, "", "<aaaqeayeaudaocajbifqydiob4@localhost>"},
		{&counting, NULL, "<aaaqeayeaudaocajbifqydiob4@localhost>"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) out = STRBUF_INIT;
		msgid_make(&out, rows[i].rng, rows[i].domain);
		assert_string_equal(out.buf, rows[i].want);
	}
}

static void two_ids_differ(void **state)
{
	(void)state;
	AUTO(strbuf) a = STRBUF_INIT, b = STRBUF_INIT;
	msgid_make(&a, &rng_system, "x");
	msgid_make(&b, &rng_system, "x");
	assert_string_not_equal(a.buf, b.buf);
}

static void a_date_has_the_offset_of_its_moment(void **state)
{
	(void)state;
	static const struct {
		const char *zone;
		time_t when;
		const char *want;
	} rows[] = {
		{"UTC0", 0, "Thu, 1 Jan 1970 00:00:00 +0000"},
		{"CET-1CEST,M3.5.0,M10.5.0/3", 1795339800, "Sun, 22 Nov 2026 10:30:00 +0100"},
		{"CET-1CEST,M3.5.0,M10.5.0/3", 1782116999, "Mon, 22 Jun 2026 10:29:59 +0200"},
		{"NST3:30", 1795339800, "Sun, 22 Nov 2026 06:00:00 -0330"},
		{"XXX0:30", 1795339800, "Sun, 22 Nov 2026 09:00:00 -0030"},
		{"IST-5:30", 951782400, "Tue, 29 Feb 2000 05:30:00 +0530"},
		{"UTC0", -1, "Wed, 31 Dec 1969 23:59:59 +0000"},
		{"UTC0", INT64_MAX, "Thu, 1 Jan 1970 00:00:00 +0000"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) out = STRBUF_INIT;
		assert_int_equal(setenv("TZ", rows[i].zone, 1), 0);
		tzset();
		date_make(&out, rows[i].when);
		assert_string_equal(out.buf, rows[i].want);
	}
}

static void a_date_is_english_in_every_locale(void **state)
{
	(void)state;
	static const char *const locales[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "ja_JP.UTF-8", "fa_IR.UTF-8", "C.UTF-8"};
	assert_int_equal(setenv("TZ", "UTC0", 1), 0);
	for (size_t i = 0; i < ARRAY_SIZE(locales); i++) {
		AUTO(strbuf) out = STRBUF_INIT;
		if (!setlocale(LC_ALL, locales[i]))
			print_message("# the locale %s is not installed\n", locales[i]);
		date_make(&out, 1795339800);
		assert_string_equal(out.buf, "Sun, 22 Nov 2026 09:30:00 +0000");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_is_the_random_bits_in_base32_at_the_domain),
		cmocka_unit_test(two_ids_differ),
		cmocka_unit_test(a_date_has_the_offset_of_its_moment),
		cmocka_unit_test(a_date_is_english_in_every_locale),
	};
	return cmocka_run_group_tests_name("msgid", tests, NULL, NULL);
}
