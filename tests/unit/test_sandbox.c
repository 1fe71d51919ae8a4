/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/sandbox.h"

#include "base/state_file.h"
#include "base/xalloc.h"
#include "../lib/remove_tree.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOCK_MS 5000

/* What the attempts use; made before the sandbox. */
static struct {
	char root[64];
	int dir;	  /* root, with the folders in/a, in/b and out, and the file out/file */
	pid_t test;	  /* our own process, which is outside */
	int port;	  /* somebody listens there on loopback */
	int free_port;	  /* nobody does */
	int tcp, pair[2]; /* sockets */
	int terminal;
	struct sockaddr_un abstract; /* a datagram socket of ours */
	socklen_t abstract_len;
} place;

/* ---- attempts: 0, or the error number ---- */

static int result(long rc)
{
	return rc < 0 ? errno : 0;
}

static int make_file(const char *name, int flags)
{
	AUTO_FD int fd = openat(place.dir, name, O_RDWR | O_CLOEXEC | flags, S_IRUSR | S_IWUSR);
	return result(fd);
}

static int write_inside(void)
{
	return make_file("in/a/new", O_CREAT);
}

static int temporary_file(void)
{
	return make_file("in/a", O_TMPFILE);
}

/* As the queue does: from one folder to another. */
static int move_inside(void)
{
	int rc = make_file("in/a/moved", O_CREAT);
	return rc ? rc : result(renameat(place.dir, "in/a/moved", place.dir, "in/b/moved"));
}

static int remove_inside(void)
{
	int rc = make_file("in/a/removed", O_CREAT);
	return rc ? rc : result(unlinkat(place.dir, "in/a/removed", 0));
}

static int lock_inside(void)
{
	AUTO_FREE char *folder = xasprintf("%s/in/a", place.root);
	AUTO_FD int fd = state_file_lock(folder, "lock", &clock_system, deadline_in(&clock_system, LOCK_MS), NULL);
	return result(fd);
}

static int write_outside(void)
{
	return make_file("out/new", O_CREAT);
}

static int change_outside(void)
{
	AUTO_FD int fd = openat(place.dir, "out/file", O_WRONLY | O_TRUNC | O_CLOEXEC);
	return result(fd);
}

static int remove_outside(void)
{
	return result(unlinkat(place.dir, "out/file", 0));
}

static int link_outside(void)
{
	return result(symlinkat("x", place.dir, "out/link"));
}

static int read_outside(void)
{
	AUTO_FD int fd = openat(place.dir, "out/file", O_RDONLY | O_CLOEXEC);
	return result(fd);
}

static int run_program(void)
{
	(void)execl("/bin/true", "true", (char *)NULL);
	return errno;
}

static int end_of(pid_t pid)
{
	int status;
	if (pid == 0)
		_exit(0);
	if (pid < 0)
		return errno;
	return waitpid(pid, &status, 0) == pid && status == 0 ? 0 : ECHILD;
}

static int start_process(void)
{
	return end_of(fork());
}

/* The C library tries clone3 first. */
static int spawn_program(void)
{
	char *const argv[] = {(char[]){"true"}, NULL};
	pid_t pid;
	int rc = posix_spawn(&pid, "/bin/true", NULL, NULL, argv, NULL);
	return rc ? rc : end_of(pid);
}

static int make_socket(void)
{
	AUTO_FD int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return result(fd);
}

