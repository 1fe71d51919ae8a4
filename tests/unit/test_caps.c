/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "smtp/caps.h"

static void caps_of(struct caps *caps, const char *text)
{
	AUTO(reply) r = {.code = 250, .text = STRBUF_INIT};
	strbuf_adds(&r.text, text);
	caps_from_reply(caps, &r);
}

static const struct {
	const char *reply;
	unsigned bits;
	uint64_t size;
	const char *auth; /* joined with blanks */
} rows[] = {
	{"srv", 0, 0, ""},
	{"", 0, 0, ""},
	{"PIPELINING", 0, 0, ""}, /* the first line is the server's name */
	{"srv\nPIPELINING", CAP_PIPELINING, 0, ""},
	{"srv\npipelining\nDsn\n8bitmime", CAP_PIPELINING | CAP_DSN | CAP_8BITMIME, 0, ""},
	{"srv\nPIPELINING\nPIPELINING", CAP_PIPELINING, 0, ""},
	/* whole keywords only */
	{"srv\nDSNX", 0, 0, ""},
	{"srv\nXDSN", 0, 0, ""},
	{"srv\nDSN=1", 0, 0, ""},
	{"srv\nDS N", 0, 0, ""},
	{"srv\nSTARTTLSX\nSTARTTL", 0, 0, ""},
	{"srv\nSIZEX 100\nAUTHX PLAIN\nPIPELININGS", 0, 0, ""},
	{"srv\nX-SMTPUTF8\n8BITMIMEBINARYMIME", 0, 0, ""},
	{"srv\nDSN foo bar", CAP_DSN, 0, ""}, /* parameters that are not defined are ignored */
	{"srv\nSMTPUTF8 no 1=2\nDSN", CAP_SMTPUTF8 | CAP_DSN, 0, ""},
	{"srv\n  DSN  ", CAP_DSN, 0, ""},
	/* SIZE */
	{"srv\nSIZE", CAP_SIZE, 0, ""},
	{"srv\nSIZE 0", CAP_SIZE, 0, ""},
	{"srv\nSIZE 35882577", CAP_SIZE, 35882577, ""},
	{"srv\nsize\t1000 ", CAP_SIZE, 1000, ""},
	{"srv\nSIZE 18446744073709551615", CAP_SIZE, UINT64_MAX, ""},
	{"srv\nSIZE 18446744073709551616", CAP_SIZE, 0, ""},
	{"srv\nSIZE -1", CAP_SIZE, 0, ""},
	{"srv\nSIZE many", CAP_SIZE, 0, ""},
	{"srv\nSIZE 10\nSIZE 20", CAP_SIZE, 20, ""},
	/* AUTH */
	{"srv\nAUTH", CAP_AUTH, 0, ""},
	{"srv\nAUTH PLAIN LOGIN", CAP_AUTH, 0, "PLAIN LOGIN"},
	{"srv\nauth plain", CAP_AUTH, 0, "plain"},
	{"srv\nAUTH=PLAIN LOGIN", CAP_AUTH, 0, "PLAIN LOGIN"},
	{"srv\nAUTH=", CAP_AUTH, 0, ""},
	{"srv\nAuth=login", CAP_AUTH, 0, "login"},
	{"srv\nAUTH PLAIN LOGIN\nAUTH=PLAIN LOGIN", CAP_AUTH, 0, "PLAIN LOGIN"},
	{"srv\nAUTH PLAIN\nAUTH SCRAM-SHA-256  PLAIN", CAP_AUTH, 0, "PLAIN SCRAM-SHA-256"},
	/* every keyword we know */
	{"srv\nSMTPUTF8\nCHUNKING\nBINARYMIME\nDELIVERBY 240\nFUTURERELEASE 1 2\nMT-PRIORITY MIXER\nREQUIRETLS\nLIMITS "
	 "RCPTMAX=1\nETRN\n"
	 "PIPECONNECT\nVRFY\nHELP\nENHANCEDSTATUSCODES\nSTARTTLS",
	 CAP_SMTPUTF8 | CAP_CHUNKING | CAP_BINARYMIME | CAP_DELIVERBY | CAP_FUTURERELEASE | CAP_MT_PRIORITY |
		 CAP_REQUIRETLS | CAP_LIMITS | CAP_ETRN | CAP_PIPECONNECT | CAP_VRFY | CAP_HELP |
		 CAP_ENHANCEDSTATUSCODES | CAP_STARTTLS,
	 0, ""},
};

