/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "serve/listener.h"

#include "base/i18n.h"
#include "base/signal_watch.h"
#include "base/strbuf.h"
#include "base/xalloc.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define ACCEPTED_AT_ONCE 16 /* of one socket, before the others get their turn */
#define REPORT_EVERY_MS 60000
#define PAUSE_MS 200 /* after accept() failed for want of something */

struct serving {
	pid_t pid;
	struct peer peer;
};

struct listener {
	const struct listener_request *how;
	struct signal_watch signals;
	int wakes[2]; /* a socket pair: sessions write to the second one */
	struct serving *sessions;
	size_t n, cap;
	bool ending;
	msec_t paused_until;   /* nothing is accepted before */
	unsigned long refused; /* since the last report */
	struct peer last_refused;
	msec_t report_at; /* not before */
};

/* ---- in a session ---- */

static volatile sig_atomic_t session_ends;
static volatile sig_atomic_t session_fd = -1;
static int session_wakes = -1;

static void on_end(int signal_number)
{
	int errnum = errno;
	(void)signal_number;
	session_ends = 1;
	if (session_fd >= 0)
		(void)shutdown(session_fd, SHUT_RD);
	errno = errnum;
}

bool listener_is_ending(void)
{
	return session_ends != 0;
}

void listener_interrupts(int fd)
{
	session_fd = fd;
	if (session_ends && fd >= 0) /* it came before */
		(void)shutdown(fd, SHUT_RD);
}

