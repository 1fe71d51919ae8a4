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

#define LOOK_AGAIN_MS 20   /* without pidfd_open(2): how often we look for the child's end */
#define REAP_LIMIT_MS 1000 /* a killed child that is still there by then is left behind */

struct child {
	pid_t pid;
	int in;	    /* our end of its standard input; -1 when all was said, or nothing is to be */
	size_t fed; /* octets of the input that went there */
	int out;    /* our end of its standard output; -1 behind the end of file */
	int end_fd; /* readable once it has ended; -1 on kernels without (before Linux 5.3) */
	bool ended; /* it waits to be reaped */
};

/* ---- starting ------------------------------------------------------- */

/* While SIGCHLD is ignored the kernel throws exit statuses away, and ours
 * counts.  An ignored signal is inherited, so this is not ours to prevent. */
static bool sigchld_restore(struct sigaction *before)
{
	const struct sigaction usual = {.sa_handler = SIG_DFL};
	if (sigaction(SIGCHLD, NULL, before) < 0 ||
	    (before->sa_handler != SIG_IGN && !(before->sa_flags & SA_NOCLDWAIT)))
		return false;
	return sigaction(SIGCHLD, &usual, NULL) == 0;
}

/* Away from 0, 1 and 2, which the child gets anew: they may be closed in a
 * parent that daemons start. */
static bool fd_lift(int *fd)
{
	if (*fd > STDERR_FILENO)
		return true;
	int lifted = fcntl(*fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (lifted < 0)
		return false;
	(void)close(*fd); /* a pipe's spare end */
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

/* A socket pair, not a pipe: a write to it can be told to raise no SIGPIPE. */
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

/* Looks without reaping: until then the process group is nobody else's. */
static void child_look(struct child *c)
{
	siginfo_t info = {.si_pid = 0};
	if (waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
		c->ended = errno == ECHILD; /* a handler of our program was faster */
	else
		c->ended = info.si_pid == c->pid;
}

/* Kills the group.  A child we may not kill (set-user-id), or one stuck in the
 * kernel, must not hold us: it is left to init. */
static void child_kill(struct child *c)
{
	(void)kill(-c->pid, SIGKILL); /* fails only if nobody is left, or nobody is ours */
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

/* ---- talking -------------------------------------------------------- */

/* Says what it will take now.  A child that does not want to hear it is no fault: its status counts. */
static void child_feed(struct child *c, const struct proc_request *req)
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
		(void)close(c->in); /* the end of its input */
		c->in = -1;
	}
}

/* ---- listening ------------------------------------------------------ */

/* Takes what the pipe holds now.  False with err above the limit. */
static bool child_drain(struct child *c, const struct proc_request *req, struct secret *got, struct error *err)
{
	char buf[4096];
	bool ok = true;
	while (c->out >= 0 && ok) {
		ssize_t n = read(c->out, buf, sizeof(buf));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n <= 0) { /* a pipe has no other errors */
			(void)close(c->out);
			c->out = -1;
		} else if ((size_t)n > req->limit - got->len) {
			ok = error_set(err, ERROR_SECRET_UNAVAILABLE, _("the command %s printed more than %zu octets"),
				       name_of(req), req->limit);
		} else {
			secret_append(got, buf, (size_t)n);
		}
	}
	explicit_bzero(buf, sizeof(buf));
	return ok;
}

/* Until the child has ended and its pipe is empty; a pipe that a grandchild
 * keeps open is not waited for. */
static bool child_listen(struct child *c, const struct proc_request *req, struct secret *got, struct error *err)
{
	for (;;) {
		child_feed(c, req);
		struct pollfd p[3] = {{.fd = c->out, .events = POLLIN},
				      {.fd = c->end_fd, .events = POLLIN},
				      {.fd = c->in, .events = POLLOUT}};
		int ms = deadline_poll_ms(req->runtime->clock, req->deadline);
		if (c->end_fd < 0 && (ms < 0 || ms > LOOK_AGAIN_MS))
			ms = LOOK_AGAIN_MS;
		if (poll(p, ARRAY_SIZE(p), ms) < 0 && errno != EINTR)
			return error_set_errno(err, ERROR_SECRET_UNAVAILABLE, errno,
					       _("cannot wait for the command %s"), name_of(req));
		child_look(c); /* first: what it wrote before its end is in the pipe by now */
		if (!child_drain(c, req, got, err))
			return false;
		if (c->ended)
			return true;
		if (req->deadline != DEADLINE_NEVER && clock_monotonic(req->runtime->clock) >= req->deadline) {
			(void)error_set(err, ERROR_SECRET_UNAVAILABLE, _("the command %s did not end in time"),
					name_of(req));
			error_hint(err, _("Check whether it waits for an answer nobody can give it."));
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
		return error_set(err, ERROR_SECRET_UNAVAILABLE, _("the command %s was ended by signal %d (%s)"), name,
				 WTERMSIG(status), strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status) == 0)
		return true;
	(void)error_set(err, ERROR_SECRET_UNAVAILABLE, _("the command %s failed with exit status %d"), name,
			WEXITSTATUS(status));
	error_hint(err, _("Run the command by hand to see why."));
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
		ok = child_listen(&c, req, &got, err);
		if (ok)
			ok = status_check(&c, name_of(req), err);
		else
			child_kill(&c);
	}
	child_close(&c);
	if (restored)
		(void)sigaction(SIGCHLD, &before, NULL); /* it was valid when we got it */
	if (!ok)
		return false;
	secret_release(out);
	*out = got;
	got = SECRET_INIT;
	return true;
}
