/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sockets of the mail service, where they come from, and what a service manager is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "serve/listen.h"
#include "serve/peer.h"
#include "serve/service_manager.h"

#include "base/xalloc.h"
#include "tests/lib/test_runtime.h"

#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

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

static char *path_of(const char *name)
{
	return xasprintf("%s/%s", folder, name);
}

static bool open_at(struct listen_sockets *sockets, const char *word, struct error *err)
{
	AUTO(strvec) words = STRVEC_INIT;
	strvec_push(&words, word);
	return listen_open(sockets, &words, err);
}

static int connect_to(const char *path)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	memcpy(un.sun_path, path, strlen(path) + 1);
	if (connect(fd, (struct sockaddr *)&un, sizeof(un)) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

/* ---- the setting ---- */

static void addresses_are_numbers_or_paths(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int family; /* 0: refused */
	} rows[] = {
		{"127.0.0.1:2525", AF_INET},
		{"0.0.0.0:0", AF_INET},
		{"[::1]:2525", AF_INET6},
		{"[2001:db8::1]:65535", AF_INET6},
		{"/run/posthaste/socket", AF_UNIX},
		{"", 0},
		{"127.0.0.1", 0},
		{"127.0.0.1:", 0},
		{"127.0.0.1:65536", 0},
		{"127.0.0.1:000025", 0},
		{"127.0.0.1:25x", 0},
		{"127.0.0.1:-1", 0},
		{"127.1:25", 0},
		{"localhost:25", 0},
		{"2525", 0},
		{":2525", 0},
		{"::1:2525", 0},
		{"[::1]", 0},
		{"[::1]2525", 0},
		{"[::1:2525", 0},
		{"[]:25", 0},
		{"[", 0},
		{"[127.0.0.1]:25", 0},
		{"[fe80::1%lo]:25", 0},
		{"run/socket", 0},
		{"unix:/run/socket", 0},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(error) err = ERROR_INIT;
		struct listen_address address;
		bool ok = listen_address_parse(span_of(rows[i].text), &address, &err);
		if (ok != (rows[i].family != 0) || (ok && address.sa.ss_family != rows[i].family))
			fail_msg("\"%s\" is %s", rows[i].text, ok ? "taken" : "refused");
		if (!ok)
			assert_int_equal(err.status.kind, ERROR_CONFIG);
	}
}

static void a_path_has_room_for_its_suffix(void **state)
{
	(void)state;
	AUTO(error) err = ERROR_INIT;
	struct listen_address address;
	char path[120];
	size_t longest = sizeof(((struct sockaddr_un *)0)->sun_path) - sizeof(".new");
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	assert_true(listen_address_parse(span_make(path, longest), &address, NULL));
	assert_false(listen_address_parse(span_make(path, longest + 1), &address, &err));
	assert_non_null(strstr(err.status.text, "can have 103 bytes, this one has 104"));
	assert_false(listen_address_parse(span_make("/a\0b", 4), &address, NULL));
}

/* ---- opening ---- */

