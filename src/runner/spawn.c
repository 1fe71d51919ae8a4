/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/spawn.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "config/option.h"
#include "queue/spool.h"
#include "runner/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SELF "/proc/self/exe"
#define FD_TRIED 65536 /* so many at most, if descriptors have to be closed one by one */

/* The descriptor on which the new process reports why it could not become the runner; exec closes it. */
#define REPORT_FD 3

/* Kernels before 5.9, and some sandboxes, cannot close a range. */
static void close_others(void)
{
	if (syscall(SYS_close_range, REPORT_FD + 1U, ~0U, 0U) == 0)
		return;
	struct rlimit limit;
	rlim_t end = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < FD_TRIED ? limit.rlim_cur : FD_TRIED;
	for (rlim_t fd = REPORT_FD + 1; fd < end; fd++)
		(void)close((int)fd);
}

static _Noreturn void report_and_exit(int report)
{
	int errnum = errno;
	(void)!write(report, &errnum, sizeof(errnum));
	_exit(1);
}

/* Does only what is allowed between fork and exec.  Output is /dev/null, so that a program that waits for the end of
 * our output does not wait for the runner. */
static _Noreturn void become_runner(char *const *argv, char *const *environ_, int report)
{
	sigset_t none;
	report = fcntl(report, F_DUPFD_CLOEXEC, REPORT_FD);
	int null = open("/dev/null", O_RDWR);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
	    dup2(null, STDERR_FILENO) < 0 || chdir("/") < 0)
		report_and_exit(report);
	if (report != REPORT_FD && dup3(report, REPORT_FD, O_CLOEXEC) < 0)
		report_and_exit(report);
	close_others();
	(void)umask(S_IRWXG | S_IRWXO);
	static const int ignored[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGCHLD, SIGALRM};
	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		(void)signal(ignored[i], SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)execve(SELF, argv, environ_);
	report_and_exit(REPORT_FD);
}

/* The child in between ends at once, so the runner is not our child and we need not wait for it. */
static _Noreturn void detach(char *const *argv, char *const *environ_, int report)
{
	if (setsid() < 0)
		report_and_exit(report);
	pid_t pid = fork();
	if (pid == 0)
		become_runner(argv, environ_, report);
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

static int start_runner(char *const *argv, char *const *environ_)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return errno;
	AUTO_FD int ours = ends[0];
	AUTO_FD int theirs = ends[1];
	pid_t pid = fork();
	if (pid == 0)
		detach(argv, environ_, theirs);
	if (pid < 0)
		return errno;
	(void)close(steal_fd(&theirs)); /* the report ends when all writers have closed it */
	wait_for_child(pid);
	return read_report(ours);
}

/* ---- the environment ---- */

/* What the runner, the helpers for passwords and the loader need; "*" stands for anything.  The rest may hold secrets,
 * and whoever needs more in a command sets it there: a runner that is started by a timer does not have it either. */
static const char *const kept_variables[] = {"HOME", "PATH", "USER", "LOGNAME", "SHELL", "TMPDIR", "TZ", "LANG",
					     "LANGUAGE", "LC_*", "XDG_*",
					     /* of posthaste and msmtp */
					     "POSTHASTE_*", "SMTPSERVER", "EMAIL", "CREDENTIALS_DIRECTORY",
					     /* to ask the user, keyrings and agents */
					     "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS",
					     "GNUPGHOME", "GPG_TTY", "PASSWORD_STORE_*", "SSH_AUTH_SOCK", "SECRET_*",
					     "KRB5*",
					     /* of libraries */
					     "GNUTLS_*", "LD_*", "LOCALDOMAIN", "*_OPTIONS"};

static bool is_kept(const char *variable)
{
	size_t len = strcspn(variable, "=");
	for (size_t i = 0; i < ARRAY_SIZE(kept_variables); i++) {
		const char *name = kept_variables[i];
		size_t n = strlen(name);
		if (name[0] == '*'	 ? len >= n - 1 && memcmp(variable + len - (n - 1), name + 1, n - 1) == 0
		    : name[n - 1] == '*' ? strncmp(variable, name, n - 1) == 0
					 : len == n && memcmp(variable, name, n) == 0)
			return true;
	}
	return false;
}

/* The strings are borrowed. */
static char **kept_environment(char *const *environ_)
{
	size_t n = 0, kept = 0;
	while (environ_ && environ_[n])
		n++;
	char **v = xcalloc(n + 1, sizeof(*v));
	for (size_t i = 0; i < n; i++)
		if (is_kept(environ_[i]))
			v[kept++] = environ_[i];
	return v;
}

/* "--queue-dir=FOLDER" if the queue lies where queue_dir says: the runner does not read the file that was named with
 * -C. malloc'ed, or NULL. */
static char *place_option(const struct runtime *runtime, const char *folder)
{
	AUTO_FREE char *state = env_state_folder(runtime->environ);
	AUTO(strbuf) option = STRBUF_INIT;
	if (state && strncmp(folder, state, strlen(state)) == 0)
		return NULL;
	AUTO_FREE char *given = runtime->queue_dir ? runtime->queue_dir(runtime) : NULL;
	strbuf_addf(&option, "--%s=", option_table[OPT_QUEUE_DIR].flag);
	for (; given && *folder; folder++)
		strbuf_addf(&option, *folder == '%' ? "%%%%" : "%c", *folder);
	return given ? strbuf_detach(&option, NULL) : NULL;
}

bool runner_spawn(const struct runtime *runtime, struct error *err)
{
	if (runtime->privileged)
		return error_set(err, ERROR_CONFIG, "%s",
				 _("refusing to start the queue's runner: running set-user-ID or set-group-ID"));
	AUTO_FREE char *folder = spool_user_folder(runtime, err);
	if (!folder)
		return false;
	int runs = runner_is_running(folder, err);
	if (runs)
		return runs > 0;
	AUTO_FREE char *mode = option_name(&option_table[OPT_QUEUE_RUNNER]);
	AUTO_FREE char **kept = kept_environment(runtime->environ);
	AUTO_FREE char *place = place_option(runtime, folder);
	static char name[] = PACKAGE;
	char *const argv[] = {name, mode, place, NULL};
	int errnum = start_runner(argv, kept);
	return !errnum || error_set_errno(err, ERROR_SYSTEM, errnum, "%s", _("the queue's runner cannot be started"));
}
