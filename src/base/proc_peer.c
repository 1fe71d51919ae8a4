/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/proc_peer.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/proc_start.h"
#include "base/process.h"
#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define LOOK_AGAIN_MS 20 /* without process_end_fd(): how often to check whether it has ended */
#define WORDS_MAX 300
#define ERRORS_TAIL 4096 /* of what it wrote, where the last line is looked for */

struct proc_peer {
	char *name; /* argv[0] */
	pid_t pid;
	int end_fd; /* readable once it has ended; -1: this system has none */
	int errors; /* the unnamed file that is its standard error; -1: it shares ours */
	bool joins; /* it is in our process group */
	bool ended;
	siginfo_t end; /* how; its si_pid is 0 if somebody else has reaped it */
	bool restored;
	struct sigaction sigchld; /* with restored: to be set again */
};

static bool has_terminal(void)
{
	AUTO_FD int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	return tty >= 0 && tcgetpgrp(tty) == getpgrp();
}

/* A file and no pipe, which could become full. */
static bool make_errors(struct proc_peer *peer, const struct runtime *runtime)
{
	if (!runtime->keeps_helper_errors)
		return true;
	peer->errors = fs_memory_file("errors");
	return peer->errors >= 0 && proc_fd_lift(&peer->errors);
}

static int start(struct proc_peer *peer, const char *const *argv, const struct runtime *runtime, int *fd)
{
	int ends[2];
	if (!make_errors(peer, runtime) || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return errno;
	AUTO_FD int ours = ends[0];
	AUTO_FD int childs = ends[1];
	if (!proc_fd_lift(&ours) || !proc_fd_lift(&childs) || fcntl(ours, F_SETFL, O_NONBLOCK) < 0)
		return errno;
	peer->joins = has_terminal();
	const struct proc_start how = {
		.argv = argv,
		.environ = runtime->environ,
		.in = childs,
		.out = childs,
		.errors = peer->errors,
		.joins = peer->joins,
	};
	int rc = proc_start(&how, &peer->pid);
	if (!rc)
		*fd = steal_fd(&ours);
	return rc;
}

static void proc_peer_free(struct proc_peer *peer)
{
	if (peer->end_fd >= 0)
		(void)close(peer->end_fd);
	if (peer->errors >= 0)
		(void)close(peer->errors);
	if (peer->restored)
		(void)sigaction(SIGCHLD, &peer->sigchld, NULL); /* cannot fail: it was valid before */
	free(peer->name);
	free(peer);
}

struct proc_peer *proc_peer_start(const char *const *argv, const struct runtime *runtime, int *fd, struct error *err)
{
	struct proc_peer *peer = xmalloc(sizeof(*peer));
	*peer = (struct proc_peer){.name = xstrdup(argv[0]), .end_fd = -1, .errors = -1};
	peer->restored = proc_sigchld_restore(&peer->sigchld);
	int rc = start(peer, argv, runtime, fd);
	if (!rc) {
		peer->end_fd = process_end_fd(peer->pid);
		return peer;
	}
	(void)error_set_errno(err, ERROR_CONNECT, rc, _("cannot start the command %s"), argv[0]);
	error_hint(err, _("Check that %s is installed, executable and in PATH."), argv[0]);
	proc_peer_free(peer);
	return NULL;
}

/* True once it has ended; waits for that, so long at most.  It is not reaped, so that the number of its group cannot be
 * used again. */
static bool wait_for_end(struct proc_peer *peer, int limit_ms)
{
	for (int waited = 0; !peer->ended; waited += LOOK_AGAIN_MS) {
		struct pollfd p = {.fd = peer->end_fd, .events = POLLIN};
		int rc = waitid(P_PID, (id_t)peer->pid, &peer->end, WEXITED | WNOHANG | WNOWAIT);
		peer->ended = rc < 0 ? errno == ECHILD : peer->end.si_pid == peer->pid;
		if (peer->ended || waited >= limit_ms)
			break;
		(void)poll(&p, 1, LOOK_AGAIN_MS);
	}
	return peer->ended;
}

/* The last line of its standard error that is not empty, which usually is the reason; malloc'ed. */
static char *last_words(const struct proc_peer *peer)
{
	char buf[ERRORS_TAIL];
	off_t size = peer->errors < 0 ? 0 : lseek(peer->errors, 0, SEEK_END);
	off_t from = size > ERRORS_TAIL ? size - ERRORS_TAIL : 0;
	ssize_t n = size > 0 ? pread(peer->errors, buf, sizeof(buf), from) : 0;
	struct span text = span_trim(span_make(buf, n > 0 ? (size_t)n : 0));
	const char *lf = text.len ? memrchr(text.ptr, '\n', text.len) : NULL;
	if (lf)
		text = span_sub(text, (size_t)(lf - text.ptr) + 1, text.len);
	return clean_text(text, WORDS_MAX);
}

bool proc_peer_explain(struct proc_peer *peer, enum error_kind kind, struct error *err)
{
	if (!wait_for_end(peer, PROC_PEER_GRACE_MS) || peer->end.si_pid != peer->pid || peer->end.si_status == 0)
		return false;
	int status = peer->end.si_status;
	AUTO_FREE char *words = last_words(peer);
	const char *colon = *words ? ": " : "";
	if (peer->end.si_code == CLD_EXITED)
		(void)error_set(err, kind, _("the command %s failed with exit status %d%s%s"), peer->name, status,
				colon, words);
	else
		(void)error_set(err, kind, _("the command %s was terminated by signal %d (%s)%s%s"), peer->name, status,
				strsignal(status), colon, words);
	error_hint(err, _("Run the command yourself to see why."));
	return true;
}

/* What cannot be killed is left to init. */
void proc_peer_end(struct proc_peer *peer)
{
	bool ended = wait_for_end(peer, PROC_PEER_GRACE_MS);
	if (!peer->joins)
		(void)kill(-peer->pid, SIGKILL); /* it may have started others */
	else if (!ended)
		(void)kill(peer->pid, SIGKILL);
	if (wait_for_end(peer, PROC_PEER_GRACE_MS))
		(void)waitpid(peer->pid, NULL, WNOHANG);
	proc_peer_free(peer);
}
