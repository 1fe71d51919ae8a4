/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/configuration.h"

#include "base/xalloc.h"
#include "config/show.h"

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <cmocka.h>

/* ---- text ---------------------------------------------------------------- */

/* Nothing is read but what the test gives. */
static const struct runtime runtime = {.clock = &clock_system};

static void errors_name_file_line_and_column(void **state)
{
	(void)state;
	static const struct {
		enum config_flavour flavour;
		const char *text, *error, *hint;
	} cases[] = {
		{FLAVOUR_OWN, "host a\n  tls maybe\n", "rc, line 2, column 7: tls: expected on or off, got maybe",
		 NULL},
		{FLAVOUR_OWN, "tls_startls on\n", "rc, line 1, column 1: expected a command, got tls_startls",
		 "Did you mean tls_starttls?"},
		{FLAVOUR_OWN, "nonsense_here\n", "rc, line 1, column 1: expected a command, got nonsense_here", NULL},
		{FLAVOUR_OWN, "port\n", "rc, line 1, column 5: port: expected a number from 1 to 65535, got nothing",
		 NULL},
		{FLAVOUR_OWN, "user \"joe\n",
		 "rc, line 1, column 10: expected a closing double quote, got the end of the line", NULL},
		{FLAVOUR_OWN, "account a\naccount a\n",
		 "rc, line 2, column 9: account a is defined twice (first at: rc, line 1)", NULL},
		{FLAVOUR_OWN, "host a\naccount default\n",
		 "rc, line 2, column 9: account default is defined twice (first at: rc, line 1)",
		 "The settings from line 1 on stand before any account, and make this one: write a line \"defaults\" "
		 "above them, and they apply to all accounts."},
		{FLAVOUR_OWN, "account a : b\n",
		 "rc, line 1, column 9: expected the name of an account defined above, got b", NULL},
		{FLAVOUR_OWN, "account a :\n",
		 "rc, line 1, column 9: expected the name of an account defined above, got nothing", NULL},
		{FLAVOUR_OWN, "account a : a\n",
		 "rc, line 1, column 9: expected the name of an account defined above, got a", NULL},
		{FLAVOUR_OWN, "account\n",
		 "rc, line 1, column 8: expected a name without a comma or colon, got nothing", NULL},
		{FLAVOUR_OWN, "account a,b\n",
		 "rc, line 1, column 9: expected a name without a comma or colon, got a,b", NULL},
		{FLAVOUR_OWN, "defaults x\n", "rc, line 1, column 10: expected no argument, got x", NULL},
		{FLAVOUR_OWN, "listen x\n",
		 "rc, line 1, column 8: listen: expected 127.0.0.1:2525, [::1]:2525, or the absolute path of a Unix "
		 "socket, got x",
		 NULL},
		{FLAVOUR_OWN, "queue later\n", "rc, line 1, column 7: queue: expected off, auto or always, got later",
		 NULL},
		{FLAVOUR_OWN, "syslog LOG_KERN\n",
		 "rc, line 1, column 8: syslog: expected on, off, LOG_USER, LOG_MAIL, LOG_LOCAL0, LOG_LOCAL1, "
		 "LOG_LOCAL2, LOG_LOCAL3, LOG_LOCAL4, "
		 "LOG_LOCAL5, LOG_LOCAL6 or LOG_LOCAL7, got LOG_KERN",
		 NULL},
		{FLAVOUR_OWN, "log_format xml\n", "rc, line 1, column 12: log_format: expected text or json, got xml",
		 NULL},
		{FLAVOUR_MSMTP, "tls_nocertcheck on\n",
		 "rc, line 1, column 17: tls_nocertcheck: expected no argument, got on", NULL},
		{FLAVOUR_MSMTP, "keepbcc maybe\n", "rc, line 1, column 9: keepbcc: expected on or off, got maybe",
		 NULL},
		{FLAVOUR_MSMTP, "Host a\n", "rc, line 1, column 1: expected a command, got Host", "Did you mean host?"},
		{FLAVOUR_OWN, "password \"canary\\q\"\n",
		 "rc, line 1, column 17: expected \\\" or \\\\ between the quotes, got another escape",
		 "Between double quotes, write a backslash as \\\\."},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(error) err = ERROR_INIT;
		AUTO(config) c = CONFIG_INIT;
		assert_false(config_parse(&c, "rc", span_of(cases[i].text), cases[i].flavour, &runtime, &err));
		assert_string_equal(err.status.text, cases[i].error);
		assert_int_equal(err.status.kind, ERROR_CONFIG);
		if (cases[i].hint)
			assert_string_equal(err.status.hint, cases[i].hint);
		else
			assert_null(err.status.hint);
		assert_int_equal(c.n, 0);
		assert_int_equal(c.files.n, 0);
	}
}