static struct sockaddr_in loopback(int port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int connect_tcp(void)
{
	struct sockaddr_in to = loopback(place.port);
	return result(connect(place.tcp, (struct sockaddr *)&to, sizeof(to)));
}

static int bind_to(int port)
{
	struct sockaddr_in own = loopback(port);
	return result(bind(place.tcp, (struct sockaddr *)&own, sizeof(own)));
}

static int bind_tcp(void)
{
	return bind_to(place.free_port);
}

static int bind_any(void)
{
	return bind_to(0);
}

static int send_abstract(void)
{
	AUTO_FD int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return fd < 0 ? errno : result(sendto(fd, "x", 1, 0, (struct sockaddr *)&place.abstract, place.abstract_len));
}

static int be_traced(void)
{
	return result(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int open_memory(void)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/mem", (int)place.test);
	AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	return result(fd);
}

static int read_memory(void)
{
	char got[sizeof(place.root)];
	struct iovec here = {got, sizeof(got)}, there = {place.root, sizeof(place.root)};
	return result(process_vm_readv(place.test, &here, 1, &there, 1, 0));
}

static int signal_outside(void)
{
	return result(kill(place.test, 0));
}

static int signal_itself(void)
{
	return result(kill(getpid(), 0));
}

static int new_namespace(void)
{
	return result(unshare(CLONE_NEWUSER));
}

/* As fork() does it, with one flag more. */
static int clone_namespace(void)
{
	return end_of((pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL));
}

static int type_into_terminal(void)
{
	return result(ioctl(place.terminal, TIOCSTI, "x"));
}

static int ask_terminal(void)
{
	struct winsize size;
	return result(ioctl(place.terminal, TIOCGWINSZ, &size));
}

static int make_ring(void)
{
	struct io_uring_params params = {.flags = 0};
	AUTO_FD int fd = (int)syscall(SYS_io_uring_setup, 1, &params);
	return result(fd);
}

static int handle_faults(void)
{
	AUTO_FD int fd = (int)syscall(SYS_userfaultfd, UFFD_USER_MODE_ONLY | O_CLOEXEC);
	return result(fd);
}

static int leave_sandbox(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0) < 0 ? errno : 0;
}

static int talk_to_peer(void)
{
	struct pollfd fd = {.fd = place.pair[1], .events = POLLIN};
	char got;
	if (send(place.pair[0], "x", 1, MSG_NOSIGNAL) != 1 || poll(&fd, 1, -1) != 1)
		return errno;
	return result(recv(place.pair[1], &got, 1, 0));
}

/* More than the C library has at hand. */
static int use_memory(void)
{
	char *room = xmalloc(4u << 20);
	memset(room, 1, 4u << 20);
	free(room);
	return 0;
}

#if defined __x86_64__ && !defined HAVE_SANITIZERS
/* getpid() by the numbers of the i386. */
static int call_as_i386(void)
{
	long rc = 20;
	__asm__ volatile("int $0x80" : "+a"(rc) : : "memory", "r8", "r9", "r10", "r11");
	return rc < 0 ? (int)-rc : 0;
}
#endif

/* ---- the table ---- */

/* Beside a number: denied by this version of Landlock, and later ones. */
enum { OPEN = 0, SECCOMP = -1 };

static const struct attempt {
	const char *name;
	int (*try)(void);
	int by[SANDBOX_CLOSED + 1]; /* who denies it on each level */
} attempts[] = {
	{"write to a file inside", write_inside, {OPEN, OPEN, OPEN}},
	{"lock a file inside", lock_inside, {OPEN, OPEN, OPEN}},
	{"remove a file inside", remove_inside, {OPEN, OPEN, OPEN}},
	{"make a temporary file inside", temporary_file, {OPEN, OPEN, OPEN}},
	{"move a file from folder to folder inside", move_inside, {OPEN, OPEN, SECCOMP}},
	{"make a file outside", write_outside, {OPEN, 2, 1}},
	{"truncate a file outside", change_outside, {OPEN, 2, 1}},
	{"make a link outside", link_outside, {OPEN, 2, SECCOMP}},
	{"read a file outside", read_outside, {OPEN, OPEN, 1}},
	{"remove a file outside", remove_outside, {OPEN, 2, 1}},
	{"become another program", run_program, {OPEN, OPEN, SECCOMP}},
	{"start a process", start_process, {OPEN, OPEN, SECCOMP}},
	{"start a program", spawn_program, {OPEN, OPEN, SECCOMP}},
	{"make a socket", make_socket, {OPEN, OPEN, SECCOMP}},
	{"connect to a TCP port", connect_tcp, {OPEN, OPEN, SECCOMP}},
	{"listen at a TCP port", bind_tcp, {4, 4, SECCOMP}},
	{"connect from an address", bind_any, {OPEN, OPEN, SECCOMP}},
	{"send to an abstract socket", send_abstract, {OPEN, OPEN, SECCOMP}},
	{"be traced", be_traced, {SECCOMP, SECCOMP, SECCOMP}},
	{"open the memory of a process outside", open_memory, {4, 2, 1}},
	{"read the memory of a process outside", read_memory, {SECCOMP, SECCOMP, SECCOMP}},
	{"send a signal to a process outside", signal_outside, {OPEN, 6, SECCOMP}},
	{"send a signal to itself", signal_itself, {OPEN, OPEN, SECCOMP}},
	{"make a namespace", new_namespace, {OPEN, SECCOMP, SECCOMP}},
	{"start a process in a namespace", clone_namespace, {OPEN, SECCOMP, SECCOMP}},
	{"type into the terminal", type_into_terminal, {SECCOMP, SECCOMP, SECCOMP}},
	{"ask the terminal for its size", ask_terminal, {OPEN, OPEN, SECCOMP}},
	{"make an io_uring", make_ring, {SECCOMP, SECCOMP, SECCOMP}},
	{"handle page faults", handle_faults, {SECCOMP, SECCOMP, SECCOMP}},
	{"talk to a peer", talk_to_peer, {OPEN, OPEN, OPEN}},
	{"use memory", use_memory, {OPEN, OPEN, OPEN}},
#if defined __x86_64__ && !defined HAVE_SANITIZERS
	{"call as another architecture does", call_as_i386, {OPEN, SECCOMP, SECCOMP}},
#endif
};

/* ---- place ---- */

static int listen_somewhere(int *port)
{
	struct sockaddr_in own = loopback(0);
	socklen_t len = sizeof(own);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_return_code(bind(fd, (struct sockaddr *)&own, sizeof(own)), errno);
	assert_return_code(listen(fd, SOMAXCONN), errno);
	assert_return_code(getsockname(fd, (struct sockaddr *)&own, &len), errno);
	*port = ntohs(own.sin_port);
	return fd;
}

static int abstract_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un own = {.sun_family = AF_UNIX};
	/* without a name: the kernel gives it an abstract one */
	assert_return_code(bind(fd, (struct sockaddr *)&own, sizeof(own.sun_family)), errno);
	place.abstract_len = sizeof(place.abstract);
	assert_return_code(getsockname(fd, (struct sockaddr *)&place.abstract, &place.abstract_len), errno);
	return fd;
}

