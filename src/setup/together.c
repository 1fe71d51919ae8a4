/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/together.h"

#include "base/fsutil.h"
#include "base/proc_start.h"
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

struct child {
	pid_t pid; /* -1: there is none */
	int fd;	   /* -1: it has nothing more to say */
};

/* It leaves the terminal, so that several helper programs at once do not take it from each other. */
static _Noreturn void work(const struct together_job *job, int fd)
{
	AUTO(strbuf) answer = STRBUF_INIT;
	process_ends_with_parent(SIGKILL);
	(void)setsid();
	job->work(job->arg, &answer);
	_exit(fs_write_all(fd, strbuf_span(&answer)) ? 0 : 1);
}

static struct child start(const struct together_job *job)
{
	int fds[2];
	if (pipe2(fds, O_CLOEXEC) < 0)
		return (struct child){-1, -1};
	pid_t pid = fork();
	if (pid == 0)
		work(job, fds[1]);
	(void)close(fds[1]);
	if (pid < 0)
		(void)close(fds[0]);
	return (struct child){pid, pid < 0 ? -1 : fds[0]};
}

static void hear(struct child *child, struct together_job *job)
{
	char bytes[8192];
	ssize_t n = read(child->fd, bytes, sizeof(bytes));
	if (n < 0 && errno == EINTR)
		return;
	if (n > 0 && job->answer.len + (size_t)n <= TOGETHER_LIMIT) {
		strbuf_add(&job->answer, bytes, (size_t)n);
		return;
	}
	job->answered = n == 0;
	(void)close(child->fd);
	child->fd = -1;
}

/* False: all have ended, or the time is over. */
static bool hear_next(struct child *children, struct together_job *jobs, size_t n, const struct clock *clock,
		      msec_t deadline)
{
	struct pollfd fds[TOGETHER_MAX];
	size_t open = 0;
	for (size_t i = 0; i < n; i++) {
		fds[i] = (struct pollfd){.fd = children[i].fd, .events = POLLIN}; /* -1 is passed over */
		open += children[i].fd >= 0;
	}
	if (!open || (deadline != DEADLINE_NEVER && clock_monotonic(clock) >= deadline))
		return false;
	int got = poll(fds, n, deadline_poll_ms(clock, deadline));
	for (size_t i = 0; got > 0 && i < n; i++)
		if (children[i].fd >= 0 && fds[i].revents)
			hear(&children[i], &jobs[i]);
	return got >= 0 || errno == EINTR;
}

static void end(struct child *child, struct together_job *job)
{
	int status = -1;
	if (child->fd >= 0) {
		(void)close(child->fd);
		(void)kill(child->pid, SIGKILL);
	}
	while (child->pid > 0 && waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
		;
	job->answered = job->answered && status == 0;
	if (!job->answered)
		strbuf_reset(&job->answer);
}

void together_run(struct together_job *jobs, size_t n, const struct clock *clock, msec_t deadline)
{
	struct child children[TOGETHER_MAX];
	struct sigaction before;
	bool restored = proc_sigchld_restore(&before);
	n = n > TOGETHER_MAX ? TOGETHER_MAX : n;
	for (size_t i = 0; i < n; i++)
		children[i] = start(&jobs[i]);
	while (hear_next(children, jobs, n, clock, deadline))
		;
	for (size_t i = 0; i < n; i++)
		end(&children[i], &jobs[i]);
	if (restored)
		(void)sigaction(SIGCHLD, &before, NULL);
}