static void a_nul_names_its_place(void **state)
{
	(void)state;
	AUTO(error) err = ERROR_INIT;
	AUTO(config) c = CONFIG_INIT;
	assert_false(config_parse(&c, "rc", SPAN_LIT("host a\nuser \0\n"), FLAVOUR_OWN, &runtime, &err));
	assert_string_equal(err.status.text, "rc, line 2, column 6: expected text, got a NUL byte");
}

static const struct account *only(struct config *c, const char *name)
{
	const struct account *a = config_find(c, name);
	assert_non_null(a);
	return a;
}

static void settings_before_any_account_make_default(void **state)
{
	(void)state;
	AUTO(config) c = CONFIG_INIT;
	assert_true(config_parse(&c, "rc", SPAN_LIT("host a\nport 2525\n"), FLAVOUR_OWN, &runtime, NULL));
	assert_int_equal(c.n, 1);
	const struct account *a = only(&c, "default");
	assert_string_equal(account_list(a, OPT_HOST)->v[0], "a");
	AUTO_FREE char *origin = origin_text(account_origin(a, OPT_PORT));
	assert_string_equal(origin, "rc, line 2");
}

static void inheritance(void **state)
{
	(void)state;
	static const char text[] = "defaults\n"
				   "tls on\n"
				   "timeout 10\n"
				   "account a\n"
				   "host a\n"
				   "user joe\n"
				   "tls_fingerprint 00112233445566778899aabbccddeeff\n"
				   "defaults\n"
				   "tls off\n"
				   "account b\n"
				   "port 26\n"
				   "user\n"
				   "account c : a , b\n"
				   "account d : c\n"
				   "account e : b,a\n"
				   "tls_fingerprint\n";
	static const struct {
		const char *name, *user;
		long long tls, timeout, port;
		bool host;
	} want[] = {
		{"a", "joe", 1, 10000, 0, true}, {"b", NULL, 0, 10000, 26, false}, {"c", NULL, 0, 10000, 26, true},
		{"d", NULL, 0, 10000, 26, true}, {"e", "joe", 0, 10000, 26, true},
	};
	AUTO(config) c = CONFIG_INIT;
	assert_true(config_parse(&c, "rc", span_of(text), FLAVOUR_MSMTP, &runtime, NULL));
	assert_int_equal(c.n, ARRAY_SIZE(want));
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		const struct account *a = only(&c, want[i].name);
		const char *user = account_str(a, OPT_USER);
		assert_int_equal(user == NULL, want[i].user == NULL);
		if (user)
			assert_string_equal(user, want[i].user);
		assert_int_equal(account_bool(a, OPT_TLS), want[i].tls);
		assert_int_equal(account_int(a, OPT_TIMEOUT), want[i].timeout);
		assert_int_equal(account_int(a, OPT_PORT), want[i].port);
		assert_int_equal(account_is_set(a, OPT_HOST), want[i].host);
	}
	/* b said it has no user; that is not the same as saying nothing */
	assert_true(account_value(only(&c, "b"), OPT_USER)->set);
	assert_false(account_is_set(only(&c, "b"), OPT_USER));
	/* RFC 8314 section 5.4: a pin of one account is not one of others, and can be undone */
	assert_true(account_is_set(only(&c, "a"), OPT_TLS_FINGERPRINT));
	assert_false(account_is_set(only(&c, "b"), OPT_TLS_FINGERPRINT));
	assert_true(account_is_set(only(&c, "d"), OPT_TLS_FINGERPRINT));
	assert_false(account_is_set(only(&c, "e"), OPT_TLS_FINGERPRINT));
}

