/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/flavour.h"

#include "base/xalloc.h"
#include "config/configuration.h"
#include "../lib/remove_tree.h"

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static const struct runtime runtime = {.clock = &clock_system};

static void names_say_the_flavour(void **state)
{
	(void)state;
	static const struct {
		const char *path;
		enum flavour_name name;
	} cases[] = {
		{"/no/.msmtprc", FLAVOUR_NAME_MSMTP},
		{"/no/msmtprc", FLAVOUR_NAME_MSMTP},
		{"/no/.msmtp_php", FLAVOUR_NAME_MSMTP},
		{"/no/msmtp.conf", FLAVOUR_NAME_MSMTP},
		{"/no/php-MSMTP", FLAVOUR_NAME_MSMTP},
		{"/no/MsMtpRc", FLAVOUR_NAME_MSMTP},
		{"msmtprc.work", FLAVOUR_NAME_MSMTP},
		{"msmtprc", FLAVOUR_NAME_MSMTP},
		{"/no/.config/msmtp/config", FLAVOUR_NAME_MSMTP},
		{"msmtp/config", FLAVOUR_NAME_MSMTP},
		{"/no/my.Msmtp.d//work", FLAVOUR_NAME_MSMTP},
		{"/no/posthaste/msmtprc", FLAVOUR_NAME_MSMTP},
		{"/no/msmtp/posthasterc", FLAVOUR_NAME_MSMTP},
		{"/no/msmtp/sub/config", FLAVOUR_NAME_NEITHER}, /* only the folder it lies in */
		{"/no/.config/posthaste/config", FLAVOUR_NAME_OWN},
		{"/no/.posthasterc", FLAVOUR_NAME_OWN},
		{"/tmp/posthaste.Xy12/rc", FLAVOUR_NAME_NEITHER},
		{"/no/smtprc", FLAVOUR_NAME_NEITHER},
		{"/no/msm.tp", FLAVOUR_NAME_NEITHER},
		{"/tmp/tmp.x81fGhq2", FLAVOUR_NAME_NEITHER},
		{"/msm", FLAVOUR_NAME_NEITHER},
		{"/", FLAVOUR_NAME_NEITHER},
		{"", FLAVOUR_NAME_NEITHER},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (flavour_name_of(cases[i].path) != cases[i].name)
			fail_msg("%s", cases[i].path);
}

/* ---- files ---------------------------------------------------------------- */

struct folder {
	char path[PATH_MAX];
};

static int make_folder(void **state)
{
	struct folder *f = calloc(1, sizeof(*f));
	const char *tmp = getenv("TMPDIR");
	(void)snprintf(f->path, sizeof(f->path), "%s/flavour.XXXXXX", tmp && *tmp ? tmp : "/tmp");
	*state = f;
	return mkdtemp(f->path) ? 0 : -1;
}

static int remove_folder(void **state)
{
	struct folder *f = *state;
	int rc = remove_tree(f->path);
	free(f);
	return rc;
}

static char *at(const struct folder *f, const char *name)
{
	return xasprintf("%s/%s", f->path, name);
}

static void put(const struct folder *f, const char *name, const char *text)
{
	AUTO_FREE char *x = at(f, "x"), *msmtp = at(f, "x/msmtp"), *path = at(f, name);
	(void)mkdir(x, 0700);
	(void)mkdir(msmtp, 0700);
	AUTO_FD int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void links_and_descriptors_have_the_name_of_their_file(void **state)
{
	const struct folder *f = *state;
	AUTO_FREE char *rc = at(f, ".msmtprc"), *plain = at(f, "plain"), *ours = at(f, "posthasterc");
	AUTO_FREE char *link = at(f, "link"), *link2 = at(f, "link2"), *folder = at(f, "folder"),
		       *in = at(f, "folder/c");
	AUTO_FREE char *chain = at(f, "chain"), *broken = at(f, "broken"), *loop = at(f, "loop");
	put(f, "plain", "");
	put(f, "posthasterc", "");
	put(f, "x/msmtp/c", "");
	assert_int_equal(symlink("plain", rc), 0); /* a name on the way is enough */
	assert_int_equal(symlink(rc, link), 0);
	assert_int_equal(symlink("link", link2), 0);
	assert_int_equal(symlink("posthasterc", chain), 0);
	assert_int_equal(symlink("nothing-msmtp", broken), 0);
	assert_int_equal(symlink("loop", loop), 0);
	assert_int_equal(symlink("x/msmtp", folder), 0);
	AUTO_FD int fd = open(in, O_RDONLY);
	assert_true(fd >= 0);
	AUTO_FREE char *dev = xasprintf("/dev/fd/%d", fd), *proc = xasprintf("/proc/self/fd/%d", fd);
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	AUTO_FD int read_end = ends[0];
	AUTO_FD int write_end = ends[1];
	(void)write_end;
	AUTO_FREE char *pipe_name = xasprintf("/dev/fd/%d", read_end);
	const struct {
		const char *path;
		enum flavour_name name;
	} cases[] = {
		{rc, FLAVOUR_NAME_MSMTP},      {link, FLAVOUR_NAME_MSMTP},   {link2, FLAVOUR_NAME_MSMTP},
		{plain, FLAVOUR_NAME_NEITHER}, {in, FLAVOUR_NAME_MSMTP},     {dev, FLAVOUR_NAME_MSMTP},
		{proc, FLAVOUR_NAME_MSMTP},    {chain, FLAVOUR_NAME_OWN},    {ours, FLAVOUR_NAME_OWN},
		{broken, FLAVOUR_NAME_MSMTP},  {loop, FLAVOUR_NAME_NEITHER}, {pipe_name, FLAVOUR_NAME_NEITHER},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (flavour_name_of(cases[i].path) != cases[i].name)
			fail_msg("%s", cases[i].path);
	char cwd[PATH_MAX];
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	assert_int_equal(chdir(folder), 0);
	enum flavour_name here = flavour_name_of("c");
	assert_int_equal(chdir(cwd), 0);
	assert_int_equal(here, FLAVOUR_NAME_MSMTP);
}

static void a_file_has_one_flavour(void **state)
{
	const struct folder *f = *state;
	static const struct {
		const char *name, *text, *more; /* more: the file "more" */
		bool called_msmtp;
		const char *error; /* NULL: the flavour is that of the account */
		enum config_flavour flavour;
	} cases[] = {
		{"rc", "host a\n", "", false, NULL, FLAVOUR_OWN},
		{"rc", "host a\n", "", true, NULL, FLAVOUR_MSMTP},
		{".msmtp_php", "host a\n", "", false, NULL, FLAVOUR_MSMTP},
		{"posthasterc", "host a\n", "", true, NULL, FLAVOUR_MSMTP},
		{"rc", "# first\n\n  syntax msmtp\nhost a\n", "", false, NULL, FLAVOUR_MSMTP},
		{"posthasterc", "syntax msmtp\nhost a\n", "", false, NULL, FLAVOUR_MSMTP},
		{"msmtprc", "syntax posthaste\nhost a\n", "", false, NULL, FLAVOUR_OWN},
		{"rc", "syntax posthaste\nhost a\n", "", true, NULL, FLAVOUR_OWN},
		{"rc", "syntax \"msmtp\"\nhost a\n", "", false, NULL, FLAVOUR_MSMTP},
		{"rc", "syntax msmtp\ndefaults\nfrom\naccount a\n", "", false, NULL, FLAVOUR_MSMTP},
		/* not the first command */
		{"rc", "host a\nsyntax msmtp\n", "", false,
		 "rc, line 2, column 8: syntax must be the first command of a file", 0},
		{"rc", "syntax msmtp\nsyntax msmtp\n", "", false,
		 "rc, line 2, column 8: syntax must be the first command of a file", 0},
		{"rc", "eval echo syntax msmtp\n", "", false, "syntax must be the first command of a file", 0},
		{"rc", "include more\nsyntax msmtp\n", "host a\n", false,
		 "rc, line 2, column 8: syntax must be the first command of a file", 0},
		{"rc", "syntax\n", "", false, "rc, line 1, column 7: expected posthaste or msmtp, got nothing", 0},
		{"rc", "syntax Msmtp\n", "", false, "rc, line 1, column 8: expected posthaste or msmtp, got Msmtp", 0},
		{"rc", "syntax mutt\n", "", false, "rc, line 1, column 8: expected posthaste or msmtp, got mutt", 0},
		/* what is included */
		{"msmtprc", "include more\n", "host a\n", false, NULL, FLAVOUR_MSMTP},
		{"rc", "syntax msmtp\ninclude more\n", "host a\n", false, NULL, FLAVOUR_MSMTP},
		{"rc", "include more\n", "host a\n", true, NULL, FLAVOUR_MSMTP},
		{"rc", "include more\n", "host a\n", false, NULL, FLAVOUR_OWN},
		{"rc", "include more\n", "syntax msmtp\nhost a\n", false, NULL, FLAVOUR_MSMTP},
		{"msmtprc", "include more\n", "syntax posthaste\nhost a\n", false, NULL, FLAVOUR_OWN},
		{"rc", "include more\nhost a\n", "syntax msmtp\n", false, NULL, FLAVOUR_OWN}, /* ends with it */
		{"rc", "include x/msmtp/c\n", "", false, NULL, FLAVOUR_MSMTP},
	};
	put(f, "x/msmtp/c", "host a\n");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(config_files) files = CONFIG_FILES_INIT;
		AUTO(config) c = CONFIG_INIT;
		AUTO(error) err = ERROR_INIT;
		AUTO_FREE char *path = at(f, cases[i].name);
		put(f, cases[i].name, cases[i].text);
		put(f, "more", cases[i].more);
		files.msmtp = cases[i].called_msmtp;
		bool ok = config_load(&c, path, &files, &runtime, &err);
		if (ok != !cases[i].error || (!ok && !strstr(err.status.text, cases[i].error)))
			fail_msg("%s, %s: %s", cases[i].name, cases[i].text, err.status.text);
		if (ok && (c.n != 1 || c.accounts[0]->flavour != cases[i].flavour))
			fail_msg("%s, %s: another flavour", cases[i].name, cases[i].text);
		assert_int_equal(unlink(path), 0);
	}
}

static void errors_of_a_file_without_a_telling_name_say_so(void **state)
{
	const struct folder *f = *state;
	static const char fault[] = "host a\nuser \"a\\b\"\n";
	static const struct {
		const char *name, *text, *more;
		bool hint;
	} cases[] = {
		{"rc", fault, "", true},
		{"rc", "host a\nhots a\n", "", true},
		{"rc", "host a\ntls_fingerprint 00\n", "", true},
		{"posthasterc", fault, "", false},
		{"rc", "syntax posthaste\nuser \"a\\b\"\n", "", false},
		{"rc", "syntax msmtp\nhots a\n", "", false},
		{"msmtprc", "hots a\n", "", false},
		{"rc", "include more\n", fault, true},
		{"posthasterc", "include more\n", fault, false},
		{"rc", "include more\n", "syntax msmtp\nhots a\n", false},
		{"rc", "include missing\n", "", false}, /* no matter of syntax */
		/* rules between settings that are different in an msmtprc */
		{"rc",
		 "host a\ntls_certcheck off\ntls_fingerprint "
		 "0000000000000000000000000000000000000000000000000000000000000000\n",
		 "", true},
		{"posthasterc",
		 "host a\ntls_certcheck off\ntls_fingerprint "
		 "0000000000000000000000000000000000000000000000000000000000000000\n",
		 "", false},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(config_files) files = CONFIG_FILES_INIT;
		AUTO(config) c = CONFIG_INIT;
		AUTO(error) err = ERROR_INIT;
		AUTO_FREE char *path = at(f, cases[i].name), *why = NULL;
		struct account_request req = {.account = NULL};
		put(f, cases[i].name, cases[i].text);
		put(f, "more", cases[i].more);
		AUTO_PTR(account)
		a = config_load(&c, path, &files, &runtime, &err) ? config_choose(&c, &req, &why, &err) : NULL;
		assert_null(a);
		const char *hint = err.status.hint ? err.status.hint : "", *said = strstr(hint, "syntax msmtp");
		if (!said != !cases[i].hint)
			fail_msg("%s, %s: hint %s", cases[i].name, cases[i].text, hint);
		if (said)
			assert_null(strstr(said + 1, "syntax msmtp"));
		if (strstr(cases[i].text, "hots"))
			assert_non_null(strstr(hint, "Did you mean host?"));
	}
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_say_the_flavour),
		WITH_FOLDER(links_and_descriptors_have_the_name_of_their_file),
		WITH_FOLDER(a_file_has_one_flavour),
		WITH_FOLDER(errors_of_a_file_without_a_telling_name_say_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
