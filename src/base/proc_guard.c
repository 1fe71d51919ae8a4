/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/proc_guard.h"

#include "base/strbuf.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static const int deadly[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

/* For the handler. */
static struct {
	volatile pid_t child;
	volatile int tty; /* to be taken back, or -1 */
	struct sigaction before[ARRAY_SIZE(deadly)];
	bool changed[ARRAY_SIZE(deadly)];
} watched;

/* Makes group the foreground group of the terminal.  SIGTTOU is blocked, because it stops a background process that
 * does this. */
static bool terminal_give(int tty, pid_t group)
{
	sigset_t ttou, before;
	(void)sigemptyset(&ttou);
	(void)sigaddset(&ttou, SIGTTOU);
	(void)sigprocmask(SIG_BLOCK, &ttou, &before);
	bool ok = tcsetpgrp(tty, group) == 0;
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return ok;
}

/* Only async-signal-safe functions.  All signals are blocked; the one raised here is delivered on return. */
static void end_with_child(int signal_number)
{
	int saved = errno;
	(void)kill(-watched.child, SIGKILL);
	if (watched.tty >= 0)
		(void)tcsetpgrp(watched.tty, getpgrp());
	(void)signal(signal_number, SIG_DFL);
	(void)raise(signal_number);
	errno = saved;
}

void proc_guard_begin(struct proc_guard *g)
{
	sigset_t held;
	(void)sigemptyset(&held);
	for (size_t i = 0; i < ARRAY_SIZE(deadly); i++)
		(void)sigaddset(&held, deadly[i]);
	(void)sigprocmask(SIG_BLOCK, &held, &g->before);
	g->child = -1;
	g->handed = false;
	g->tty = -1;
}

/* Gives the terminal to the child if it is ours to give. */
static bool hand_over(struct proc_guard *g)
{
	if (g->tty < 0 || tcgetpgrp(g->tty) != getpgrp() || !terminal_give(g->tty, g->child))
		return false;
	g->handed = true;
	watched.tty = g->tty;
	return true;
}

static void take_back(struct proc_guard *g)
{
	if (!g->handed)
		return;
	(void)terminal_give(g->tty, getpgrp()); /* fails if the terminal is gone */
	watched.tty = -1;
	/* Others of our pipeline may have been stopped for reading the terminal meanwhile. */
	(void)kill(0, SIGCONT);
}

void proc_guard_watch(struct proc_guard *g, pid_t child)
{
	struct sigaction handler = {.sa_handler = end_with_child};
	(void)sigfillset(&handler.sa_mask);
	g->child = child;
	watched.child = child;
	watched.tty = -1;
	for (size_t i = 0; i < ARRAY_SIZE(deadly); i++) {
		/* what is ignored or handled already stays so */
		watched.changed[i] = child > 0 && sigaction(deadly[i], NULL, &watched.before[i]) == 0 &&
				     watched.before[i].sa_handler == SIG_DFL &&
				     sigaction(deadly[i], &handler, NULL) == 0;
	}
	if (child > 0) {
		g->tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
		/* it may have been stopped already */
		if (hand_over(g))
			(void)kill(-child, SIGCONT);
	}
	(void)sigprocmask(SIG_SETMASK, &g->before, NULL);
}

bool proc_guard_stopped(struct proc_guard *g, int signal_number)
{
	bool wants_terminal = signal_number == SIGTTIN || signal_number == SIGTTOU;
	if (wants_terminal ? !hand_over(g) && !(g->handed && tcgetpgrp(g->tty) == g->child)
			   : signal_number != SIGTSTP || !g->handed)
		return false;
	if (!wants_terminal) {
		take_back(g);
		(void)kill(0, SIGTSTP); /* our job stops, the shell takes over, and later continues it */
		(void)hand_over(g);
	}
	return kill(-g->child, SIGCONT) == 0;
}

void proc_guard_end(struct proc_guard *g)
{
	for (size_t i = 0; i < ARRAY_SIZE(deadly); i++)
		if (watched.changed[i])
			(void)sigaction(deadly[i], &watched.before[i], NULL);
	take_back(g);
	if (g->tty >= 0)
		(void)close(g->tty);
}

void proc_guard_ended_by(const struct proc_guard *g, int signal_number)
{
	if (g->handed && (signal_number == SIGINT || signal_number == SIGQUIT))
		(void)raise(signal_number);
}
