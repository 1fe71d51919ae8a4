/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "serve/keeper.h"

#include "base/linux_only.h"
#include "base/sandbox.h"
#include "base/signal_watch.h"
#include "base/state_file.h"
#include "base/xalloc.h"
#include "net/fd_pass.h"
#include "serve/kept_session.h"
#include "transport/keeper_link.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Processes that are connected at the same time; the others wait, and then make connections of their own. */
#define CALLERS_MAX 64
/* Whoever starts us says at once what it has. */
#define FIRST_MS 5000

struct caller {
	int fd;
	bool borrows; /* a session was lent to it */
};

struct keeper {
	const struct runtime *runtime;
	const char *path;
	int listener;		     /* -1: closed, nothing more is taken */
	struct signal_watch signals; /* says goodbye to the servers */
	ino_t inode;		     /* of the socket */
	char *key;		     /* of all sessions, or NULL */
	long sessions_max;
	struct kept_session *sessions; /* the one used last is last */
	size_t n, cap;
	struct caller callers[CALLERS_MAX];
	size_t n_callers;
	bool ending; /* what is given back is ended */
	struct strbuf message;
};

/* ---- the socket ---- */

/* Removes it, unless another keeper has made a new one meanwhile. */
static void remove_socket(struct keeper *k)
{
	AUTO(error) err = ERROR_INIT;
	const struct clock *clock = k->runtime->clock;
	struct stat st;
	const char *name = strrchr(k->path, '/');
	if (!name)
		return;
	AUTO_FREE char *folder = xmemdup0(k->path, (size_t)(name - k->path));
	AUTO_FREE char *lock_name = xasprintf("%s" KEEPER_LINK_LOCK, name + 1);
	AUTO_FD int lock = state_file_lock(folder, lock_name, clock, deadline_in(clock, KEEPER_LINK_PATIENCE), &err);
	if (lock < 0 || lstat(k->path, &st) < 0 || st.st_ino != k->inode)
		return;
	(void)unlink(k->path);
}

static void close_listener(struct keeper *k)
{
	if (k->listener < 0)
		return;
	remove_socket(k);
	(void)close(k->listener);
	k->listener = -1;
}

static void drop_caller(struct keeper *k, size_t i)
{
	(void)close(k->callers[i].fd);
	k->callers[i] = k->callers[--k->n_callers];
}