static int setup(void **state)
{
	static const char *const folders[] = {"in", "in/a", "in/b", "out"};
	(void)state;
	place.test = getpid();
	(void)snprintf(place.root, sizeof(place.root), "/tmp/posthaste-test-XXXXXX");
	if (!mkdtemp(place.root))
		return -1;
	place.dir = open(place.root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		assert_return_code(mkdirat(place.dir, folders[i], S_IRWXU), errno);
	(void)listen_somewhere(&place.port);
	(void)abstract_socket();
	(void)close(listen_somewhere(&place.free_port));
	assert_return_code(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, place.pair), errno);
	int main_side;
	assert_return_code(openpty(&main_side, &place.terminal, NULL, NULL, NULL), errno);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	(void)remove_tree(place.root);
	return 0;
}

/* ---- tests ---- */

/* What the attempt gives in a process of its own; level -1: without a sandbox. */
static int outcome(const struct attempt *a, int level)
{
	int status;
	assert_int_equal(make_file("out/file", O_CREAT), 0);
	(void)unlinkat(place.dir, "out/new", 0);
	(void)unlinkat(place.dir, "out/link", 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct sandbox s = {.level = (enum sandbox_level)level, .writable = STRVEC_INIT};
		place.tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		strvec_pushf(&s.writable, "%s/in", place.root);
		strvec_push(&s.writable, "/nowhere");
		if (level >= 0)
			(void)sandbox_system.enter(&s);
		strvec_release(&s.writable);
		_exit(a->try());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void check_level(enum sandbox_level level)
{
	struct sandbox_support has = sandbox_system.support();
	for (size_t i = 0; i < ARRAY_SIZE(attempts); i++) {
		const struct attempt *a = &attempts[i];
		int by = a->by[level], before = outcome(a, -1);
		bool denied = by == SECCOMP ? has.seccomp : by > 0 && has.landlock >= by;
		if (before != 0) {
			print_message("# skip: cannot %s on this machine at all: %s\n", a->name, strerror(before));
			continue;
		}
		if (by != OPEN && !denied)
			print_message("# skip: this kernel cannot keep a process from this: %s\n", a->name);
		int after = outcome(a, (int)level);
		if (denied ? after <= 0 : after != 0)
			fail_msg("level %d: %s: %s", (int)level, a->name, after ? strerror(after) : "was possible");
	}
}

static void commands(void **state)
{
	(void)state;
	check_level(SANDBOX_COMMANDS);
}

static void service(void **state)
{
	(void)state;
	check_level(SANDBOX_SERVICE);
}

#ifndef HAVE_SANITIZERS /* their own system calls are not among the few that are left; the program has no sandbox then \
			 */
static void closed(void **state)
{
	(void)state;
	check_level(SANDBOX_CLOSED);
}
#endif

/* What is reported is what the kernel says, and cannot be undone. */
static void entered_for_good(void **state)
{
	static const struct attempt undo = {"undo", leave_sandbox, {0}};
	struct sandbox_support has = sandbox_system.support();
	int status;
	(void)state;
#ifndef HAVE_SYS_PRCTL_H
	print_message("# skipped: this build gives up no rights\n");
	skip();
#endif
	pid_t pid = fork();
	if (pid == 0) {
		struct sandbox s = {.level = SANDBOX_SERVICE, .writable = STRVEC_INIT};
		struct sandbox_support on = sandbox_system.enter(&s);
		bool ok = on.seccomp == has.seccomp && on.landlock == (has.landlock < 2 ? 0 : has.landlock) &&
			  prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 &&
			  (!on.seccomp || prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2);
		_exit(ok ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_not_equal(outcome(&undo, SANDBOX_SERVICE), 0);
}

static struct sandbox_support fake;

static struct sandbox_support fake_support(void)
{
	return fake;
}

static void described(void **state)
{
	static const struct {
		struct sandbox_support has;
		const char *text;
	} rows[] = {
		{{0, false}, "none"},
		{{0, true}, "seccomp"},
		{{4, false}, "Landlock 4"},
		{{7, true}, "Landlock 7, seccomp"},
	};
	static const struct sandbox_ops ops = {.support = fake_support};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		fake = rows[i].has;
		AUTO_FREE char *text = sandbox_describe(&ops);
		assert_string_equal(text, rows[i].text);
	}
	AUTO_FREE char *none = sandbox_describe(NULL);
	assert_string_equal(none, "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands),	    cmocka_unit_test(service),
#ifndef HAVE_SANITIZERS
		cmocka_unit_test(closed),
#endif
		cmocka_unit_test(entered_for_good), cmocka_unit_test(described),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
