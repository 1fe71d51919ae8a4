/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/proc.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/proc_guard.h"
#include "base/proc_start.h"
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define LOOK_AGAIN_MS 20 /* without process_end_fd(): how often to check whether the child has ended */
#define STOP_LOOK_MS 200 /* how often to check whether the child was stopped, which wakes no poll() */
#define PATIENCE_PERSON_MS (5 * 60 * 1000)
#define PATIENCE_ALONE_MS (60 * 1000)
#define REAP_LIMIT_MS 1000 /* how long to wait for a killed child before leaving it to init */

struct child {
	pid_t pid;
	int in;	     /* our end of its standard input; -1 if there is no more input */
	size_t fed;  /* bytes of the input written so far */
	int out;     /* our end of its standard output; -1 after the end of file */
	size_t read; /* bytes of the output so far */
	int errors;  /* the unnamed file that is its standard error; -1: it shares ours */
	int end_fd;  /* readable once it has ended; -1: this system has none */
	bool ended;  /* it has ended and waits to be reaped */
	int stopped; /* the signal that stopped it, or 0 */
	struct proc_guard guard;
};

/* ---- starting ------------------------------------------------------- */

/* A socket pair instead of a pipe, because a write to it can be made not to raise SIGPIPE. */
static int input_ends(int *ours, int *childs)
{
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return errno;
	*ours = ends[0];
	*childs = ends[1];
	return proc_fd_lift(ours) && proc_fd_lift(childs) ? 0 : errno;
}

static int output_ends(int *ours, int *childs)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return errno;
	*ours = ends[0];
	*childs = ends[1];
	return proc_fd_lift(ours) && proc_fd_lift(childs) && fcntl(*ours, F_SETFL, O_NONBLOCK) == 0 ? 0 : errno;
}

/* A file and no pipe, because a process that the child leaves behind must be able to go on writing. */
static int errors_file(const struct proc_request *req, int *fd)
{
	if (!req->errors || !req->runtime->keeps_helper_errors)
		return 0;
	*fd = fs_memory_file("errors");
	return *fd >= 0 && proc_fd_lift(fd) ? 0 : errno;
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
	if (!rc)
		rc = errors_file(req, &c->errors);
	proc_guard_begin(&c->guard);
	const struct proc_start how = {
		.argv = req->argv,
		.environ = req->runtime->environ,
		.in = req->input_file ? *req->input_file : childs_in,
		.out = childs_out,
		.errors = c->errors,
	};
	rc = rc ? rc : proc_start(&how, &c->pid);
	proc_guard_watch(&c->guard, rc ? -1 : c->pid);
	if (rc) {
		proc_guard_end(&c->guard);
		(void)error_set_errno(err, ERROR_SECRET_UNAVAILABLE, rc, _("cannot start the command %s"),
				      req->argv[0]);
		error_hint(err, _("Check that %s is installed, executable and in PATH."), req->argv[0]);
		return false;
	}
	c->end_fd = process_end_fd(c->pid);
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
	info.si_pid = 0;
	if (!c->ended && waitid(P_PID, (id_t)c->pid, &info, WSTOPPED | WCONTINUED | WNOHANG) == 0 &&
	    info.si_pid == c->pid)
		c->stopped = info.si_code == CLD_STOPPED ? info.si_status : 0;
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
	if (c->errors >= 0)
		(void)close(c->errors);
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

/* Reads everything that is in the pipe now.  False with err set if that exceeds the limit, or is not taken. */
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
		} else if ((size_t)n > req->limit - c->read) {
			ok = error_set(err, ERROR_SECRET_UNAVAILABLE, _("the command %s printed more than %zu bytes"),
				       name_of(req), req->limit);
		} else {
			c->read += (size_t)n;
			if (req->take)
				ok = req->take(req->take_arg, span_make(buf, (size_t)n), err);
			else
				secret_append(got, buf, (size_t)n);
		}
	}
	explicit_bzero(buf, sizeof(buf));
	return ok;
}

static void read_errors(const struct child *c, const struct secret *printed, struct proc_errors *errors)
{
	if (c->errors < 0)
		return;
	strbuf_grow(&errors->text, PROC_ERRORS_MAX + strlen(CLEAN_CUT)); /* growing later would leave a copy */
	ssize_t n = pread(c->errors, errors->text.buf, PROC_ERRORS_MAX, 0);
	strbuf_setlen(&errors->text, n > 0 ? (size_t)n : 0);
	if (n == (ssize_t)PROC_ERRORS_MAX)
		strbuf_adds(&errors->text, CLEAN_CUT);
	secret_copy(&errors->printed, printed);
}