/* False: nobody waits, or there is no room for more. */
static bool accept_caller(struct keeper *k)
{
	if (k->n_callers == CALLERS_MAX)
		return false;
	int fd = accept4(k->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return false;
	if (fd_pass_is_ours(fd))
		k->callers[k->n_callers++] = (struct caller){.fd = fd};
	else
		(void)close(fd);
	return true;
}

/* ---- the sessions ---- */

static size_t lent(const struct keeper *k)
{
	size_t n = 0;
	for (size_t i = 0; i < k->n_callers; i++)
		n += k->callers[i].borrows;
	return n;
}

static void forget_session(struct keeper *k, size_t i)
{
	k->n--;
	memmove(&k->sessions[i], &k->sessions[i + 1], (k->n - i) * sizeof(k->sessions[0]));
}

static void quit_all(struct keeper *k)
{
	while (k->n)
		kept_session_quit(&k->sessions[--k->n], k->runtime->clock);
}

static void end(struct keeper *k)
{
	while (k->listener >= 0 && accept_caller(k)) /* they may have given a session */
		;
	close_listener(k);
	k->ending = true;
	quit_all(k);
}

/* ---- what callers ask for ---- */

static void answer(const struct caller *caller, struct span text)
{
	(void)!fd_pass_send(caller->fd, text, -1); /* it will see that we are gone */
}

/* False: nothing was lent. */
static bool lend(struct keeper *k, struct caller *caller)
{
	struct kept_session *session = &k->sessions[k->n - 1];
	struct strbuf text = STRBUF_INIT;
	strbuf_grow(&text, session->state.len + 64);
	strbuf_addf(&text, "lent%c%lld%c", 0, (long long)(kept_session_now() - session->since), 0);
	strbuf_add_span(&text, strbuf_span(&session->state));
	bool ok = fd_pass_send(caller->fd, strbuf_span(&text), session->fd);
	strbuf_wipe(&text);
	kept_session_release(session);
	k->n--;
	return ok;
}

static void take(struct keeper *k, struct caller *caller, struct span key)
{
	if (k->key && !span_equals_str(key, k->key))
		quit_all(k); /* the configuration has changed */
	while (k->n && kept_session_is_over(&k->sessions[k->n - 1]))
		kept_session_quit(&k->sessions[--k->n], k->runtime->clock);
	caller->borrows = k->n && lend(k, caller);
	if (caller->borrows)
		return;
	answer(caller, (long)lent(k) >= k->sessions_max ? SPAN_LIT("busy\0") : SPAN_LIT("none\0"));
}

static bool read_ms(struct span *rest, unsigned long long *ms)
{
	struct span field;
	return span_field(rest, &field) && span_to_u64(field, ms) && *ms <= INT32_MAX * 1000LL;
}

static bool read_given(struct span *rest, struct kept_session *session, long *sessions_max)
{
	unsigned long long idle, keepalive, max;
	if (!read_ms(rest, &idle) || !read_ms(rest, &keepalive) || !read_ms(rest, &max))
		return false;
	session->since = session->asked = kept_session_now();
	session->idle_ms = (msec_t)idle;
	session->keepalive_ms = (msec_t)keepalive;
	*sessions_max = (long)max;
	strbuf_grow(&session->state, rest->len);
	strbuf_add_span(&session->state, *rest);
	return true;
}

static void give(struct keeper *k, struct caller *caller, struct span key, struct span rest, int fd)
{
	struct kept_session session = {.fd = fd, .state = STRBUF_INIT};
	long max;
	if (fd < 0 || !read_given(&rest, &session, &max)) {
		kept_session_release(&session);
		return;
	}
	if (k->key && !span_equals_str(key, k->key))
		quit_all(k);
	free(k->key);
	k->key = xmemdup0(key.ptr, key.len);
	k->sessions_max = max;
	caller->borrows = false;
	if (k->ending || (long)(k->n + lent(k)) >= max) {
		kept_session_quit(&session, k->runtime->clock);
		return;
	}
	GROW(k->sessions, k->n, k->cap);
	k->sessions[k->n++] = session;
}

/* False: the caller has gone. */
static bool hear(struct keeper *k, struct caller *caller)
{
	struct span word, key;
	int fd = -1;
	const struct clock *clock = k->runtime->clock;
	if (!fd_pass_receive(caller->fd, &k->message, &fd, clock, clock_monotonic(clock)))
		return false;
	struct span rest = strbuf_span(&k->message);
	bool ok = span_field(&rest, &word) && span_field(&rest, &key);
	if (ok && span_equals_str(word, "give"))
		give(k, caller, key, rest, fd);
	else if (fd >= 0)
		(void)close(fd);
	if (ok && span_equals_str(word, "take"))
		take(k, caller, key);
	else if (ok && span_equals_str(word, "end"))
		end(k);
	strbuf_wipe(&k->message);
	return true;
}

/* ---- the loop ---- */

enum { WATCH_LISTENER, WATCH_SIGNALS, WATCH_CALLERS };
struct watched {
	struct pollfd v[WATCH_CALLERS + CALLERS_MAX + 101];
	size_t callers, sessions;
};

static void watch(struct watched *w, int fd)
{
	w->v[WATCH_CALLERS + w->callers + w->sessions] = (struct pollfd){.fd = fd, .events = POLLIN | POLLRDHUP};
}

static void fill(const struct keeper *k, struct watched *w)
{
	*w = (struct watched){.callers = 0};
	w->v[WATCH_LISTENER] = (struct pollfd){.fd = k->n_callers < CALLERS_MAX ? k->listener : -1, .events = POLLIN};
	w->v[WATCH_SIGNALS] = (struct pollfd){.fd = k->signals.fd, .events = POLLIN};
	for (; w->callers < k->n_callers; w->callers++)
		watch(w, k->callers[w->callers].fd);
	for (; w->sessions < k->n && w->sessions <= 100; w->sessions++)
		watch(w, k->sessions[w->sessions].fd);
}

static int wait_ms(const struct keeper *k, msec_t first)
{
	msec_t due = k->key ? DEADLINE_NEVER : first;
	for (size_t i = 0; i < k->n; i++)
		due = deadline_min(due, kept_session_due(&k->sessions[i]));
	msec_t left = due == DEADLINE_NEVER ? -1 : due - kept_session_now();
	return left < 0 ? (due == DEADLINE_NEVER ? -1 : 0) : left > INT_MAX ? INT_MAX : (int)left;
}

static void work(struct keeper *k, const struct watched *w)
{
	/* Sessions first: one whose server has spoken is not lent. */
	for (size_t i = w->sessions; i--;) {
		struct kept_session *session = &k->sessions[i];
		bool over = w->v[WATCH_CALLERS + w->callers + i].revents != 0;
		if (over)
			kept_session_quit(session, k->runtime->clock);
		if (over || !kept_session_work(session, k->runtime->clock))
			forget_session(k, i);
	}
	for (size_t i = w->callers; i--;)
		if (w->v[WATCH_CALLERS + i].revents && !hear(k, &k->callers[i]))
			drop_caller(k, i);
	if (w->v[WATCH_LISTENER].revents && k->listener >= 0)
		(void)accept_caller(k);
	if (w->v[WATCH_SIGNALS].revents)
		end(k);
}

/* Nothing is kept or lent, and nothing may come. */
static bool is_done(const struct keeper *k, msec_t first)
{
	if (k->n || lent(k))
		return false;
	return k->key || k->ending || kept_session_now() >= first;
}

/* It has all descriptors it will ever have, but for those that are passed to it, and the lock it takes at its end. */
static void give_up_rights(const struct keeper *k)
{
	struct sandbox s = {.level = SANDBOX_CLOSED, .writable = STRVEC_INIT};
	const char *name = strrchr(k->path, '/');
	if (!k->runtime->sandbox || !name)
		return;
	strvec_push_span(&s.writable, span_make(k->path, (size_t)(name - k->path)));
	(void)k->runtime->sandbox->enter(&s);
	strvec_release(&s.writable);
}

void keeper_run(const char *socket_path, int listener, const struct runtime *runtime)
{
	static const int ends[] = {SIGTERM, SIGINT};
	struct stat st;
	struct keeper k = {.runtime = runtime, .path = socket_path, .listener = listener, .message = STRBUF_INIT};
	msec_t first = kept_session_now() + FIRST_MS;
	if (lstat(socket_path, &st) == 0)
		k.inode = st.st_ino;
	(void)signal_watch_begin(&k.signals, ends, ARRAY_SIZE(ends)); /* else it ends only by itself */
	(void)signal(SIGHUP, SIG_IGN); /* it does not end with the terminal it was started from */
	give_up_rights(&k);
	while (!is_done(&k, first)) {
		struct watched w;
		fill(&k, &w);
		if (poll(w.v, WATCH_CALLERS + w.callers + w.sessions, wait_ms(&k, first)) >= 0)
			work(&k, &w);
	}
	end(&k);
	for (; k.n_callers; drop_caller(&k, 0))
		(void)hear(&k, &k.callers[0]); /* what was given at the last moment is ended, too */
	/* the signals stay watched: the process ends with its own status */
	free(k.sessions);
	free(k.key);
	strbuf_wipe(&k.message);
}
