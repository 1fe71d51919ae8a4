/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/supervisor.h"

#include "base/process.h"
#include "runner/crash.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

static const int passed_on[] = {SIGTERM, SIGINT, SIGHUP};

/* ---- the child ------------------------------------------------------------- */

/* Waits for its end; returns as waitpid() does. */
static int wait_for(pid_t child, const sigset_t *signals)
{
	int status = 0;
	for (;;) {
		pid_t ended = waitpid(child, &status, WNOHANG);
		if (ended == child)
			return status;
		if (ended < 0 && errno != EINTR)
			return EX_OSERR << 8 /* as if it had ended with it */;
		int signal = sigwaitinfo(signals, NULL);
		if (signal > 0 && signal != SIGCHLD)
			(void)kill(child, signal);
	}
}

/* False: the parent has died meanwhile. */
static bool begin_child(pid_t parent, const sigset_t *before)
{
	process_ends_with_parent(SIGKILL);
	(void)sigprocmask(SIG_SETMASK, before, NULL);
	return getppid() == parent;
}

/* ---- after a crash --------------------------------------------------------- */

/* True: the others can be tried. */
static bool recover(struct supervisor *s, struct spool *spool, const struct runtime *runtime, int ended)
{
	struct supervisor_shared *shared = s->shared;
	bool known = spool_id_valid(span_make(shared->id, strnlen(shared->id, SPOOL_ID_LEN)));
	shared->id[known ? SPOOL_ID_LEN : 0] = '\0';
	known = crash_note(spool, runtime, shared->id, strcmp(shared->id, s->last) != 0, ended);
	memcpy(s->last, shared->id, sizeof(s->last));
	return known;
}

/* ---- the parent ---------------------------------------------------------------- */

static int exit_status_of_child(int ended, bool crashed)
{
	if (!WIFEXITED(ended))
		return EX_SOFTWARE;
	return WEXITSTATUS(ended) == EX_OK && crashed ? EX_TEMPFAIL : WEXITSTATUS(ended);
}

/* Makes one child after the other.  True in a child, and if none can be made. */
static bool make_children(struct supervisor *s, struct spool *spool, const struct runtime *runtime,
			  const sigset_t *before, int *status)
{
	sigset_t signals;
	pid_t parent = getpid();
	int64_t begin = clock_wall(runtime->clock);
	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGCHLD);
	for (size_t i = 0; i < ARRAY_SIZE(passed_on); i++)
		(void)sigaddset(&signals, passed_on[i]);
	(void)sigprocmask(SIG_BLOCK, &signals, NULL);
	for (;;) {
		*s->shared = (struct supervisor_shared){.finished = false};
		pid_t child = fork();
		if (child < 0) { /* then this process does without */
			(void)sigprocmask(SIG_SETMASK, before, NULL);
			return true;
		}
		if (child == 0 && !begin_child(parent, before))
			_exit(EX_OSERR);
		if (child == 0)
			return true;
		int ended = wait_for(child, &signals);
		bool crashed = !s->shared->finished;
		if (!crashed || !recover(s, spool, runtime, ended)) {
			*status = exit_status_of_child(ended, s->since != 0);
			return false;
		}
		s->since = begin;
	}
}

bool supervisor_fork(struct supervisor *s, struct spool *spool, const struct runtime *runtime, int *status)
{
	sigset_t before;
	void *shared = mmap(NULL, sizeof(*s->shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	*s = (struct supervisor){.shared = NULL};
	if (shared == MAP_FAILED)
		return true;
	s->shared = shared;
	(void)sigprocmask(SIG_SETMASK, NULL, &before);
	bool child = make_children(s, spool, runtime, &before, status);
	if (child)
		return true;
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	s->finished = s->shared->finished;
	(void)munmap(shared, sizeof(*s->shared));
	return false;
}

void supervisor_finish(struct supervisor *s)
{
	if (s->shared)
		s->shared->finished = true;
}
