/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/xalloc.h"
#include "config/configuration.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

struct derive_case {
	enum config_flavour flavour;
	const char *lines;
	long long port; /* 0: none */
	bool tls, starttls;
};

/* Nothing is read but what the test gives. */
static const struct runtime runtime = {.clock = &clock_system};

static const struct derive_case derivations[] = {
	{FLAVOUR_OWN, "host h\n", 465, true, false},
	{FLAVOUR_OWN, "host h\nport 465\n", 465, true, false},
	{FLAVOUR_OWN, "host h\nport 587\n", 587, true, true},
	{FLAVOUR_OWN, "host h\nport 25\n", 25, true, true},
	{FLAVOUR_OWN, "host h\nport 2525\n", 2525, true, true},
	{FLAVOUR_OWN, "host h\ntls on\n", 465, true, false},
	{FLAVOUR_OWN, "host h\ntls_starttls on\n", 587, true, true},
	{FLAVOUR_OWN, "host h\ntls_starttls off\n", 465, true, false},
	{FLAVOUR_OWN, "host h\ntls off\n", 25, false, false},
	{FLAVOUR_OWN, "host h\ntls off\nport 587\n", 587, false, true},
	{FLAVOUR_OWN, "host h\ntls on\nport 25\n", 25, true, true},
	{FLAVOUR_OWN, "host h\nport 587\ntls_starttls off\n", 587, true, false},
	{FLAVOUR_OWN, "host h\nport 465\ntls_starttls on\n", 465, true, true},
	{FLAVOUR_OWN, "host localhost\n", 25, false, false},
	{FLAVOUR_OWN, "host LOCALHOST 127.0.0.1 ::1 [::1] 127.9.9.9\n", 25, false, false},
	{FLAVOUR_OWN, "host 127.0.0.1.example.org\n", 465, true, false},
	{FLAVOUR_OWN, "host 127.0.0.1 h\n", 465, true, false},
	{FLAVOUR_OWN, "host localhost\nport 2525\n", 2525, false, true},
	{FLAVOUR_OWN, "host localhost\nport 465\n", 465, true, false},
	{FLAVOUR_OWN, "host localhost\nport 587\n", 587, true, true},
	{FLAVOUR_OWN, "host localhost\ntls on\n", 465, true, false},
	{FLAVOUR_OWN, "host localhost\ntls_starttls on\n", 587, true, true},
	{FLAVOUR_OWN, "socket /s\n", 0, false, false},
	{FLAVOUR_OWN, "socket /s\ntls on\n", 0, true, false},
	{FLAVOUR_OWN, "host h\nprotocol lmtp\nport 24\n", 24, true, true},
	{FLAVOUR_OWN, "socket /s\nprotocol lmtp\n", 0, false, true},
	{FLAVOUR_OWN, "host srv:example.org\n", 465, true, false},
	{FLAVOUR_OWN, "host localhost srv:example.org\nport 2525\n", 2525, true, true},
	{FLAVOUR_MSMTP, "host srv:example.org\n", 25, true, true},
	{FLAVOUR_MSMTP, "host h\n", 25, false, true},
	{FLAVOUR_MSMTP, "host h\nport 465\n", 465, false, true},
	{FLAVOUR_MSMTP, "host h\ntls on\n", 25, true, true},
	{FLAVOUR_MSMTP, "host h\ntls on\ntls_starttls off\n", 465, true, false},
	{FLAVOUR_MSMTP, "host h\ntls_starttls off\n", 25, false, false},
	{FLAVOUR_MSMTP, "host h\nport 587\ntls\n", 587, true, true},
};

/* Origins are borrowed from c, which owns the account. */
static struct account *load(struct config *c, const char *lines, enum config_flavour flavour)
{
	assert_true(config_parse(c, "rc", span_of(lines), flavour, &runtime, NULL));
	assert_int_equal(c->n, 1);
	return c->accounts[0];
}

static void port_and_tls_follow_from_each_other(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(derivations); i++) {
		const struct derive_case *d = &derivations[i];
		AUTO(error) err = ERROR_INIT;
		AUTO(config) c = CONFIG_INIT;
		struct account *a = load(&c, d->lines, d->flavour);
		assert_true(account_complete(a, &err));
		if (account_int(a, OPT_PORT) != d->port || account_bool(a, OPT_TLS) != d->tls ||
		    account_bool(a, OPT_TLS_STARTTLS) != d->starttls)
			fail_msg("%s gives port %lld tls %d starttls %d", d->lines, account_int(a, OPT_PORT),
				 account_bool(a, OPT_TLS), account_bool(a, OPT_TLS_STARTTLS));
		assert_true(account_check(a, &err));
	}
}