static void a_unix_socket_is_for_everybody(void **state)
{
	(void)state;
	AUTO_FREE char *path = path_of("all");
	AUTO_FREE char *lock = path_of("all.lock");
	struct listen_sockets sockets = LISTEN_SOCKETS_INIT;
	struct stat st;
	mode_t before = umask(077);
	assert_true(open_at(&sockets, path, NULL));
	assert_int_equal(umask(before), 077);
	assert_int_equal(sockets.n, 1);
	assert_true(sockets.v[0].is_unix && sockets.v[0].loopback);
	assert_string_equal(sockets.v[0].name, path);
	assert_int_equal(lstat(path, &st), 0);
	assert_int_equal(st.st_mode, S_IFSOCK | 0666);
	assert_int_equal(lstat(lock, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	AUTO_FD int fd = connect_to(path);
	assert_true(fd >= 0);
	AUTO_FD int accepted = accept4(sockets.v[0].fd, NULL, NULL, SOCK_CLOEXEC);
	struct peer peer;
	assert_true(peer_of(accepted, &peer, NULL));
	assert_true(peer.is_user && peer.uid == getuid() && peer.loopback);
	AUTO_FREE char *text = peer_text(&peer), *wanted = xasprintf("user %ld", (long)getuid());
	assert_string_equal(text, wanted);
	assert_true(peer_same(&peer, &peer));
	listen_sockets_release(&sockets);
	assert_int_equal(lstat(path, &st), -1);
}

static void a_socket_that_is_left_over_is_replaced(void **state)
{
	(void)state;
	AUTO_FREE char *path = path_of("stale");
	struct listen_sockets sockets = LISTEN_SOCKETS_INIT, again = LISTEN_SOCKETS_INIT;
	assert_true(open_at(&sockets, path, NULL));
	listen_sockets_forget(&sockets); /* as after a crash */
	assert_int_equal(connect_to(path), -1);
	assert_true(open_at(&again, path, NULL));
	AUTO_FD int fd = connect_to(path);
	assert_true(fd >= 0);
	listen_sockets_release(&again);
}

static void what_is_in_use_stays(void **state)
{
	(void)state;
	AUTO_FREE char *path = path_of("used"), *lock = path_of("used.lock"), *file = path_of("file");
	AUTO(error) err = ERROR_INIT;
	struct listen_sockets sockets = LISTEN_SOCKETS_INIT, other = LISTEN_SOCKETS_INIT;
	assert_true(open_at(&sockets, path, NULL));
	assert_false(open_at(&other, path, &err));
	assert_int_equal(err.status.kind, ERROR_CANNOT_CREATE);
	assert_non_null(strstr(err.status.text, "used.lock"));
	/* One that knows no lock. */
	assert_int_equal(unlink(lock), 0);
	assert_false(open_at(&other, path, &err));
	assert_non_null(strstr(err.status.text, "another program listens at"));
	assert_int_equal(other.n, 0);
	AUTO_FD int fd = connect_to(path);
	assert_true(fd >= 0);
	listen_sockets_release(&sockets);
	AUTO_FD int made = open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(made >= 0);
	assert_false(open_at(&other, file, &err));
	assert_non_null(strstr(err.status.text, "exists and is not a socket"));
}

static void only_ones_own_socket_is_removed(void **state)
{
	(void)state;
	AUTO_FREE char *path = path_of("own"), *lock = path_of("own.lock");
	struct listen_sockets first = LISTEN_SOCKETS_INIT, second = LISTEN_SOCKETS_INIT;
	assert_true(open_at(&first, path, NULL));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(unlink(lock), 0);
	assert_true(open_at(&second, path, NULL));
	listen_sockets_release(&first);
	AUTO_FD int fd = connect_to(path);
	assert_true(fd >= 0);
	listen_sockets_release(&second);
}

static void all_addresses_are_opened_or_none(void **state)
{
	(void)state;
	AUTO_FREE char *path = path_of("none");
	AUTO(strvec) words = STRVEC_INIT;
	AUTO(error) err = ERROR_INIT;
	struct listen_sockets sockets = LISTEN_SOCKETS_INIT;
	struct stat st;
	strvec_push(&words, path);
	strvec_push(&words, "/nowhere/at/all");
	assert_false(listen_open(&sockets, &words, &err));
	assert_int_equal(err.status.kind, ERROR_CANNOT_CREATE);
	assert_non_null(strstr(err.status.text, "/nowhere/at/all"));
	assert_int_equal(sockets.n, 0);
	assert_int_equal(lstat(path, &st), -1);
}

static void tcp_is_opened_and_known(void **state)
{
	(void)state;
	AUTO(error) err = ERROR_INIT;
	struct listen_sockets sockets = LISTEN_SOCKETS_INIT, other = LISTEN_SOCKETS_INIT;
	struct sockaddr_in in;
	socklen_t len = sizeof(in);
	assert_true(open_at(&sockets, "127.0.0.1:0", NULL));
	assert_true(sockets.v[0].loopback && !sockets.v[0].is_unix);
	assert_int_equal(getsockname(sockets.v[0].fd, (struct sockaddr *)&in, &len), 0);
	AUTO_FREE char *name = xasprintf("127.0.0.1 port %u", ntohs(in.sin_port));
	AUTO_FREE char *word = xasprintf("127.0.0.1:%u", ntohs(in.sin_port));
	assert_string_equal(sockets.v[0].name, name);
	assert_false(open_at(&other, word, &err));
	assert_int_equal(err.status.kind, ERROR_CANNOT_CREATE);
	assert_non_null(strstr(err.status.hint, "Another program listens there"));
	AUTO_FD int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&in, len), 0);
	AUTO_FD int accepted = accept4(sockets.v[0].fd, NULL, NULL, SOCK_CLOEXEC);
	struct peer peer;
	assert_true(peer_of(accepted, &peer, NULL));
	assert_true(!peer.is_user && peer.loopback);
	listen_sockets_release(&sockets);
	assert_true(open_at(&sockets, "0.0.0.0:0", NULL));
	assert_false(sockets.v[0].loopback);
	listen_sockets_release(&sockets);
}

static void peers_are_counted_by_who_they_are(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
		bool same;
	} rows[] = {
		{"192.0.2.1", "192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"2001:db8::1", "2001:db8::ffff:1", true},
		{"2001:db8::1", "2001:db8:0:1::1", false},
		{"::1", "127.0.0.1", false},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct peer a = {.is_user = false}, b = a;
		assert_true(address_from_literal(rows[i].a, 1, &a.address));
		assert_true(address_from_literal(rows[i].b, 2, &b.address));
		assert_int_equal(peer_same(&a, &b), rows[i].same);
	}
	struct peer root = {.is_user = true, .uid = 0}, other = {.is_user = true, .uid = 1}, tcp = {.is_user = false};
	assert_false(peer_same(&root, &other));
	assert_false(peer_same(&root, &tcp));
	assert_false(peer_same(&tcp, &root));
}

