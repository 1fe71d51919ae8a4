/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/configuration.h"
#include "config/expand.h"

#include "base/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

/* Nothing is read but what the test gives. */
static const struct runtime runtime = {.clock = &clock_system};

static const char rc[] = "account exact\nhost exact\nfrom Joe@Example.org\n"
			 "account twin\nhost twin\nfrom joe@example.org\n"
			 "account wild\nhost wild\nfrom *@wild.example\n"
			 "account plus\nhost plus\nfrom list+news@example.org\n"
			 "account locked\nhost locked\nfrom own@locked.example\nallow_from_override off\n";
static const char rc_with_default[] =
	"account x\nhost x\nfrom x@example.org\naccount default\nhost fallback\nfrom me@example.org\n";

struct choice_case {
	const char *text, *account, *sender;
	const char *host; /* NULL: refused */
	const char *from; /* what is sent with, or the error's text contains ... */
	enum error_kind kind;
};

static const struct choice_case cases[] = {
	{rc, "twin", NULL, "twin", "joe@example.org", ERROR_NONE},
	{rc, "twin", "other@example.net", "twin", "other@example.net", ERROR_NONE},
	{rc, "Twin", NULL, NULL, "account Twin is not defined in rc", ERROR_CONFIG},
	{rc, NULL, "joe@example.org", "exact", "joe@example.org", ERROR_NONE},
	{rc, NULL, "JOE@EXAMPLE.ORG", "exact", "JOE@EXAMPLE.ORG", ERROR_NONE},
	{rc, NULL, "joe+shop@example.org", "exact", "joe+shop@example.org", ERROR_NONE},
	{rc, NULL, "any@wild.example", "wild", "any@wild.example", ERROR_NONE},
	{rc, NULL, "any+d@wild.example", "wild", "any+d@wild.example", ERROR_NONE},
	{rc, NULL, "any@WILD.example", NULL, "there is no account named default", ERROR_CONFIG},
	{rc, NULL, "list+news@example.org", "plus", "list+news@example.org", ERROR_NONE},
	{rc, NULL, "list+old@example.org", NULL, "there is no account named default", ERROR_CONFIG},
	{rc, NULL, "own@locked.example", "locked", "own@locked.example", ERROR_NONE},
	{rc, NULL, "own+x@locked.example", "locked", "own@locked.example", ERROR_NONE},
	{rc, "locked", "else@example.org", "locked", "own@locked.example", ERROR_NONE},
	{rc, NULL, NULL, NULL, "there is no account named default", ERROR_CONFIG},
	{rc, NULL, "", NULL, "there is no account named default", ERROR_CONFIG},
	{rc_with_default, NULL, NULL, "fallback", "me@example.org", ERROR_NONE},
	{rc_with_default, NULL, "no@match.example", "fallback", "no@match.example", ERROR_NONE},
	{rc_with_default, NULL, "", "fallback", "", ERROR_NONE},
	{rc_with_default, NULL, "x@example.org", "x", "x@example.org", ERROR_NONE},
};

static void the_sender_chooses_the_account(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct choice_case *k = &cases[i];
		AUTO(config) c = CONFIG_INIT;
		AUTO(error) err = ERROR_INIT;
		AUTO_FREE char *why = NULL;
		assert_true(config_parse(&c, "rc", span_of(k->text), FLAVOUR_MSMTP, &runtime, NULL));
		struct account_request req = {.account = k->account, .envelope_from = k->sender};
		AUTO_PTR(account) a = config_choose(&c, &req, &why, &err);
		assert_int_equal(a != NULL, k->host != NULL);
		assert_int_equal(err.status.kind, k->kind);
		if (!a) {
			assert_non_null(strstr(err.status.text, k->from));
			assert_null(why);
			continue;
		}
		assert_non_null(why);
		assert_string_equal(account_list(a, OPT_HOST)->v[0], k->host);
		assert_string_equal(account_str(a, OPT_FROM), k->from);
	}
}

/* ---- the only account ---- */