static void older_spellings_set_what_they_mean(void **state)
{
	(void)state;
	static const struct {
		const char *line;
		enum option_id id;
		const char *value;
	} cases[] = {
		{"connect_timeout 5", OPT_TIMEOUT, "5s"},
		{"tls_nocertcheck", OPT_TLS_CERTCHECK, "off"},
		{"tls_nostarttls", OPT_TLS_STARTTLS, "off"},
		{"keepbcc on", OPT_REMOVE_BCC_HEADERS, "off"},
		{"keepbcc", OPT_REMOVE_BCC_HEADERS, "off"},
		{"keepbcc off", OPT_REMOVE_BCC_HEADERS, "on"},
		{"undisclosed_recipients on", OPT_SET_TO_HEADER, "undisclosed_recipients"},
		{"undisclosed_recipients off", OPT_SET_TO_HEADER, "off"},
		{"add_missing_from_header on", OPT_SET_FROM_HEADER, "auto"},
		{"add_missing_from_header off", OPT_SET_FROM_HEADER, "off"},
		{"add_missing_date_header", OPT_SET_DATE_HEADER, "auto"},
		{"add_missing_date_header off", OPT_SET_DATE_HEADER, "off"},
		{"tls_force_sslv3 whatever", OPT_TLS, ""},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(config) c = CONFIG_INIT;
		AUTO(strbuf) got = STRBUF_INIT;
		assert_true(config_parse(&c, "rc", span_of(cases[i].line), FLAVOUR_MSMTP, &runtime, NULL));
		value_format(&option_table[cases[i].id], account_value(c.accounts[0], cases[i].id), &got);
		assert_string_equal(got.buf, cases[i].value);
	}
}

static void everybodys_msmtprc_loads_without_a_warning(void **state)
{
	(void)state;
	AUTO(config) c = CONFIG_INIT;
	assert_true(config_parse(&c, "rc", SPAN_LIT("account a\nhost a\naliases /etc/aliases\nport 26\n"),
				 FLAVOUR_MSMTP, &runtime, NULL));
	assert_int_equal(c.warnings.n, 0);
	assert_int_equal(account_int(c.accounts[0], OPT_PORT), 26);
	assert_string_equal(account_str(c.accounts[0], OPT_ALIASES), "/etc/aliases");
}

