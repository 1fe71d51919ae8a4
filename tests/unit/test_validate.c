/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the helper for signed answers is asked, and how its answer is read; in place of it a shell script answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dns/srv.h"
#include "dns/validate.h"

#include "base/strbuf.h"
#include "base/xalloc.h"
#include "../lib/test_runtime.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

/* Bytes with NULs, written as "|". */
static void unbar(struct strbuf *out, const char *text)
{
	for (; *text; text++)
		strbuf_addch(out, *text == '|' ? '\0' : *text);
}

static char *answers_text(const struct dns_answers *answers)
{
	struct strbuf sb = STRBUF_INIT;
	for (size_t i = 0; i < answers->n; i++) {
		const struct dns_answer *a = &answers->v[i];
		strbuf_addf(&sb, "%s%d%s%s%s%s%s", i ? " " : "", (int)a->finding, a->secure ? "!" : "",
			    *a->canonical ? " " : "", a->canonical, *a->why ? " " : "", a->why);
		for (size_t j = 0; j < a->n; j++)
			strbuf_addf(&sb, " (%.*s)", (int)a->v[j].n, (const char *)a->v[j].v);
	}
	return strbuf_detach(&sb, NULL);
}

static void answers_are_read(void **state)
{
	(void)state;
	static const struct {
		size_t n;
		const char *text, *found; /* found: NULL: refused */
		enum error_kind kind;
	} rows[] = {
		{1, "secure|||1|3|abc", "0! (abc)", ERROR_NONE},
		{1, "secure||mail.example.org|2|3|abc4|defg", "0! mail.example.org (abc) (defg)", ERROR_NONE},
		{1, "insecure||mail.example.org|1|1|x", "0 mail.example.org (x)", ERROR_NONE},
		{1, "secure|||1|0|", "0! ()", ERROR_NONE},
		{1, "secure nodata|||0|", "1!", ERROR_NONE},
		{1, "insecure nodata|||0|", "1", ERROR_NONE},
		{1, "secure nxdomain|||0|", "2!", ERROR_NONE},
		{1, "insecure nxdomain|||0|", "2", ERROR_NONE},
		{1, "bogus|signature expired||0|", "3 signature expired", ERROR_NONE},
		{1, "bogus|validation failure <x. TLSA IN>: signature expired||0|", "3 signature expired", ERROR_NONE},
		{1, "bogus|a\033[1m\r\nb||0|", "3 a?[1m b", ERROR_NONE},
		{1, "failed|SERVFAIL||0|", "4 SERVFAIL", ERROR_NONE},
		{1, "timeout|||0|", "5", ERROR_NONE},
		{2, "secure|||1|1|xtimeout|||0|", "0! (x) 5", ERROR_NONE},
		/* a name that is none is no name */
		{1, "secure||a b.example.org|1|1|x", "0! (x)", ERROR_NONE},
		{1, "secure||-x|1|1|x", "0! (x)", ERROR_NONE},
		/* not as agreed */
		{1, "", NULL, ERROR_DNS_TEMPORARY},
		{1, "secure", NULL, ERROR_DNS_TEMPORARY},
		{1, "SECURE|||1|1|x", NULL, ERROR_DNS_TEMPORARY},
		{1, "secure|||0|", NULL, ERROR_DNS_TEMPORARY},
		{1, "secure nodata|||1|1|x", NULL, ERROR_DNS_TEMPORARY},
		{1, "bogus|||1|1|x", NULL, ERROR_DNS_TEMPORARY},
		{1, "secure|||1|2|x", NULL, ERROR_DNS_TEMPORARY},
		{1, "secure|||2|1|x", NULL, ERROR_DNS_TEMPORARY},
		{1, "secure|||1|1|xy", NULL, ERROR_DNS_TEMPORARY},
		{1, "secure|||-1|1|x", NULL, ERROR_DNS_TEMPORARY},
		{1, "secure|||65|1|x", NULL, ERROR_DNS_TEMPORARY},
		{1, "secure|||1|65536|x", NULL, ERROR_DNS_TEMPORARY},
		{1, "secure|||99999999999999999999|1|x", NULL, ERROR_DNS_TEMPORARY},
		{2, "secure|||1|1|x", NULL, ERROR_DNS_TEMPORARY},
		{1, "secure|||1|1|xsecure|||1|1|x", NULL, ERROR_DNS_TEMPORARY},
		{1, "unusable|trust anchor /k: no such file|", NULL, ERROR_CONFIG},
		{1, "unusable|", NULL, ERROR_CONFIG},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) text = STRBUF_INIT;
		AUTO(dns_answers) answers = DNS_ANSWERS_INIT;
		AUTO(error) err = ERROR_INIT;
		unbar(&text, rows[i].text);
		print_message("# %s\n", rows[i].text);
		bool ok = dns_answers_parse(strbuf_span(&text), rows[i].n, &answers, &err);
		assert_int_equal(err.status.kind, rows[i].kind);
		assert_int_equal(ok, rows[i].found != NULL);
		AUTO_FREE char *found = answers_text(&answers);
		assert_string_equal(found, rows[i].found ? rows[i].found : "");
	}
}

