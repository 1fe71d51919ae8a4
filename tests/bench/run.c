/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * run: runs a command and says what it cost.
 *
 *	run [-n TIMES] [-i FILE] [-3 FILE] [-t SECONDS] COMMAND [ARGUMENT...]
 *
 * Runs the command TIMES times one after another, standard input from FILE
 * (with -3: descriptor 3) each time, and prints one line of JSON: wall and CPU of all together in
 * microseconds, the greatest resident set in KB, and the last status.  A
 * command still there after SECONDS (60) is killed: status 124.
 *
 * A program of its own because it must be small: a child's greatest resident
 * set is never counted below that of the process it was forked from.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t child;
static volatile sig_atomic_t late;

static void on_alarm(int sig)
{
	(void)sig;
	late = 1;
	if (child > 0)
		kill((pid_t)child, SIGKILL);
}

static long long now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static long long us_of(struct timeval t)
{
	return (long long)t.tv_sec * 1000000 + t.tv_usec;
}

static bool put_at(const char *path, int at)
{
	int fd = open(path, O_RDONLY);
	if (fd < 0 || dup2(fd, at) < 0)
		return false;
	if (fd != at)
		close(fd);
	return true;
}

struct order {
	const char *input, *third;
	unsigned seconds;
	char **argv;
};

static void become(const struct order *o)
{
	char **argv = o->argv;
	if (!put_at(o->input, 0) || (o->third && !put_at(o->third, 3)))
		_exit(126);
	execvp(argv[0], argv);
	_exit(127);
}

static int schedule_once(const struct order *o, struct rusage *usage)
{
	int status = 0;
	alarm(o->seconds);
	pid_t pid = fork();
	if (pid == 0)
		become(o);
	child = pid;
	while (pid > 0 && wait4(pid, &status, 0, usage) < 0 && errno == EINTR)
		;
	child = 0;
	alarm(0);
	if (pid < 0)
		return 125;
	if (late)
		return 124;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	struct order order = {.input = "/dev/null", .seconds = 60};
	unsigned times = 1;
	int opt, status = 0;
	while ((opt = getopt(argc, argv, "+n:i:3:t:")) != -1) {
		switch (opt) {
		case 'n': times = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'i': order.input = optarg; break;
		case '3': order.third = optarg; break;
		case 't': order.seconds = (unsigned)strtoul(optarg, NULL, 10); break;
		default: return 64;
		}
	}
	if (optind >= argc || !times)
		return 64;
	order.argv = argv + optind;
	signal(SIGALRM, on_alarm);
	long long user = 0, sys = 0, rss = 0, start = now_us();
	for (unsigned i = 0; i < times && status == 0; i++) {
		struct rusage usage = {.ru_maxrss = 0};
		status = schedule_once(&order, &usage);
		user += us_of(usage.ru_utime);
		sys += us_of(usage.ru_stime);
		if (usage.ru_maxrss > rss)
			rss = usage.ru_maxrss;
	}
	long long wall = now_us() - start;
	/* after a character of its own: the command may have written to the same place */
	fprintf(stderr, "\n@{\"wall\":%lld,\"user\":%lld,\"sys\":%lld,\"rss\":%lld,\"status\":%d}\n", wall, user, sys,
		rss, status);
	return 0;
}