static void the_log_of_an_msmtprc_is_taken(void **state)
{
	(void)state;
	static const struct {
		const char *line;
		enum option_id id;
		const char *value;
	} cases[] = {
		{"logfile /var/log/mail", OPT_LOGFILE, "/var/log/mail"},
		{"logfile -", OPT_LOGFILE, "-"},
		{"logfile", OPT_LOGFILE, ""},
		{"syslog", OPT_SYSLOG, "on"},
		{"syslog off", OPT_SYSLOG, "off"},
		{"syslog LOG_LOCAL7", OPT_SYSLOG, "LOG_LOCAL7"},
		{"logfile_time_format none", OPT_LOGFILE_TIME_FORMAT, "none"},
		{"logfile_time_format %F %T", OPT_LOGFILE_TIME_FORMAT, "%F %T"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(config) c = CONFIG_INIT;
		AUTO(strbuf) got = STRBUF_INIT;
		assert_true(config_parse(&c, "rc", span_of(cases[i].line), FLAVOUR_MSMTP, &runtime, NULL));
		assert_int_equal(c.warnings.n, 0);
		value_format(&option_table[cases[i].id], account_value(c.accounts[0], cases[i].id), &got);
		assert_string_equal(got.buf, cases[i].value);
	}
}

static void eval_stands_for_what_its_command_prints(void **state)
{
	(void)state;
	static const char text[] =
		"eval echo host printed.example\neval echo port 2525; echo user not-this-line\n"
		"eval echo '  user   \"a b\"  '\neval echo '# a comment'\neval echo account second\nhost other\n";
	for (int i = 0; i < 2; i++) {
		AUTO(config) c = CONFIG_INIT;
		AUTO(error) err = ERROR_INIT;
		if (!config_parse(&c, "rc", span_of(text), i ? FLAVOUR_OWN : FLAVOUR_MSMTP, &runtime, &err))
			fail_msg("%s", err.status.text);
		assert_int_equal(c.n, 2);
		const struct account *a = c.accounts[0];
		assert_string_equal(account_list(a, OPT_HOST)->v[0], "printed.example");
		assert_int_equal(account_int(a, OPT_PORT), 2525);
		assert_int_equal(account_origin(a, OPT_PORT)->line, 2);
		assert_string_equal(account_str(a, OPT_USER), "a b");
		assert_string_equal(c.accounts[1]->name, "second");
		assert_string_equal(account_list(c.accounts[1], OPT_HOST)->v[0], "other");
	}
}

static void eval_faults_are_errors_and_show_no_output(void **state)
{
	(void)state;
	static const struct {
		const char *text, *error;
		enum error_kind kind;
	} cases[] = {
		{"eval\n", "rc, line 1, column 5: expected a command to run, got nothing", ERROR_CONFIG},
		{"host a\neval exit 3\n", "rc, line 2, column 6: eval: the command /bin/sh failed with exit status 3",
		 ERROR_SECRET_UNAVAILABLE},
		{"eval echo password canary; exit 1\n",
		 "rc, line 1, column 6: eval: the command /bin/sh failed with exit status 1", ERROR_SECRET_UNAVAILABLE},
		{"eval :\n", "rc, line 1, column 6: eval: the command printed nothing", ERROR_CONFIG},
		{"eval echo\n", "rc, line 1, column 6: eval: the command printed nothing", ERROR_CONFIG},
		{"eval printf '%s%s' can ary\n",
		 "rc, line 1, column 6: the line that the command printed: expected a command, got another word",
		 ERROR_CONFIG},
		{"eval echo tls perhaps\n",
		 "rc, line 1, column 6: the line that the command printed: tls: expected on or off, got perhaps",
		 ERROR_CONFIG},
		{"eval echo eval echo host a\n",
		 "rc, line 1, column 6: the line that the command printed: the eval command printed another eval "
		 "line, which is not allowed",
		 ERROR_CONFIG},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(config) c = CONFIG_INIT;
		AUTO(error) err = ERROR_INIT;
		assert_false(config_parse(&c, "rc", span_of(cases[i].text), FLAVOUR_OWN, &runtime, &err));
		assert_string_equal(err.status.text, cases[i].error);
		assert_int_equal(err.status.kind, cases[i].kind);
		assert_int_equal(c.n, 0);
	}
}

static void what_is_shown_reads_back(void **state)
{
	(void)state;
	static const char text[] =
		"account \" a b \"\nhost a b\nport 26\nfrom <>\nuser \" joe\\\\\\\" \"\ntimeout 90\nsize_limit 10k\n"
		"tls_trust_file\npassword canary\ndsn_notify delay,failure\nauth plain\n";
	AUTO(config) c = CONFIG_INIT;
	AUTO(config) again = CONFIG_INIT;
	AUTO(strbuf) shown = STRBUF_INIT;
	AUTO(strbuf) people = STRBUF_INIT;
	AUTO(strbuf) json = STRBUF_INIT;
	assert_true(config_parse(&c, "rc", span_of(text), FLAVOUR_OWN, &runtime, NULL));
	show_file(c.accounts[0], &shown);
	assert_true(config_parse(&again, "shown", strbuf_span(&shown), FLAVOUR_OWN, &runtime, NULL));
	for (enum option_id i = 0; i < OPTION_COUNT; i++)
		if (option_table[i].type != VALUE_SECRET)
			assert_true(value_equal(&option_table[i], account_value(c.accounts[0], i),
						account_value(again.accounts[0], i)));
	show_text(c.accounts[0], &people);
	struct json j = JSON_INIT(&json);
	json_object(&j, NULL);
	show_json(c.accounts[0], &j);
	json_end(&j);
	assert_null(strstr(shown.buf, "canary"));
	assert_null(strstr(people.buf, "canary"));
	assert_null(strstr(json.buf, "canary"));
	assert_non_null(strstr(people.buf, "port           = 26                              (rc, line 3)\n"));
	assert_non_null(strstr(json.buf, "\"port\":{\"value\":26,\"origin\":\"configuration\",\"at\":\"rc, line 3\"}"));
	assert_non_null(strstr(json.buf, "\"host\":{\"value\":[\"a\",\"b\"]"));
	assert_non_null(strstr(json.buf, "\"tls_trust_file\":{\"value\":null"));
	assert_non_null(strstr(json.buf, "\"user\":{\"value\":\" joe\\\\\\\" \""));
	assert_non_null(strstr(json.buf, "\"password\":{\"value\":\"<hidden>\""));
}

/* ---- files --------------------------------------------------------------- */

struct folder {
	char path[PATH_MAX];
};

static int make_folder(void **state)
{
	struct folder *f = calloc(1, sizeof(*f));
	const char *tmp = getenv("TMPDIR");
	(void)snprintf(f->path, sizeof(f->path), "%s/posthaste-config.XXXXXX", tmp && *tmp ? tmp : "/tmp");
	*state = f;
	return mkdtemp(f->path) ? 0 : -1;
}

/* The tests write into these and nothing else. */
static const char *const names[] = {"x/posthaste/config",
				    "x/msmtp/config",
				    "home/.posthasterc",
				    "home/.msmtprc",
				    "sys/posthaste/config",
				    "sys/msmtprc",
				    "one",
				    "two",
				    "sub/three"};
static const char *const folders[] = {"x", "x/posthaste", "x/msmtp", "home", "sys", "sys/posthaste", "sub"};

static char *at(const struct folder *f, const char *name)
{
	struct strbuf sb = STRBUF_INIT;
	strbuf_addf(&sb, "%s/%s", f->path, name);
	return strbuf_detach(&sb, NULL);
}

static int remove_folder(void **state)
{
	struct folder *f = *state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTO_FREE char *path = at(f, names[i]);
		(void)unlink(path);
	}
	for (size_t i = ARRAY_SIZE(folders); i-- > 0;) {
		AUTO_FREE char *path = at(f, folders[i]);
		(void)rmdir(path);
	}
	int rc = rmdir(f->path);
	free(f);
	return rc;
}

