/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dns/srv.h"

#include "base/strbuf.h"
#include "base/xalloc.h"

#include <semaphore.h>

/* ---- answers of a name server, made here ---- */

struct row {
	unsigned priority, weight, port;
	const char *target;
};

static void add16(struct strbuf *sb, unsigned n)
{
	strbuf_addch(sb, (char)(n >> 8));
	strbuf_addch(sb, (char)n);
}

static void add_name(struct strbuf *sb, const char *name)
{
	struct span rest = span_of(name), label;
	while (span_split(&rest, '.', &label))
		if (label.len) {
			strbuf_addch(sb, (char)label.len);
			strbuf_add_span(sb, label);
		}
	strbuf_addch(sb, '\0');
}

enum { AD = 0x20, TC = 0x200, NXDOMAIN = 3, SERVFAIL = 2 };

static void make_answer(struct strbuf *sb, const char *question, unsigned flags, const struct row *rows, size_t n)
{
	add16(sb, 1);
	add16(sb, 0x8180 | flags);
	add16(sb, 1);
	add16(sb, (unsigned)n);
	add16(sb, 0);
	add16(sb, 0);
	add_name(sb, question);
	add16(sb, 33);
	add16(sb, 1);
	for (size_t i = 0; i < n; i++) {
		AUTO(strbuf) target = STRBUF_INIT;
		add_name(&target, rows[i].target);
		add16(sb, 0xc00c);
		add16(sb, 33);
		add16(sb, 1);
		add16(sb, 0);
		add16(sb, 60);
		add16(sb, (unsigned)target.len + 6);
		add16(sb, rows[i].priority);
		add16(sb, rows[i].weight);
		add16(sb, rows[i].port);
		strbuf_add_span(sb, strbuf_span(&target));
	}
}

static char *list_text(const struct srv_list *list)
{
	struct strbuf sb = STRBUF_INIT;
	for (size_t i = 0; i < list->n; i++)
		strbuf_addf(&sb, "%s%s:%u", i ? " " : "", list->v[i].target, list->v[i].port);
	return strbuf_detach(&sb, NULL);
}

static void answers_are_read(void **state)
{
	(void)state;
	static const struct {
		unsigned flags;
		struct row rows[3];
		size_t n;
		const char *text; /* NULL: refused */
		bool declined, secure;
	} cases[] = {
		{0, {{10, 5, 465, "mail.example.org"}}, 1, "mail.example.org:465", false, false},
		{AD,
		 {{10, 5, 465, "a.example.org"}, {0, 0, 587, "b.example.org."}},
		 2,
		 "a.example.org:465 b.example.org:587",
		 false,
		 true},
		{0, {{0, 0, 0, "."}}, 1, "", true, false},
		{0, {{0, 0, 465, "."}}, 1, "", true, false},
		{0, {{0, 0, 0, "mail.example.org"}}, 1, "", false, false},
		{0,
		 {{0, 0, 465, "bad name.example.org"}, {0, 0, 465, "good.example.org"}},
		 2,
		 "good.example.org:465",
		 false,
		 false},
		{0, {{0, 0, 465, "a\r\nb"}, {0, 0, 465, "-x"}}, 2, "", false, false},
		{0, {{0, 0, 1, NULL}}, 0, "", false, false},
		{NXDOMAIN, {{0, 0, 1, NULL}}, 0, "", false, false},
		{SERVFAIL, {{0, 0, 1, NULL}}, 0, NULL, false, false},
		{TC, {{10, 5, 465, "mail.example.org"}}, 1, NULL, false, false},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(strbuf) message = STRBUF_INIT;
		AUTO(srv_list) list = SRV_LIST_INIT;
		AUTO(error) err = ERROR_INIT;
		bool declined = false;
		make_answer(&message, "_submissions._tcp.example.org", cases[i].flags, cases[i].rows, cases[i].n);
		bool ok = srv_parse((const unsigned char *)message.buf, message.len, &list, &declined, &err);
		assert_int_equal(ok, cases[i].text != NULL);
		assert_int_equal(err.status.kind, ok ? ERROR_NONE : ERROR_DNS_TEMPORARY);
		if (!ok)
			continue;
		AUTO_FREE char *text = list_text(&list);
		assert_string_equal(text, cases[i].text);
		assert_int_equal(declined, cases[i].declined);
		assert_int_equal(list.secure, cases[i].secure);
	}
}

