/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/state_file.h"

#include "base/fsutil.h"
#include "base/xalloc.h"
#include "../lib/remove_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define STRANGER 54321 /* a user id that does not exist here */
#define LIMIT 65536

static char root[64]; /* of one test */
static char *folder;  /* root/state/posthaste, not there at first */

static int setup(void **state)
{
	(void)state;
	(void)snprintf(root, sizeof(root), "/tmp/posthaste-test-XXXXXX");
	if (!mkdtemp(root))
		return -1;
	folder = xasprintf("%s/state/posthaste", root);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	(void)remove_tree(root);
	free(folder);
	return 0;
}

static bool put(const char *content, struct error *err)
{
	return state_file_write(folder, "file", span_of(content), &rng_system, err);
}

static void must_hold(const char *content)
{
	AUTO(strbuf) got = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	assert_true(state_file_read(folder, "file", LIMIT, &got, &err));
	assert_string_equal(got.buf, content);
}

static enum error_kind read_fails(void)
{
	AUTO(strbuf) got = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	assert_false(state_file_read(folder, "file", LIMIT, &got, &err));
	assert_int_equal(got.len, 0);
	assert_non_null(err.status.text);
	return err.status.kind;
}

static unsigned mode_of(const char *name)
{
	struct stat st;
	AUTO_FREE char *path = xasprintf("%s/%s", root, name);
	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

static size_t names_in(const char *name)
{
	AUTO_FREE char *path = xasprintf("%s/%s", root, name);
	DIR *d = opendir(path);
	size_t n = 0;
	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d)) != NULL;)
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	(void)closedir(d);
	return n;
}

static void what_was_written_is_read_and_is_private(void **state)
{
	(void)state;
	AUTO(error) err = ERROR_INIT;
	mode_t before = umask(0);
	assert_int_equal(read_fails(), ERROR_FILE_MISSING);
	assert_true(put("one\n", &err));
	must_hold("one\n");
	assert_true(put("", &err));
	must_hold("");
	assert_true(put("two\n", &err));
	must_hold("two\n");
	(void)umask(before);
	assert_int_equal(mode_of("state"), 0700);
	assert_int_equal(mode_of("state/posthaste"), 0700);
	assert_int_equal(mode_of("state/posthaste/file"), 0600);
	assert_int_equal(names_in("state/posthaste"), 1);
}

static void what_a_killed_process_left_is_swept(void **state)
{
	(void)state;
	static const char left[] = ".file.0123456789abcdef";
	static const char *const others[] = {".file.lock",
					     ".file.0123456789abcde",
					     ".file.0123456789abcdeg",
					     ".file.0123456789abcdef0",
					     "file.0123456789abcdef",
					     ".other.0123456789abcdef",
					     ".file.x.0123456789abcdef"};
	AUTO(error) err = ERROR_INIT;
	state_file_sweep(folder, "file"); /* no folder */
	assert_true(put("one\n", &err));
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_true(state_file_write(folder, others[i], SPAN_LIT("x"), &rng_system, &err));
	assert_true(state_file_write(folder, left, SPAN_LIT("x"), &rng_system, &err));
	assert_int_equal(names_in("state/posthaste"), ARRAY_SIZE(others) + 2);
	state_file_sweep(folder, "file");
	assert_int_equal(names_in("state/posthaste"), ARRAY_SIZE(others) + 1);
	AUTO_FREE char *path = xasprintf("%s/%s", folder, left);
	assert_int_equal(access(path, F_OK), -1);
	must_hold("one\n");
}

static void two_folders_above_are_made_and_not_three(void **state)
{
	(void)state;
	AUTO(error) err = ERROR_INIT;
	AUTO_FREE char *deep = xasprintf("%s/.local/state/posthaste", root);
	AUTO_FREE char *deeper = xasprintf("%s/nobody/.local/state/posthaste", root);
	assert_true(state_file_write(deep, "file", SPAN_LIT("x"), &rng_system, &err));
	assert_int_equal(mode_of(".local/state/posthaste/file"), 0600);
	assert_false(state_file_write(deeper, "file", SPAN_LIT("x"), &rng_system, &err));
	assert_int_equal(err.status.kind, ERROR_CANNOT_CREATE);
	assert_int_equal(names_in("."), 1);
}

