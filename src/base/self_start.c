/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/self_start.h"

#include "base/cleanup.h"
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The descriptor on which the new process reports why the program could not be started; exec closes it. */
#define REPORT_FD 3

static _Noreturn void report_and_exit(int report)
{
	int errnum = errno;
	(void)!write(report, &errnum, sizeof(errnum));
	_exit(1);
}

/* Does only what is allowed between fork and exec. */
static _Noreturn void become(const struct self_start *how, int report)
{
	sigset_t blocked;
	report = fcntl(report, F_DUPFD_CLOEXEC, REPORT_FD);
	int null = open("/dev/null", O_RDWR);
	int input = how->input < 0 ? null : how->input;
	if (null < 0 || dup2(input, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
	    dup2(null, STDERR_FILENO) < 0 || chdir("/") < 0)
		report_and_exit(report);
	if (report != REPORT_FD && dup3(report, REPORT_FD, O_CLOEXEC) < 0)
		report_and_exit(report);
	process_close_from(REPORT_FD + 1);
	(void)umask(S_IRWXG | S_IRWXO);
	static const int ignored[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGCHLD, SIGALRM};
	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		(void)signal(ignored[i], SIG_DFL);
	(void)sigemptyset(&blocked);
	if (how->holds_signals) {
		(void)sigaddset(&blocked, SIGTERM);
		(void)sigaddset(&blocked, SIGINT);
	}
	(void)sigprocmask(SIG_SETMASK, &blocked, NULL);
	(void)execvpe(how->program, how->argv, how->environ);
	report_and_exit(REPORT_FD);
}

/* The child in between ends at once, so the program is not our child and we need not wait for it. */
static _Noreturn void detach(const struct self_start *how, int report)
{
	if (setsid() < 0)
		report_and_exit(report);
	pid_t pid = fork();
	if (pid == 0)
		become(how, report);
	if (pid < 0)
		report_and_exit(report);
	_exit(0);
}

static void wait_for_child(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* The error number the new process reports; 0: it has started. */
static int read_report(int fd)
{
	int errnum = 0;
	ssize_t n;
	while ((n = read(fd, &errnum, sizeof(errnum))) < 0 && errno == EINTR)
		;
	return n == (ssize_t)sizeof(errnum) ? errnum : 0;
}

int self_start(const struct self_start *how)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return errno;
	AUTO_FD int ours = ends[0];
	AUTO_FD int theirs = ends[1];
	pid_t pid = fork();
	if (pid == 0)
		detach(how, theirs);
	if (pid < 0)
		return errno;
	(void)close(steal_fd(&theirs)); /* the report ends when all writers have closed it */
	wait_for_child(pid);
	return read_report(ours);
}