static void the_only_account_is_the_default(void **state)
{
	(void)state;
	static char smtpserver[] = "SMTPSERVER=env";
	static char *environment[] = {smtpserver, NULL};
	static const struct {
		const char *users, *systems; /* the accounts of the files; NULL: no file */
		enum config_flavour flavour;
		bool smtpserver;
		const char *host; /* NULL: refused, with a hint that contains ... */
		const char *hint;
	} rows[] = {
		{"account a\nhost a\n", NULL, FLAVOUR_OWN, false, "a", NULL},
		{"account a\nhost a\n", NULL, FLAVOUR_MSMTP, false, "a", NULL},
		{"account a\nhost a\nfrom *@other.example\n", NULL, FLAVOUR_OWN, false, "a", NULL},
		{"account a\nhost a\naccount default\nhost b\n", NULL, FLAVOUR_OWN, false, "b", NULL},
		{"account a\nhost a\naccount b\nhost b\n", NULL, FLAVOUR_OWN, false, NULL, "account default : a"},
		{"account a\nhost a\naccount b\nhost b\n", NULL, FLAVOUR_OWN, false, NULL, "a, b"},
		/* one that is for some messages only */
		{"account a\nhost a\nmatch_from *@other.example\n", NULL, FLAVOUR_OWN, false, NULL, "default : a"},
		{"account a\nhost a\nmatch_to *@other.example\n", NULL, FLAVOUR_OWN, false, NULL, "default : a"},
		/* the user's file before the system's */
		{"account a\nhost a\n", "account s\nhost s\n", FLAVOUR_OWN, false, "a", NULL},
		{"account a\nhost a\n", "account s\nhost s\naccount t\nhost t\n", FLAVOUR_OWN, false, "a", NULL},
		{"account a\nhost a\n", "account default\nhost s\n", FLAVOUR_OWN, false, "s", NULL},
		{"account a\nhost a\naccount b\nhost b\n", "account s\nhost s\n", FLAVOUR_OWN, false, NULL, "a, b, s"},
		{NULL, "account s\nhost s\n", FLAVOUR_OWN, false, "s", NULL},
		{NULL, "account s\nhost s\naccount t\nhost t\n", FLAVOUR_OWN, false, NULL, "account default : s"},
		/* as msmtp does */
		{"account a\nhost a\n", NULL, FLAVOUR_MSMTP, true, "env", NULL},
		{"account a\nhost a\n", NULL, FLAVOUR_OWN, true, "a", NULL},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(config) c = CONFIG_INIT;
		AUTO(error) err = ERROR_INIT;
		AUTO_FREE char *why = NULL;
		if (rows[i].users)
			assert_true(config_parse(&c, "rc", span_of(rows[i].users), rows[i].flavour, &runtime, NULL));
		c.n_users = c.n;
		if (rows[i].systems)
			assert_true(config_parse(&c, "etc", span_of(rows[i].systems), rows[i].flavour, &runtime, NULL));
		struct account_request req = {.environ = rows[i].smtpserver ? environment : NULL,
					      .envelope_from = "me@example.org"};
		AUTO_PTR(account) a = config_choose(&c, &req, &why, &err);
		assert_int_equal(a != NULL, rows[i].host != NULL);
		if (a)
			assert_string_equal(account_list(a, OPT_HOST)->v[0], rows[i].host);
		else
			assert_non_null(strstr(err.status.hint, rows[i].hint));
		assert_int_equal(err.status.kind, a ? ERROR_NONE : ERROR_CONFIG);
	}
}

/* ---- match_from, match_to ---- */

static const char matching[] =
	"account work\nhost work\nfrom me@work.example\nmatch_from *@work.example boss@*.example\n"
	"account lists\nhost lists\nfrom me@lists.example\nmatch_to *@lists.example *@list.example.org\n"
	"account both\nhost both\nfrom me@both.example\nmatch_from *@home.example\nmatch_to *@club.example\n"
	"account bounces\nhost bounces\nfrom b@example.net\nmatch_from <>\n"
	"account detail\nhost detail\nfrom d@example.net\nmatch_from shop@example.net list+*@example.net\n"
	"account default\nhost fallback\nfrom me@example.org\n";

