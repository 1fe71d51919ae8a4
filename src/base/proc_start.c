/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/proc_start.h"

#include "base/cleanup.h"
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

bool proc_sigchld_restore(struct sigaction *before)
{
	const struct sigaction usual = {.sa_handler = SIG_DFL};
	if (sigaction(SIGCHLD, NULL, before) < 0 ||
	    (before->sa_handler != SIG_IGN && !(before->sa_flags & SA_NOCLDWAIT)))
		return false;
	return sigaction(SIGCHLD, &usual, NULL) == 0;
}

bool proc_fd_lift(int *fd)
{
	if (*fd > STDERR_FILENO)
		return true;
	int lifted = fcntl(*fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (lifted < 0)
		return false;
	(void)close(*fd);
	*fd = lifted;
	return true;
}

/* In the child, up to exec: only functions that are safe after fork() in a process with threads.  Returns errno. */
static int become(const struct proc_start *how, pid_t parent)
{
	const struct sigaction usual = {.sa_handler = SIG_DFL};
	sigset_t none;
	/* posix_spawn() has no way to say this.  SIGKILL to us leaves no helper behind. */
	process_ends_with_parent(SIGKILL);
	if (getppid() != parent)
		return ECHILD;
	if (!how->joins && setpgid(0, 0) < 0)
		return errno;
	for (int number = 1; number < NSIG; number++)
		(void)sigaction(number, &usual, NULL); /* fails for those that cannot be changed */
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	int in = how->in < 0 ? open("/dev/null", O_RDONLY | O_CLOEXEC) : how->in;
	if (in < 0 || dup2(in, STDIN_FILENO) < 0 || dup2(how->out, STDOUT_FILENO) < 0)
		return errno;
	if (how->errors >= 0 && dup2(how->errors, STDERR_FILENO) < 0)
		return errno;
	/* a descriptor that was number 0 already keeps its close-on-exec */
	if (fcntl(STDIN_FILENO, F_SETFD, 0) < 0)
		return errno;
	process_close_from_on_exec(STDERR_FILENO + 1);
	/* argv is not written to; the prototype is older than const */
	(void)execvpe(how->argv[0], (char *const *)(const void *)how->argv, how->environ);
	return errno;
}

int proc_start(const struct proc_start *how, pid_t *pid)
{
	AUTO_FD int report = -1;
	AUTO_FD int childs = -1;
	int ends[2], why = 0;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return errno;
	report = ends[0];
	childs = ends[1];
	if (!proc_fd_lift(&report) || !proc_fd_lift(&childs))
		return errno;
	pid_t parent = getpid(), started = fork();
	if (started < 0)
		return errno;
	if (started == 0) {
		why = become(how, parent);
		ssize_t ignored = write(childs, &why, sizeof(why));
		(void)ignored; /* this cannot be reported anywhere else */
		_exit(127);
	}
	(void)close(steal_fd(&childs));
	ssize_t n;
	do
		n = read(report, &why, sizeof(why));
	while (n < 0 && errno == EINTR);
	if (n <= 0) {
		*pid = started;
		return 0;
	}
	while (waitpid(started, NULL, 0) < 0 && errno == EINTR)
		;
	return why;
}
