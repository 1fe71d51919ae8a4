/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Under which names TLSA records are looked for, and what is taken (RFC 7672 section 2.2). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dns/tlsa.h"

#include "../lib/test_runtime.h"
#include "base/strbuf.h"
#include "base/xalloc.h"
#include "transport/dane.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

static void records_are_read(void **state)
{
	(void)state;
	static const struct {
		const char *octets;
		size_t len;
		bool ok;
		unsigned usage, selector, matching;
		size_t n;
	} rows[] = {
		{"\3\1\1abc", 6, true, 3, 1, 1, 3},
		{"\2\0\0x", 4, true, 2, 0, 0, 1},
		{"\377\376\375x", 4, true, 255, 254, 253, 1},
		{"\3\1\1", 3, false, 0, 0, 0, 0},
		{"\3", 1, false, 0, 0, 0, 0},
		{"", 0, false, 0, 0, 0, 0},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(tlsa_found) found = TLSA_FOUND_INIT;
		AUTO_FREE char *exact = xmalloc(rows[i].len ? rows[i].len : 1);
		memcpy(exact, rows[i].octets, rows[i].len);
		assert_int_equal(tlsa_parse(span_make(exact, rows[i].len), &found.records), rows[i].ok);
		assert_int_equal(found.records.n, rows[i].ok);
		if (!rows[i].ok)
			continue;
		const struct tlsa_record *r = found.records.v;
		assert_int_equal(r->usage, rows[i].usage);
		assert_int_equal(r->selector, rows[i].selector);
		assert_int_equal(r->matching, rows[i].matching);
		assert_int_equal(r->data.n, rows[i].n);
		assert_memory_equal(r->data.v, rows[i].octets + 3, rows[i].n);
	}
}

/* An answer in short: the state, and for records "=NAME" with the end of the aliases. */
static void add_answer(struct strbuf *out, const char *text)
{
	const char *name = strchr(text, '=');
	struct span word = span_make(text, name ? (size_t)(name - text) : strlen(text));
	bool records = span_equals_str(word, "secure") || span_equals_str(word, "insecure");
	strbuf_add_span(out, word);
	strbuf_addch(out, '\0');
	strbuf_addch(out, '\0');
	strbuf_adds(out, name ? name + 1 : "");
	strbuf_addch(out, '\0');
	strbuf_add_span(out, records ? span_make("1\0001\0x", 5) : span_make("0\0", 2));
}