static const struct {
	const char *name, *sender, *recipients[4], *host;
} match_cases[] = {
	{"a sender's pattern", "joe@work.example", {"a@b"}, "work"},
	{"the second pattern, in any case", "BOSS@Third.Example", {"a@b"}, "work"},
	{"from, though no pattern", "me@lists.example", {"a@b"}, "lists"},
	{"the first account of two that match", "joe@work.example", {"a@lists.example"}, "work"},
	{"all recipients", NULL, {"a@lists.example", "B@LISTS.example", "c@list.example.org"}, "lists"},
	{"all recipients but one", NULL, {"a@lists.example", "b@example.org"}, "fallback"},
	{"no recipients", NULL, {NULL}, "fallback"},
	{"a recipient's detail", NULL, {"a+x@lists.example"}, "lists"},
	{"sender and recipients", "me@home.example", {"x@club.example"}, "both"},
	{"the sender without the recipients", "me@home.example", {"x@example.org"}, "fallback"},
	{"the recipients without the sender", "me@example.org", {"x@club.example"}, "fallback"},
	{"the recipients without any sender", NULL, {"x@club.example"}, "fallback"},
	{"the null sender", "", {"a@b"}, "bounces"},
	{"a detail is dropped", "shop+news@example.net", {"a@b"}, "detail"},
	{"a detail is not dropped for a pattern with one", "list+x@example.net", {"a@b"}, "detail"},
	{"nor made up", "list@example.net", {"a@b"}, "fallback"},
};

static void patterns_choose_by_sender_and_recipients(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(match_cases); i++) {
		AUTO(config) c = CONFIG_INIT;
		AUTO(strvec) to = STRVEC_INIT;
		AUTO_FREE char *why = NULL;
		for (size_t j = 0; match_cases[i].recipients[j]; j++)
			strvec_push(&to, match_cases[i].recipients[j]);
		assert_true(config_parse(&c, "rc", span_of(matching), FLAVOUR_OWN, &runtime, NULL));
		struct account_request req = {.envelope_from = match_cases[i].sender, .recipients = &to};
		AUTO_PTR(account) a = config_choose(&c, &req, &why, NULL);
		assert_non_null(a);
		if (strcmp(account_list(a, OPT_HOST)->v[0], match_cases[i].host) != 0)
			fail_msg("%s: %s (%s)", match_cases[i].name, account_list(a, OPT_HOST)->v[0], why);
		assert_non_null(strstr(why, a->name));
	}
}

static void an_account_asked_for_need_not_match(void **state)
{
	(void)state;
	AUTO(config) c = CONFIG_INIT;
	AUTO_FREE char *why = NULL;
	assert_true(config_parse(&c, "rc", span_of(matching), FLAVOUR_OWN, &runtime, NULL));
	struct account_request req = {.account = "both", .envelope_from = "joe@work.example"};
	AUTO_PTR(account) a = config_choose(&c, &req, &why, NULL);
	assert_string_equal(a->name, "both");
	assert_string_equal(why, "account both was requested");
}

/* ---- the order of the ways ---- */

static const char user_rc[] =
	"account a\nhost user-a\nfrom a@example.org\naccount shared\nhost user-shared\nfrom shared@example.org\n";
static const char system_rc[] =
	"account shared\nhost system-shared\nfrom both@example.org\naccount b\nhost system-b\nfrom a@example.org\n"
	"account c\nhost system-c\nfrom c@example.org\n";
static const char default_rc[] = "account default\nhost fallback\nfrom me@example.org\n";
static const char *const environment[] = {"SMTPSERVER=env", "EMAIL=me@env.example", NULL};