/* ---- the service manager ---- */

static void sockets_are_taken_from_the_service_manager(void **state)
{
	(void)state;
	AUTO(error) err = ERROR_INIT;
	struct listen_sockets made = LISTEN_SOCKETS_INIT, taken = LISTEN_SOCKETS_INIT;
	assert_true(open_at(&made, "127.0.0.1:0", NULL));
	int fd = fcntl(made.v[0].fd, F_DUPFD, 100); /* without close-on-exec, and blocking */
	(void)fcntl(fd, F_SETFL, 0);
	assert_true(listen_take(&taken, fd, 1, NULL));
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	assert_string_equal(taken.v[0].name, made.v[0].name);
	listen_sockets_release(&taken);
	listen_sockets_release(&made);
	int ends[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_false(listen_take(&taken, ends[0], 1, &err));
	assert_int_equal(err.status.kind, ERROR_CONFIG);
	assert_non_null(strstr(err.status.hint, "without Accept=yes"));
	listen_sockets_release(&taken);
	(void)close(ends[1]);
}

static void only_what_is_for_this_process_is_taken(void **state)
{
	(void)state;
	struct runtime runtime = test_runtime();
	AUTO_FREE char *mine = xasprintf("LISTEN_PID=%ld", (long)getpid());
	AUTO_FREE char *other = xasprintf("LISTEN_PID=%ld", (long)getppid());
	runtime.environ = TEST_ENV(mine, "LISTEN_FDS=2");
	assert_int_equal(service_manager_sockets(&runtime), 2);
	assert_true(service_manager_waits(&runtime));
	runtime.environ = TEST_ENV(other, "LISTEN_FDS=2");
	assert_int_equal(service_manager_sockets(&runtime), 0);
	assert_false(service_manager_waits(&runtime));
	runtime.environ = TEST_ENV("LISTEN_FDS=2");
	assert_int_equal(service_manager_sockets(&runtime), 0);
	runtime.environ = TEST_ENV(mine, "LISTEN_FDS=-1");
	assert_int_equal(service_manager_sockets(&runtime), 0);
	runtime.environ = TEST_ENV(mine, "LISTEN_FDS=100000");
	assert_int_equal(service_manager_sockets(&runtime), 0);
	runtime.environ = TEST_ENV("NOTIFY_SOCKET=@x");
	assert_true(service_manager_waits(&runtime));
	AUTO_FREE char **env = service_manager_environ(
		TEST_ENV("A=b", mine, "LISTEN_FDS=2", "LISTEN_FDSX=1", "NOTIFY_SOCKET=@x", "LISTEN_FDNAMES=a", "C=d"));
	assert_string_equal(env[0], "A=b");
	assert_string_equal(env[1], "LISTEN_FDSX=1");
	assert_string_equal(env[2], "C=d");
	assert_null(env[3]);
}

static void the_service_manager_gets_one_datagram(void **state)
{
	(void)state;
	struct runtime runtime = test_runtime();
	AUTO_FREE char *path = path_of("notify");
	AUTO_FREE char *by_path = xasprintf("NOTIFY_SOCKET=%s", path);
	AUTO_FREE char *by_name = xasprintf("NOTIFY_SOCKET=@%s", path);
	for (int abstract = 0; abstract < 2; abstract++) {
		struct sockaddr_un un = {.sun_family = AF_UNIX};
		char got[64];
		memcpy(un.sun_path + abstract, path, strlen(path));
		AUTO_FD int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)abstract + strlen(path));
		assert_int_equal(bind(fd, (struct sockaddr *)&un, len), 0);
		runtime.environ = TEST_ENV(abstract ? by_name : by_path);
		service_manager_notify(&runtime, "READY=1");
		assert_int_equal(recv(fd, got, sizeof(got), 0), 7);
		assert_memory_equal(got, "READY=1", 7);
		assert_int_equal(recv(fd, got, sizeof(got), 0), -1);
	}
	runtime.environ = TEST_ENV("NOTIFY_SOCKET=relative");
	service_manager_notify(&runtime, "READY=1");
	runtime.environ = TEST_ENV("A=b");
	service_manager_notify(&runtime, "READY=1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_numbers_or_paths),
		cmocka_unit_test(a_path_has_room_for_its_suffix),
		cmocka_unit_test(a_unix_socket_is_for_everybody),
		cmocka_unit_test(a_socket_that_is_left_over_is_replaced),
		cmocka_unit_test(what_is_in_use_stays),
		cmocka_unit_test(only_ones_own_socket_is_removed),
		cmocka_unit_test(all_addresses_are_opened_or_none),
		cmocka_unit_test(tcp_is_opened_and_known),
		cmocka_unit_test(peers_are_counted_by_who_they_are),
		cmocka_unit_test(sockets_are_taken_from_the_service_manager),
		cmocka_unit_test(only_what_is_for_this_process_is_taken),
		cmocka_unit_test(the_service_manager_gets_one_datagram),
	};
	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
