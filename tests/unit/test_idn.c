/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "net/idn.h"

#define L10 "abcdefghij"
#define L60 L10 L10 L10 L10 L10 L10
#define L63 L60 "abc"

static const struct {
	const char *domain, *ascii; /* NULL: refused */
} rows[] = {
	{"example.org", "example.org"},
	{"Example.ORG", "Example.ORG"},
	{"example.org.", "example.org"},
	{"localhost", "localhost"},
	{"a-b.xn--bcher-kva.example", "a-b.xn--bcher-kva.example"},
	{"_dmarc.ex_ample.org", "_dmarc.ex_ample.org"},
	{"3com.de", "3com.de"},
	{L63 ".de", L63 ".de"},
	{L63 "." L63 "." L63 "." L60 "a", L63 "." L63 "." L63 "." L60 "a"}, /* 253 */
	/* U-labels */
	{"b\xc3\xbc"
	 "cher.example",
	 "xn--bcher-kva.example"},
	{"B\xc3\x9c"
	 "CHER.example",
	 "xn--bcher-kva.example"},
	{"fu\xc3\x9f.de", "xn--fu-hia.de"}, /* nontransitional: not fuss.de */
	{"bu\xcc\x88"
	 "cher.example.",
	 "xn--bcher-kva.example"}, /* a combining diaeresis, composed by NFC */
	{"\xe4\xbe\x8b\xe3\x81\x88\xe3\x80\x82\xe3\x83\x86\xe3\x82\xb9\xe3\x83\x88",
	 "xn--r8jz45g.xn--zckzah"}, /* ideographic full stop */
	{"_x.b\xc3\xbc"
	 "cher.example",
	 "_x.xn--bcher-kva.example"},
	/* empty labels */
	{"", NULL},
	{".", NULL},
	{"..", NULL},
	{"a..b", NULL},
	{".a", NULL},
	{"a..", NULL},
	{"b\xc3\xbc..de", NULL},
	{"b\xc3\xbc.\xe3\x80\x82"
	 "de",
	 NULL},
	{"\xc2\xad.de", NULL}, /* a soft hyphen, mapped to nothing */
	/* octets no domain has */
	{"a b.de", NULL},
	{" a.de", NULL},
	{"a.de\n", NULL},
	{"a\r\nRCPT TO:<x>.de", NULL},
	{"a@b.de", NULL},
	{"a/b", NULL},
	{"a:b", NULL},
	{"\xc3\xbc b.de", NULL},
	{"\xc3\xbc<.de", NULL},
	{"\xef\xbc\xa0\xc3\xbc.de", NULL}, /* FULLWIDTH @ maps to @ */
	{"a\xef\xbc\x8e.de", NULL},	   /* FULLWIDTH . maps to . */
	{"-a.de", NULL},
	{"a-.de", NULL},
	{"-", NULL},
	{"b\xfc"
	 "cher.de",
	 NULL}, /* Latin-1 */
	{"\xc3", NULL},
	/* lengths */
	{L63 "d.de", NULL},
	{L63 "." L63 "." L63 "." L60 "ab", NULL}, /* 254 */
	{L60 "\xc3\xbc.de", NULL},		  /* 62 octets, more than 63 as an A-label */
	/* literals */
	{"[192.0.2.1]", "[192.0.2.1]"},
	{"[IPv6:2001:db8::1]", "[IPv6:2001:db8::1]"},
	{"[ipv6:::1]", "[ipv6:::1]"},
	{"[::1]", NULL},
	{"[192.0.2]", NULL},
	{"[192.0.2.01]", NULL},
	{"[192.0.2.1", NULL},
	{"[IPv6:1]", NULL},
	{"[IPv6:", NULL},
	{"[IPv6:]", NULL},
	{"[]", NULL},
	{"[", NULL},
	{"[a.de]", NULL},
	{"[192.0.2.1] ", NULL},
};

static void domains_become_a_labels_or_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(error) err = ERROR_INIT;
		AUTO_FREE char *exact = xmemdup(rows[i].domain, strlen(rows[i].domain)); /* no NUL after it */
		AUTO_FREE char *ascii = idn_to_ascii(span_make(exact, strlen(rows[i].domain)), &err);
		if (rows[i].ascii) {
			if (!ascii)
				fail_msg("%s: %s", rows[i].domain, err.status.text);
			assert_string_equal(ascii, rows[i].ascii);
			assert_int_equal(err.status.kind, ERROR_NONE);
		} else {
			if (ascii)
				fail_msg("%s was taken as %s", rows[i].domain, ascii);
			assert_int_equal(err.status.kind, ERROR_ADDRESS);
			assert_non_null(err.status.text);
			assert_null(strpbrk(err.status.text, "\r\n"));
		}
	}
}

static void nul_octets_are_refused(void **state)
{
	(void)state;
	assert_null(idn_to_ascii(SPAN_LIT("a.de\0.example"), NULL));
	assert_null(idn_to_ascii(SPAN_LIT("\xc3\xbc.de\0.example"), NULL));
	assert_null(idn_to_ascii(SPAN_LIT("[192.0.2.1\0]"), NULL));
}

static void converting_twice_changes_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!rows[i].ascii)
			continue;
		AUTO_FREE char *again = idn_to_ascii(span_of(rows[i].ascii), NULL);
		assert_non_null(again);
		assert_string_equal(again, rows[i].ascii);
	}
}

static void addresses_keep_their_local_part(void **state)
{
	(void)state;
	static const struct {
		const char *addr, *ascii;
		bool ok;
	} addresses[] = {
		{"u@example.org", "u@example.org", true},
		{"U+x@b\xc3\xbc"
		 "cher.example",
		 "U+x@xn--bcher-kva.example", true},
		{"\"a@b\"@b\xc3\xbc"
		 "cher.example",
		 "\"a@b\"@xn--bcher-kva.example", true},
		{"u@[IPv6:::1]", "u@[IPv6:::1]", true},
		{"postmaster", "postmaster", true},
		{"\xc3\xbc@example.org", NULL, true},
		{"\xc3\xbc@b\xc3\xbc"
		 "cher.example",
		 NULL, true},
		{"\xc3\xbc", NULL, true},
		{"u@", NULL, false},
		{"u@a..b", NULL, false},
		{"u@b\xfc"
		 "cher.de",
		 NULL, false},
	};
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
		char untouched[] = "untouched", *ascii = untouched;
		AUTO(error) err = ERROR_INIT;
		assert_int_equal(idn_address_to_ascii(addresses[i].addr, &ascii, &err), addresses[i].ok);
		if (!addresses[i].ok) {
			assert_ptr_equal(ascii, untouched);
			assert_int_equal(err.status.kind, ERROR_ADDRESS);
			continue;
		}
		AUTO_FREE char *owned = ascii;
		assert_int_equal(owned != NULL, addresses[i].ascii != NULL);
		if (owned)
			assert_string_equal(owned, addresses[i].ascii);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(domains_become_a_labels_or_are_refused),
		cmocka_unit_test(nul_octets_are_refused),
		cmocka_unit_test(converting_twice_changes_nothing),
		cmocka_unit_test(addresses_keep_their_local_part),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