static const struct {
	const char *name, *user, *system, *account, *sender, *flag_host;
	bool environment;
	const char *host; /* NULL: refused */
} ways[] = {
	{"--host before everything", user_rc, default_rc, NULL, "a@example.org", "flag", true, "flag"},
	{"the account asked for before the sender's", user_rc, system_rc, "shared", "a@example.org", NULL, true,
	 "user-shared"},
	{"the user's account hides the system's", user_rc, system_rc, "shared", NULL, NULL, false, "user-shared"},
	{"its sender is hidden too", user_rc, system_rc, NULL, "both@example.org", NULL, false, NULL},
	{"the user's account before the system's", user_rc, system_rc, NULL, "a@example.org", NULL, false, "user-a"},
	{"a sender of the system's account", user_rc, system_rc, NULL, "c@example.org", NULL, true, "system-c"},
	{"an account of the system by name", user_rc, system_rc, "c", NULL, NULL, false, "system-c"},
	{"names count with their case", user_rc, system_rc, "C", NULL, NULL, true, NULL},
	{"default before the environment", user_rc, default_rc, NULL, "x@example.org", NULL, true, "fallback"},
	{"the environment comes last", user_rc, system_rc, NULL, "x@example.org", NULL, true, "env"},
	{"an account asked for is not taken from there", user_rc, system_rc, "x", NULL, NULL, true, NULL},
	{"nothing is left", user_rc, system_rc, NULL, "x@example.org", NULL, false, NULL},
};

static struct account *flags_of(const char *host, const char *from)
{
	struct account *f = account_new("", FLAVOUR_MSMTP, NULL);
	struct origin origin = {ORIGIN_COMMAND_LINE, "--flag", 0};
	if (host)
		assert_true(account_set(f, OPT_HOST, span_of(host), origin, NULL));
	if (from)
		assert_true(account_set(f, OPT_FROM, span_of(from), origin, NULL));
	return f;
}

static char *write_rc(const char *folder, const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", folder, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	return path;
}

static void the_ways_have_an_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		char root[] = "/tmp/posthaste-choose.XXXXXX";
		assert_non_null(mkdtemp(root));
		AUTO_FREE char *user = write_rc(root, "user-msmtprc", ways[i].user),
			       *system_wide = write_rc(root, "msmtprc", ways[i].system);
		AUTO(config) c = CONFIG_INIT;
		AUTO(error) err = ERROR_INIT;
		AUTO_FREE char *why = NULL;
		AUTO(config_files) files = CONFIG_FILES_INIT;
		strvec_pushf(&files.system, "%s/msmtprc", root);
		AUTO_PTR(account) flags = flags_of(ways[i].flag_host, NULL);
		if (!ways[i].flag_host)
			assert_true(config_load(&c, user, &files, &runtime, NULL));
		struct account_request req = {
			.account = ways[i].account,
			.envelope_from = ways[i].sender,
			.flags = flags,
			.environ = ways[i].environment ? (char *const *)(const void *)environment : NULL,
		};
		AUTO_PTR(account) a = config_choose(&c, &req, &why, &err);
		const char *got = a ? account_list(a, OPT_HOST)->v[0] : "none";
		if (strcmp(got, ways[i].host ? ways[i].host : "none") != 0)
			fail_msg("%s: %s", ways[i].name, got);
		assert_int_equal(err.status.kind, a ? ERROR_NONE : ERROR_CONFIG);
		assert_int_equal(unlink(user) | unlink(system_wide) | rmdir(root), 0);
	}
}

static void a_host_on_the_command_line_needs_no_file(void **state)
{
	(void)state;
	AUTO(config) c = CONFIG_INIT;
	AUTO_FREE char *why = NULL;
	AUTO_PTR(account) flags = flags_of("given", "a@b");
	char *const environ_[] = {(char[]){"POSTHASTE_PORT=99"}, NULL};
	struct account_request req = {.envelope_from = "a@b", .flags = flags, .environ = environ_};
	AUTO_PTR(account) a = config_choose(&c, &req, &why, NULL);
	assert_non_null(a);
	assert_string_equal(account_list(a, OPT_HOST)->v[0], "given");
	assert_int_equal(account_int(a, OPT_PORT), 25);
	assert_string_equal(a->name, "");
}