static void too_much_is_an_error(void **state)
{
	(void)state;
	AUTO(strbuf) got = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	assert_true(put("12345", &err));
	assert_true(state_file_read(folder, "file", 5, &got, &err));
	strbuf_reset(&got);
	assert_false(state_file_read(folder, "file", 4, &got, &err));
	assert_non_null(strstr(err.status.text, "state/posthaste/file"));
}

static void make_file(void)
{
	AUTO(error) err = ERROR_INIT;
	assert_true(put("content\n", &err));
}

static void links_are_not_followed(void **state)
{
	(void)state;
	AUTO(error) err = ERROR_INIT;
	AUTO_FREE char *file = xasprintf("%s/file", folder);
	AUTO_FREE char *moved = xasprintf("%s/moved", root);
	make_file();
	assert_int_equal(rename(file, moved), 0);
	assert_int_equal(symlink(moved, file), 0);
	assert_int_equal(read_fails(), ERROR_IO);
	assert_true(put("new\n", &err)); /* takes the link's place */
	must_hold("new\n");
	AUTO_FREE char *other = xasprintf("%s/other", root);
	assert_int_equal(rename(folder, other), 0);
	assert_int_equal(symlink(other, folder), 0);
	assert_int_equal(read_fails(), ERROR_IO);
	assert_false(put("no\n", &err));
	assert_int_equal(names_in("other"), 1);
}

static void other_kinds_of_file_do_not_count(void **state)
{
	(void)state;
	AUTO_FREE char *file = xasprintf("%s/file", folder);
	AUTO_FREE char *second = xasprintf("%s/second", root);
	make_file();
	assert_int_equal(link(file, second), 0);
	assert_int_equal(read_fails(), ERROR_CONFIG);
	assert_int_equal(unlink(second), 0);
	must_hold("content\n");
	assert_int_equal(unlink(file), 0);
	assert_int_equal(mkfifo(file, 0600), 0);
	assert_int_equal(read_fails(), ERROR_CONFIG); /* and there is no waiting */
	assert_int_equal(unlink(file), 0);
	assert_int_equal(mkdir(file, 0700), 0);
	assert_int_equal(read_fails(), ERROR_CONFIG);
	AUTO(error) err = ERROR_INIT;
	assert_false(put("x", &err));
	assert_int_equal(names_in("state/posthaste"), 1); /* nothing half-written stays */
}

static void what_others_can_use_does_not_count(void **state)
{
	(void)state;
	static const mode_t files[] = {0640, 0604, 0660, 0602, 0601}, folders[] = {0770, 0702, 0777};
	AUTO_FREE char *file = xasprintf("%s/file", folder);
	make_file();
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		assert_int_equal(chmod(file, files[i]), 0);
		assert_int_equal(read_fails(), ERROR_CONFIG);
	}
	assert_int_equal(chmod(file, 0600), 0);
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		AUTO(error) err = ERROR_INIT;
		assert_int_equal(chmod(folder, folders[i]), 0);
		assert_int_equal(read_fails(), ERROR_CONFIG);
		assert_false(put("x", &err));
	}
	assert_int_equal(chmod(folder, 0755), 0);
	must_hold("content\n");
}

static void what_is_a_strangers_does_not_count(void **state)
{
	(void)state;
	AUTO(error) err = ERROR_INIT;
	AUTO_FREE char *file = xasprintf("%s/file", folder);
	if (geteuid() != 0) {
		print_message("# skipped: only root can give a file away\n");
		skip();
	}
	make_file();
	assert_int_equal(chown(file, STRANGER, STRANGER), 0);
	assert_int_equal(read_fails(), ERROR_CONFIG);
	assert_int_equal(chown(file, 0, 0), 0);
	assert_int_equal(chown(folder, STRANGER, STRANGER), 0);
	assert_int_equal(read_fails(), ERROR_CONFIG);
	assert_false(put("x", &err));
	/* a stranger's home: no folder of ours is put there */
	AUTO_FREE char *state_home = xasprintf("%s/state", root);
	(void)remove_tree(state_home);
	assert_int_equal(chown(root, STRANGER, STRANGER), 0);
	assert_false(put("x", &err));
	assert_int_equal(names_in("."), 0);
}

