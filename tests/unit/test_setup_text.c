/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the set-up writes, asks and reads from its helpers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/xalloc.h"
#include "config/configuration.h"
#include "setup/account_text.h"
#include "setup/fetch.h"
#include "setup/talk.h"
#include "setup/together.h"

#include "../lib/test_runtime.h"

/* ---- accounts ---- */

static void check_text(const struct account_text *t, const char *want)
{
	AUTO(strbuf) out = STRBUF_INIT;
	AUTO(config) config = CONFIG_INIT;
	AUTO(error) err = ERROR_INIT;
	const struct runtime runtime = test_runtime();
	account_text_write(t, &out);
	assert_string_equal(out.buf, want);
	assert_true(config_parse(&config, "test", strbuf_span(&out), t->flavour, &runtime, &err));
	const struct account *a = config_find(&config, t->name);
	assert_non_null(a);
	if (t->secret != SETUP_SECRET_NONE)
		assert_string_equal(account_str(a, OPT_USER), account_text_user(t));
}

static void an_account_is_written(void **state)
{
	static char host[] = "a.test", other[] = "b.test", third[] = "c.test", user[] = "jo";
	struct candidate servers[] = {{.host = host,
				       .port = 465,
				       .mode = SETUP_TLS,
				       .source = SETUP_SRV,
				       .user = user,
				       .login = SETUP_PASSWORD},
				      {.host = other, .port = 465, .mode = SETUP_TLS, .source = SETUP_SRV},
				      {.host = third, .port = 587, .mode = SETUP_STARTTLS, .source = SETUP_SRV}};
	const struct candidates all = {servers, 3, 3};
	struct account_text t = {.name = "a.test", .address = "jo@a.test", .server = &servers[0], .all = &all};
	(void)state;
	check_text(&t, "account a.test\nhost a.test b.test\nport 465\ntls on\ntls_starttls off\nauth on\nuser jo\n"
		       "from jo@a.test\n");
	servers[0].source = SETUP_AUTOCONFIG;
	servers[0].mode = SETUP_PLAIN;
	servers[0].user = NULL;
	check_text(&t, "account a.test\nhost a.test\nport 465\ntls off\nauth on\nauth_without_tls on\nuser jo@a.test\n"
		       "from jo@a.test\n");
	t.secret = SETUP_SECRET_NONE;
	t.first_use = true;
	servers[0].mode = SETUP_STARTTLS;
	check_text(&t, "account a.test\nhost a.test\nport 465\ntls on\ntls_starttls on\nauth off\nfrom jo@a.test\n"
		       "tls_trust first_use\n");
}

static void what_means_something_in_a_file_is_quoted(void **state)
{
	static char host[] = "a.test";
	static const char *const users[] = {"a b", "\"a\"", "\"", "${HOME}", "a$b$", "#a", "a\\b", " a "};
	struct candidate server = {.host = host, .port = 465, .login = SETUP_PASSWORD};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(users); i++) {
		for (int flavour = FLAVOUR_OWN; flavour <= FLAVOUR_MSMTP; flavour++) {
			AUTO(strbuf) out = STRBUF_INIT;
			struct account_text t = {.name = "x",
						 .address = "jo@a.test",
						 .user = users[i],
						 .server = &server,
						 .flavour = (enum config_flavour)flavour};
			account_text_write(&t, &out);
			print_message("%s\n", users[i]);
			check_text(&t, out.buf);
		}
	}
}

static void the_password_is_named(void **state)
{
	static char host[] = "a.test";
	struct candidate server = {.host = host, .port = 465, .login = SETUP_PASSWORD};
	struct account_text t = {.name = "x",
				 .address = "jo@a.test",
				 .server = &server,
				 .secret = SETUP_SECRET_FILE,
				 .secret_file = "/home/jo/.config/posthaste/password-x"};
#define BEGINNING \
	"account x\nhost a.test\nport 465\ntls on\ntls_starttls off\nauth on\nuser jo@a.test\nfrom jo@a.test\n"
	(void)state;
	check_text(&t, BEGINNING "password_file /home/jo/.config/posthaste/password-x\n");
	t.flavour = FLAVOUR_MSMTP;
	check_text(&t, BEGINNING "passwordeval cat '/home/jo/.config/posthaste/password-x'\n");
	t.secret_file = "/home/o'neil/password-x";
	check_text(&t, BEGINNING "passwordeval cat '/home/o'\\''neil/password-x'\n");
	t.flavour = FLAVOUR_OWN;
	t.secret = SETUP_SECRET_OAUTH;
	check_text(&t, BEGINNING);
	t.provider = "google";
	t.client_id = "id";
	t.client_secret_file = "/s";
	check_text(&t, BEGINNING "oauth_provider google\noauth_client_id id\noauth_client_secret_file /s\n");
}

static void comments_have_a_mark_on_each_line(void **state)
{
	AUTO(strbuf) out = STRBUF_INIT;
	(void)state;
	account_text_comment("one", &out);
	account_text_comment("two\nthree\n", &out);
	assert_string_equal(out.buf, "# one\n# two\n# three\n");
}

/* ---- files ---- */