/* Every cut of a good answer is refused or read, and never read beyond its end (the sanitizers look). */
static void a_cut_answer_is_no_answer(void **state)
{
	(void)state;
	static const struct row rows[] = {{10, 5, 465, "mail.example.org"}};
	AUTO(strbuf) message = STRBUF_INIT;
	make_answer(&message, "_submissions._tcp.example.org", 0, rows, 1);
	for (size_t len = 0; len < message.len; len++) {
		AUTO_FREE unsigned char *cut = xmalloc(len ? len : 1);
		AUTO(srv_list) list = SRV_LIST_INIT;
		AUTO(error) err = ERROR_INIT;
		bool declined = false;
		memcpy(cut, message.buf, len);
		assert_false(srv_parse(cut, len, &list, &declined, &err));
		assert_int_equal(err.status.kind, ERROR_DNS_TEMPORARY);
	}
}

/* ---- order ---- */

struct fixed_rng {
	struct rng rng;
	const double *draws; /* parts of one */
	size_t n, at;
};

static void fixed_fill(const struct rng *rng, void *p, size_t len)
{
	struct fixed_rng *f = (struct fixed_rng *)(uintptr_t)rng;
	assert_true(f->at < f->n);
	uint32_t n = (uint32_t)(f->draws[f->at++] * 4294967295.0);
	assert_int_equal(len, sizeof(n));
	memcpy(p, &n, sizeof(n));
}

static void records_are_tried_by_priority_and_weight(void **state)
{
	(void)state;
	static const struct {
		struct row rows[4];
		size_t n;
		double draws[4];
		size_t draws_n;
		const char *text;
	} cases[] = {
		{{{20, 0, 1, "b"}, {10, 0, 1, "a"}, {30, 9, 1, "c"}}, 3, {0}, 0, "a:1 b:1 c:1"},
		{{{1, 60, 1, "a"}, {1, 30, 1, "b"}, {1, 10, 1, "c"}}, 3, {0, 0}, 2, "a:1 b:1 c:1"},
		{{{1, 60, 1, "a"}, {1, 30, 1, "b"}, {1, 10, 1, "c"}}, 3, {0.95, 0.9}, 2, "c:1 b:1 a:1"},
		{{{1, 60, 1, "a"}, {1, 30, 1, "b"}, {1, 10, 1, "c"}}, 3, {0.7, 1}, 2, "b:1 c:1 a:1"},
		{{{1, 9, 1, "a"}, {1, 0, 1, "z"}}, 2, {0}, 1, "z:1 a:1"},
		{{{1, 9, 1, "a"}, {1, 0, 1, "z"}}, 2, {0.5}, 1, "a:1 z:1"},
		{{{1, 65535, 1, "a"}, {1, 65535, 1, "b"}, {1, 65535, 1, "c"}}, 3, {1, 1}, 2, "c:1 b:1 a:1"},
		{{{2, 5, 1, "c"}, {1, 5, 1, "a"}, {2, 5, 1, "d"}, {1, 5, 1, "b"}}, 4, {0.9, 0.9}, 2, NULL},
		{{{0, 0, 1, NULL}}, 0, {0}, 0, ""},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(srv_list) list = SRV_LIST_INIT;
		struct fixed_rng rng = {{fixed_fill}, cases[i].draws, cases[i].draws_n, 0};
		for (size_t j = 0; j < cases[i].n; j++) {
			const struct row *r = &cases[i].rows[j];
			GROW(list.v, list.n, list.cap);
			list.v[list.n++] = (struct srv_record){r->priority, r->weight, r->port, xstrdup(r->target)};
		}
		srv_order(&list, &rng.rng);
		assert_int_equal(rng.at, rng.n);
		AUTO_FREE char *text = list_text(&list);
		if (cases[i].text)
			assert_string_equal(text, cases[i].text);
		else /* whichever of the two comes first */
			assert_true((list.v[0].priority == 1) && (list.v[1].priority == 1) &&
				    (list.v[3].priority == 2));
	}
}