static void put(const struct folder *f, const char *name, const char *text, mode_t mode)
{
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		AUTO_FREE char *folder = at(f, folders[i]);
		(void)mkdir(folder, 0700);
	}
	AUTO_FREE char *path = at(f, name);
	AUTO_FD int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
}

static void the_first_user_file_and_the_first_system_file_count(void **state)
{
	const struct folder *f = *state;
	/* written in this order, each later one hides those before */
	static const struct {
		const char *name, *text, *read;
	} steps[] = {
		{"sys/msmtprc", "account s1\nhost s\n", "s1"},
		{"sys/posthaste/config", "account s2\nhost s\n", "s2"},
		{"x/msmtp/config", "account u1\nhost u\n", "u1 s2"},
		{"home/.msmtprc", "account u2\nhost u\n", "u2 s2"},
		{"home/.posthasterc", "account u3\nhost u\n", "u3 s2"},
		{"x/posthaste/config", "account u4\nhost u\naccount s2\nhost mine\n", "u4 s2"},
	};
	AUTO_FREE char *sys = at(f, "sys"), *one = at(f, "one");
	AUTO_FREE char *home = xasprintf("HOME=%s/home", f->path), *x = xasprintf("XDG_CONFIG_HOME=%s/x", f->path);
	char *const env[] = {home, x, NULL};
	AUTO(config_files) files = CONFIG_FILES_INIT;
	config_files_find(&files, env, sys);
	{
		AUTO(config) c = CONFIG_INIT;
		assert_true(config_load(&c, NULL, &files, &runtime, NULL));
		assert_int_equal(c.n, 0);
		assert_int_equal(c.files.n, 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		AUTO(config) c = CONFIG_INIT;
		AUTO(strbuf) got = STRBUF_INIT;
		put(f, steps[i].name, steps[i].text, 0600);
		assert_true(config_load(&c, NULL, &files, &runtime, NULL));
		for (size_t j = 0; j < c.n; j++)
			strbuf_addf(&got, "%s%s", j ? " " : "", c.accounts[j]->name);
		assert_string_equal(got.buf, steps[i].read);
	}
	AUTO(config) c = CONFIG_INIT;
	assert_true(config_load(&c, NULL, &files, &runtime, NULL));
	/* the user's account hides the system's */
	assert_string_equal(account_list(config_find(&c, "s2"), OPT_HOST)->v[0], "mine");
	put(f, "one", "account given\n", 0600);
	AUTO(config) given = CONFIG_INIT;
	assert_true(config_load(&given, one, &files, &runtime, NULL));
	assert_non_null(config_find(&given, "given"));
	assert_null(config_find(&given, "u4"));
	assert_string_equal(account_list(config_find(&given, "s2"), OPT_HOST)->v[0], "s");
}

/* The system's file, with the user's own or without. */
static struct account *choose_with(const struct folder *f, const char *account, struct config *c, struct error *err)
{
	AUTO_FREE char *sys = at(f, "sys"), *why = NULL, *home = xasprintf("HOME=%s/home", f->path);
	char *const env[] = {home, NULL};
	AUTO(config_files) files = CONFIG_FILES_INIT;
	config_files_find(&files, env, sys);
	const struct account_request req = {.account = account, .environ = env};
	return config_load(c, NULL, &files, &runtime, err) ? config_choose(c, &req, &why, err) : NULL;
}

static void the_systems_file_fails_only_who_uses_it(void **state)
{
	const struct folder *f = *state;
	static const struct {
		const char *text;
		mode_t mode;
		uid_t owner;
		bool ok, warned;
		const char *says;
	} rows[] = {
		{"account s\nhost h\nfrom s@h\nuser u\npassword canary\n", 0600, 0, true, false, NULL},
		{"account s\nhost h\nfrom s@h\nuser u\npassword canary\n", 0640, 0, true, false, NULL},
		{"account s\nhost h\nfrom s@h\nuser u\npassword canary\n", 0644, 0, true, true, NULL},
		{"account s\nhost h\nfrom s@h\nuser u\nproxy_host p\nproxy_user u\nproxy_password canary\n", 0644, 0,
		 true, true, NULL},
		{"account s\nhost h\nfrom s@h\nuser u\npassword canary\n", 0660, 0, false, false, "can write"},
		{"account s\nhost h\nfrom s@h\nuser u\npassword canary\n", 0646, 0, false, false, "can write"},
		{"account s\nhost h\nfrom s@h\nuser u\npassword canary\n", 0644, 54321, false, false, "another user"},
		{"account s\nhost h\nfrom s@h\naccount t\nhost h\npassword canary\n", 0644, 0, true, false, NULL},
		{"account s\nhost h\nfrom s@h\nnonsense\n", 0644, 0, false, false, "nonsense"},
	};
	if (geteuid() != 0)
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_FREE char *path = at(f, "sys/posthaste/config"), *own = at(f, "home/.posthasterc");
		put(f, "sys/posthaste/config", rows[i].text, rows[i].mode);
		assert_int_equal(chown(path, rows[i].owner, 0), 0);
		assert_int_equal(chmod(path, rows[i].mode), 0);
		for (int with_own = 0; with_own < 2; with_own++) {
			AUTO(config) c = CONFIG_INIT;
			AUTO(config) theirs = CONFIG_INIT;
			AUTO(error) err = ERROR_INIT;
			if (with_own)
				put(f, "home/.posthasterc", "host mine\nfrom me@mine\n", 0600);
			AUTO_PTR(account) a = choose_with(f, "s", &c, &err);
			if ((a != NULL) != rows[i].ok || (c.warnings.n != 0) != rows[i].warned)
				fail_msg("row %zu: %s", i, a ? "taken" : err.status.text);
			assert_true(a || strstr(err.status.text, rows[i].says));
			AUTO_PTR(account) mine = with_own ? choose_with(f, NULL, &theirs, NULL) : NULL;
			assert_true(!with_own || mine);
			assert_int_equal(theirs.warnings.n, 0);
		}
		assert_int_equal(unlink(own), 0);
	}
}