/* Exactly as long as its octets, so that the sanitizers see a step beyond them. */
static void a_cut_answer_is_refused(void **state)
{
	(void)state;
	AUTO(strbuf) text = STRBUF_INIT;
	unbar(&text, "secure||mail.example.org|2|3|abc4|defginsecure nodata|||0|");
	for (size_t len = 0; len < text.len; len++) {
		AUTO(dns_answers) answers = DNS_ANSWERS_INIT;
		AUTO_FREE char *cut = xmalloc(len ? len : 1);
		memcpy(cut, text.buf, len);
		assert_false(dns_answers_parse(span_make(cut, len), 2, &answers, NULL));
		assert_int_equal(answers.n, 0);
	}
}

static void a_failure_names_the_question_and_the_reason(void **state)
{
	(void)state;
	static const struct {
		const char *answer, *says; /* says: NULL: it is an answer */
	} rows[] = {
		{"secure|||1|1|x", NULL},
		{"insecure nodata|||0|", NULL},
		{"secure nxdomain|||0|", NULL},
		{"bogus|signature expired||0|",
		 "the DNS answer for _25._tcp.mail.test (TLSA) is not valid: signature expired"},
		{"failed|REFUSED||0|", "the name server could not answer for _25._tcp.mail.test (TLSA): REFUSED"},
		{"timeout|||0|", "no name server answered for _25._tcp.mail.test (TLSA) in time"},
	};
	static const struct dns_question question = {"_25._tcp.mail.test", DNS_TLSA};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) text = STRBUF_INIT;
		AUTO(dns_answers) answers = DNS_ANSWERS_INIT;
		AUTO(error) err = ERROR_INIT;
		unbar(&text, rows[i].answer);
		assert_true(dns_answers_parse(strbuf_span(&text), 1, &answers, &err));
		assert_int_equal(dns_answer_known(answers.v, &question, &err), !rows[i].says);
		assert_int_equal(err.status.kind, rows[i].says ? ERROR_DNS_TEMPORARY : ERROR_NONE);
		if (rows[i].says) {
			assert_string_equal(err.status.text, rows[i].says);
			assert_non_null(strstr(err.status.hint, "dns_resolver"));
		}
	}
}

/* ---- the helper ---- */

struct script {
	char folder[sizeof("/tmp/posthaste-unit.XXXXXX")];
	char *path;
};