static void reads_the_list(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(caps) caps = CAPS_INIT;
		caps_of(&caps, rows[i].reply);
		AUTO_FREE char *auth = caps.auth.n ? strvec_join(&caps.auth, " ") : NULL;
		if (caps.bits != rows[i].bits || caps.size_limit != rows[i].size)
			fail_msg("%s: bits %x, size %llu", rows[i].reply, caps.bits,
				 (unsigned long long)caps.size_limit);
		assert_string_equal(auth ? auth : "", rows[i].auth);
	}
}

static void limits_of_requests(void **state)
{
	static const struct {
		const char *reply;
		int64_t by_minimum, hold_seconds, hold_until;
		const char *priorities;
	} limits[] = {
		{"srv", 0, 0, 0, NULL},
		{"srv\nDELIVERBY", 0, 0, 0, NULL},
		{"srv\nDELIVERBY 240", 240, 0, 0, NULL},
		{"srv\ndeliverby 240 more", 240, 0, 0, NULL},
		{"srv\nDELIVERBY 240,NEW=1", 240, 0, 0, NULL},
		{"srv\nDELIVERBY ,NEW", 0, 0, 0, NULL},
		{"srv\nDELIVERBY -1", 0, 0, 0, NULL},
		{"srv\nDELIVERBY 999999999", 999999999, 0, 0, NULL},
		{"srv\nDELIVERBY 1000000000", 0, 0, 0, NULL},
		{"srv\nFUTURERELEASE", 0, 0, 0, NULL},
		{"srv\nFUTURERELEASE 86400", 0, 86400, 0, NULL},
		{"srv\nFUTURERELEASE 86400 2027-01-15T08:00:00Z", 0, 86400, 1800000000, NULL},
		{"srv\nFUTURERELEASE 86400 2027-01-15T10:00:00+02:00", 0, 86400, 1800000000, NULL},
		{"srv\nFUTURERELEASE many 2027-01-15T08:00:00Z", 0, 0, 1800000000, NULL},
		{"srv\nFUTURERELEASE 1 2", 0, 1, 0, NULL},
		{"srv\nFUTURERELEASE 1 2027-01-15T08:00:00", 0, 1, 0, NULL},
		{"srv\nFUTURERELEASE 1 2027-01-15T08:00:00Z\nFUTURERELEASE 2", 0, 2, 0, NULL},
		{"srv\nMT-PRIORITY", 0, 0, 0, NULL},
		{"srv\nMT-PRIORITY MIXER", 0, 0, 0, "MIXER"},
		{"srv\nMT-PRIORITY STANAG4406 x\nMT-PRIORITY NSEP", 0, 0, 0, "NSEP"},
		{"srv\nMT-PRIORITY \x1b[1m", 0, 0, 0, "?[1m"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		AUTO(caps) caps = CAPS_INIT;
		AUTO(caps) copy = CAPS_INIT;
		caps_of(&caps, "srv\nDELIVERBY 7\nMT-PRIORITY OLD");
		caps_of(&caps, limits[i].reply);
		caps_copy(&copy, &caps);
		if (copy.by_minimum != limits[i].by_minimum || copy.hold_seconds != limits[i].hold_seconds ||
		    copy.hold_until != limits[i].hold_until)
			fail_msg("%s: %lld %lld %lld", limits[i].reply, (long long)copy.by_minimum,
				 (long long)copy.hold_seconds, (long long)copy.hold_until);
		assert_string_equal(copy.priorities ? copy.priorities : "",
				    limits[i].priorities ? limits[i].priorities : "");
		assert_int_equal(copy.priorities != NULL, limits[i].priorities != NULL);
	}
}

static void a_second_list_replaces_the_first(void **state)
{
	(void)state;
	AUTO(caps) caps = CAPS_INIT;
	caps_of(&caps, "one.example hello\nSIZE 100\nAUTH PLAIN\nDSN");
	assert_string_equal(caps.greeting_name, "one.example");
	caps_of(&caps, "two.example\nETRN");
	assert_string_equal(caps.greeting_name, "two.example");
	assert_int_equal(caps.bits, CAP_ETRN);
	assert_int_equal(caps.size_limit, 0);
	assert_int_equal(caps.auth.n, 0);
	assert_int_equal(caps.lines.n, 1);
	caps_release(&caps);
	assert_int_equal(caps.bits, 0);
	assert_false(caps_has(&caps, CAP_ETRN));
}

static void keeps_every_line_clean_for_the_user(void **state)
{
	(void)state;
	AUTO(caps) caps = CAPS_INIT;
	caps_of(&caps, "srv\nX-UNKNOWN a b\nSIZE 10\nEVIL \x1b[31mred\nAUTH \x1b[1m");
	assert_int_equal(caps.lines.n, 4);
	assert_string_equal(caps.lines.v[0], "X-UNKNOWN a b");
	assert_string_equal(caps.lines.v[1], "SIZE 10");
	for (size_t i = 0; i < caps.lines.n; i++)
		assert_null(strchr(caps.lines.v[i], '\x1b'));
	for (size_t i = 0; i < caps.auth.n; i++)
		assert_null(strchr(caps.auth.v[i], '\x1b'));
}

static void every_capability_has_a_name_that_reads_back(void **state)
{
	(void)state;
	for (unsigned bit = CAP_8BITMIME; bit <= CAP_HELP; bit <<= 1) {
		AUTO(caps) caps = CAPS_INIT;
		AUTO(strbuf) text = STRBUF_INIT;
		strbuf_addf(&text, "srv\n%s", cap_name((enum cap)bit));
		caps_of(&caps, text.buf);
		assert_int_equal(caps.bits, bit);
		assert_true(caps_has(&caps, (enum cap)bit));
	}
}

static void lines_that_were_kept_give_the_same_list(void **state)
{
	(void)state;
	AUTO(caps) said = CAPS_INIT, kept = CAPS_INIT;
	caps_of(&said, "srv hello\nSIZE 100\n PIPELINING \nAUTH PLAIN LOGIN\nAUTH=NTLM\nX \x1b[1m\n\nDSN");
	caps_from_lines(&kept, &said.lines);
	assert_true(caps_same(&said, &kept));
	assert_int_equal(kept.bits, said.bits);
	assert_int_equal(kept.size_limit, 100);
	assert_true(strvec_equal(&kept.auth, &said.auth));
	assert_null(kept.greeting_name);
}

static void any_other_line_is_another_list(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
		bool same;
	} pairs[] = {
		{"srv", "other hello", true},
		{"srv\nSIZE", "srv\nSIZE", true},
		{"srv\nSIZE", "srv\nsize", false},
		{"srv\nSIZE 1", "srv\nSIZE 2", false},
		{"srv\nDSN\nSIZE", "srv\nSIZE\nDSN", false},
		{"srv\nDSN", "srv\nDSN\nDSN", false},
		{"srv\nDSN", "srv", false},
		{"srv\nAUTH PLAIN LOGIN", "srv\nAUTH LOGIN PLAIN", false},
	};
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		AUTO(caps) a = CAPS_INIT, b = CAPS_INIT;
		caps_of(&a, pairs[i].a);
		caps_of(&b, pairs[i].b);
		assert_int_equal(caps_same(&a, &b), pairs[i].same);
		assert_int_equal(caps_same(&b, &a), pairs[i].same);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_that_were_kept_give_the_same_list),
		cmocka_unit_test(any_other_line_is_another_list),
		cmocka_unit_test(reads_the_list),
		cmocka_unit_test(limits_of_requests),
		cmocka_unit_test(a_second_list_replaces_the_first),
		cmocka_unit_test(keeps_every_line_clean_for_the_user),
		cmocka_unit_test(every_capability_has_a_name_that_reads_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