static void host_and_account_exclude_each_other(void **state)
{
	(void)state;
	AUTO(config) c = CONFIG_INIT;
	AUTO(error) err = ERROR_INIT;
	AUTO_FREE char *why = NULL;
	AUTO_PTR(account) flags = flags_of("given", NULL);
	struct account_request req = {.account = "x", .flags = flags};
	assert_null(config_choose(&c, &req, &why, &err));
	assert_int_equal(err.status.kind, ERROR_USAGE);
}

static void flags_lie_over_the_account(void **state)
{
	(void)state;
	AUTO(config) c = CONFIG_INIT;
	AUTO_FREE char *why = NULL;
	AUTO_PTR(account) flags = flags_of(NULL, "typed@example.org");
	assert_true(config_parse(&c, "rc", span_of(rc), FLAVOUR_MSMTP, &runtime, NULL));
	assert_true(
		account_set(flags, OPT_PORT, SPAN_LIT("99"), (struct origin){ORIGIN_COMMAND_LINE, "--port", 0}, NULL));
	static const struct {
		const char *account, *from;
	} want[] = {{"twin", "typed@example.org"}, {"locked", "own@locked.example"}};
	for (size_t i = 0; i < 2; i++) {
		free(why);
		why = NULL;
		struct account_request req = {
			.account = want[i].account, .envelope_from = "typed@example.org", .flags = flags};
		AUTO_PTR(account) a = config_choose(&c, &req, &why, NULL);
		assert_non_null(a);
		assert_int_equal(account_int(a, OPT_PORT), 99);
		AUTO_FREE char *origin = origin_text(account_origin(a, OPT_PORT));
		assert_string_equal(origin, "--port");
		assert_string_equal(account_str(a, OPT_FROM), want[i].from);
	}
	/* the account itself stays as it was */
	assert_false(account_is_set(config_find(&c, "twin"), OPT_PORT));
}

static void the_environment_serves_containers(void **state)
{
	(void)state;
	static const struct {
		const char *set[4];
		bool ok;
		const char *says; /* host, or part of the error */
	} envs[] = {
		{{"POSTHASTE_HOST=mail", "POSTHASTE_PORT=587", NULL}, true, "mail"},
		{{"POSTHASTE_HOST=mail", "POSTHASTE_USER=", "POSTHASTE_SOMETHING=1", NULL}, true, "mail"},
		{{"POSTHASTE_HOST=mail", "POSTHASTE_PORT=x", NULL}, false, "POSTHASTE_PORT: expected a number"},
		{{"POSTHASTE_HOST=mail", "POSTHASTE_PASSWORD=canary", NULL}, false, "POSTHASTE_PASSWORD is set"},
		{{"POSTHASTE_HOST=a\nb", NULL}, false, "control characters"},
		{{"POSTHASTE_PORT=587", NULL}, false, "no server is set"},
		{{"SMTPSERVER=s.example", "EMAIL=e@example.org", NULL}, true, "s.example"},
		{{"SMTPSERVER=s.example", NULL}, true, "s.example"},
		{{"EMAIL=e@example.org", NULL}, false, "no configuration file"},
		{{NULL}, false, "no configuration file"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(envs); i++) {
		AUTO(config) c = CONFIG_INIT;
		AUTO(error) err = ERROR_INIT;
		AUTO_FREE char *why = NULL;
		char *environ_[4];
		memcpy(environ_, envs[i].set, sizeof(environ_));
		struct account_request req = {.environ = environ_};
		AUTO_PTR(account) a = config_choose(&c, &req, &why, &err);
		assert_int_equal(a != NULL, envs[i].ok);
		if (a) {
			assert_string_equal(account_list(a, OPT_HOST)->v[0], envs[i].says);
			continue;
		}
		assert_int_equal(err.status.kind, ERROR_CONFIG);
		if (!strstr(err.status.text, envs[i].says))
			fail_msg("\"%s\" does not say \"%s\"", err.status.text, envs[i].says);
		assert_null(strstr(err.status.text, "canary"));
	}
}

static void a_file_silences_the_environment(void **state)
{
	(void)state;
	AUTO(config) c = CONFIG_INIT;
	AUTO_FREE char *why = NULL;
	char *const environ_[] = {(char[]){"POSTHASTE_HOST=env"}, (char[]){"SMTPSERVER=env"}, NULL};
	assert_true(config_parse(&c, "rc", span_of(rc_with_default), FLAVOUR_OWN, &runtime, NULL));
	struct account_request req = {.environ = environ_};
	AUTO_PTR(account) a = config_choose(&c, &req, &why, NULL);
	assert_string_equal(account_list(a, OPT_HOST)->v[0], "fallback");
}

static void sequences_expand(void **state)
{
	(void)state;
	static const struct expand_values values = {"joe", "box", "box.example.org", "h@example.org", NULL};
	static const struct {
		const char *text, *letters, *out;
	} texts[] = {
		{"%U@%C", "UHCFM", "joe@box.example.org"},
		{"%F", "UHCFM", "h@example.org"},
		{"%U%H", "HCM", "%Ubox"},
		{"100%", "UHCFM", "100%"},
		{"%x%%U", "UHCFM", "%x%joe"},
		{"", "U", ""},
		{"%M", "UHCFM", NULL},
	};
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		AUTO(strbuf) out = STRBUF_INIT;
		AUTO(error) err = ERROR_INIT;
		assert_int_equal(expand_text(texts[i].text, texts[i].letters, &values, &out, &err),
				 texts[i].out != NULL);
		assert_string_equal(out.buf, texts[i].out ? texts[i].out : "");
		assert_int_equal(err.status.kind, texts[i].out ? ERROR_NONE : ERROR_CONFIG);
	}
	assert_true(expand_needs("a%M", 'M'));
	assert_false(expand_needs("a%m%", 'M'));
	assert_false(expand_needs(NULL, 'M'));
}

