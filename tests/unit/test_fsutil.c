/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/fsutil.h"
#include "base/confinement.h"

#include "base/xalloc.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define STRANGER 54321 /* a user id that does not exist here */

static char folder[64];

static int folder_make(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof(folder), "/tmp/posthaste-test-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int folder_remove(void **state)
{
	(void)state;
	DIR *d = opendir(folder);
	for (struct dirent *e; d && (e = readdir(d)) != NULL;)
		(void)unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		(void)closedir(d);
	return rmdir(folder);
}

static int file_make(const char *name, mode_t mode, const char *content)
{
	AUTO_FREE char *path = xasprintf("%s/%s", folder, name);
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, strlen(content)), (ssize_t)strlen(content));
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/* ---- reading -------------------------------------------------------- */

static void reads_up_to_the_limit_and_appends(void **state)
{
	(void)state;
	static const struct {
		const char *content;
		size_t limit;
		bool ok;
	} rows[] = {{"", 0, true}, {"x", 0, false}, {"12345", 5, true}, {"123456", 5, false}, {"12345", 100000, true}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_FD int fd = file_make("f", 0600, rows[i].content);
		AUTO(strbuf) out = STRBUF_INIT;
		AUTO(error) err = ERROR_INIT;
		strbuf_adds(&out, "kept");
		assert_int_equal(fs_read_fd(fd, &out, rows[i].limit, &err), rows[i].ok);
		AUTO_FREE char *expected = xasprintf("kept%s", rows[i].ok ? rows[i].content : "");
		assert_string_equal(out.buf, expected);
		assert_int_equal(err.status.kind, rows[i].ok ? ERROR_NONE : ERROR_IO);
	}
}

static void reads_more_than_one_buffer(void **state)
{
	(void)state;
	AUTO(strbuf) written = STRBUF_INIT;
	for (int i = 0; written.len < 100000; i++)
		strbuf_addf(&written, "%d,", i);
	AUTO_FD int fd = file_make("f", 0600, written.buf);
	AUTO(strbuf) out = STRBUF_INIT;
	assert_true(fs_read_fd(fd, &out, written.len, NULL));
	assert_true(span_equal(strbuf_span(&out), strbuf_span(&written)));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	strbuf_reset(&out);
	assert_false(fs_read_fd(fd, &out, written.len - 1, NULL));
	assert_int_equal(out.len, 0);
}

static void a_folder_cannot_be_read(void **state)
{
	(void)state;
	AUTO_FD int fd = open(folder, O_RDONLY | O_CLOEXEC);
	AUTO(strbuf) out = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	assert_false(fs_read_fd(fd, &out, 10, &err));
	assert_int_equal(err.status.kind, ERROR_IO);
	assert_non_null(strstr(err.status.text, "directory"));
}

/* ---- judging -------------------------------------------------------- */

static void a_secret_file_is_ours_alone(void **state)
{
	(void)state;
	static const struct {
		mode_t mode;
		bool ok;
	} rows[] = {
		{0600, true},  {0400, true},  {0700, true},  {0000, true},  {0640, false}, {0604, false}, {0660, false},
		{0644, false}, {0620, false}, {0602, false}, {0610, false}, {0601, false}, {0777, false},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_FD int fd = file_make("secret", rows[i].mode, "x");
		AUTO(error) err = ERROR_INIT;
		assert_int_equal(fs_private_fd(fd, "the/secret", &err), rows[i].ok);
		if (rows[i].ok) {
			assert_int_equal(err.status.kind, ERROR_NONE);
		} else {
			assert_int_equal(err.status.kind, ERROR_CONFIG);
			assert_non_null(strstr(err.status.text, "the/secret"));
			assert_non_null(strstr(err.status.hint, "chmod 600 the/secret"));
		}
		AUTO_FREE char *path = xasprintf("%s/secret", folder);
		assert_int_equal(unlink(path), 0);
	}
}

