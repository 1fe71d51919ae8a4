/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "setup/presets.h"

#include <stdio.h>

struct case_ {
	const char *name, *host; /* "": the provider has no server; NULL: there is no entry */
};

static void entries_are_found_by_domain(void **state)
{
	static const struct case_ cases[] = {
		{"gmail.com", "smtp.gmail.com"},
		{"GoogleMail.com", "smtp.gmail.com"},
		{"outlook.com", "smtp-mail.outlook.com"},
		{"hotmail.co.uk", "smtp-mail.outlook.com"},
		{"live.com.pt", "smtp-mail.outlook.com"},
		{"live.example.org", NULL},
		{"live.foo.uk", NULL},
		{"live.co.uk.org", NULL},
		{"live.", NULL},
		{"alive.com", NULL},
		{"firm.onmicrosoft.com", "smtp.office365.com"},
		{"onmicrosoft.com.evil.test", NULL},
		{"yahoo.co.jp", "smtp.mail.yahoo.co.jp"},
		{"yahoo.com", "smtp.mail.yahoo.com"},
		{"yahoo.co.uk", "smtp.mail.yahoo.com"},
		{"aol.de", "smtp.aol.com"},
		{"gmx.net", "mail.gmx.net"},
		{"gmx.com", "mail.gmx.com"},
		{"web.de", "smtp.web.de"},
		{"proton.me", ""},
		{"zohomail.eu", "smtp.zoho.eu"},
		{"yandex.com.tr", "smtp.yandex.com"},
		{"free.fr", "smtp.free.fr"},
		{"example.org", NULL},
		{"", NULL},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct preset *p = preset_by_domain(span_of(cases[i].name));
		print_message("%s\n", cases[i].name);
		assert_string_equal(p ? p->host : "(none)", cases[i].host ? cases[i].host : "(none)");
	}
}

static void entries_are_found_by_the_server_that_takes_the_mail(void **state)
{
	static const struct case_ cases[] = {
		{"aspmx.l.google.com", "smtp.gmail.com"},
		{"example-org.mail.protection.outlook.com", "smtp.office365.com"},
		{"outlook-com.olc.protection.outlook.com", "smtp-mail.outlook.com"},
		{"mta5.am0.yahoodns.net", "smtp.mail.yahoo.com"},
		{"in1-smtp.messagingengine.com", "smtp.fastmail.com"},
		{"mx00.kundenserver.de", "smtp.1und1.de"},
		{"mx1.mail.ovh.net", "ssl0.ovh.net"},
		{"mx.zoho.eu", "smtp.zoho.eu"},
		{"notgoogle.com", NULL},
		{"google.com.evil.test", NULL},
		{"", NULL},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct preset *p = preset_by_mx(span_of(cases[i].name));
		print_message("%s\n", cases[i].name);
		assert_string_equal(p ? p->host : "(none)", cases[i].host ? cases[i].host : "(none)");
	}
}

static void every_entry_makes_sense(void **state)
{
	(void)state;
	assert_true(preset_count > 60);
	for (size_t i = 0; i < preset_count; i++) {
		const struct preset *p = &presets[i];
		bool none = p->ports == PRESET_NO_SERVER;
		print_message("%s\n", p->title);
		assert_int_equal(none, !*p->host);
		assert_int_equal(none, !p->login);
		assert_true(!none || p->note);
		assert_true(*p->domains || *p->mx);
		assert_true(!(p->login & SETUP_OAUTH) || p->provider);
		assert_true(!p->page || strncmp(p->page, "https://", 8) == 0);
	}
}

/* "HOST:PORT MODE USER" of each, separated by ", " */
static void list(const struct candidates *c, char *out, size_t size)
{
	static const char *const modes[] = {"tls", "starttls", "plain"};
	size_t at = 0;
	out[0] = '\0';
	for (size_t i = 0; i < c->n && at < size; i++)
		at += (size_t)snprintf(out + at, size - at, "%s%s:%u %s %s", i ? ", " : "", c->v[i].host, c->v[i].port,
				       modes[c->v[i].mode], c->v[i].user ? c->v[i].user : "-");
}