static void a_named_file_that_is_missing_is_an_error(void **state)
{
	const struct folder *f = *state;
	AUTO_FREE char *one = at(f, "one");
	const char *const paths[] = {one, f->path};
	for (size_t i = 0; i < 2; i++) {
		AUTO(config_files) files = CONFIG_FILES_INIT;
		AUTO(error) err = ERROR_INIT;
		AUTO(config) c = CONFIG_INIT;
		assert_false(config_load(&c, paths[i], &files, &runtime, &err));
		assert_int_equal(err.status.kind, ERROR_FILE_MISSING);
		assert_non_null(strstr(err.status.text, paths[i]));
	}
}

static void a_password_needs_a_private_file(void **state)
{
	const struct folder *f = *state;
	static const struct {
		const char *text;
		mode_t mode;
		bool ok;
	} cases[] = {
		{"password canary\n", 0600, true},
		{"password canary\n", 0400, true},
		{"password canary\n", 0640, false},
		{"password canary\n", 0604, false},
		{"password canary\n", 0610, false},
		{"passwordeval echo x\n", 0644, true},
		{"password\n", 0644, true},
		{"password_file /x\n", 0644, true},
		{"eval echo password canary\n", 0644, true},
		{"eval echo user joe\npassword canary\n", 0644, false},
	};
	AUTO_FREE char *one = at(f, "one");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(error) err = ERROR_INIT;
		AUTO(config) c = CONFIG_INIT;
		put(f, "one", cases[i].text, cases[i].mode);
		assert_int_equal(config_load_file(&c, one, FLAVOUR_MSMTP, &runtime, &err), cases[i].ok);
		if (!cases[i].ok) {
			assert_int_equal(err.status.kind, ERROR_CONFIG);
			assert_non_null(strstr(err.status.text, one));
			assert_non_null(err.status.hint);
			assert_null(strstr(err.status.text, "canary"));
			assert_int_equal(c.n, 0);
		}
	}
}