static void a_link_is_judged_by_what_it_leads_to(void **state)
{
	(void)state;
	AUTO_FD int target = file_make("target", 0644, "x");
	AUTO_FREE char *to = xasprintf("%s/target", folder);
	AUTO_FREE char *link = xasprintf("%s/link", folder);
	assert_int_equal(symlink(to, link), 0);
	AUTO_FD int fd = open(link, O_RDONLY | O_CLOEXEC);
	assert_false(fs_private_fd(fd, link, NULL));
	assert_int_equal(fchmod(target, 0600), 0);
	assert_true(fs_private_fd(fd, link, NULL));
	/* replaced between opening and judging: the open file counts */
	assert_int_equal(fchmod(target, 0644), 0);
	assert_int_equal(unlink(to), 0);
	AUTO_FD int fresh = file_make("target", 0600, "y");
	assert_false(fs_private_fd(fd, link, NULL));
	assert_true(fs_private_fd(fresh, link, NULL));
}

static void files_of_others_are_refused_and_of_root_taken(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		AUTO_FD int passwd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
		assert_false(fs_private_fd(passwd, "/etc/passwd", NULL)); /* root's, but open to all */
		print_message("# skipped: giving files away needs root\n");
		skip();
	}
	AUTO_FD int fd = file_make("theirs", 0600, "x");
	AUTO_FREE char *to = xasprintf("%s/theirs", folder);
	AUTO_FREE char *link = xasprintf("%s/mine", folder);
	assert_int_equal(fchown(fd, STRANGER, (gid_t)-1), 0);
	assert_int_equal(symlink(to, link), 0);
	AUTO_FD int through = open(link, O_RDONLY | O_CLOEXEC);
	AUTO(error) err = ERROR_INIT;
	assert_false(fs_private_fd(through, link, &err));
	assert_int_equal(err.status.kind, ERROR_CONFIG);
	assert_non_null(strstr(err.status.text, "54321"));
	assert_non_null(strstr(err.status.hint, "chown"));

	AUTO_FD int roots = file_make("roots", 0600, "x");
	assert_int_equal(seteuid(STRANGER), 0);
	bool own = fs_private_fd(through, link, NULL), root = fs_private_fd(roots, "roots", NULL);
	assert_int_equal(seteuid(0), 0);
	assert_true(own);
	assert_true(root);
}

static void only_regular_files_hold_secrets(void **state)
{
	(void)state;
	int ends[2], pair[2];
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	AUTO_FD int dir = open(folder, O_RDONLY | O_CLOEXEC);
	const int fds[] = {ends[0], ends[1], pair[0], pair[1], dir};
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		AUTO(error) err = ERROR_INIT;
		assert_false(fs_private_fd(fds[i], "it", &err));
		assert_int_equal(err.status.kind, ERROR_CONFIG);
		if (fds[i] != dir)
			assert_int_equal(close(fds[i]), 0);
	}
	AUTO(error) err = ERROR_INIT;
	assert_false(fs_private_fd(-1, "it", &err));
	assert_int_equal(err.status.kind, ERROR_IO);
}

/* ---- temporary files ------------------------------------------------- */

static void temporary_files_have_no_name_and_one_reader(void **state)
{
	(void)state;
	const char *const folders[] = {folder, "/nonexistent", "relative", "", NULL};
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		struct stat st, where;
		AUTO(error) err = ERROR_INIT;
		AUTO_FD int fd = fs_temp_open(&(struct temp_files){fs_temp_open, folders[i]}, &err);
		assert_true(fd >= 0);
		assert_int_equal(err.status.kind, ERROR_NONE);
		assert_int_equal(fstat(fd, &st), 0);
		assert_true(S_ISREG(st.st_mode));
		assert_int_equal(st.st_nlink, 0);
		assert_int_equal(st.st_mode & 07777, 0600);
		assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		assert_int_equal(write(fd, "x", 1), 1);
		assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
		if (i == 0) { /* the folder asked for, and nothing seen in it */
			assert_int_equal(stat(folder, &where), 0);
			assert_int_equal(st.st_dev, where.st_dev);
			DIR *d = opendir(folder);
			for (struct dirent *e; (e = readdir(d)) != NULL;)
				assert_null(strstr(e->d_name, "posthaste"));
			(void)closedir(d);
		}
	}
}

