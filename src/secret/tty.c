/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "secret/tty.h"

#include "base/i18n.h"
#include "base/signal_watch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <termios.h>

/* the one that only stops is last, so that it is not taken for the reason while another one has come */
static const int deadly[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM, SIGPIPE, SIGUSR1, SIGUSR2, SIGTSTP};

/* The terminal with echo off and signals held; undone by quiet_release(). */
struct quiet {
	int fd;
	struct signal_watch signals;
	struct termios before;
	bool changed;
};

static bool quiet_begin(struct quiet *q, int fd, struct error *err)
{
	int held[ARRAY_SIZE(deadly)];
	size_t n = 0;
	q->fd = fd;
	q->changed = false;
	for (size_t i = 0; i < ARRAY_SIZE(deadly); i++) {
		struct sigaction now;
		if (sigaction(deadly[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
			held[n++] = deadly[i];
	}
	if (!signal_watch_begin(&q->signals, held, n) || tcgetattr(fd, &q->before) != 0)
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

/* The signals are delivered when the watch ends, so the terminal is restored first. */
static void quiet_release(struct quiet *q)
{
	if (q->changed)
		(void)tcsetattr(q->fd, TCSAFLUSH, &q->before);
	signal_watch_end(&q->signals);
}

static void write_text(int fd, const char *text)
{
	ssize_t ignored = write(fd, text, strlen(text));
	(void)ignored; /* nothing can be done if it fails */
}

enum reading { LINE, AGAIN, STOPPED, SIGNALLED, FAILED };

/* The signal stays and is delivered once the terminal is restored. */
static enum reading pending_signal(struct quiet *q)
{
	int number = signal_watch_peek(&q->signals);
	return number && number != SIGTSTP ? SIGNALLED : STOPPED;
}

static enum reading wait_input(struct quiet *q, const struct clock *clock, msec_t deadline, struct error *err)
{
	struct pollfd p[] = {{.fd = q->fd, .events = POLLIN}, {.fd = q->signals.fd, .events = POLLIN}};
	int n = poll(p, ARRAY_SIZE(p), deadline_poll_ms(clock, deadline));
	if (n < 0 && errno != EINTR)
		return error_set_errno(err, ERROR_SECRET_UNAVAILABLE, errno, _("cannot wait for the terminal")), FAILED;
	if (n == 0 && deadline != DEADLINE_NEVER && clock_monotonic(clock) >= deadline)
		return error_set(err, ERROR_SECRET_UNAVAILABLE, _("no password was typed in time")), FAILED;
	if (n > 0 && p[1].revents)
		return pending_signal(q);
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