static void weights_are_proportions(void **state)
{
	(void)state;
	unsigned first = 0;
	for (int i = 0; i < 4000; i++) {
		AUTO(srv_list) list = SRV_LIST_INIT;
		for (unsigned w = 1; w <= 3; w += 2) {
			GROW(list.v, list.n, list.cap);
			list.v[list.n++] = (struct srv_record){1, w, w, xstrdup("x")};
		}
		srv_order(&list, &rng_system);
		first += list.v[0].port == 3;
	}
	/* The running sum is inclusive (RFC 2782), 0 ... 4: weight 3 leads in 3 of 5 draws, 2400 of 4000, deviation 31.
	 */
	assert_in_range(first, 2200, 2600);
}

static void the_target_is_named_only_where_nobody_can_forge_it(void **state)
{
	(void)state;
	static const struct {
		bool secure;
		const char *domain, *target;
		bool counts;
	} cases[] = {
		{false, "example.org", "mail.example.org", true},
		{false, "example.org", "MAIL.Example.ORG", true},
		{false, "example.org", "example.org", true},
		{false, "example.org", "mail.example.net", false},
		{false, "example.org", "mailexample.org", false},
		{false, "mail.example.org", "example.org", false},
		{true, "example.org", "mail.hoster.example", true},
		{false, "example.org", "example.org.evil.test", false},
		{false, "example.org", "org", false},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct srv_list list = {.secure = cases[i].secure};
		assert_int_equal(srv_target_counts(&list, cases[i].domain, cases[i].target), cases[i].counts);
	}
}

/* ---- questions ---- */

struct fake_dns {
	struct srv_dns dns;
	struct strbuf answers[2]; /* for _submissions, _submission; empty: none comes */
	struct strbuf asked;
};

static int fake_ask(const struct srv_dns *dns, const struct dns_question *question, unsigned char *answer, size_t room)
{
	struct fake_dns *f = (struct fake_dns *)(uintptr_t)dns;
	const struct strbuf *a = &f->answers[span_starts_nocase(span_of(question->name), "_submissions.") ? 0 : 1];
	assert_int_equal(question->type, DNS_SRV);
	strbuf_addf(&f->asked, "%s ", question->name);
	if (!a->len || a->len > room)
		return -1;
	memcpy(answer, a->buf, a->len);
	return (int)a->len;
}

