/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/signal_watch.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#ifdef HAVE_SYS_SIGNALFD_H

#include <sys/signalfd.h>

bool signal_watch_begin(struct signal_watch *w, const int *signals, size_t n)
{
	sigset_t set;
	*w = (struct signal_watch){.fd = -1, .n = n};
	(void)sigemptyset(&set);
	for (size_t i = 0; i < n; i++) {
		w->signals[i] = signals[i];
		(void)sigaddset(&set, signals[i]);
	}
	(void)sigprocmask(SIG_BLOCK, &set, &w->before);
	w->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (w->fd >= 0)
		return true;
	int errnum = errno;
	(void)sigprocmask(SIG_SETMASK, &w->before, NULL);
	errno = errnum;
	return false;
}

int signal_watch_take(struct signal_watch *w)
{
	struct signalfd_siginfo info;
	ssize_t n;
	while ((n = read(w->fd, &info, sizeof(info))) < 0 && errno == EINTR)
		;
	return n == (ssize_t)sizeof(info) ? (int)info.ssi_signo : 0;
}

int signal_watch_peek(struct signal_watch *w)
{
	sigset_t waiting;
	(void)sigpending(&waiting);
	for (size_t i = 0; i < w->n; i++)
		if (sigismember(&waiting, w->signals[i]) == 1)
			return w->signals[i];
	return 0;
}

void signal_watch_end(struct signal_watch *w)
{
	if (w->fd < 0)
		return;
	(void)close(w->fd);
	w->fd = -1;
	(void)sigprocmask(SIG_SETMASK, &w->before, NULL);
}

void signal_watch_forget(struct signal_watch *w)
{
	signal_watch_end(w);
}

/* signalfd(2) is read by the process to which the signal was sent. */
void signal_watch_renew(struct signal_watch *w)
{
	(void)w;
}

#else

/* By signal: the descriptor to write its number to, plus 1, or 0.  It belongs to the process `owner`; in its children,
 * what comes before they forget or renew the watch is noted in came[]. */
static volatile sig_atomic_t writer_of[NSIG];
static volatile sig_atomic_t came[NSIG];
static volatile sig_atomic_t owner;

static void on_signal(int number)
{
	int errnum = errno;
	unsigned char octet = (unsigned char)number;
	if (getpid() != (pid_t)owner)
		came[number] = 1;
	else if (writer_of[number] > 0)
		(void)!write(writer_of[number] - 1, &octet, 1); /* if the pipe is full, there is enough to be read */
	errno = errnum;
}

static bool open_pipe(struct signal_watch *w)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return false;
	w->fd = ends[0];
	w->writer = ends[1];
	return true;
}

bool signal_watch_begin(struct signal_watch *w, const int *signals, size_t n)
{
	struct sigaction ours = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	sigset_t set;
	*w = (struct signal_watch){.fd = -1, .writer = -1};
	if (!open_pipe(w))
		return false;
	owner = (sig_atomic_t)getpid();
	w->n = n;
	(void)sigemptyset(&set);
	for (size_t i = 0; i < n; i++) {
		w->signals[i] = signals[i];
		w->outer[i] = writer_of[signals[i]];
		writer_of[signals[i]] = w->writer + 1;
		(void)sigaction(signals[i], &ours, &w->handlers[i]);
		(void)sigaddset(&set, signals[i]);
	}
	(void)sigprocmask(SIG_UNBLOCK, &set, &w->before); /* whoever started us may have blocked them */
	return true;
}

int signal_watch_peek(struct signal_watch *w)
{
	unsigned char octet;
	ssize_t n;
	if (w->seen)
		return w->seen;
	while ((n = read(w->fd, &octet, 1)) < 0 && errno == EINTR)
		;
	w->seen = n == 1 ? octet : 0;
	return w->seen;
}

int signal_watch_take(struct signal_watch *w)
{
	int number = signal_watch_peek(w);
	w->seen = 0;
	return number;
}

static void restore(struct signal_watch *w)
{
	for (size_t i = 0; i < w->n; i++) {
		struct sigaction now;
		if (sigaction(w->signals[i], NULL, &now) == 0 && now.sa_handler == on_signal)
			(void)sigaction(w->signals[i], &w->handlers[i], NULL);
		writer_of[w->signals[i]] = w->outer[i];
	}
}

static void close_pipe(struct signal_watch *w)
{
	(void)close(w->fd);
	(void)close(w->writer);
	w->fd = w->writer = -1;
}

void signal_watch_end(struct signal_watch *w)
{
	int number;
	if (w->fd < 0)
		return;
	(void)sigprocmask(SIG_SETMASK, &w->before, NULL);
	restore(w);
	while ((number = signal_watch_take(w)))
		(void)raise(number);
	close_pipe(w);
}

static void raise_what_came(const struct signal_watch *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (came[w->signals[i]]) {
			came[w->signals[i]] = 0;
			(void)raise(w->signals[i]);
		}
}

void signal_watch_forget(struct signal_watch *w)
{
	if (w->fd < 0)
		return;
	(void)sigprocmask(SIG_SETMASK, &w->before, NULL);
	restore(w);
	close_pipe(w);
	raise_what_came(w);
}

void signal_watch_renew(struct signal_watch *w)
{
	close_pipe(w);
	w->seen = 0;
	bool open = open_pipe(w);
	for (size_t i = 0; i < w->n; i++)
		writer_of[w->signals[i]] = open ? w->writer + 1 : 0;
	owner = (sig_atomic_t)getpid();
	raise_what_came(w);
}

#endif