static void the_helpers_answer_is_read(void **state)
{
	static const struct {
		struct span written;
		const char *want; /* "CODE HOST BODY", or the error */
	} cases[] = {
		{SPAN_LIT("answer\000200\0\0file\0a.test\0<c/>\n"), "200 a.test <c/>\n"},
		{SPAN_LIT("answer\000404\0\0file\0a.test\0"), "404 a.test "},
		{SPAN_LIT("unresolved\0no such host\0"), "unresolved: no such host"},
		{SPAN_LIT("timeout\0\0"), "timeout"},
		{SPAN_LIT("answer\000200\0\0json\0\0"), "unexpected"},
		{SPAN_LIT("answer\0002000\0\0file\0a.test\0"), "unexpected"},
		{SPAN_LIT("answer\000200\0\0file\0a b\0"), "unexpected"},
		{SPAN_LIT("answer\000200\0\0file\0"), "unexpected"},
		{SPAN_LIT("answer\000200"), "unexpected"},
		{SPAN_LIT(""), "unexpected"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(fetched) file = FETCHED_INIT;
		AUTO(error) err = ERROR_INIT;
		bool ok = fetch_read(cases[i].written, &file, &err);
		AUTO_FREE char *got =
			ok ? xasprintf("%u %s %s", file.code, file.host, file.body.buf) : xstrdup(err.status.text);
		print_message("%zu\n", i);
		assert_non_null(strstr(got, cases[i].want));
		assert_int_equal(ok, strncmp(cases[i].want, "200", 3) == 0 || strncmp(cases[i].want, "404", 3) == 0);
	}
}

/* ---- questions at the same time ---- */

static void answer_text(void *arg, struct strbuf *answer)
{
	strbuf_adds(answer, arg);
}

static void answer_much(void *arg, struct strbuf *answer)
{
	(void)arg;
	while (answer->len <= TOGETHER_LIMIT)
		strbuf_adds(answer, "much ");
}

static void answer_never(void *arg, struct strbuf *answer)
{
	(void)arg;
	(void)answer;
	for (;;)
		(void)pause();
}

static void crash(void *arg, struct strbuf *answer)
{
	(void)arg;
	strbuf_adds(answer, "half");
	_exit(3);
}

static void no_question_ends_another(void **state)
{
	static char one[] = "one", two[] = "two";
	struct together_job jobs[] = {{answer_text, one, STRBUF_INIT, false},
				      {answer_never, NULL, STRBUF_INIT, false},
				      {crash, NULL, STRBUF_INIT, false},
				      {answer_much, NULL, STRBUF_INIT, false},
				      {answer_text, two, STRBUF_INIT, false}};
	static const char *const want[] = {"one", NULL, NULL, NULL, "two"};
	(void)state;
	together_run(jobs, ARRAY_SIZE(jobs), &clock_system, deadline_in(&clock_system, 1000));
	for (size_t i = 0; i < ARRAY_SIZE(jobs); i++) {
		assert_int_equal(jobs[i].answered, want[i] != NULL);
		assert_string_equal(jobs[i].answer.buf, want[i] ? want[i] : "");
		strbuf_release(&jobs[i].answer);
	}
}

/* ---- the dialogue ---- */

struct script {
	struct span lines; /* what is typed */
	struct strbuf shown;
};

static void say(void *arg, const char *text)
{
	strbuf_adds(&((struct script *)arg)->shown, text);
}

static bool ask(void *arg, const char *prompt, struct strbuf *answer)
{
	struct script *s = arg;
	struct span line;
	strbuf_adds(&s->shown, prompt);
	if (!s->lines.len || !span_split(&s->lines, '\n', &line))
		return false;
	strbuf_add_span(answer, line);
	return true;
}

static void an_answer_is_trimmed_or_the_usual_one(void **state)
{
	struct script s = {SPAN_LIT("  jo \n\n"), STRBUF_INIT};
	const struct setup_talk talk = {say, ask, NULL, &s};
	AUTO(error) err = ERROR_INIT;
	(void)state;
	AUTO_FREE char *first = talk_ask(&talk, "Name", "joe", &err);
	AUTO_FREE char *second = talk_ask(&talk, "Name", "joe", &err);
	AUTO_FREE char *third = talk_ask(&talk, "Name", NULL, &err);
	assert_string_equal(first, "jo");
	assert_string_equal(second, "joe");
	assert_null(third);
	assert_int_equal(err.status.kind, ERROR_INTERRUPTED);
	assert_string_equal(s.shown.buf, "Name [joe]: Name [joe]: Name: ");
	strbuf_release(&s.shown);
}

static void a_yes_that_matters_is_complete(void **state)
{
	static const struct {
		const char *typed;
		bool usual_yes;
		enum talk_answer want;
	} cases[] = {{"yes\n", false, TALK_YES},  {"YES\n", false, TALK_YES}, {"\n", false, TALK_NO},
		     {"y\nno\n", false, TALK_NO}, {"n\n", false, TALK_NO},    {"\n", true, TALK_YES},
		     {"y\n", true, TALK_YES},	  {"n\n", true, TALK_NO},     {"what\nyes\n", true, TALK_YES},
		     {"", true, TALK_END}};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct script s = {span_of(cases[i].typed), STRBUF_INIT};
		const struct setup_talk talk = {say, ask, NULL, &s};
		AUTO(error) err = ERROR_INIT;
		print_message("%s\n", cases[i].typed);
		assert_int_equal(talk_confirm(&talk, "Use it", cases[i].usual_yes, &err), cases[i].want);
		assert_int_equal(err.status.kind, cases[i].want == TALK_END ? ERROR_INTERRUPTED : ERROR_NONE);
		strbuf_release(&s.shown);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_account_is_written),
		cmocka_unit_test(what_means_something_in_a_file_is_quoted),
		cmocka_unit_test(the_password_is_named),
		cmocka_unit_test(comments_have_a_mark_on_each_line),
		cmocka_unit_test(the_helpers_answer_is_read),
		cmocka_unit_test(no_question_ends_another),
		cmocka_unit_test(an_answer_is_trimmed_or_the_usual_one),
		cmocka_unit_test(a_yes_that_matters_is_complete),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
