/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/proc.h"

#include "base/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define LOOK_AGAIN_MS 20   /* without pidfd_open(2): how often to check whether the child has ended */
#define REAP_LIMIT_MS 1000 /* how long to wait for a killed child before leaving it to init */

struct child {
	pid_t pid;
	int in;	    /* our end of its standard input; -1 if there is no more input */
	size_t fed; /* bytes of the input written so far */
	int out;    /* our end of its standard output; -1 after the end of file */
	int end_fd; /* readable once it has ended; -1 on kernels before Linux 5.3 */
	bool ended; /* it has ended and waits to be reaped */
};

/* ---- starting ------------------------------------------------------- */

/* Sets SIGCHLD to its default action: while it is ignored, the kernel discards exit statuses, which are needed here.
 * The caller of this program may have ignored it, and that is inherited. */
static bool sigchld_restore(struct sigaction *before)
{
	const struct sigaction usual = {.sa_handler = SIG_DFL};
	if (sigaction(SIGCHLD, NULL, before) < 0 ||
	    (before->sa_handler != SIG_IGN && !(before->sa_flags & SA_NOCLDWAIT)))
		return false;
	return sigaction(SIGCHLD, &usual, NULL) == 0;
}

/* Moves *fd above 2, because 0, 1 and 2 are replaced in the child: they may be closed in a process started by a
 * daemon. */
static bool fd_lift(int *fd)
{
	if (*fd > STDERR_FILENO)
		return true;
	int lifted = fcntl(*fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (lifted < 0)
		return false;
	(void)close(*fd); /* the original is no longer needed */
	*fd = lifted;
	return true;
}

/* in is -1 for /dev/null. */
static int spawn(const struct proc_request *req, int in, int out, pid_t *pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t usual, none;
	(void)sigfillset(&usual);
	(void)sigdelset(&usual, SIGKILL);
	(void)sigdelset(&usual, SIGSTOP);
	(void)sigemptyset(&none);
	if (posix_spawn_file_actions_init(&files))
		return ENOMEM;
	if (posix_spawnattr_init(&attr)) {
		(void)posix_spawn_file_actions_destroy(&files);
		return ENOMEM;
	}
	int rc =
		posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	rc = rc ? rc : posix_spawnattr_setpgroup(&attr, 0);
	rc = rc ? rc : posix_spawnattr_setsigdefault(&attr, &usual);
	rc = rc ? rc : posix_spawnattr_setsigmask(&attr, &none);
	if (!rc)
		rc = in < 0 ? posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
			    : posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	rc = rc ? rc : posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	rc = rc ? rc : posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
	/* argv is not written to; the prototype is older than const */
	rc = rc ? rc
		: posix_spawnp(pid, req->argv[0], &files, &attr, (char *const *)(const void *)req->argv,
			       req->runtime->environ);
	(void)posix_spawnattr_destroy(&attr);
	(void)posix_spawn_file_actions_destroy(&files);
	return rc;
}

/* A socket pair instead of a pipe, because a write to it can be made not to raise SIGPIPE. */
static int input_ends(int *ours, int *childs)
{
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return errno;
	*ours = ends[0];
	*childs = ends[1];
	return fd_lift(ours) && fd_lift(childs) ? 0 : errno;
}

static int output_ends(int *ours, int *childs)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return errno;
	*ours = ends[0];
	*childs = ends[1];
	return fd_lift(ours) && fd_lift(childs) && fcntl(*ours, F_SETFL, O_NONBLOCK) == 0 ? 0 : errno;
}

static bool child_start(struct child *c, const struct proc_request *req, struct error *err)
{
	AUTO_FD int in = -1;
	AUTO_FD int childs_in = -1;
	AUTO_FD int out = -1;
	AUTO_FD int childs_out = -1;
	int rc = output_ends(&out, &childs_out);
	if (!rc && req->input)
		rc = input_ends(&in, &childs_in);
	rc = rc ? rc : spawn(req, childs_in, childs_out, &c->pid);
	if (rc) {
		(void)error_set_errno(err, ERROR_SECRET_UNAVAILABLE, rc, _("cannot start the command %s"),
				      req->argv[0]);
		error_hint(err, _("Check that %s is installed, executable and in PATH."), req->argv[0]);
		return false;
	}
	c->end_fd = pidfd_open(c->pid, 0);
	c->in = steal_fd(&in);
	c->out = steal_fd(&out);
	return true;
}

/* ---- ending --------------------------------------------------------- */