static void names_follow_the_addresses(void **state)
{
	(void)state;
	static const struct {
		const char *a, *aaaa, *cname;
		const char *names; /* NULL: a failure */
		const char *says;
	} rows[] = {
		/* no alias */
		{"secure=mail.test", "secure nodata", "secure nodata", "mail.test", NULL},
		{"secure", "secure", "secure nodata", "mail.test", NULL},
		{"secure=MAIL.test", "secure nodata", "secure nodata", "mail.test", NULL},
		{"secure nodata", "secure=mail.test", "secure nodata", "mail.test", NULL},
		{"insecure", "insecure nodata", "insecure nodata", "", "its address records are not signed"},
		{"insecure", "secure", "secure nodata", "", "its address records are not signed"},
		{"secure", "insecure", "secure nodata", "", "its address records are not signed"},
		/* an alias, with signatures all the way: the end first */
		{"secure=end.test", "secure=end.test", "secure", "end.test mail.test", NULL},
		{"secure nodata", "secure=end.test", "secure", "end.test mail.test", NULL},
		/* it leads out of what is signed: only where it begins */
		{"insecure=end.test", "insecure nodata", "secure", "mail.test", NULL},
		{"insecure=end.test", "insecure nodata", "insecure", "", "its address records are not signed"},
		{"insecure=end.test", "insecure nodata", "insecure nodata", "", "its address records are not signed"},
		/* no address */
		{"secure nodata", "secure nodata", "secure nodata", "", "the DNS has no address for it"},
		{"secure nxdomain", "secure nxdomain", "secure nxdomain", "", "the DNS has no address for it"},
		{"insecure nxdomain", "insecure nxdomain", "insecure nxdomain", "", "the DNS has no address for it"},
		/* every failure ends it */
		{"bogus", "secure", "secure nodata", NULL, "mail.test (A) is not valid"},
		{"secure", "bogus", "secure nodata", NULL, "mail.test (AAAA) is not valid"},
		{"insecure=end.test", "insecure", "bogus", NULL, "mail.test (CNAME) is not valid"},
		{"secure", "failed", "secure nodata", NULL, "could not answer for mail.test (AAAA)"},
		{"timeout", "secure", "secure nodata", NULL, "no name server answered for mail.test (A)"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) text = STRBUF_INIT;
		AUTO(strbuf) names = STRBUF_INIT;
		AUTO(dns_answers) answers = DNS_ANSWERS_INIT;
		AUTO(error) err = ERROR_INIT;
		struct tlsa_names found;
		add_answer(&text, rows[i].a);
		add_answer(&text, rows[i].aaaa);
		add_answer(&text, rows[i].cname);
		print_message("# %s, %s, %s\n", rows[i].a, rows[i].aaaa, rows[i].cname);
		assert_true(dns_answers_parse(strbuf_span(&text), 3, &answers, &err));
		bool ok = tlsa_choose_names("mail.test", answers.v, &found, &err);
		assert_int_equal(ok, rows[i].names != NULL);
		assert_int_equal(err.status.kind, ok ? ERROR_NONE : ERROR_DNS_TEMPORARY);
		if (!ok) {
			assert_non_null(strstr(err.status.text, rows[i].says));
			continue;
		}
		for (size_t j = 0; j < found.n; j++)
			strbuf_addf(&names, "%s%s", j ? " " : "", found.v[j]);
		assert_string_equal(names.buf, rows[i].names);
		if (!found.n)
			assert_string_equal(found.why, rows[i].says);
	}
}

/* ---- with a helper, in place of which a shell script answers ---- */

struct script {
	char folder[sizeof("/tmp/posthaste-unit.XXXXXX")];
	char *path;
};

/* Answers questions for addresses with the first text, those for TLSA records with the second, in which NUL is "|" and
 * the record usage 3, selector 1, matching 1, "x" is R. */