bool listener_wake(void)
{
	/* if it does not take it now, it has not read an earlier one yet */
	return send(session_wakes, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1 || errno == EAGAIN || errno == EWOULDBLOCK;
}

static _Noreturn void be_session(struct listener *l, int fd, const struct peer *peer)
{
	const struct listener_request *how = l->how;
	struct sigaction ends = {.sa_handler = on_end, .sa_flags = SA_RESTART};
	listen_sockets_forget(how->sockets);
	(void)close(l->wakes[0]);
	session_wakes = l->wakes[1];
	(void)sigaction(SIGTERM, &ends, NULL);
	(void)sigaction(SIGINT, &ends, NULL);
	signal_watch_forget(&l->signals);
	_exit(how->serve(how->arg, fd, peer));
}

/* ---- clients that are not served ---- */

static void turn_away(const struct listener *l, int fd, int code, const char *enhanced, const char *text)
{
	AUTO(strbuf) reply = STRBUF_INIT;
	strbuf_addf(&reply, "%d %s %s %s\r\n", code, enhanced, l->how->host_name, text);
	(void)!send(fd, reply.buf, reply.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	(void)shutdown(fd, SHUT_WR);
}

static void count_refused(struct listener *l, const struct peer *peer)
{
	l->refused++;
	l->last_refused = *peer;
}

static void report_refused(struct listener *l, bool now)
{
	msec_t at = clock_monotonic(l->how->runtime->clock);
	if (!l->refused || (!now && at < l->report_at))
		return;
	l->how->refused(l->how->arg, l->refused, &l->last_refused);
	l->refused = 0;
	l->report_at = at + REPORT_EVERY_MS;
}

/* ---- clients ---- */

static size_t count_same(const struct listener *l, const struct peer *peer)
{
	size_t n = 0;
	for (size_t i = 0; i < l->n; i++)
		n += peer_same(&l->sessions[i].peer, peer);
	return n;
}

static void begin_session(struct listener *l, int fd, const struct peer *peer)
{
	if (l->n >= l->how->sessions_max || count_same(l, peer) >= l->how->peer_max) {
		turn_away(l, fd, 421, "4.7.0", "too many sessions at the moment, try again later");
		count_refused(l, peer);
		return;
	}
	pid_t pid = fork();
	if (pid == 0)
		be_session(l, fd, peer);
	if (pid < 0) {
		turn_away(l, fd, 421, "4.3.2", "no further session can be started at the moment, try again later");
		count_refused(l, peer);
		return;
	}
	GROW(l->sessions, l->n, l->cap);
	l->sessions[l->n++] = (struct serving){pid, *peer};
}

static void reap(struct listener *l)
{
	pid_t pid;
	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		for (size_t i = 0; i < l->n; i++)
			if (l->sessions[i].pid == pid) {
				l->sessions[i] = l->sessions[--l->n];
				break;
			}
}

/* False: nothing more to accept there now. */
static bool accept_one(struct listener *l, const struct listen_socket *s)
{
	AUTO(error) err = ERROR_INIT;
	struct peer peer;
	AUTO_FD int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0) {
		bool scarce = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
		if (scarce)
			l->paused_until = deadline_in(l->how->runtime->clock, PAUSE_MS);
		return !scarce && errno != EAGAIN && errno != EWOULDBLOCK;
	}
	if (!peer_of(fd, &peer, &err)) {
		turn_away(l, fd, 554, "5.7.1", err.status.text);
		return true;
	}
	reap(l);
	begin_session(l, fd, &peer);
	return true;
}

/* ---- the loop ---- */

static void take_signals(struct listener *l)
{
	for (int number; (number = signal_watch_take(&l->signals));)
		l->ending = l->ending || number != SIGCHLD;
	reap(l);
}

static void take_wakes(struct listener *l)
{
	char octets[256];
	bool any = false;
	while (recv(l->wakes[0], octets, sizeof(octets), MSG_DONTWAIT) > 0)
		any = true;
	if (any)
		l->how->wake(l->how->arg);
}

static void wait_for_clients(struct listener *l, struct pollfd *fds)
{
	const struct listen_sockets *sockets = l->how->sockets;
	bool paused = l->paused_until && clock_monotonic(l->how->runtime->clock) < l->paused_until;
	msec_t until =
		deadline_min(l->refused ? l->report_at : DEADLINE_NEVER, paused ? l->paused_until : DEADLINE_NEVER);
	for (size_t i = 0; i < sockets->n; i++)
		fds[i] = (struct pollfd){.fd = paused ? -1 : sockets->v[i].fd, .events = POLLIN};
	fds[sockets->n] = (struct pollfd){.fd = l->signals.fd, .events = POLLIN};
	fds[sockets->n + 1] = (struct pollfd){.fd = l->wakes[0], .events = POLLIN};
	if (poll(fds, sockets->n + 2, deadline_poll_ms(l->how->runtime->clock, until)) <= 0)
		return;
	if (fds[sockets->n].revents)
		take_signals(l);
	if (fds[sockets->n + 1].revents)
		take_wakes(l);
	for (size_t i = 0; i < sockets->n && !l->ending; i++)
		for (int n = 0; fds[i].revents && n < ACCEPTED_AT_ONCE && accept_one(l, &sockets->v[i]); n++)
			;
}

static void kill_all(const struct listener *l, int signal_number)
{
	for (size_t i = 0; i < l->n; i++)
		(void)kill(l->sessions[i].pid, signal_number);
}

static void end_sessions(struct listener *l)
{
	msec_t until = deadline_in(l->how->runtime->clock, LISTENER_GRACE_MS);
	kill_all(l, SIGTERM);
	while (l->n && clock_monotonic(l->how->runtime->clock) < until) {
		struct pollfd fds[] = {{.fd = l->signals.fd, .events = POLLIN}, {.fd = l->wakes[0], .events = POLLIN}};
		if (poll(fds, ARRAY_SIZE(fds), deadline_poll_ms(l->how->runtime->clock, until)) > 0) {
			take_signals(l);
			take_wakes(l);
		}
	}
	kill_all(l, SIGKILL);
	while (l->n && waitpid(l->sessions[l->n - 1].pid, NULL, 0) >= 0)
		l->n--;
}

static bool watch_signals(struct listener *l, struct error *err)
{
	static const int watched[] = {SIGTERM, SIGINT, SIGCHLD, SIGHUP};
	struct sigaction hangup;
	bool ignored = sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler == SIG_IGN;
	sigset_t ends;
	(void)sigemptyset(&ends);
	(void)sigaddset(&ends, SIGCHLD);
	/* whoever started us may have ignored or blocked it, and then no end is reported, here and in sessions */
	(void)signal(SIGCHLD, SIG_DFL);
	(void)sigprocmask(SIG_UNBLOCK, &ends, NULL);
	if (!signal_watch_begin(&l->signals, watched, ARRAY_SIZE(watched) - ignored))
		return error_set_errno(err, ERROR_SYSTEM, errno, _("cannot wait for signals"));
	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, l->wakes) == 0 ||
	       error_set_errno(err, ERROR_SYSTEM, errno, _("cannot be called by sessions"));
}

bool listener_run(const struct listener_request *how, struct error *err)
{
	struct listener l = {.how = how};
	if (!watch_signals(&l, err))
		return false;
	struct pollfd *fds = xcalloc(how->sockets->n + 2, sizeof(*fds));
	how->state(how->arg, true);
	while (!l.ending) {
		wait_for_clients(&l, fds);
		report_refused(&l, false);
	}
	how->state(how->arg, false);
	listen_sockets_release(how->sockets);
	end_sessions(&l);
	take_wakes(&l);
	report_refused(&l, true);
	for (size_t i = 0; i < ARRAY_SIZE(l.wakes); i++)
		(void)close(l.wakes[i]);
	/* the signals stay watched: the process ends with its own status */
	free(fds);
	free(l.sessions);
	return true;
}
