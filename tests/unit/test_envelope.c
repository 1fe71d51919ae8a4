/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message_help.h"

#include "base/xalloc.h"
#include "address/envelope.h"

static void add(struct envelope *env, const char *given, const char *ascii)
{
	envelope_add(env, (struct mail_address){xstrdup(given), ascii ? xstrdup(ascii) : NULL});
}

static void repeated_recipients_are_removed_and_order_is_kept(void **state)
{
	(void)state;
	static const struct {
		const char *in[6], *out[6];
	} rows[] = {
		{{NULL}, {NULL}},
		{{"a@x.org"}, {"a@x.org"}},
		{{"b@x.org", "a@x.org", "b@x.org"}, {"b@x.org", "a@x.org"}},
		{{"a@X.org", "a@x.ORG"}, {"a@X.org"}},
		{{"A@x.org", "a@x.org"}, {"A@x.org", "a@x.org"}},
		{{"root", "root", "Root"}, {"root", "Root"}},
		{{"root", "root@x.org"}, {"root", "root@x.org"}},
		{{"root@", "root", "root@", "root"}, {"root@", "root"}},
		{{"\"a@b\"@x.org", "\"a@B\"@x.org", "\"a@b\"@X.ORG"}, {"\"a@b\"@x.org", "\"a@B\"@x.org"}},
		{{"ab@c", "a@bc", "ab@c", "a@bc"}, {"ab@c", "a@bc"}},
		{{"a@x.or", "a@x.org", "a@x.o"}, {"a@x.or", "a@x.org", "a@x.o"}},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(envelope) env = ENVELOPE_INIT;
		size_t n = 0;
		for (size_t j = 0; j < 6 && rows[i].in[j]; j++)
			add(&env, rows[i].in[j], NULL);
		envelope_unique(&env);
		for (; n < 6 && rows[i].out[n]; n++) {
			assert_true(n < env.n);
			assert_string_equal(env.rcpts[n].address.given, rows[i].out[n]);
		}
		assert_int_equal(env.n, n);
	}
}

static void spellings_of_one_domain_are_equal(void **state)
{
	(void)state;
	AUTO(envelope) env = ENVELOPE_INIT;
	add(&env, "a@b\xc3\xbc.de", "a@xn--b-eha.de");
	add(&env, "a@xn--b-eha.de", "a@xn--b-eha.de");
	add(&env, "\xc3\xbc@b\xc3\xbc.de", NULL);
	envelope_unique(&env);
	assert_int_equal(env.n, 2);
	assert_string_equal(env.rcpts[1].address.given, "\xc3\xbc@b\xc3\xbc.de");
}

static void a_hundred_thousand_recipients_take_no_long_time(void **state)
{
	(void)state;
	AUTO(envelope) env = ENVELOPE_INIT;
	for (size_t i = 0; i < 100000; i++)
		envelope_add(&env, (struct mail_address){xasprintf("user%zu@Example.%s", i / 2, i % 2 ? "org" : "ORG"),
							 NULL});
	envelope_unique(&env);
	assert_int_equal(env.n, 50000);
	assert_string_equal(env.rcpts[49999].address.given, "user49999@Example.ORG");
}

static void releasing_leaves_it_empty(void **state)
{
	(void)state;
	struct envelope env = ENVELOPE_INIT;
	env.mail.sender.given = xstrdup("a");
	env.mail.sender.ascii = xstrdup("a");
	env.mail.envid = xstrdup("id");
	add(&env, "a@b", "a@b");
	env.rcpts[0].orcpt = xstrdup("c");
	envelope_release(&env);
	assert_int_equal(env.n, 0);
	assert_null(env.mail.sender.given);
	envelope_release(&env);
}

/* RFC 3461 section 4.4: 100 characters of xtext. */
static void envid_is_measured_as_it_is_sent(void **state)
{
	static const struct {
		size_t letters;
		const char *tail;
		bool good;
	} rows[] = {{0, "", false},   {1, "", true},	  {100, "", true},	 {101, "", false}, {97, "+", true},
		    {98, "+", false}, {97, "=", true},	  {98, "=", false},	 {97, " ", true},  {98, " ", false},
		    {5, "\t", false}, {5, "\x7f", false}, {5, "\xc3\xa4", false}};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) text = STRBUF_INIT;
		for (size_t n = 0; n < rows[i].letters; n++)
			strbuf_addch(&text, 'a');
		strbuf_adds(&text, rows[i].tail);
		if (envelope_envid_check(strbuf_span(&text)) != rows[i].good)
			fail_msg("%zu letters and \"%s\"", rows[i].letters, rows[i].tail);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(envid_is_measured_as_it_is_sent),
		cmocka_unit_test(repeated_recipients_are_removed_and_order_is_kept),
		cmocka_unit_test(spellings_of_one_domain_are_equal),
		cmocka_unit_test(a_hundred_thousand_recipients_take_no_long_time),
		cmocka_unit_test(releasing_leaves_it_empty),
	};
	return cmocka_run_group_tests_name("envelope", tests, NULL, NULL);
}