static void an_entry_becomes_candidates(void **state)
{
	AUTO(candidates) c = CANDIDATES_INIT;
	char text[500];
	(void)state;
	preset_add(preset_by_domain(span_of("web.de")), SETUP_PRESET, "jo@web.de", NULL, &c);
	preset_add(preset_by_mx(span_of("mx.google.com")), SETUP_PRESET_MX, "jo@firm.test", "mx.google.com", &c);
	preset_add(preset_by_domain(span_of("proton.me")), SETUP_PRESET, "jo@proton.me", NULL, &c);
	list(&c, text, sizeof(text));
	assert_string_equal(text, "smtp.web.de:465 tls jo, smtp.web.de:587 starttls jo, "
				  "smtp.gmail.com:465 tls jo@firm.test");
	assert_false(c.v[0].doubtful);
	assert_true(c.v[2].doubtful);
	assert_string_equal(c.v[2].told_by, "mx.google.com");
	assert_string_equal(c.v[2].provider, "google");
}

struct given {
	const char *host;
	unsigned port;
	enum setup_mode mode;
	enum setup_source source;
};

static void candidates_are_ranked(void **state)
{
	static const struct {
		struct given in[4];
		const char *want;
	} cases[] = {
		{{{"srv", 465, SETUP_TLS, SETUP_SRV}, {"own", 587, SETUP_STARTTLS, SETUP_AUTOCONFIG}},
		 "own:587 starttls -, srv:465 tls -"},
		{{{"db", 465, SETUP_TLS, SETUP_DATABASE},
		  {"srv", 465, SETUP_TLS, SETUP_SRV},
		  {"mx", 465, SETUP_TLS, SETUP_AUTOCONFIG_MX},
		  {"pre", 465, SETUP_TLS, SETUP_PRESET_MX}},
		 "pre:465 tls -, mx:465 tls -, srv:465 tls -, db:465 tls -"},
		{{{"a", 25, SETUP_PLAIN, SETUP_AUTOCONFIG}, {"b", 465, SETUP_TLS, SETUP_SRV}},
		 "b:465 tls -, a:465 tls -, a:587 starttls -, a:25 starttls -, a:25 plain -"},
		{{{"a", 587, SETUP_TLS, SETUP_AUTOCONFIG}, {"a", 465, SETUP_STARTTLS, SETUP_AUTOCONFIG}},
		 "a:587 tls -, a:587 starttls -, a:465 starttls -, a:465 tls -"},
		{{{"a", 993, SETUP_STARTTLS, SETUP_AUTOCONFIG}}, "a:993 starttls -"},
		{{{"a", 465, SETUP_TLS, SETUP_SRV}, {"A", 465, SETUP_TLS, SETUP_AUTOCONFIG}}, "a:465 tls -"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		AUTO(candidates) c = CANDIDATES_INIT;
		char text[500];
		for (size_t j = 0; j < 4 && cases[i].in[j].host; j++) {
			const struct given *g = &cases[i].in[j];
			char host[16];
			(void)snprintf(host, sizeof(host), "%s", g->host);
			struct candidate add = {.host = host, .port = g->port, .mode = g->mode, .source = g->source};
			candidates_add(&c, &add);
		}
		candidates_rank(&c);
		list(&c, text, sizeof(text));
		assert_string_equal(text, cases[i].want);
	}
}

static void a_host_is_within_a_domain(void **state)
{
	(void)state;
	assert_true(setup_is_within(span_of("a.Example.org"), span_of("example.org")));
	assert_true(setup_is_within(span_of("example.org"), span_of("example.org")));
	assert_false(setup_is_within(span_of("badexample.org"), span_of("example.org")));
	assert_false(setup_is_within(span_of("org"), span_of("example.org")));
	assert_false(setup_is_within(span_of("a.example.org"), span_of("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_are_found_by_domain),
		cmocka_unit_test(entries_are_found_by_the_server_that_takes_the_mail),
		cmocka_unit_test(every_entry_makes_sense),
		cmocka_unit_test(an_entry_becomes_candidates),
		cmocka_unit_test(candidates_are_ranked),
		cmocka_unit_test(a_host_is_within_a_domain),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
