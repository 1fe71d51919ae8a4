/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs one test for the TAP driver: a test that hangs, and a test that leaves a
 * process running, have failed.
 *
 *	run_test COMMAND [ARGUMENT...]
 *
 * After $POSTHASTE_TEST_SECONDS (without it LIMIT) the test and all processes it
 * has started are ended.  When the test ends in time, all processes it has
 * started must end within GRACE seconds, wherever they have gone in between:
 * those that have lost their parent become children of this program.  What is
 * still running is named and ended.
 *
 * cmocka before 1.1.6 reports a skipped test as "not ok N # SKIP", which the driver takes for a failure; it is passed
 * on as "ok".
 *
 * The exit status is the test's; 124 after the time limit, 125 if something was
 * left running, and in both cases the last line for the driver is "Bail out!".
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef HAVE_SANITIZERS
#define LIMIT 1200
#else
#define LIMIT 600
#endif
#define GRACE 10
#define PROCESSES_MAX 65536

struct schedule {
	pid_t test;
	bool ended; /* the test itself */
	bool alone; /* nothing that it started is left */
	int status; /* of the test */
	int signal; /* received by us: end the test */
	sigset_t watched;
};

static double now(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- what is running ------------------------------------------------------------------------- */

struct process {
	pid_t pid, parent;
	bool ours;
};

static bool process_read(const char *name, struct process *p)
{
	char path[300], text[1024];
	(void)snprintf(path, sizeof(path), "/proc/%s/stat", name);
	FILE *f = fopen(path, "re");
	size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;
	if (f)
		(void)fclose(f); /* only read */
	text[n] = '\0';
	/* "PID (NAME) STATE PARENT ...", and a name may contain anything */
	const char *after = strrchr(text, ')');
	char state;
	int parent;
	if (!after || sscanf(after + 1, " %c %d", &state, &parent) != 2 || state == 'Z')
		return false;
	*p = (struct process){.pid = (pid_t)atoi(name), .parent = (pid_t)parent};
	return true;
}

/* All that descend from us and still run; the caller frees. */
static size_t processes(struct process **out)
{
	struct process *all = calloc(PROCESSES_MAX, sizeof(*all));
	DIR *proc = opendir("/proc");
	size_t n = 0, ours = 0;
	for (struct dirent *entry; all && proc && n < PROCESSES_MAX && (entry = readdir(proc));)
		if (isdigit((unsigned char)entry->d_name[0]) && process_read(entry->d_name, &all[n]))
			n++;
	if (proc)
		(void)closedir(proc);
	for (bool more = true; more;) {
		more = false;
		for (size_t i = 0; i < n; i++) {
			bool child = all[i].parent == getpid();
			for (size_t j = 0; j < n && !child; j++)
				child = all[j].ours && all[j].pid == all[i].parent;
			more |= child && !all[i].ours;
			all[i].ours |= child;
		}
	}
	for (size_t i = 0; i < n; i++)
		if (all[i].ours)
			all[ours++] = all[i];
	*out = all;
	return ours;
}

static void send_all(int signal)
{
	struct process *all;
	size_t n = processes(&all);
	for (size_t i = 0; i < n; i++)
		(void)kill(all[i].pid, signal);
	free(all);
}

/* As comments of the test's report. */
static void name_all(void)
{
	struct process *all;
	size_t n = processes(&all);
	for (size_t i = 0; i < n; i++) {
		char path[64], text[200];
		(void)snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)all[i].pid);
		FILE *f = fopen(path, "re");
		size_t length = f ? fread(text, 1, sizeof(text) - 1, f) : 0;
		if (f)
			(void)fclose(f); /* only read */
		while (length && text[length - 1] == '\0')
			length--;
		for (size_t c = 0; c < length; c++)
			if (text[c] < ' ' || text[c] > '~')
				text[c] = text[c] ? '?' : ' ';
		text[length] = '\0';
		(void)printf("# running: %d %s\n", (int)all[i].pid, text);
	}
	free(all);
}

/* ---- waiting ----------------------------------------------------------------------------------- */

static void reap(struct schedule *r)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == r->test) {
			r->ended = true;
			r->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		}
	r->alone = pid < 0 && errno == ECHILD;
}

