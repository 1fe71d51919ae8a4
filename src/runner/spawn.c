/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/spawn.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "queue/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOCK_NAME "runner"
#define SELF "/proc/self/exe"
#define FD_TRIED 65536 /* where they must be closed one by one */

/* -1 with errno when there is no such file to be had.  One that others can open could be locked by them. */
static int open_lock(const char *folder, int flags)
{
	struct stat st;
	AUTO_FREE char *path = xasprintf("%s/%s", folder, LOCK_NAME);
	AUTO_FD int fd = open(path, flags | O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, S_IRUSR | S_IWUSR);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -1;
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_nlink > 1 || st.st_mode & (S_IRWXG | S_IRWXO)) {
		errno = EPERM;
		return -1;
	}
	return steal_fd(&fd);
}

static int lock_fault(const char *folder, struct error *err)
{
	int errnum = errno;
	bool room = errnum == ENOSPC || errnum == EDQUOT || errnum == EACCES || errnum == EROFS;
	(void)error_set_errno(err, room ? ERROR_CANNOT_CREATE : ERROR_IO, errnum,
			      _("cannot open the lock of the queue's runner, %s/%s"), folder, LOCK_NAME);
	if (errnum == EPERM || errnum == ELOOP || errnum == EISDIR || errnum == ENXIO)
		error_hint(err, "%s",
			   _("Move it away; a new one is made by itself, a file of yours with one name and no rights "
			     "for others."));
	return -1;
}

/* 1, 0, -1 */
static int somebody_runs(const char *folder, struct error *err)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	AUTO_FD int fd = open_lock(folder, 0);
	if (fd < 0)
		return errno == ENOENT ? 0 : lock_fault(folder, err);
	return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

int runner_lock(const char *folder, int *fd, struct error *err)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	AUTO_FD int got = open_lock(folder, O_CREAT);
	if (got < 0)
		return lock_fault(folder, err);
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

/* It keeps one of its own, which says by what the runner could not be started, and is closed when it could. */
#define TELL_FD 3

/* Kernels before 5.9, and some sandboxes, cannot close a range. */
static void close_others(void)
{
	if (syscall(SYS_close_range, TELL_FD + 1U, ~0U, 0U) == 0)
		return;
	struct rlimit limit;
	rlim_t end = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < FD_TRIED ? limit.rlim_cur : FD_TRIED;
	for (rlim_t fd = TELL_FD + 1; fd < end; fd++)
		(void)close((int)fd);
}

static _Noreturn void give_up(int tell)
{
	int errnum = errno;
	(void)!write(tell, &errnum, sizeof(errnum));
	_exit(1);
}

/* Only what may be done between fork and exec.  Whoever waits for the end of our output must not wait for the runner.
 */
static _Noreturn void become_runner(char *mode, char *const *environ_, int tell)
{
	static char name[] = PACKAGE;
	char *const argv[] = {name, mode, NULL};
	sigset_t none;
	tell = fcntl(tell, F_DUPFD_CLOEXEC, TELL_FD);
	int null = open("/dev/null", O_RDWR);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
	    dup2(null, STDERR_FILENO) < 0 || chdir("/") < 0)
		give_up(tell);
	if (tell != TELL_FD && dup3(tell, TELL_FD, O_CLOEXEC) < 0)
		give_up(tell);
	close_others();
	(void)umask(S_IRWXG | S_IRWXO);
	static const int ignored[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGCHLD, SIGALRM};
	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		(void)signal(ignored[i], SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)execve(SELF, argv, environ_);
	give_up(TELL_FD);
}

/* The child in between ends at once: the runner is nobody's child whom we would have to await. */
static _Noreturn void detach(char *mode, char *const *environ_, int tell)
{
	if (setsid() < 0)
		give_up(tell);
	pid_t pid = fork();
	if (pid == 0)
		become_runner(mode, environ_, tell);
	if (pid < 0)
		give_up(tell);
	_exit(0);
}

static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* The error number that was told; 0: it has started. */
static int listen_to(int fd)
{
	int errnum = 0;
	ssize_t n;
	while ((n = read(fd, &errnum, sizeof(errnum))) < 0 && errno == EINTR)
		;
	return n == (ssize_t)sizeof(errnum) ? errnum : 0;
}

static int start(char *mode, char *const *environ_)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return errno;
	AUTO_FD int ours = ends[0];
	AUTO_FD int theirs = ends[1];
	pid_t pid = fork();
	if (pid == 0)
		detach(mode, environ_, theirs);
	if (pid < 0)
		return errno;
	(void)close(steal_fd(&theirs)); /* else its end would never be seen */
	reap(pid);
	return listen_to(ours);
}

bool runner_spawn(const struct runtime *runtime, struct error *err)
{
	if (runtime->privileged)
		return error_set(err, ERROR_CONFIG, "%s",
				 _("the queue's runner is not started with rights that its caller does not have"));
	AUTO_FREE char *folder = spool_user_folder(runtime, err);
	if (!folder)
		return false;
	int runs = somebody_runs(folder, err);
	if (runs)
		return runs > 0;
	AUTO_FREE char *mode = option_name(&option_table[OPT_QUEUE_RUNNER]);
	int errnum = start(mode, runtime->environ);
	return !errnum || error_set_errno(err, ERROR_SYSTEM, errnum, "%s", _("the queue's runner cannot be started"));
}