/* Checks without reaping, so that the process group's ID cannot be reused. */
static void child_check_end(struct child *c)
{
	siginfo_t info = {.si_pid = 0};
	if (waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
		c->ended = errno == ECHILD; /* a signal handler has reaped it already */
	else
		c->ended = info.si_pid == c->pid;
}

/* Kills the process group.  A child that we may not kill (set-user-ID), or that hangs in the kernel, must not block
 * this program: it is left to init. */
static void child_kill(struct child *c)
{
	(void)kill(-c->pid, SIGKILL); /* fails only if the group is empty or contains no process of ours */
	for (int waited = 0; waited < REAP_LIMIT_MS && waitpid(c->pid, NULL, WNOHANG) == 0; waited += LOOK_AGAIN_MS) {
		struct pollfd p = {.fd = c->end_fd, .events = POLLIN};
		(void)poll(&p, 1, LOOK_AGAIN_MS);
	}
}

static const char *name_of(const struct proc_request *req)
{
	return req->name ? req->name : req->argv[0];
}

static void child_close(struct child *c)
{
	if (c->in >= 0)
		(void)close(c->in);
	if (c->out >= 0)
		(void)close(c->out);
	if (c->end_fd >= 0)
		(void)close(c->end_fd);
}

/* ---- writing --------------------------------------------------------- */

/* Writes as much input as the child accepts now.  It is not an error if the child does not read it all: its exit
 * status decides. */
static void child_write(struct child *c, const struct proc_request *req)
{
	while (c->in >= 0) {
		struct span left = secret_reveal(req->input);
		left = span_sub(left, c->fed, left.len);
		ssize_t n = left.len ? send(c->in, left.ptr, left.len, MSG_NOSIGNAL | MSG_DONTWAIT) : 0;
		if (n > 0) {
			c->fed += (size_t)n;
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		(void)close(c->in); /* end of input */
		c->in = -1;
	}
}

/* ---- reading --------------------------------------------------------- */

/* Reads everything that is in the pipe now.  False with err set if that exceeds the limit. */
static bool child_read(struct child *c, const struct proc_request *req, struct secret *got, struct error *err)
{
	char buf[4096];
	bool ok = true;
	while (c->out >= 0 && ok) {
		ssize_t n = read(c->out, buf, sizeof(buf));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n <= 0) { /* end of file; a pipe has no other errors */
			(void)close(c->out);
			c->out = -1;
		} else if ((size_t)n > req->limit - got->len) {
			ok = error_set(err, ERROR_SECRET_UNAVAILABLE, _("the command %s printed more than %zu bytes"),
				       name_of(req), req->limit);
		} else {
			secret_append(got, buf, (size_t)n);
		}
	}
	explicit_bzero(buf, sizeof(buf));
	return ok;
}

/* Communicates until the child has ended and its pipe is empty; does not wait for a grandchild that keeps the pipe
 * open. */
static bool child_communicate(struct child *c, const struct proc_request *req, struct secret *got, struct error *err)
{
	for (;;) {
		child_write(c, req);
		struct pollfd p[3] = {{.fd = c->out, .events = POLLIN},
				      {.fd = c->end_fd, .events = POLLIN},
				      {.fd = c->in, .events = POLLOUT}};
		int ms = deadline_poll_ms(req->runtime->clock, req->deadline);
		if (c->end_fd < 0 && (ms < 0 || ms > LOOK_AGAIN_MS))
			ms = LOOK_AGAIN_MS;
		if (poll(p, ARRAY_SIZE(p), ms) < 0 && errno != EINTR)
			return error_set_errno(err, ERROR_SECRET_UNAVAILABLE, errno,
					       _("cannot wait for the command %s"), name_of(req));
		child_check_end(c); /* check this before reading: if the child has ended, all its output is in the pipe
				       by now */
		if (!child_read(c, req, got, err))
			return false;
		if (c->ended)
			return true;
		if (req->deadline != DEADLINE_NEVER && clock_monotonic(req->runtime->clock) >= req->deadline) {
			(void)error_set(err, ERROR_SECRET_UNAVAILABLE, _("the command %s did not end in time"),
					name_of(req));
			error_hint(err, _("Check whether it is waiting for input."));
			return false;
		}
	}
}

static bool status_check(struct child *c, const char *name, struct error *err)
{
	int status;
	pid_t pid;
	do
		pid = waitpid(c->pid, &status, 0);
	while (pid < 0 && errno == EINTR);
	if (pid < 0)
		return error_set_errno(err, ERROR_SECRET_UNAVAILABLE, errno,
				       _("the exit status of the command %s is unknown"), name);
	if (WIFSIGNALED(status))
		return error_set(err, ERROR_SECRET_UNAVAILABLE, _("the command %s was terminated by signal %d (%s)"),
				 name, WTERMSIG(status), strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status) == 0)
		return true;
	(void)error_set(err, ERROR_SECRET_UNAVAILABLE, _("the command %s failed with exit status %d"), name,
			WEXITSTATUS(status));
	error_hint(err, _("Run the command yourself to see why."));
	return false;
}

bool proc_capture_secret(const struct proc_request *req, struct secret *out, struct error *err)
{
	struct child c = {.pid = -1, .in = -1, .out = -1, .end_fd = -1};
	struct sigaction before;
	AUTO(secret) got = SECRET_INIT;
	bool restored = sigchld_restore(&before);
	bool ok = child_start(&c, req, err);
	if (ok) {
		secret_append(&got, "", 0);
		ok = child_communicate(&c, req, &got, err);
		if (ok)
			ok = status_check(&c, name_of(req), err);
		else
			child_kill(&c);
	}
	child_close(&c);
	if (restored)
		(void)sigaction(SIGCHLD, &before, NULL); /* cannot fail: the action was valid before */
	if (!ok)
		return false;
	secret_release(out);
	*out = got;
	got = SECRET_INIT;
	return true;
}
