/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "auth/kerberos.h"
#include "base/xalloc.h"
#include "../lib/test_runtime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/test_kerberos.XXXXXX";

static void put(const char *name, const char *text)
{
	AUTO_FREE char *path = xasprintf("%s/%s", folder, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fputs(text, f) < 0, 0);
	assert_int_equal(fclose(f), 0);
}

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	AUTO_FREE char *caches = xasprintf("%s/caches", folder), *other = xasprintf("%s/other", folder);
	if (mkdir(caches, 0700) != 0 || mkdir(other, 0700) != 0)
		return -1;
	put("cache", "ticket");
	put("empty", "");
	put("caches/primary", "tkt\n");
	put("other/tktX", "ticket");
	put("conf-file", "[libdefaults]\n\tdefault_ccache_name = FILE:");
	return 0;
}

static int remove_folder(void **state)
{
	static const char *const names[] = {
		"cache", "empty", "caches/primary", "other/tktX", "conf-file", "conf.1", "caches", "other", ""};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTO_FREE char *path = xasprintf("%s/%s", folder, names[i]);
		(void)remove(path);
	}
	return 0;
}

static bool found(const char *cache, const char *config)
{
	AUTO(strvec) env = STRVEC_INIT;
	struct runtime runtime = test_runtime();
	if (cache)
		strvec_pushf(&env, "KRB5CCNAME=%s", cache);
	strvec_pushf(&env, "KRB5_CONFIG=%s", config);
	runtime.environ = env.v;
	return kerberos_may_have_ticket(&runtime);
}

static void the_cache_named_in_the_environment_is_looked_at(void **state)
{
	(void)state;
	static const struct {
		const char *type, *name;
		bool found;
	} rows[] = {
		{"", "/cache", true},	      {"FILE:", "/cache", true},      {"FILE:", "/empty", false},
		{"FILE:", "/none", false},    {"FILE:", "/caches", false},    {"DIR:", "/caches", true},
		{"DIR:", "/other", false},    {"DIR::", "/other/tktX", true}, {"DIR::", "/other/tktY", false},
		{"MEMORY:", "/cache", false}, {"API:", "/cache", false},      {"KEYRING:persistent:", "0", true},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_FREE char *cache = rows[i].name[0] == '/' ? xasprintf("%s%s%s", rows[i].type, folder, rows[i].name)
							       : xasprintf("%s%s", rows[i].type, rows[i].name);
		if (found(cache, "/dev/null") != rows[i].found)
			fail_msg("%s", cache);
	}
}

static void the_configuration_names_the_cache_where_the_environment_does_not(void **state)
{
	(void)state;
	static const struct {
		const char *before, *name, *after;
		bool found;
	} rows[] = {
		{"[libdefaults]\n default_ccache_name = FILE:", "/cache", "\n", true},
		{"[libdefaults]\n default_ccache_name=", "/cache", "", true},
		{"[libdefaults]\n default_ccache_name = DIR:", "/caches", "\r\n", true},
		{"# comment\n[libdefaults]\n default_realm = X\n default_ccache_name = FILE:", "/%{null}cache", "\n",
		 true},
		{"[libdefaults]\n default_ccache_name = FILE:", "/none", "\n", false},
		{"[libdefaults]\n[realms]\n default_ccache_name = FILE:", "/cache", "\n", false},
		{"[libdefaults]\n#default_ccache_name = FILE:", "/cache", "\n", false},
	};
	AUTO_FREE char *config = xasprintf("%s/conf.1", folder);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_FREE char *text = xasprintf("%s%s%s%s", rows[i].before, folder, rows[i].name, rows[i].after);
		AUTO_FREE char *own = xasprintf("/tmp/krb5cc_%u", (unsigned)getuid());
		put("conf.1", text);
		/* without a name in the configuration the user's own cache decides */
		bool usual = access(own, F_OK) == 0 && !strstr(rows[i].name, "none");
		if (found(NULL, config) != (rows[i].found || usual))
			fail_msg("%s", text);
		assert_true(found("FILE:/dev/null/none", config) == false);
	}
}

static void names_are_expanded(void **state)
{
	(void)state;
	static const struct {
		const char *name, *expanded;
	} rows[] = {{"FILE:/tmp/krb5cc_%{uid}", "FILE:/tmp/krb5cc_7"},
		    {"KEYRING:persistent:%{euid}", "KEYRING:persistent:7"},
		    {"%{TEMP}/%{null}x%{USERID}", "/tmp/x7"},
		    {"%{username}%", "%{username}%"},
		    {"", ""}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_FREE char *got = kerberos_expand(span_of(rows[i].name), 7);
		assert_string_equal(got, rows[i].expanded);
	}
}

static void a_privileged_program_ignores_the_environment(void **state)
{
	(void)state;
	AUTO(strvec) env = STRVEC_INIT;
	struct runtime runtime = test_runtime();
	strvec_pushf(&env, "KRB5CCNAME=FILE:%s/cache", folder);
	runtime.environ = env.v;
	AUTO_FREE char *own = xasprintf("/tmp/krb5cc_%u", (unsigned)getuid());
	if (access(own, F_OK) == 0 || access("/etc/krb5.conf", F_OK) == 0) {
		print_message("# this machine has Kerberos set up\n");
		skip();
	}
	assert_true(kerberos_may_have_ticket(&runtime));
	runtime.privileged = true;
	assert_false(kerberos_may_have_ticket(&runtime));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_cache_named_in_the_environment_is_looked_at),
		cmocka_unit_test(the_configuration_names_the_cache_where_the_environment_does_not),
		cmocka_unit_test(names_are_expanded),
		cmocka_unit_test(a_privileged_program_ignores_the_environment),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