static void a_place_that_cannot_be_is_an_error(void **state)
{
	(void)state;
	AUTO(error) err = ERROR_INIT;
	AUTO(strbuf) got = STRBUF_INIT;
	static const char *const places[] = {"/proc/self/fdinfo/none", "/dev/null", "/nonexistent/a/b/c"};
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		assert_false(state_file_write(places[i], "file", SPAN_LIT("x"), &rng_system, &err));
		assert_non_null(err.status.text);
		assert_false(state_file_read(places[i], "file", LIMIT, &got, &err));
	}
}

/* Who reads meanwhile sees one of the texts, whole. */
static void writers_at_once_leave_a_whole_file(void **state)
{
	(void)state;
	enum { WRITERS = 4, TIMES = 50, SIZE = 20000 };
	pid_t writers[WRITERS];
	make_file();
	for (int i = 0; i < WRITERS; i++) {
		writers[i] = fork();
		if (writers[i] == 0) {
			AUTO(strbuf) text = STRBUF_INIT;
			bool good = true;
			for (int j = 0; j < SIZE; j++)
				strbuf_addch(&text, (char)('a' + i));
			for (int j = 0; j < TIMES; j++)
				good &= state_file_write(folder, "file", strbuf_span(&text), &rng_system, NULL);
			_exit(good ? 0 : 1);
		}
	}
	for (int i = 0; i < 200; i++) {
		AUTO(strbuf) got = STRBUF_INIT;
		AUTO(error) err = ERROR_INIT;
		assert_true(state_file_read(folder, "file", LIMIT, &got, &err));
		assert_true(got.len == SIZE || strcmp(got.buf, "content\n") == 0);
		for (size_t j = 0; got.len == SIZE && j < SIZE; j++)
			assert_int_equal(got.buf[j], got.buf[0]);
	}
	for (int i = 0; i < WRITERS; i++) {
		int status;
		assert_int_equal(waitpid(writers[i], &status, 0), writers[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(names_in("state/posthaste"), 1);
}

static void a_durable_file_is_the_same(void **state)
{
	(void)state;
	AUTO(error) err = ERROR_INIT;
	assert_true(state_file_save(folder, "file", SPAN_LIT("one\n"), &rng_system, &err));
	must_hold("one\n");
	assert_true(state_file_save(folder, "file", SPAN_LIT("two\n"), &rng_system, &err));
	must_hold("two\n");
	assert_int_equal(mode_of("state/posthaste/file"), 0600);
	assert_int_equal(names_in("state/posthaste"), 1);
}

static void what_is_removed_was_there_or_not(void **state)
{
	(void)state;
	AUTO(error) err = ERROR_INIT;
	bool removed = true;
	assert_true(state_file_remove(folder, "file", &removed, &err));
	assert_false(removed);
	assert_true(put("x", &err));
	assert_true(state_file_remove(folder, "file", &removed, &err));
	assert_true(removed);
	assert_int_equal(names_in("state/posthaste"), 0);
	assert_true(state_file_remove(folder, "file", &removed, &err));
	assert_false(removed);
}

static void a_lock_is_held_until_it_is_closed(void **state)
{
	(void)state;
	AUTO(error) err = ERROR_INIT;
	msec_t now = clock_monotonic(&clock_system);
	int first = state_file_lock(folder, "lock", &clock_system, DEADLINE_NEVER, &err);
	assert_true(first >= 0);
	assert_int_equal(mode_of("state/posthaste/lock"), 0600);
	assert_int_equal(state_file_lock(folder, "lock", &clock_system, now, &err), -1);
	assert_int_equal(err.status.kind, ERROR_TIMEOUT);
	(void)close(first);
	int second = state_file_lock(folder, "lock", &clock_system, now, &err);
	assert_true(second >= 0);
	(void)close(second);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(what_was_written_is_read_and_is_private),
		TEST(what_a_killed_process_left_is_swept),
		TEST(two_folders_above_are_made_and_not_three),
		TEST(too_much_is_an_error),
		TEST(links_are_not_followed),
		TEST(other_kinds_of_file_do_not_count),
		TEST(what_others_can_use_does_not_count),
		TEST(what_is_a_strangers_does_not_count),
		TEST(a_place_that_cannot_be_is_an_error),
		TEST(a_durable_file_is_the_same),
		TEST(what_is_removed_was_there_or_not),
		TEST(a_lock_is_held_until_it_is_closed),
		TEST(writers_at_once_leave_a_whole_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