/* Sets, unsets and shares values at random, beside plain arrays that say what must come of it. */
static void values_are_shared_and_keep_apart(void **state)
{
	(void)state;
	enum { ACCOUNTS = 3, STEPS = 20000 };
	struct account *a[ACCOUNTS];
	char *want[ACCOUNTS][OPTION_COUNT] = {{NULL}};
	uint32_t seed = 1;
	for (size_t i = 0; i < ACCOUNTS; i++)
		a[i] = account_new("a", FLAVOUR_OWN, NULL);
	for (unsigned step = 0; step < STEPS; step++) {
		seed = seed * 1664525 + 1013904223;
		size_t to = seed >> 8 & 0xff, from = (to + 1 + (seed >> 16 & 1)) % ACCOUNTS;
		enum option_id id = (enum option_id)((seed >> 17) % OPTION_COUNT);
		to %= ACCOUNTS;
		if (to == from)
			continue;
		if (seed >> 24 & 1) {
			struct value v = {.set = true, .s = xasprintf("%u", step)};
			xreplace(&want[to][id], v.s);
			account_put(a[to], id, &v, (struct origin){ORIGIN_FILE, "rc", step});
			assert_false(v.set);
		} else {
			xreplace(&want[to][id], want[from][id]);
			account_take(a[to], a[from], id);
		}
	}
	for (size_t i = 0; i < ACCOUNTS; i++) {
		size_t set = 0;
		for (enum option_id j = 0; j < OPTION_COUNT; j++) {
			const struct value *v = account_value(a[i], (enum option_id)j);
			assert_int_equal(v->set, want[i][j] != NULL);
			set += v->set;
			if (v->set) {
				assert_string_equal(v->s, want[i][j]);
				AUTO_FREE char *line = xasprintf("%u", account_origin(a[i], (enum option_id)j)->line);
				assert_string_equal(line, want[i][j]);
			} else {
				assert_int_equal(account_origin(a[i], (enum option_id)j)->kind, ORIGIN_DEFAULT);
			}
			free(want[i][j]);
		}
		assert_int_equal(a[i]->n, set);
		account_free(a[i]);
	}
}

static void completing_twice_changes_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(derivations); i++) {
		AUTO(config) c = CONFIG_INIT;
		struct account *a = load(&c, derivations[i].lines, derivations[i].flavour);
		AUTO_PTR(account) b = account_new("b", derivations[i].flavour, NULL);
		assert_true(account_complete(a, NULL));
		account_merge(b, a);
		assert_true(account_complete(b, NULL));
		for (enum option_id j = 0; j < OPTION_COUNT; j++)
			assert_true(value_equal(&option_table[j], account_value(a, j), account_value(b, j)));
	}
}