static void expansion_cannot_inject_and_patterns_are_not_sent(void **state)
{
	(void)state;
	static const struct {
		const char *from, *user, *result, *says;
		enum origin_kind origin;
	} froms[] = {
		{"%U@example.org", "joe", "joe@example.org", NULL, ORIGIN_FILE},
		{"%U@example.org", "a>\r\nRCPT TO:<b", NULL, "rc, line 7: from: expected text without control",
		 ORIGIN_FILE},
		{"%U@example.org", NULL, NULL, "the user's name, which is not available", ORIGIN_FILE},
		{"*@wild.example", "joe", NULL, "is a pattern", ORIGIN_FILE},
		{"*@wild.example", "joe", "*@wild.example", NULL, ORIGIN_COMMAND_LINE},
		{"a%U@example.org", "joe", "a%U@example.org", NULL, ORIGIN_COMMAND_LINE},
	};
	for (size_t i = 0; i < ARRAY_SIZE(froms); i++) {
		AUTO_PTR(account) a = account_new("a", FLAVOUR_OWN, NULL);
		AUTO(error) err = ERROR_INIT;
		const struct expand_values values = {froms[i].user, NULL, NULL, NULL, NULL};
		assert_true(account_set(a, OPT_FROM, span_of(froms[i].from), (struct origin){froms[i].origin, "rc", 7},
					NULL));
		assert_int_equal(expand_account(a, &values, &err), froms[i].result != NULL);
		if (froms[i].result)
			assert_string_equal(account_str(a, OPT_FROM), froms[i].result);
		else
			assert_non_null(strstr(err.status.text, froms[i].says));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sender_chooses_the_account),
		cmocka_unit_test(the_only_account_is_the_default),
		cmocka_unit_test(patterns_choose_by_sender_and_recipients),
		cmocka_unit_test(an_account_asked_for_need_not_match),
		cmocka_unit_test(the_ways_have_an_order),
		cmocka_unit_test(a_host_on_the_command_line_needs_no_file),
		cmocka_unit_test(host_and_account_exclude_each_other),
		cmocka_unit_test(flags_lie_over_the_account),
		cmocka_unit_test(the_environment_serves_containers),
		cmocka_unit_test(a_file_silences_the_environment),
		cmocka_unit_test(sequences_expand),
		cmocka_unit_test(expansion_cannot_inject_and_patterns_are_not_sent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