static void confinement_is_named_where_there_is_one(void **state)
{
	(void)state;
	static const struct {
		const char *attr, *says; /* NULL: nothing */
	} rows[] = {
		{"/usr/bin/posthaste (enforce)\n", "AppArmor profile /usr/bin/posthaste confines"},
		{"posthaste (complain)", "AppArmor profile posthaste confines"},
		{"unconfined\n", NULL},
		{"vm (unconfined)", NULL},
		{"", NULL},
		{"\n", NULL},
		{"system_u:system_r:initrc_t:s0", NULL},
		{"a\x1b[2J (enforce)", "profile a?[2J confines"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_FREE char *hint = confinement_hint(span_of(rows[i].attr));
		assert_int_equal(hint != NULL, rows[i].says != NULL);
		if (hint)
			assert_non_null(strstr(hint, rows[i].says));
	}
}

static void a_file_of_root_may_be_open_to_a_group(void **state)
{
	(void)state;
	static const struct {
		mode_t mode;
		uid_t owner;
		bool secret, system, noted; /* for password_file, for the system's file */
	} rows[] = {
		{0600, 0, true, true, false},	       {0640, 0, true, true, false},
		{0440, 0, true, true, false},	       {0644, 0, false, true, true},
		{0604, 0, false, true, true},	       {0660, 0, false, false, false},
		{0602, 0, false, false, false},	       {0640, STRANGER, false, false, false},
		{0600, STRANGER, false, false, false},
	};
	if (geteuid() != 0)
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bool noted = false;
		AUTO(error) err = ERROR_INIT;
		AUTO_FD int fd = file_make("of-root", rows[i].mode, "x");
		assert_int_equal(fchown(fd, rows[i].owner, 0), 0);
		assert_int_equal(fs_admin_fd(fd, "it", NULL, NULL), rows[i].secret);
		assert_int_equal(fs_admin_fd(fd, "it", &noted, &err), rows[i].system);
		assert_int_equal(noted, rows[i].noted);
	}
}

static void pipes_and_devices_are_not_waited_for(void **state)
{
	(void)state;
	AUTO_FREE char *pipe_path = xasprintf("%s/pipe", folder);
	AUTO_FREE char *file_path = xasprintf("%s/file", folder);
	AUTO_FREE char *link_path = xasprintf("%s/link", folder);
	(void)close(file_make("file", 0600, "x"));
	assert_int_equal(mkfifo(pipe_path, 0600), 0);
	assert_int_equal(symlink(pipe_path, link_path), 0);
	const struct {
		const char *path;
		bool ok;
	} rows[] = {{file_path, true},	  {"/dev/null", true}, {pipe_path, false}, {link_path, false},
		    {"/dev/zero", false}, {folder, false},     {"/nowhere", false}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(error) err = ERROR_INIT;
		AUTO_FD int fd = fs_open_regular(rows[i].path, "sample", &err);
		assert_int_equal(fd >= 0, rows[i].ok);
		assert_int_equal(err.status.kind, rows[i].ok ? ERROR_NONE : ERROR_FILE_MISSING);
		assert_true(rows[i].ok || strstr(err.status.text, rows[i].path));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(confinement_is_named_where_there_is_one),
		cmocka_unit_test_setup_teardown(reads_up_to_the_limit_and_appends, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(reads_more_than_one_buffer, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(a_folder_cannot_be_read, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(a_secret_file_is_ours_alone, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(a_link_is_judged_by_what_it_leads_to, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(files_of_others_are_refused_and_of_root_taken, folder_make,
						folder_remove),
		cmocka_unit_test_setup_teardown(a_file_of_root_may_be_open_to_a_group, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(pipes_and_devices_are_not_waited_for, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(only_regular_files_hold_secrets, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(temporary_files_have_no_name_and_one_reader, folder_make,
						folder_remove),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