static void both_services_are_asked_for(void **state)
{
	(void)state;
	enum answer { NOTHING, MISSING, EMPTY, DECLINED, SOME, OTHER, FAILS };
	static const char first[] = "_submissions._tcp.example.org ",
			  both[] = "_submissions._tcp.example.org _submission._tcp.example.org ";
	static const struct {
		const char *domain;
		enum answer answer[2];
		const char *asked, *text; /* text: the list, or part of the error */
		bool immediate;
		enum error_kind kind;
	} cases[] = {
		{"example.org", {SOME, OTHER}, first, "mail.example.org:465", true, ERROR_NONE},
		{"example.org.", {SOME, OTHER}, first, "mail.example.org:465", true, ERROR_NONE},
		{"example.org", {EMPTY, OTHER}, both, "sub.example.org:587", false, ERROR_NONE},
		{"example.org", {MISSING, OTHER}, both, "sub.example.org:587", false, ERROR_NONE},
		{"example.org", {DECLINED, OTHER}, both, "sub.example.org:587", false, ERROR_NONE},
		{"example.org",
		 {DECLINED, DECLINED},
		 both,
		 "does not offer mail submission",
		 false,
		 ERROR_HOST_UNKNOWN},
		{"example.org",
		 {MISSING, MISSING},
		 both,
		 "the DNS has no submission server (SRV record) for example.org",
		 false,
		 ERROR_HOST_UNKNOWN},
		{"example.org", {FAILS, OTHER}, first, "could not answer (code 2)", false, ERROR_DNS_TEMPORARY},
		{"example.org", {NOTHING, OTHER}, first, "no name server answered", false, ERROR_DNS_TEMPORARY},
		{"example.org", {EMPTY, NOTHING}, both, "no name server answered", false, ERROR_DNS_TEMPORARY},
		{"b\xc3\xbc"
		 "cher.example",
		 {SOME, OTHER},
		 "_submissions._tcp.xn--bcher-kva.example ",
		 "mail.example.org:465",
		 true,
		 ERROR_NONE},
		{"", {SOME, OTHER}, "", "is not a domain", false, ERROR_HOST_UNKNOWN},
		{"exa mple", {SOME, OTHER}, "", "is not a domain", false, ERROR_HOST_UNKNOWN},
	};
	static const struct row rows[] = {
		{0, 0, 465, "mail.example.org"}, {0, 0, 587, "sub.example.org"}, {0, 0, 0, "."}};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fake_dns dns = {{fake_ask}, {STRBUF_INIT, STRBUF_INIT}, STRBUF_INIT};
		const struct runtime runtime = {.clock = &clock_system, .rng = &rng_system, .dns = &dns.dns};
		AUTO(srv_list) list = SRV_LIST_INIT;
		AUTO(error) err = ERROR_INIT;
		for (size_t j = 0; j < 2; j++) {
			enum answer a = cases[i].answer[j];
			if (a != NOTHING)
				make_answer(&dns.answers[j], "x.example.org",
					    a == FAILS	   ? SERVFAIL
					    : a == MISSING ? NXDOMAIN
							   : 0,
					    &rows[a == SOME    ? 0
						  : a == OTHER ? 1
							       : 2],
					    a == SOME || a == OTHER || a == DECLINED);
		}
		bool ok = srv_find(&runtime, NULL, cases[i].domain, DEADLINE_NEVER, &list, &err);
		assert_int_equal(err.status.kind, cases[i].kind);
		assert_int_equal(ok, cases[i].kind == ERROR_NONE);
		assert_string_equal(dns.asked.buf, cases[i].asked);
		AUTO_FREE char *text = list_text(&list);
		if (ok)
			assert_string_equal(text, cases[i].text);
		else if (!strstr(err.status.text, cases[i].text))
			fail_msg("%s", err.status.text);
		assert_int_equal(list.immediate, cases[i].immediate);
		strbuf_release(&dns.answers[0]);
		strbuf_release(&dns.answers[1]);
		strbuf_release(&dns.asked);
	}
}

static sem_t released;

static int hanging_ask(const struct srv_dns *dns, const struct dns_question *question, unsigned char *answer,
		       size_t room)
{
	(void)dns, (void)question;
	memset(answer, 0, room);
	while (sem_wait(&released) != 0)
		;
	return -1;
}

static msec_t hasty_now(const struct clock *clock)
{
	static msec_t now;
	(void)clock;
	return now += 1000;
}

static void a_silent_name_server_is_left_behind(void **state)
{
	(void)state;
	static const struct srv_dns silent = {hanging_ask};
	static const struct clock hasty = {hasty_now, NULL};
	const struct runtime runtime = {.clock = &hasty, .rng = &rng_system, .dns = &silent};
	AUTO(srv_list) list = SRV_LIST_INIT;
	AUTO(error) err = ERROR_INIT;
	assert_int_equal(sem_init(&released, 0, 0), 0);
	assert_false(srv_find(&runtime, NULL, "example.org", 1, &list, &err));
	assert_int_equal(err.status.kind, ERROR_DNS_TEMPORARY);
	assert_non_null(strstr(err.status.text, "took too long"));
	assert_int_equal(sem_post(&released), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_read),
		cmocka_unit_test(a_cut_answer_is_no_answer),
		cmocka_unit_test(records_are_tried_by_priority_and_weight),
		cmocka_unit_test(weights_are_proportions),
		cmocka_unit_test(the_target_is_named_only_where_nobody_can_forge_it),
		cmocka_unit_test(both_services_are_asked_for),
		cmocka_unit_test(a_silent_name_server_is_left_behind),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
