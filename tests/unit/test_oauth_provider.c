/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/strvec.h"
#include "base/xalloc.h"
#include "oauth/provider.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* ---- the parser ---- */

static bool parse(const char *text, const char *name, struct oauth_provider *p, struct error *err)
{
	bool found = false;
	return oauth_provider_parse(span_of(text), "FILE", name, p, &found, err) && found;
}

static void an_entry_is_read_by_name(void **state)
{
	(void)state;
	AUTO(oauth_provider) p = OAUTH_PROVIDER_INIT;
	AUTO(error) err = ERROR_INIT;
	assert_true(parse(
		"# one\nprovider a\n\ttoken https://a.example/t\nprovider b\n\ttoken https://b.example/{tenant}/t\n"
		"\tregister Do this.\n\tregister Then that.\n\tflows device code\n",
		"b", &p, &err));
	assert_string_equal(p.name, "b");
	assert_string_equal(p.line[OAUTH_PROVIDER_TOKEN], "https://b.example/{tenant}/t");
	assert_string_equal(p.line[OAUTH_PROVIDER_REGISTER], "Do this. Then that.");
	assert_true(oauth_provider_lists(&p, OAUTH_PROVIDER_FLOWS, "code"));
	assert_false(oauth_provider_lists(&p, OAUTH_PROVIDER_FLOWS, "client"));
}

static void a_second_file_replaces_single_lines(void **state)
{
	(void)state;
	AUTO(oauth_provider) p = OAUTH_PROVIDER_INIT;
	AUTO(error) err = ERROR_INIT;
	assert_true(parse("provider a\ntoken https://a.example/t\nscope mail\nregister One.\nregister Two.\n", "a", &p,
			  &err));
	assert_true(parse("provider a\nclient_id ours\nscope post\nregister Ask us.\n", "a", &p, &err));
	assert_string_equal(p.line[OAUTH_PROVIDER_TOKEN], "https://a.example/t");
	assert_string_equal(p.line[OAUTH_PROVIDER_SCOPE], "post");
	assert_string_equal(p.line[OAUTH_PROVIDER_CLIENT_ID], "ours");
	assert_string_equal(p.line[OAUTH_PROVIDER_REGISTER], "Ask us.");
	assert_false(parse("provider b\n", "a", &p, &err));
	assert_int_equal(err.status.kind, ERROR_NONE);
}