static void script_make(struct script *s, const char *text)
{
	strcpy(s->folder, "/tmp/posthaste-unit.XXXXXX");
	assert_non_null(mkdtemp(s->folder));
	s->path = xasprintf("%s/helper", s->folder);
	int fd = open(s->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
	assert_true(fd >= 0);
	assert_true(dprintf(fd, "#!/bin/sh\n%s\n", text) > 0);
	assert_int_equal(close(fd), 0);
}

static void script_remove(struct script *s)
{
	assert_int_equal(unlink(s->path), 0);
	assert_int_equal(rmdir(s->folder), 0);
	free(s->path);
}

static void the_helper_is_asked(void **state)
{
	(void)state;
	static const struct {
		const char *script;
		enum error_kind kind;
		const char *says; /* the answers, or part of the error */
	} rows[] = {
		{"got=$(tr '\\000' '|'); case $got in '::1 192.0.2.1@53|/a key|'*'|mail.test|1|mail.test|28|') "
		 "printf 'secure\\000\\000\\0001\\0001\\000xsecure nodata\\000\\000\\0000\\000';; esac",
		 ERROR_NONE, "0! (x) 1!"},
		{"cat >/dev/null; printf 'unusable\\000trust anchor /a key: no such file\\000'", ERROR_CONFIG,
		 "the DNS cannot be asked for signed answers: trust anchor /a key: no such file"},
		{"cat >/dev/null; echo hello", ERROR_DNS_TEMPORARY, "an unexpected answer"},
		{"cat >/dev/null; exit 1", ERROR_DNS_TEMPORARY, "exit status 1"},
		{"cat >/dev/null; head -c 1100000 /dev/zero", ERROR_DNS_TEMPORARY, "more than"},
		{"cat >/dev/null; kill -9 $$", ERROR_DNS_TEMPORARY, "signal"},
	};
	static const struct dns_question questions[] = {{"mail.test", DNS_A}, {"mail.test", DNS_AAAA}};
	AUTO(strvec) resolvers = STRVEC_INIT;
	strvec_push(&resolvers, "::1");
	strvec_push(&resolvers, "192.0.2.1@53");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(dns_answers) answers = DNS_ANSWERS_INIT;
		AUTO(error) err = ERROR_INIT;
		struct runtime runtime = test_runtime();
		struct script script;
		script_make(&script, rows[i].script);
		runtime.helpers.dns = script.path;
		const struct dns_validator v = {&runtime, &resolvers, "/a key"};
		bool ok = dns_validate(&v, questions, 2, DEADLINE_NEVER, &answers, &err);
		print_message("# %s: %s\n", rows[i].script, ok ? "" : err.status.text);
		assert_int_equal(err.status.kind, rows[i].kind);
		AUTO_FREE char *found = answers_text(&answers);
		if (ok)
			assert_string_equal(found, rows[i].says);
		else
			assert_non_null(strstr(err.status.text, rows[i].says));
		script_remove(&script);
	}
}

static void without_a_helper_nothing_is_asked(void **state)
{
	(void)state;
	static const struct {
		const char *helper;
		bool privileged;
		const char *says;
	} rows[] = {
		{NULL, false, "is not installed (posthaste-dns)"},
		{"/nonexistent/posthaste-dns", false, "is not installed (/nonexistent/posthaste-dns)"},
		{"/bin/true", true, "set-user-ID"},
	};
	static const struct dns_question question = {"mail.test", DNS_A};
	AUTO(strvec) resolvers = STRVEC_INIT;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(dns_answers) answers = DNS_ANSWERS_INIT;
		AUTO(error) err = ERROR_INIT;
		struct runtime runtime = test_runtime();
		runtime.helpers.dns = rows[i].helper;
		runtime.privileged = rows[i].privileged;
		const struct dns_validator v = {&runtime, &resolvers, "/k"};
		assert_false(dns_validate(&v, &question, 1, DEADLINE_NEVER, &answers, &err));
		assert_int_equal(err.status.kind, ERROR_CONFIG);
		assert_non_null(strstr(err.status.text, rows[i].says));
	}
}

/* The deadline is now: the helper is ended, whatever it does. */
static void a_helper_that_never_ends_is_ended(void **state)
{
	(void)state;
	static const struct dns_question question = {"mail.test", DNS_A};
	AUTO(strvec) resolvers = STRVEC_INIT;
	AUTO(dns_answers) answers = DNS_ANSWERS_INIT;
	AUTO(error) err = ERROR_INIT;
	struct runtime runtime = test_runtime();
	struct script script;
	script_make(&script, "exec sleep 600");
	runtime.helpers.dns = script.path;
	const struct dns_validator v = {&runtime, &resolvers, "/k"};
	assert_false(dns_validate(&v, &question, 1, clock_monotonic(runtime.clock), &answers, &err));
	assert_int_equal(err.status.kind, ERROR_DNS_TEMPORARY);
	assert_non_null(strstr(err.status.text, "did not end in time"));
	script_remove(&script);
}