static void script_make(struct script *s, const char *addresses, const char *tlsa)
{
	strcpy(s->folder, "/tmp/posthaste-unit.XXXXXX");
	assert_non_null(mkdtemp(s->folder));
	s->path = xasprintf("%s/helper", s->folder);
	int fd = open(s->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
	assert_true(fd >= 0);
	assert_true(dprintf(fd,
			    "#!/bin/sh\ngot=$(tr '\\000' '|')\ncase $got in\n*_465._tcp.*) answer='%s';;\n*) "
			    "answer='%s';;\nesac\nprintf %%s \"$answer\" | sed 's/R/4|\\x03\\x01\\x01x/g' | tr '|' "
			    "'\\000'\n",
			    tlsa, addresses) > 0);
	assert_int_equal(close(fd), 0);
}

static void script_remove(struct script *s)
{
	assert_int_equal(unlink(s->path), 0);
	assert_int_equal(rmdir(s->folder), 0);
	free(s->path);
}

#define PLAIN "secure|||1|1|asecure nodata|||0|secure nodata|||0|"
#define ALIAS "secure||end.test|1|1|asecure nodata|||0|secure||end.test|1|1|b"
#define NONE "secure nodata|||0|"
#define SOME "secure|||1|R"

static void the_first_name_with_valid_records_is_the_base(void **state)
{
	(void)state;
	static const struct {
		const char *host, *addresses, *tlsa;
		enum error_kind kind;
		size_t n;
		const char *base, *says; /* says: the owner, why there are none, or part of the error */
	} rows[] = {
		{"mail.test", PLAIN, SOME, ERROR_NONE, 1, "mail.test", "_465._tcp.mail.test"},
		{"Mail.Test.", PLAIN, SOME, ERROR_NONE, 1, "Mail.Test", "_465._tcp.Mail.Test"},
		{"mail.test", PLAIN, "secure|||2|RR", ERROR_NONE, 2, "mail.test", "_465._tcp.mail.test"},
		{"mail.test", PLAIN, NONE, ERROR_NONE, 0, NULL, "the DNS has none"},
		{"mail.test", PLAIN, "secure nxdomain|||0|", ERROR_NONE, 0, NULL, "the DNS has none"},
		{"mail.test", PLAIN, "insecure|||1|R", ERROR_NONE, 0, NULL, "they are not signed"},
		{"mail.test", PLAIN, "bogus|expired||0|", ERROR_DNS_TEMPORARY, 0, NULL,
		 "_465._tcp.mail.test (TLSA) is not valid: expired"},
		{"mail.test", PLAIN, "failed|NOTIMP||0|", ERROR_DNS_TEMPORARY, 0, NULL, "NOTIMP"},
		{"mail.test", PLAIN, "timeout|||0|", ERROR_DNS_TEMPORARY, 0, NULL, "in time"},
		{"mail.test", "bogus|forged||0|" NONE NONE, SOME, ERROR_DNS_TEMPORARY, 0, NULL, "mail.test (A)"},
		/* aliases */
		{"mail.test", ALIAS, SOME SOME, ERROR_NONE, 1, "end.test", "_465._tcp.end.test"},
		{"mail.test", ALIAS, NONE SOME, ERROR_NONE, 1, "mail.test", "_465._tcp.mail.test"},
		{"mail.test", ALIAS, "insecure|||1|R" SOME, ERROR_NONE, 1, "mail.test", "_465._tcp.mail.test"},
		{"mail.test", ALIAS, SOME "bogus|expired||0|", ERROR_NONE, 1, "end.test", "_465._tcp.end.test"},
		{"mail.test", ALIAS, "bogus|expired||0|" SOME, ERROR_DNS_TEMPORARY, 0, NULL, "_465._tcp.end.test"},
		{"mail.test", ALIAS, NONE NONE, ERROR_NONE, 0, NULL, "the DNS has none"},
		/* records that are too short are none */
		{"mail.test", PLAIN, "secure|||1|3|abc", ERROR_NONE, 0, NULL, "the DNS has none"},
		/* nothing is asked about records */
		{"mail.test", "insecure|||1|1|ainsecure nodata|||0|insecure nodata|||0|", "timeout|||0|", ERROR_NONE, 0,
		 NULL, "its address records are not signed"},
		{"192.0.2.1", "timeout|||0|", "timeout|||0|", ERROR_NONE, 0, NULL, "it is an address, not a name"},
		{"[::1]", "timeout|||0|", "timeout|||0|", ERROR_NONE, 0, NULL, "it is an address, not a name"},
		{"a b", PLAIN, SOME, ERROR_HOST_UNKNOWN, 0, NULL, "is not a domain"},
	};
	AUTO(strvec) resolvers = STRVEC_INIT;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(tlsa_found) found = TLSA_FOUND_INIT;
		AUTO(error) err = ERROR_INIT;
		struct runtime runtime = test_runtime();
		struct script script;
		script_make(&script, rows[i].addresses, rows[i].tlsa);
		runtime.helpers.dns = script.path;
		const struct dns_validator v = {&runtime, &resolvers, "/k"};
		bool ok = tlsa_find(&v, rows[i].host, 465, DEADLINE_NEVER, &found, &err);
		print_message("# %s %s %s: %s\n", rows[i].host, rows[i].addresses, rows[i].tlsa,
			      ok ? "" : err.status.text);
		assert_int_equal(err.status.kind, rows[i].kind);
		assert_int_equal(found.records.n, rows[i].n);
		assert_non_null(strstr(!ok ? err.status.text : rows[i].n ? found.owner : found.why_none, rows[i].says));
		if (rows[i].base)
			assert_string_equal(found.base, rows[i].base);
		else
			assert_null(found.base);
		if (rows[i].base && strcmp(rows[i].base, "end.test") == 0)
			assert_string_equal(found.alias, rows[i].host);
		else
			assert_null(found.alias);
		script_remove(&script);
	}
}