/* Until *done, a signal for us, or so many seconds have passed. */
static void wait_for(struct schedule *r, const bool *done, double seconds)
{
	double end = now() + seconds;
	for (reap(r); !*done && !r->signal && now() < end; reap(r)) {
		double rest = end - now();
		const struct timespec t = {(time_t)rest, (long)((rest - (double)(time_t)rest) * 1e9)};
		int signal = sigtimedwait(&r->watched, NULL, &t);
		if (signal > 0 && signal != SIGCHLD)
			r->signal = signal;
	}
}

/* In peace first: a shell test removes its folder and ends its servers. */
static void end_all(struct schedule *r)
{
	int signal = r->signal;
	r->signal = 0;
	send_all(SIGTERM);
	send_all(SIGCONT);
	wait_for(r, &r->alone, GRACE);
	for (int i = 0; i < 100 && !r->alone; i++) {
		r->signal = 0;
		send_all(SIGKILL);
		wait_for(r, &r->alone, 0.1);
	}
	r->signal = signal;
}

static int run(struct schedule *r, double limit)
{
	wait_for(r, &r->ended, limit);
	if (!r->ended) {
		name_all();
		if (!r->signal)
			(void)printf("\nBail out! It did not end within %g seconds.\n", limit);
		(void)fflush(stdout);
		end_all(r);
		return r->signal ? 128 + r->signal : 124;
	}
	wait_for(r, &r->alone, GRACE);
	if (r->alone)
		return r->status;
	name_all();
	(void)printf("\nBail out! It left something running.\n");
	(void)fflush(stdout);
	end_all(r);
	return r->signal ? 128 + r->signal : 125;
}

/* A background job of a shell, nohup and Python hand down ignored signals; shells cannot undo that, and tests send
 * these signals. */
static void as_from_a_terminal(void)
{
	static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGALRM, SIGCHLD};
	sigset_t none;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)signal(signals[i], SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* ---- the report -------------------------------------------------------------------------------- */

static pid_t runner;

static void pass_on(int signal)
{
	(void)kill(runner, signal);
}

/* Passes on what the runner and the test print, to the end; then the exit status is the runner's. */
static int filter(int from)
{
	static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
	const struct sigaction action = {.sa_handler = pass_on, .sa_flags = SA_RESTART};
	FILE *in = fdopen(from, "r");
	char *line = NULL;
	size_t size = 0;
	int status = 0;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)sigaction(signals[i], &action, NULL);
	for (ssize_t n; in && (n = getline(&line, &size, in)) > 0;) {
		bool skipped = strncmp(line, "not ok ", 7) == 0 && strstr(line, " # SKIP");
		size_t from_here = skipped ? strlen("not ") : 0;
		(void)fwrite(line + from_here, 1, (size_t)n - from_here, stdout);
		(void)fflush(stdout);
	}
	free(line);
	if (in)
		(void)fclose(in);
	while (waitpid(runner, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Goes on as a child, whose output the parent filters.  Returns -1 in the child, and the exit status in the parent. */
static int run_filtered(void)
{
	int ends[2];
	if (pipe(ends) != 0 || (runner = fork()) < 0) {
		perror("run_test");
		return 99;
	}
	(void)close(ends[runner == 0 ? 0 : 1]);
	if (runner > 0)
		return filter(ends[0]);
	if (dup2(ends[1], STDOUT_FILENO) < 0)
		_exit(99);
	(void)close(ends[1]);
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	return -1;
}

int main(int argc, char **argv)
{
	const char *seconds = getenv("POSTHASTE_TEST_SECONDS");
	double limit = seconds ? atof(seconds) : LIMIT;
	const int signals[] = {SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM};
	struct schedule r = {0};
	if (argc < 2 || limit <= 0) {
		(void)fprintf(stderr, "usage: [POSTHASTE_TEST_SECONDS=N] run_test COMMAND [ARGUMENT...]\n");
		return 99;
	}
	int filtered = run_filtered();
	if (filtered >= 0)
		return filtered;
	(void)sigemptyset(&r.watched);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)sigaddset(&r.watched, signals[i]);
	if (sigprocmask(SIG_BLOCK, &r.watched, NULL) != 0 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) {
		perror("run_test");
		return 99;
	}
	r.test = fork();
	if (r.test == 0) {
		as_from_a_terminal();
		(void)execvp(argv[1], argv + 1);
		perror(argv[1]);
		_exit(127);
	}
	if (r.test < 0) {
		perror("run_test: fork");
		return 99;
	}
	return run(&r, limit);
}