static void the_account_says_whether_answers_are_validated(void **state)
{
	(void)state;
	static const struct {
		enum option_id id;
		const char *value;
		bool wanted;
		const char *anchor;
	} rows[] = {
		{OPT_TLS_DANE, "off", false, DNS_ROOT_KEY},    {OPT_TLS_DANE, "auto", true, DNS_ROOT_KEY},
		{OPT_TLS_DANE, "require", true, DNS_ROOT_KEY}, {OPT_DNS_RESOLVER, "192.0.2.1", true, DNS_ROOT_KEY},
		{OPT_DNS_TRUST_ANCHOR, "/k", true, "/k"},      {OPT_HOST, "srv:mail.test", false, DNS_ROOT_KEY},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(error) err = ERROR_INIT;
		struct runtime runtime = test_runtime();
		struct account *a = account_new("a", FLAVOUR_OWN, NULL);
		struct dns_validator v;
		assert_true(account_set(a, rows[i].id, span_of(rows[i].value), (struct origin){.kind = ORIGIN_DEFAULT},
					&err));
		assert_true(account_complete(a, &err));
		assert_int_equal(dns_validator_of(a, &runtime, &v), rows[i].wanted);
		assert_string_equal(v.anchor, rows[i].anchor);
		account_free(a);
	}
}

/* ---- service records ---- */

static void the_validators_word_is_taken_for_srv(void **state)
{
	(void)state;
	static const struct {
		const char *script;
		enum error_kind kind;
		const char *says; /* target and port, or part of the error */
		bool secure;
	} rows[] = {
		{"printf "
		 "'secure\\000\\000\\0001\\00024\\000\\000\\000\\000\\000\\001\\321\\004mail\\006hoster\\004test\\000'",
		 ERROR_NONE, "mail.hoster.test:465", true},
		{"printf "
		 "'insecure\\000\\000\\0001\\00024\\000\\000\\000\\000\\000\\001\\321\\004mail\\006hoster\\004test\\000"
		 "'",
		 ERROR_NONE, "mail.hoster.test:465", false},
		{"printf 'secure\\000\\000\\0001\\0007\\000\\000\\000\\000\\000\\000\\000\\000'", ERROR_HOST_UNKNOWN,
		 "does not offer mail submission", false},
		{"printf 'secure\\000\\000\\0001\\0003\\000abc'", ERROR_DNS_TEMPORARY, "cannot be read", false},
		{"printf 'secure nxdomain\\000\\000\\0000\\000'", ERROR_HOST_UNKNOWN, "has no submission server",
		 false},
		{"printf 'bogus\\000expired\\000\\0000\\000'", ERROR_DNS_TEMPORARY, "is not valid: expired", false},
		{"printf 'timeout\\000\\000\\0000\\000'", ERROR_DNS_TEMPORARY, "in time", false},
		{"printf 'unusable\\000x\\000'", ERROR_CONFIG, "signed answers: x", false},
	};
	AUTO(strvec) resolvers = STRVEC_INIT;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(srv_list) list = SRV_LIST_INIT;
		AUTO(error) err = ERROR_INIT;
		struct runtime runtime = test_runtime();
		struct script script;
		AUTO_FREE char *text = xasprintf("cat >/dev/null; %s", rows[i].script);
		script_make(&script, text);
		runtime.helpers.dns = script.path;
		const struct dns_validator v = {&runtime, &resolvers, "/k"};
		bool ok = srv_find(&runtime, &v, "example.org", DEADLINE_NEVER, &list, &err);
		print_message("# %s: %s\n", rows[i].script, ok ? "" : err.status.text);
		assert_int_equal(err.status.kind, rows[i].kind);
		if (ok) {
			AUTO_FREE char *first = xasprintf("%s:%u", list.v[0].target, list.v[0].port);
			assert_string_equal(first, rows[i].says);
			assert_int_equal(list.secure, rows[i].secure);
		} else {
			assert_non_null(strstr(err.status.text, rows[i].says));
		}
		script_remove(&script);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_read),
		cmocka_unit_test(a_cut_answer_is_refused),
		cmocka_unit_test(a_failure_names_the_question_and_the_reason),
		cmocka_unit_test(the_helper_is_asked),
		cmocka_unit_test(without_a_helper_nothing_is_asked),
		cmocka_unit_test(a_helper_that_never_ends_is_ended),
		cmocka_unit_test(the_account_says_whether_answers_are_validated),
		cmocka_unit_test(the_validators_word_is_taken_for_srv),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
