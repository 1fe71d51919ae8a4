/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dns/mx.h"

#include "base/strbuf.h"

#include <stdio.h>

/* A name server that gives one answer: a list of "PREFERENCE HOST", separated by ", ". */
struct fake_dns {
	struct srv_dns dns;
	const char *records; /* NULL: none comes; "fail": it could not answer */
	char asked[100];
};

static void add_number(struct strbuf *sb, unsigned n)
{
	strbuf_addch(sb, (char)(n >> 8));
	strbuf_addch(sb, (char)n);
}

static void add_name(struct strbuf *sb, struct span name)
{
	struct span label;
	while (span_split(&name, '.', &label))
		if (label.len) {
			strbuf_addch(sb, (char)label.len);
			strbuf_add_span(sb, label);
		}
	strbuf_addch(sb, '\0');
}

static unsigned add_records(const char *list, struct strbuf *out)
{
	struct span rest = span_of(list), record;
	unsigned n = 0;
	for (; *list && span_split(&rest, ',', &record); n++) {
		AUTO(strbuf) data = STRBUF_INIT;
		unsigned long long preference = 0;
		assert_true(span_to_u64(span_word(&record), &preference));
		add_number(&data, (unsigned)preference);
		add_name(&data, span_trim(record));
		add_name(out, span_of("example.org"));
		add_number(out, DNS_MX);
		add_number(out, 1);
		strbuf_add(out, "\0\0\0\74", 4);
		add_number(out, (unsigned)data.len);
		strbuf_add_span(out, strbuf_span(&data));
	}
	return n;
}

static int fake_ask(const struct srv_dns *dns, const struct dns_question *question, unsigned char *answer, size_t room)
{
	struct fake_dns *f = (struct fake_dns *)(uintptr_t)dns;
	AUTO(strbuf) records = STRBUF_INIT;
	AUTO(strbuf) message = STRBUF_INIT;
	assert_int_equal(question->type, DNS_MX);
	(void)snprintf(f->asked, sizeof(f->asked), "%s", question->name);
	if (!f->records)
		return -1;
	bool fails = strcmp(f->records, "fail") == 0;
	unsigned n = fails ? 0 : add_records(f->records, &records);
	add_number(&message, 1);
	add_number(&message, fails ? 0x8182 : 0x8180);
	add_number(&message, 0);
	add_number(&message, n);
	add_number(&message, 0);
	add_number(&message, 0);
	strbuf_add_span(&message, strbuf_span(&records));
	assert_true(message.len <= room);
	memcpy(answer, message.buf, message.len);
	return (int)message.len;
}

static void the_preferred_host_is_found(void **state)
{
	static const struct {
		const char *records, *want; /* want NULL: there is none */
		enum error_kind kind;
	} cases[] = {
		{"10 mx.mail.test", "mx.mail.test", ERROR_NONE},
		{"20 b.mail.test, 10 a.mail.test, 10 c.mail.test", "a.mail.test", ERROR_NONE},
		{"0 .", NULL, ERROR_NONE},
		{"", NULL, ERROR_NONE},
		{"0 bad name, 5 good.test", "good.test", ERROR_NONE},
		{"fail", NULL, ERROR_DNS_TEMPORARY},
		{NULL, NULL, ERROR_DNS_TEMPORARY},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fake_dns dns = {{fake_ask}, cases[i].records, ""};
		const struct runtime runtime = {.clock = &clock_system, .dns = &dns.dns};
		AUTO_FREE char *host = NULL;
		AUTO(error) err = ERROR_INIT;
		print_message("%s\n", cases[i].records ? cases[i].records : "no answer");
		assert_int_equal(mx_find(&runtime, "Example.org.", DEADLINE_NEVER, &host, &err),
				 cases[i].kind == ERROR_NONE);
		assert_int_equal(err.status.kind, cases[i].kind);
		assert_string_equal(dns.asked, "Example.org");
		assert_string_equal(host ? host : "(none)", cases[i].want ? cases[i].want : "(none)");
	}
}

static void what_is_no_domain_is_not_asked_for(void **state)
{
	struct fake_dns dns = {{fake_ask}, "", ""};
	const struct runtime runtime = {.clock = &clock_system, .dns = &dns.dns};
	AUTO_FREE char *host = NULL;
	AUTO(error) err = ERROR_INIT;
	(void)state;
	assert_false(mx_find(&runtime, "a b", DEADLINE_NEVER, &host, &err));
	assert_int_equal(err.status.kind, ERROR_HOST_UNKNOWN);
	assert_string_equal(dns.asked, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_preferred_host_is_found),
		cmocka_unit_test(what_is_no_domain_is_not_asked_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