static void defaults_and_origins(void **state)
{
	(void)state;
	static const struct {
		enum config_flavour flavour;
		enum option_id id;
		const char *value, *origin;
	} want[] = {
		{FLAVOUR_OWN, OPT_EIGHTBIT, "convert", "default"},
		{FLAVOUR_MSMTP, OPT_EIGHTBIT, "convert", "default"},
		{FLAVOUR_OWN, OPT_LOCAL_RECIPIENTS, "refuse", "default"},
		{FLAVOUR_MSMTP, OPT_LOCAL_RECIPIENTS, "pass", "default"},
		{FLAVOUR_OWN, OPT_DEADLINE, "30m", "default"},
		{FLAVOUR_MSMTP, OPT_TLS, "off", "default"},
		{FLAVOUR_OWN, OPT_TLS, "on", "default"},
		{FLAVOUR_OWN, OPT_PORT, "465", "derived from tls"},
		{FLAVOUR_OWN, OPT_HOST, "h", "rc, line 1"},
		{FLAVOUR_OWN, OPT_DOMAIN, "auto", "default"},
		{FLAVOUR_MSMTP, OPT_DOMAIN, "localhost", "default"},
		{FLAVOUR_OWN, OPT_TLS_TRUST_FILE, "system", "default"},
		{FLAVOUR_OWN, OPT_DSN_REQUIRED, "on", "default"},
		{FLAVOUR_MSMTP, OPT_PARTIAL, "deliver", "default"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		AUTO(config) c = CONFIG_INIT;
		struct account *a = load(&c, "host h\n", want[i].flavour);
		AUTO(strbuf) value = STRBUF_INIT;
		assert_true(account_complete(a, NULL));
		value_format(&option_table[want[i].id], account_value(a, want[i].id), &value);
		AUTO_FREE char *origin = origin_text(account_origin(a, want[i].id));
		assert_string_equal(value.buf, want[i].value);
		assert_string_equal(origin, want[i].origin);
	}
}

static void auto_from_makes_a_sender(void **state)
{
	(void)state;
	static const struct {
		const char *lines, *from;
	} cases[] = {
		{"host h\nauto_from on\nmaildomain example.org\n", "%U@example.org"},
		{"host h\nauto_from\n", "%U"},
		{"host h\nfrom a@b\nauto_from on\nmaildomain example.org\n", "%U@example.org"},
		{"host h\nfrom a@b\nauto_from off\n", "a@b"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(config) c = CONFIG_INIT;
		struct account *a = load(&c, cases[i].lines, FLAVOUR_MSMTP);
		assert_true(account_complete(a, NULL));
		assert_string_equal(account_str(a, OPT_FROM), cases[i].from);
	}
}

#define PIN "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static void rules_between_values(void **state)
{
	(void)state;
	static const struct {
		enum config_flavour flavour;
		const char *lines, *says; /* NULL: fine */
	} cases[] = {
		{FLAVOUR_OWN, "user joe\n", "account default: no server is set"},
		{FLAVOUR_OWN, "host h\nprotocol lmtp\n",
		 "LMTP has no default port, and none is set (protocol lmtp: rc, line 2)"},
		{FLAVOUR_OWN, "host h\nprotocol lmtp\nsocket /s\n", NULL},
		{FLAVOUR_OWN, "host srv:d\ntls off\n", "and TLS is off (host srv:d: rc, line 1; tls off: rc, line 2)"},
		{FLAVOUR_MSMTP, "host a SRV:d\ntls off\n", "srv: finds servers that use TLS"},
		{FLAVOUR_OWN, "host srv:d\nprotocol lmtp\nport 24\n", "which do not speak LMTP"},
		{FLAVOUR_MSMTP, "host srv:d\n", NULL},
		{FLAVOUR_OWN, "host h\ntls_key_file /k\n", "(tls_key_file /k: rc, line 2)"},
		{FLAVOUR_OWN, "host h\ntls_cert_file /c\n", "client certificate is set, but no private key"},
		{FLAVOUR_OWN, "host h\ntls_cert_file /c\ntls_key_file /k\n", NULL},
		{FLAVOUR_OWN, "host h\ntls_cert_file /c\ntls_key_file /k\ntls_key_file\n", "no private key"},
		{FLAVOUR_OWN, "host h\ntls_crl_file /c\n", NULL},
		{FLAVOUR_OWN, "host h\ntls_crl_file /c\ntls_trust_file\ntls_certcheck off\n", "revoked"},
		{FLAVOUR_OWN, "host h\ntls_trust_file\n", "no trusted CAs are set"},
		{FLAVOUR_OWN, "host h\ntls_trust_file\ntls_certcheck off\n", NULL},
		{FLAVOUR_OWN, "host h\ntls_trust_file\ntls off\n", NULL},
		{FLAVOUR_OWN, "host h\ntls_trust_file\ntls_fingerprint 00112233445566778899aabbccddeeff\n", NULL},
		{FLAVOUR_OWN, "host h\ntls_certcheck off\ntls_fingerprint 00112233445566778899aabbccddeeff\n",
		 "the certificate check is off"},
		{FLAVOUR_OWN, "host h\ntls_trust pin\n", "no pin is set (tls_trust pin: rc, line 2)"},
		{FLAVOUR_OWN, "host h\ntls_trust pin\ntls_pin " PIN "\n", NULL},
		{FLAVOUR_OWN, "host h\ntls_trust pin\ntls_pin " PIN "\ntls_trust_file\n", NULL},
		{FLAVOUR_OWN, "host h\ntls_trust pin\ntls_certcheck off\n", "the certificate check is off"},
		{FLAVOUR_OWN, "host h\ntls_trust first_use\n", NULL},
		{FLAVOUR_OWN, "host h\nsocket /s\ntls on\ntls_trust first_use\n", "the account uses a socket"},
		{FLAVOUR_OWN, "host h\ntls_trust first_use\ntls_fingerprint 00112233445566778899aabbccddeeff\n",
		 "cannot be combined"},
		{FLAVOUR_OWN, "host h\ntls_trust first_use\ntls_crl_file /c\n", "no authority is asked"},
		{FLAVOUR_OWN, "host h\ntls_crl_file /c\ntls_fingerprint 00112233445566778899aabbccddeeff\n",
		 "no authority is asked"},
		{FLAVOUR_MSMTP, "host h\ntls on\ntls_crl_file /c\ntls_fingerprint 00112233445566778899aabbccddeeff\n",
		 NULL},
		{FLAVOUR_OWN, "host h\ntls_ocsp require\n", NULL},
		{FLAVOUR_OWN, "host h\ntls_ocsp require\ntls_trust first_use\n", "no authority is asked that could"},
		{FLAVOUR_MSMTP, "host h\ntls_certcheck off\ntls_fingerprint 00112233445566778899aabbccddeeff\n", NULL},
		{FLAVOUR_OWN, "host h\nauth on\n", "needs a user name (auth on: rc, line 2)"},
		{FLAVOUR_OWN, "host h\nauth plain\nuser joe\n", NULL},
		{FLAVOUR_OWN, "host h\nauth external\n", NULL},
		{FLAVOUR_OWN, "host h\nauth gssapi\n", NULL},
		{FLAVOUR_OWN, "host h\nauth external\ntls off\n", "takes the identity from TLS"},
		{FLAVOUR_OWN, "host h\nauth off\n", NULL},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(error) err = ERROR_INIT;
		AUTO(config) c = CONFIG_INIT;
		struct account *a = load(&c, cases[i].lines, cases[i].flavour);
		print_message("# %s\n", cases[i].lines);
		assert_true(account_complete(a, NULL));
		assert_int_equal(account_check(a, &err), cases[i].says == NULL);
		assert_int_equal(err.status.kind, cases[i].says ? ERROR_CONFIG : ERROR_NONE);
		if (cases[i].says) {
			if (!strstr(err.status.text, cases[i].says))
				fail_msg("\"%s\" does not say \"%s\"", err.status.text, cases[i].says);
			assert_non_null(err.status.hint);
		}
	}
}

static void wrong_arguments_on_the_command_line_are_usage(void **state)
{
	(void)state;
	AUTO_PTR(account) a = account_new("", FLAVOUR_MSMTP, NULL);
	static const struct {
		enum option_id id;
		const char *text;
	} wrong[] = {{OPT_PORT, "x"},	    {OPT_PRIORITY, "10"}, {OPT_LISTEN, "x"},   {OPT_QUEUE, "sometimes"},
		     {OPT_LOGFILE, "a\nb"}, {OPT_ENVID, "a\nb"},  {OPT_FROM_R, "a\nb"}};
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		AUTO(error) err = ERROR_INIT;
		assert_false(account_set(a, wrong[i].id, span_of(wrong[i].text),
					 (struct origin){ORIGIN_COMMAND_LINE, "-x", 0}, &err));
		assert_int_equal(err.status.kind, ERROR_USAGE);
		assert_false(account_set(a, wrong[i].id, span_of(wrong[i].text), (struct origin){ORIGIN_FILE, "rc", 1},
					 &err));
		assert_int_equal(err.status.kind, ERROR_CONFIG);
	}
	/* the letters that repeat others, and those without effect */
	struct origin origin = {ORIGIN_COMMAND_LINE, "-r", 0};
	assert_true(account_set(a, OPT_FROM_R, SPAN_LIT("<>"), origin, NULL));
	assert_string_equal(account_str(a, OPT_FROM), "");
	assert_true(account_is_set(a, OPT_FROM));
	assert_true(account_set(a, OPT_VERBOSE, SPAN_LIT(""), origin, NULL));
	assert_true(account_bool(a, OPT_DEBUG));
	assert_true(account_set(a, OPT_SM_O_SHORT, SPAN_LIT("em"), origin, NULL));
	assert_false(account_is_set(a, OPT_SM_O_SHORT));
	assert_string_equal(account_word_text(account_set(a, OPT_AUTH, SPAN_LIT("plain"), origin, NULL) ? a : NULL,
					      OPT_AUTH),
			    "plain");
	assert_null(account_word_text(a, OPT_PARTIAL));
	assert_null(account_str(a, OPT_USER));
	assert_false(secret_is_set(account_secret(a, OPT_PASSWORD)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(port_and_tls_follow_from_each_other),
		cmocka_unit_test(completing_twice_changes_nothing),
		cmocka_unit_test(values_are_shared_and_keep_apart),
		cmocka_unit_test(defaults_and_origins),
		cmocka_unit_test(auto_from_makes_a_sender),
		cmocka_unit_test(rules_between_values),
		cmocka_unit_test(wrong_arguments_on_the_command_line_are_usage),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