static void what_is_wrong_is_named_with_its_line(void **state)
{
	(void)state;
	static const struct {
		const char *text, *line;
	} rows[] = {
		{"token https://a.example/t\n", "line 1:"},
		{"provider a\n\n\ttokens x\n", "line 3: unknown word: tokens"},
		{"provider a\n\ttoken http://a.example/t\n", "line 2:"},
		{"provider a\n\ttoken\n", "line 2:"},
		{"provider a\n\ttoken https:/{tenant}/a.example/t\n", "line 2:"},
		{"provider a\n\ttoken https://a.example:4{tenant}/t\n", "line 2:"},
		{"provider a\n\ttoken https://a.example/{tenant}/{tenant}\n", "line 2:"},
		{"provider a\n\tissuer https://a.example/{tenant}\n", "line 2:"},
		{"provider a\n\trevoke_page https://a.example/{tenant}\n", "line 2:"},
		{"provider a\n\ttenant a/b\n", "line 2:"},
		{"provider a\n\tscope a\n\tscope b\n", "line 3: this line is given twice"},
		{"provider a\nprovider b\nprovider a\n", "line 3:"},
		{"provider a b\n", "line 1:"},
		{"provider\n", "line 1:"},
		{"provider a\n\tflows device telepathy\n", "line 2:"},
		{"provider a\n\tsecret maybe\n", "line 2:"},
		{"provider a\n\tsmtp mail.example 0 tls\n", "line 2:"},
		{"provider a\n\tsmtp mail.example 465 none\n", "line 2:"},
		{"provider a\n\ttitle x\x1by\n", "line 2:"},
		{"provider a\n\tredirect 0.0.0.0\n", "line 2:"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(oauth_provider) p = OAUTH_PROVIDER_INIT;
		AUTO(error) err = ERROR_INIT;
		print_message("# %s\n", rows[i].line);
		assert_false(parse(rows[i].text, "a", &p, &err));
		assert_int_equal(err.status.kind, ERROR_CONFIG);
		assert_non_null(strstr(err.status.text, rows[i].line));
	}
}

/* ---- the file of the package ---- */

static struct runtime runtime_with(const char *path)
{
	return (struct runtime){.providers = {.package = path}};
}

static void must_be_https(const struct oauth_provider *p, enum oauth_provider_key key)
{
	if (p->line[key])
		assert_int_equal(strncmp(p->line[key], "https://", strlen("https://")), 0);
}

static void check_entry(const struct oauth_provider *p)
{
	static const enum oauth_provider_key needed[] = {
		OAUTH_PROVIDER_TITLE,  OAUTH_PROVIDER_SMTP,	     OAUTH_PROVIDER_MECHANISMS, OAUTH_PROVIDER_TOKEN,
		OAUTH_PROVIDER_SCOPE,  OAUTH_PROVIDER_FLOWS,	     OAUTH_PROVIDER_SECRET,	OAUTH_PROVIDER_REDIRECT,
		OAUTH_PROVIDER_TESTED, OAUTH_PROVIDER_REFRESH_SCOPE, OAUTH_PROVIDER_REGISTER};
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		assert_non_null(p->line[needed[i]]);
	for (size_t key = OAUTH_PROVIDER_AUTHORIZE; key <= OAUTH_PROVIDER_REVOKE_PAGE; key++)
		must_be_https(p, (enum oauth_provider_key)key);
	/* programs do not lend each other their names */
	assert_null(p->line[OAUTH_PROVIDER_CLIENT_ID]);
	assert_int_equal(oauth_provider_lists(p, OAUTH_PROVIDER_FLOWS, "device"),
			 p->line[OAUTH_PROVIDER_DEVICE] != NULL);
	assert_int_equal(oauth_provider_lists(p, OAUTH_PROVIDER_FLOWS, "code"),
			 p->line[OAUTH_PROVIDER_AUTHORIZE] != NULL);
	assert_int_equal(oauth_provider_lists(p, OAUTH_PROVIDER_FLOWS, "client"),
			 p->line[OAUTH_PROVIDER_CLIENT_SCOPE] != NULL);
	assert_int_equal(strstr(p->line[OAUTH_PROVIDER_TOKEN], "{tenant}") != NULL,
			 p->line[OAUTH_PROVIDER_TENANT] != NULL);
}

static void every_entry_of_the_package_is_complete(void **state)
{
	(void)state;
	const char *top = getenv("top_srcdir");
	AUTO_FREE char *path = xasprintf("%s/src/oauth/oauth_providers", top ? top : ".");
	AUTO_FREE char *manual_path = xasprintf("%s/doc/options/oauth_provider", top ? top : ".");
	struct runtime runtime = runtime_with(path);
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO(strbuf) manual = STRBUF_INIT;
	AUTO(strvec) names = STRVEC_INIT;
	AUTO(error) err = ERROR_INIT;
	AUTO_FD int fd = fs_open_regular(path, "file", &err);
	AUTO_FD int manual_fd = fs_open_regular(manual_path, "file", &err);
	assert_true(fs_read_fd(fd, &text, 1 << 20, &err));
	assert_true(fs_read_fd(manual_fd, &manual, 1 << 20, &err));
	oauth_provider_names(strbuf_span(&text), &names);
	assert_true(names.n >= 10);
	for (size_t i = 0; i < names.n; i++) {
		AUTO(oauth_provider) p = OAUTH_PROVIDER_INIT;
		AUTO_FREE char *word = xasprintf("`%s`", names.v[i]);
		print_message("# %s\n", names.v[i]);
		assert_true(oauth_provider_find(&runtime, names.v[i], &p, &err));
		check_entry(&p);
		assert_non_null(strstr(manual.buf, word));
	}
	AUTO_FREE char *google = oauth_provider_of_host(&runtime, "SMTP.gmail.com");
	AUTO_FREE char *none = oauth_provider_of_host(&runtime, "smtp.example.org");
	assert_string_equal(google, "google");
	assert_null(none);
	AUTO(oauth_provider) p = OAUTH_PROVIDER_INIT;
	assert_false(oauth_provider_find(&runtime, "nobody", &p, &err));
	assert_int_equal(err.status.kind, ERROR_CONFIG);
	assert_non_null(strstr(err.status.hint, "google, microsoft"));
}

static void without_a_file_it_is_said(void **state)
{
	(void)state;
	const char *path = "/nonexistent/oauth_providers";
	struct runtime runtime = runtime_with(path);
	AUTO(oauth_provider) p = OAUTH_PROVIDER_INIT;
	AUTO(error) err = ERROR_INIT;
	assert_false(oauth_provider_find(&runtime, "google", &p, &err));
	assert_non_null(strstr(err.status.text, path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_is_read_by_name),
		cmocka_unit_test(a_second_file_replaces_single_lines),
		cmocka_unit_test(what_is_wrong_is_named_with_its_line),
		cmocka_unit_test(every_entry_of_the_package_is_complete),
		cmocka_unit_test(without_a_file_it_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
