/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * signal_watch: signals as something that poll() can wait for.
 *
 *	static const int ends[] = {SIGTERM, SIGINT};
 *	struct signal_watch watch;
 *	ok = signal_watch_begin(&watch, ends, ARRAY_SIZE(ends)); // then poll() for watch.fd to be readable
 *	number = signal_watch_take(&watch);
 *	signal_watch_end(&watch);
 *
 * The signals do not do anything else meanwhile.  Watches may be nested; those of an outer one are not seen by it while
 * an inner one watches the same signals.
 *
 * It is signalfd(2) with the signals blocked, and where there is none, handlers that write to a pipe; the functions
 * behave the same.
 */
#ifndef BASE_SIGNAL_WATCH_H
#define BASE_SIGNAL_WATCH_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#define SIGNAL_WATCH_MAX 16

struct signal_watch {
	int fd; /* readable when one of the signals has come; -1: not open */
	int signals[SIGNAL_WATCH_MAX];
	size_t n;
	sigset_t before; /* the mask that signal_watch_end() restores */
	/* of the pipe and the handlers, where there is no signalfd */
	int writer;
	int outer[SIGNAL_WATCH_MAX];
	struct sigaction handlers[SIGNAL_WATCH_MAX];
	int seen; /* peeked at, not taken; 0: none */
};

/* Nothing is ignored that was not ignored before: leave out what is.  False with errno. */
bool signal_watch_begin(struct signal_watch *w, const int *signals, size_t n);
/* The number of one that has come, which is then dealt with; 0: none. */
int signal_watch_take(struct signal_watch *w);
/* The same, and it stays; signal_watch_end() delivers it. */
int signal_watch_peek(struct signal_watch *w);
/* Restores what was before.  What came and was not taken is delivered now, before this returns. */
void signal_watch_end(struct signal_watch *w);
/* The same, in a child: what comes for the parent stays the parent's.  A handler that the child has set is kept. */
void signal_watch_forget(struct signal_watch *w);
/* In a child that goes on watching: what comes for the child from now on is the child's. */
void signal_watch_renew(struct signal_watch *w);

#endif