static void the_file_with_the_password_is_judged_not_the_one_that_includes_it(void **state)
{
	const struct folder *f = *state;
	AUTO_FREE char *one = at(f, "one");
	static const struct {
		mode_t outer, inner;
		bool ok;
	} cases[] = {{0644, 0600, true}, {0600, 0644, false}, {0600, 0600, true}};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(config) c = CONFIG_INIT;
		put(f, "one", "host a\ninclude two\nport 26\n", cases[i].outer);
		put(f, "two", "password canary\n", cases[i].inner);
		assert_int_equal(config_load_file(&c, one, FLAVOUR_OWN, &runtime, NULL), cases[i].ok);
	}
}

static void include_stands_for_the_lines(void **state)
{
	const struct folder *f = *state;
	AUTO(config) c = CONFIG_INIT;
	AUTO_FREE char *one = at(f, "one");
	put(f, "one", "account a\ninclude \"two\"\nport 26\n", 0600);
	put(f, "two", "host h\ninclude sub/three\nuser joe\n", 0600);
	put(f, "sub/three", "account b : a\nport 27\n", 0600);
	assert_true(config_load_file(&c, one, FLAVOUR_OWN, &runtime, NULL));
	assert_int_equal(c.n, 2);
	assert_int_equal(account_int(config_find(&c, "a"), OPT_PORT), 26);
	assert_string_equal(account_str(config_find(&c, "a"), OPT_USER), "joe");
	assert_int_equal(account_int(config_find(&c, "b"), OPT_PORT), 27);
	assert_string_equal(account_list(config_find(&c, "b"), OPT_HOST)->v[0], "h");
	AUTO_FREE char *origin = origin_text(account_origin(config_find(&c, "a"), OPT_USER)), *two = at(f, "two");
	assert_int_equal(strncmp(origin, two, strlen(two)), 0);
	assert_string_equal(origin + strlen(two), ", line 3");
}

static void include_faults_are_errors_with_a_place(void **state)
{
	const struct folder *f = *state;
	static const struct {
		const char *one, *two, *says;
		enum error_kind kind;
	} cases[] = {
		{"include one\n", "", "includes itself", ERROR_CONFIG},
		{"include two\n", "include one\n", "includes itself", ERROR_CONFIG},
		{"include missing\n", "", "line 1, column 9: cannot read the configuration file", ERROR_FILE_MISSING},
		{"include sub\n", "", "is not a file", ERROR_FILE_MISSING},
		{"include\n", "", "expected the name of a file, got nothing", ERROR_CONFIG},
		{"include two\n", "host a\ntls maybe\n", "two, line 2, column 5: tls: expected on or off",
		 ERROR_CONFIG},
	};
	AUTO_FREE char *one = at(f, "one");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(error) err = ERROR_INIT;
		AUTO(config) c = CONFIG_INIT;
		put(f, "one", cases[i].one, 0600);
		put(f, "two", cases[i].two, 0600);
		assert_false(config_load_file(&c, one, FLAVOUR_OWN, &runtime, &err));
		if (!strstr(err.status.text, cases[i].says))
			fail_msg("\"%s\" does not say \"%s\"", err.status.text, cases[i].says);
		assert_int_equal(err.status.kind, cases[i].kind);
	}
}

static void an_include_before_all_accounts_begins_the_default_one(void **state)
{
	const struct folder *f = *state;
	AUTO(config) c = CONFIG_INIT;
	AUTO_FREE char *one = at(f, "one");
	put(f, "one", "include two\nport 26\n", 0600);
	put(f, "two", "host h\n", 0600);
	assert_true(config_load_file(&c, one, FLAVOUR_OWN, &runtime, NULL));
	assert_int_equal(c.n, 1);
	assert_int_equal(account_int(config_find(&c, "default"), OPT_PORT), 26);
	assert_string_equal(account_list(config_find(&c, "default"), OPT_HOST)->v[0], "h");
}