void proc_errors_release(struct proc_errors *errors)
{
	strbuf_wipe(&errors->text);
	secret_release(&errors->printed);
}

/* A stopped child is continued if it can be.  False if it never will be: it wants the terminal, which we do not have.
 */
static bool continue_if_stopped(struct child *c, const struct proc_request *req, struct error *err)
{
	if (!c->stopped)
		return true;
	if (proc_guard_stopped(&c->guard, c->stopped)) {
		c->stopped = 0;
		return true;
	}
	if (c->stopped != SIGTTIN && c->stopped != SIGTTOU)
		return true; /* the process that stopped it may continue it */
	(void)error_set(err, ERROR_SECRET_UNAVAILABLE,
			_("the command %s was stopped because it wants to use the terminal while posthaste runs in the "
			  "background"),
			name_of(req));
	error_hint(err, _("Run posthaste in the foreground, or use a command that needs no terminal."));
	return false;
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
		int look_again = c->end_fd < 0 ? LOOK_AGAIN_MS : STOP_LOOK_MS;
		if (ms < 0 || ms > look_again)
			ms = look_again;
		if (poll(p, ARRAY_SIZE(p), ms) < 0 && errno != EINTR)
			return error_set_errno(err, ERROR_SECRET_UNAVAILABLE, errno,
					       _("cannot wait for the command %s"), name_of(req));
		child_check_end(c); /* check this before reading: if the child has ended, all its output is in the pipe
				       by now */
		if (!child_read(c, req, got, err))
			return false;
		if (c->ended)
			return true;
		if (!continue_if_stopped(c, req, err))
			return false;
		if (req->deadline != DEADLINE_NEVER && clock_monotonic(req->runtime->clock) >= req->deadline) {
			if (c->stopped)
				(void)error_set(
					err, ERROR_SECRET_UNAVAILABLE,
					_("the command %s did not end in time: it was stopped by signal %d (%s)"),
					name_of(req), c->stopped, strsignal(c->stopped));
			else
				(void)error_set(err, ERROR_SECRET_UNAVAILABLE, _("the command %s did not end in time"),
						name_of(req));
			error_hint(err, _("Check whether it is waiting for input."));
			return false;
		}
	}
}

static bool status_check(struct child *c, const struct proc_request *req, int *signalled, struct error *err)
{
	const char *name = name_of(req);
	int status;
	pid_t pid;
	do
		pid = waitpid(c->pid, &status, 0);
	while (pid < 0 && errno == EINTR);
	if (pid < 0)
		return error_set_errno(err, ERROR_SECRET_UNAVAILABLE, errno,
				       _("the exit status of the command %s is unknown"), name);
	*signalled = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	if (*signalled)
		return error_set(err, ERROR_SECRET_UNAVAILABLE, _("the command %s was terminated by signal %d (%s)"),
				 name, WTERMSIG(status), strsignal(WTERMSIG(status)));
	if (req->exit_status)
		*req->exit_status = WEXITSTATUS(status);
	if (WEXITSTATUS(status) == 0)
		return true;
	(void)error_set(err, ERROR_SECRET_UNAVAILABLE, _("the command %s failed with exit status %d"), name,
			WEXITSTATUS(status));
	error_hint(err, _("Run the command yourself to see why."));
	return false;
}

static bool person_can_be_asked(const struct runtime *runtime)
{
	const char *x11 = runtime_env(runtime, "DISPLAY"), *wayland = runtime_env(runtime, "WAYLAND_DISPLAY");
	AUTO_FD int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	return tty >= 0 || (x11 && *x11) || (wayland && *wayland);
}

msec_t proc_patience(const struct runtime *runtime)
{
	return person_can_be_asked(runtime) ? PATIENCE_PERSON_MS : PATIENCE_ALONE_MS;
}

bool proc_capture_secret(const struct proc_request *req, struct secret *out, struct error *err)
{
	struct child c = {.pid = -1, .in = -1, .out = -1, .errors = -1, .end_fd = -1};
	struct sigaction before;
	AUTO(secret) got = SECRET_INIT;
	bool restored = proc_sigchld_restore(&before);
	bool ok = child_start(&c, req, err);
	if (ok) {
		int signalled = 0;
		secret_append(&got, "", 0);
		ok = child_communicate(&c, req, &got, err);
		if (ok)
			ok = status_check(&c, req, &signalled, err);
		else
			child_kill(&c);
		proc_guard_end(&c.guard);
		proc_guard_ended_by(&c.guard, signalled);
		read_errors(&c, &got, req->errors);
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

bool proc_run(const struct proc_request *req, struct error *err)
{
	AUTO(secret) nothing = SECRET_INIT;
	return proc_capture_secret(req, &nothing, err);
}