static void the_setting_decides_what_follows(void **state)
{
	(void)state;
	static const struct {
		const char *mode;
		const char *host;
		enum { NAMED, UNSURE, SOCKET } by;
		const char *tlsa;
		enum error_kind kind;
		const char *says; /* part of the error */
		size_t n;
	} rows[] = {
		{"off", "mail.test", NAMED, SOME, ERROR_NONE, NULL, 0},
		{"off", "mail.test", NAMED, "timeout|||0|", ERROR_NONE, NULL, 0},
		{"auto", "mail.test", NAMED, SOME, ERROR_NONE, NULL, 1},
		{"auto", "mail.test", NAMED, NONE, ERROR_NONE, NULL, 0},
		{"auto", "mail.test", NAMED, "insecure|||1|R", ERROR_NONE, NULL, 0},
		{"auto", "mail.test", NAMED, "bogus|||0|", ERROR_DNS_TEMPORARY, "TLSA records of mail.test: ", 0},
		{"auto", "mail.test", UNSURE, SOME, ERROR_NONE, NULL, 0},
		{"auto", "/s", SOCKET, SOME, ERROR_NONE, NULL, 0},
		{"auto", "192.0.2.1", NAMED, SOME, ERROR_NONE, NULL, 0},
		{"require", "mail.test", NAMED, SOME, ERROR_NONE, NULL, 1},
		{"require", "mail.test", NAMED, NONE, ERROR_CERTIFICATE,
		 "mail.test has no signed TLSA records (_465._tcp.mail.test): the DNS has none", 0},
		{"require", "mail.test", NAMED, "insecure|||1|R", ERROR_CERTIFICATE, "they are not signed", 0},
		{"require", "mail.test", NAMED, "bogus|||0|", ERROR_DNS_TEMPORARY, "is not valid", 0},
		{"require", "mail.test", NAMED, "timeout|||0|", ERROR_DNS_TEMPORARY, "in time", 0},
		{"require", "mail.test", UNSURE, SOME, ERROR_CERTIFICATE,
		 "the SRV records that name this server are not signed", 0},
		{"require", "/s", SOCKET, SOME, ERROR_CERTIFICATE, "it is a Unix socket", 0},
		{"require", "192.0.2.1", NAMED, SOME, ERROR_CERTIFICATE, "it is an address, not a name", 0},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct dane dane = DANE_INIT;
		struct runtime runtime = test_runtime();
		AUTO_FREE char *host = xstrdup(rows[i].host);
		const struct server server = {
			.host = host, .port = 465, .unsure = rows[i].by == UNSURE, .is_socket = rows[i].by == SOCKET};
		struct script script;
		struct account *a = account_new("a", FLAVOUR_OWN, NULL);
		assert_true(account_set(a, OPT_TLS_DANE, span_of(rows[i].mode), (struct origin){.kind = ORIGIN_DEFAULT},
					NULL));
		script_make(&script, PLAIN, rows[i].tlsa);
		runtime.helpers.dns = script.path;
		print_message("# %s %s %s\n", rows[i].mode, server.host, rows[i].tlsa);
		for (int again = 0; again < 2; again++) { /* the second time without asking */
			AUTO(error) err = ERROR_INIT;
			assert_int_equal(dane_look(&dane, a, &server, &runtime, DEADLINE_NEVER, &err), !rows[i].says);
			assert_int_equal(err.status.kind, rows[i].kind);
			if (rows[i].says) {
				assert_non_null(strstr(err.status.text, rows[i].says));
				assert_non_null(err.status.hint);
				assert_string_equal(err.status.stage, "DNS");
			}
			assert_int_equal(dane.found.records.n, rows[i].n);
			assert_int_equal(dane.found.records.required,
					 rows[i].kind != ERROR_DNS_TEMPORARY && strcmp(rows[i].mode, "require") == 0);
			runtime.helpers.dns = "/nonexistent";
		}
		script_remove(&script);
		dane_release(&dane);
		account_free(a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_read),
		cmocka_unit_test(names_follow_the_addresses),
		cmocka_unit_test(the_first_name_with_valid_records_is_the_base),
		cmocka_unit_test(the_setting_decides_what_follows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