/* The system's accounts that one of the user's hides, and those that begin twice. */
static void very_many_accounts(void **state)
{
	const struct folder *f = *state;
	enum { MANY = 20000 };
	AUTO_FREE char *user = at(f, "one"), *system = at(f, "sys");
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO(config_files) files = CONFIG_FILES_INIT;
	AUTO(config) c = CONFIG_INIT;
	AUTO(error) err = ERROR_INIT;
	config_files_find(&files, NULL, system);
	for (size_t i = 0; i < MANY; i++)
		strbuf_addf(&text, "account a%zu\nhost h\n", i);
	put(f, "one", text.buf, 0600);
	strbuf_adds(&text, "account other\nhost o\n");
	put(f, "sys/msmtprc", text.buf, 0600);
	assert_true(config_load(&c, user, &files, &runtime, NULL));
	assert_int_equal(c.n, MANY + 1);
	assert_string_equal(c.accounts[MANY]->name, "other");
	strbuf_adds(&text, "account a777\n");
	put(f, "one", text.buf, 0600);
	AUTO(config) again = CONFIG_INIT;
	assert_false(config_load(&again, user, &files, &runtime, &err));
	assert_non_null(strstr(err.status.text, "account a777 is defined twice (first at: "));
}

static void includes_are_limited_in_total(void **state)
{
	const struct folder *f = *state;
	enum { MIB = 1 << 20 };
	static const struct {
		size_t includes, bytes; /* of each included file */
		const char *error;	/* NULL: it loads */
	} cases[] = {
		{999, 2, NULL},
		{1000, 2, "line 1000, column 9: more than 1000 files are included"},
		{3000, 0, "more than 1000 files are included"},
		{15, MIB, NULL},
		{16, MIB, "line 16, column 9: %s: the configuration is larger than 16 MiB, with all included files"},
		{1, 17 * MIB, "the configuration is larger than 16 MiB"},
	};
	AUTO_FREE char *one = at(f, "one"), *two = at(f, "two");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(error) err = ERROR_INIT;
		AUTO(config) c = CONFIG_INIT;
		AUTO(strbuf) outer = STRBUF_INIT, inner = STRBUF_INIT;
		for (size_t j = 0; j < cases[i].includes; j++)
			strbuf_adds(&outer, "include two\n");
		for (size_t j = 0; j < cases[i].bytes; j += 2)
			strbuf_adds(&inner, "#\n");
		put(f, "one", outer.buf, 0600);
		put(f, "two", inner.buf ? inner.buf : "", 0600);
		bool ok = config_load_file(&c, one, FLAVOUR_OWN, &runtime, &err);
		if (ok == !!cases[i].error)
			fail_msg("case %zu: %s", i, ok ? "it loads" : err.status.text);
		if (ok)
			continue;
		AUTO(strbuf) wanted = STRBUF_INIT;
		const char *mark = strstr(cases[i].error, "%s");
		if (mark)
			strbuf_addf(&wanted, "%.*s%s%s", (int)(mark - cases[i].error), cases[i].error, two, mark + 2);
		else
			strbuf_adds(&wanted, cases[i].error);
		if (!strstr(err.status.text, wanted.buf))
			fail_msg("\"%s\" does not say \"%s\"", err.status.text, wanted.buf);
		assert_int_equal(err.status.kind, ERROR_CONFIG);
		assert_int_equal(c.n, 0);
	}
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_name_file_line_and_column),
		cmocka_unit_test(a_nul_names_its_place),
		cmocka_unit_test(settings_before_any_account_make_default),
		cmocka_unit_test(inheritance),
		cmocka_unit_test(older_spellings_set_what_they_mean),
		cmocka_unit_test(everybodys_msmtprc_loads_without_a_warning),
		cmocka_unit_test(the_log_of_an_msmtprc_is_taken),
		cmocka_unit_test(eval_stands_for_what_its_command_prints),
		cmocka_unit_test(eval_faults_are_errors_and_show_no_output),
		cmocka_unit_test(what_is_shown_reads_back),
		WITH_FOLDER(the_systems_file_fails_only_who_uses_it),
		WITH_FOLDER(the_first_user_file_and_the_first_system_file_count),
		WITH_FOLDER(a_named_file_that_is_missing_is_an_error),
		WITH_FOLDER(a_password_needs_a_private_file),
		WITH_FOLDER(the_file_with_the_password_is_judged_not_the_one_that_includes_it),
		WITH_FOLDER(include_stands_for_the_lines),
		WITH_FOLDER(include_faults_are_errors_with_a_place),
		WITH_FOLDER(includes_are_limited_in_total),
		WITH_FOLDER(very_many_accounts),
		WITH_FOLDER(an_include_before_all_accounts_begins_the_default_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
