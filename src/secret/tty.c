/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "secret/tty.h"

#include "base/i18n.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <termios.h>

static const int deadly[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGALRM, SIGPIPE, SIGUSR1, SIGUSR2};

/* The terminal with echo off and signals blocked; undone by quiet_release(). */
struct quiet {
	int fd, signal_fd;
	struct termios before;
	bool changed;
	sigset_t mask;
};

static bool quiet_begin(struct quiet *q, int fd, struct error *err)
{
	sigset_t held;
	q->fd = fd;
	q->signal_fd = -1;
	q->changed = false;
	(void)sigemptyset(&held);
	for (size_t i = 0; i < ARRAY_SIZE(deadly); i++) {
		struct sigaction now;
		if (sigaction(deadly[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
			(void)sigaddset(&held, deadly[i]);
	}
	(void)sigprocmask(SIG_BLOCK, &held, &q->mask);
	q->signal_fd = signalfd(-1, &held, SFD_CLOEXEC | SFD_NONBLOCK);
	if (q->signal_fd < 0 || tcgetattr(fd, &q->before) != 0)
		return error_set_errno(err, ERROR_SECRET_UNAVAILABLE, errno,
				       _("cannot ask for the password on the terminal"));
	struct termios now = q->before;
	now.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	now.c_lflag |= ICANON | ISIG;
	q->changed = true;
	if (tcsetattr(fd, TCSAFLUSH, &now) != 0)
		return error_set_errno(err, ERROR_SECRET_UNAVAILABLE, errno,
				       _("cannot hide the password on the terminal"));
	return true;
}

/* Blocked signals are delivered when the mask is restored, so the terminal is restored first. */
static void quiet_release(struct quiet *q)
{
	if (q->changed)
		(void)tcsetattr(q->fd, TCSAFLUSH, &q->before);
	if (q->signal_fd >= 0)
		(void)close(q->signal_fd);
	(void)sigprocmask(SIG_SETMASK, &q->mask, NULL);
}

static void write_text(int fd, const char *text)
{
	ssize_t ignored = write(fd, text, strlen(text));
	(void)ignored; /* nothing can be done if it fails */
}

enum reading { LINE, AGAIN, STOPPED, SIGNALLED, FAILED };

/* The signal stays pending and is delivered once the terminal is restored. */
static enum reading pending_signal(void)
{
	sigset_t waiting;
	(void)sigpending(&waiting);
	for (size_t i = 0; i < ARRAY_SIZE(deadly); i++)
		if (deadly[i] != SIGTSTP && sigismember(&waiting, deadly[i]) == 1)
			return SIGNALLED;
	return STOPPED;
}

static enum reading wait_input(const struct quiet *q, const struct clock *clock, msec_t deadline, struct error *err)
{
	struct pollfd p[] = {{.fd = q->fd, .events = POLLIN}, {.fd = q->signal_fd, .events = POLLIN}};
	int n = poll(p, ARRAY_SIZE(p), deadline_poll_ms(clock, deadline));
	if (n < 0 && errno != EINTR)
		return error_set_errno(err, ERROR_SECRET_UNAVAILABLE, errno, _("cannot wait for the terminal")), FAILED;
	if (n == 0 && deadline != DEADLINE_NEVER && clock_monotonic(clock) >= deadline)
		return error_set(err, ERROR_SECRET_UNAVAILABLE, _("no password was typed in time")), FAILED;
	if (n > 0 && p[1].revents)
		return pending_signal();
	return n > 0 && p[0].revents ? LINE : AGAIN;
}

static enum reading read_input(const struct quiet *q, struct secret *out, struct error *err)
{
	char bytes[256];
	ssize_t n = read(q->fd, bytes, sizeof(bytes));
	int errnum = errno;
	bool ends = n > 0 && bytes[n - 1] == '\n';
	if (n > 0)
		secret_append(out, bytes, (size_t)n);
	explicit_bzero(bytes, sizeof(bytes));
	if (n > 0)
		return ends ? LINE : AGAIN;
	if (n < 0 && (errnum == EINTR || errnum == EAGAIN))
		return AGAIN;
	return error_set(err, ERROR_SECRET_UNAVAILABLE, _("no password was typed")), FAILED;
}

static enum reading ask_once(int fd, const char *prompt, const struct clock *clock, msec_t deadline, struct secret *out,
			     struct error *err)
{
	__attribute__((cleanup(quiet_release))) struct quiet q;
	if (!quiet_begin(&q, fd, err))
		return FAILED;
	write_text(fd, prompt);
	enum reading r = AGAIN;
	while (r == AGAIN) {
		r = wait_input(&q, clock, deadline, err);
		if (r == LINE)
			r = read_input(&q, out, err);
	}
	write_text(fd, "\n"); /* the user's own line end was not echoed */
	return r;
}

bool tty_ask(int fd, const char *prompt, const struct clock *clock, msec_t deadline, struct secret *out,
	     struct error *err)
{
	for (;;) {
		AUTO(secret) line = SECRET_INIT;
		switch (ask_once(fd, prompt, clock, deadline, &line, err)) {
		case LINE: secret_copy(out, &line); return true;
		case FAILED: return false;
		case SIGNALLED: /* it has been delivered by now, and a handler caught it */
			return error_set(err, ERROR_INTERRUPTED, _("a signal arrived while asking for the password"));
		case STOPPED: /* stopped and continued: prompt again */
		case AGAIN: break;
		}
	}
}
