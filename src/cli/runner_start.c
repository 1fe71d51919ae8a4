/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/runner_start.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "queue/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOCK_NAME "runner"
#define SELF "/proc/self/exe"

/* -1 with errno when there is no such file to be had. */
static int open_lock(const char *folder, int flags)
{
	AUTO_FREE char *path = xasprintf("%s/%s", folder, LOCK_NAME);
	return open(path, flags | O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, S_IRUSR | S_IWUSR);
}

static bool somebody_runs(const char *folder)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	AUTO_FD int fd = open_lock(folder, 0);
	return fd >= 0 && fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

int runner_lock(const char *folder, int *fd, struct error *err)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	AUTO_FD int got = open_lock(folder, O_CREAT);
	if (got < 0) {
		(void)error_set_errno(err, errno == ENOSPC || errno == EDQUOT || errno == EACCES || errno == EROFS ? ERROR_CANNOT_CREATE : ERROR_IO, errno,
				      _("cannot open the lock of the queue's runner, %s/%s"), folder, LOCK_NAME);
		return -1;
	}
	if (fcntl(got, F_OFD_SETLK, &lock) == 0) {
		*fd = steal_fd(&got);
		return 1;
	}
	if (errno == EAGAIN || errno == EACCES)
		return 0;
	(void)error_set_errno(err, ERROR_IO, errno, _("cannot lock %s/%s"), folder, LOCK_NAME);
	return -1;
}

/* ---- the start --------------------------------------------------------------- */

/* Only what may be done between fork and exec.  Whoever waits for the end of our output must not wait for the runner. */
static _Noreturn void become_runner(char *mode, char *const *environ_)
{
	static char name[] = PACKAGE;
	char *const argv[] = {name, mode, NULL};
	sigset_t none;
	int null = open("/dev/null", O_RDWR);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0 || chdir("/") < 0)
		_exit(1);
	(void)syscall(SYS_close_range, 3U, ~0U, 0U);
	(void)umask(S_IRWXG | S_IRWXO);
	static const int ignored[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGCHLD, SIGALRM};
	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		(void)signal(ignored[i], SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)execve(SELF, argv, environ_);
	_exit(1);
}

/* The child in between ends at once: the runner is nobody's child whom we would have to await. */
static _Noreturn void detach(char *mode, char *const *environ_)
{
	if (setsid() < 0)
		_exit(1);
	pid_t pid = fork();
	if (pid == 0)
		become_runner(mode, environ_);
	_exit(pid < 0);
}

static bool await(pid_t pid)
{
	int status = 0;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return true; /* SIGCHLD is ignored: it has been reaped */
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool runner_start(const struct surroundings *around, struct error *err)
{
	if (getauxval(AT_SECURE))
		return error_set(err, ERROR_CONFIG, "%s", _("the queue's runner is not started with rights that its caller does not have"));
	AUTO_FREE char *folder = spool_user_folder(err);
	if (!folder)
		return false;
	if (somebody_runs(folder))
		return true;
	AUTO_FREE char *mode = option_name(&option_table[OPT_QUEUE_RUNNER]);
	pid_t pid = fork();
	if (pid == 0)
		detach(mode, around->environ_);
	if (pid < 0 || !await(pid))
		return error_set(err, ERROR_SYSTEM, "%s", _("the queue's runner cannot be started"));
	return true;
}
