/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/dial.h"

#include "base/i18n.h"
#include "base/strbuf.h"
#include "base/xalloc.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/un.h>

#define STAGGER 250 /* RFC 8305 section 5: "Connection Attempt Delay" */

struct attempt {
	int fd; /* -1: finished */
	size_t address;
};

struct dialer {
	struct dial_request req;
	struct address source; /* len 0: none */
	size_t next;	       /* index of the first address not tried yet */
	msec_t next_at;	       /* when to try it, unless an attempt fails earlier */
	struct attempt *attempts;
	size_t n, open;
	struct attempt *winner;
	size_t tried, unreachable; /* addresses that failed, and of them those to which there is no route */
	bool *failed;		   /* for each address */
	struct strbuf failures;	   /* "ADDRESS: reason; ADDRESS: reason" */
	struct error fault;	   /* a fault that has nothing to do with an address */
};

static void failures_add(struct dialer *d, size_t address, const char *reason, int errnum)
{
	d->tried++;
	d->unreachable += errnum == ENETUNREACH || errnum == ENETDOWN;
	AUTO_FREE char *who = address_text(&d->req.addresses->v[address]);
	d->failed[address] = true;
	strbuf_addf(&d->failures, "%s%s: %s", d->failures.len ? "; " : "", who, reason);
}

static bool address_skipped(const struct dialer *d, size_t i)
{
	return d->source.len && d->req.addresses->v[i].sa.ss_family != d->source.sa.ss_family;
}

static void skip_to_next(struct dialer *d)
{
	while (d->next < d->req.addresses->n && address_skipped(d, d->next))
		d->next++;
}

/* True if the error comes from this machine's limits, so that trying another address would not help. */
static bool fault_is_ours(int errnum)
{
	return errnum == EMFILE || errnum == ENFILE || errnum == ENOBUFS || errnum == ENOMEM;
}

static bool bind_source(struct dialer *d, int fd)
{
	int on = 1;
	if (!d->source.len)
		return true;
	/* with this option the kernel chooses the source port at connect(2), when it knows the destination; a kernel
	 * without the option chooses it now */
	(void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
	return bind(fd, (const struct sockaddr *)&d->source.sa, d->source.len) == 0;
}

/* Starts a connect to address i.  Returns its socket, or -1 after recording the reason. */
static int attempt_open(struct dialer *d, size_t i, bool *connected)
{
	const struct address *a = &d->req.addresses->v[i];
	AUTO_FD int fd = socket(a->sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		int errnum = errno;
		failures_add(d, i, strerror(errnum), errnum);
		if (fault_is_ours(errnum))
			(void)error_set_errno(&d->fault, ERROR_SYSTEM, errnum, _("cannot create a socket"));
		return -1;
	}
	if (!bind_source(d, fd)) {
		int errnum = errno;
		failures_add(d, i, strerror(errnum), errnum);
		(void)error_set_errno(&d->fault, ERROR_SYSTEM, errnum, _("cannot connect from the address %s"),
				      d->req.source_ip);
		error_hint(&d->fault, _("Set source_ip to an address of this machine, or leave it out."));
		return -1;
	}
	*connected = connect(fd, (const struct sockaddr *)&a->sa, a->len) == 0;
	if (!*connected && errno != EINPROGRESS) {
		int errnum = errno;
		failures_add(d, i, strerror(errnum), errnum);
		return -1;
	}
	if (a->sa.ss_family != AF_UNIX) { /* the SYN is already on its way; failure of either option does no harm */
		int on = 1;
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	}
	return steal_fd(&fd);
}

/* Starts the next attempt, skipping addresses that fail at once. */
static void attempt_next(struct dialer *d)
{
	for (skip_to_next(d); d->next < d->req.addresses->n; skip_to_next(d)) {
		bool connected = false;
		size_t i = d->next++;
		int fd = attempt_open(d, i, &connected);
		if (fd < 0)
			continue;
		d->attempts[d->n] = (struct attempt){fd, i};
		if (connected)
			d->winner = &d->attempts[d->n];
		d->n++;
		d->open++;
		skip_to_next(d);
		d->next_at = d->next < d->req.addresses->n ? deadline_in(d->req.clock, STAGGER) : DEADLINE_NEVER;
		return;
	}
	d->next_at = DEADLINE_NEVER;
}

struct dialer *dialer_new(const struct dial_request *req)
{
	struct dialer *d = xcalloc(1, sizeof(*d));
	d->req = *req;
	strbuf_init(&d->failures);
	d->attempts = xcalloc(req->addresses->n, sizeof(*d->attempts));
	d->failed = xcalloc(req->addresses->n, sizeof(*d->failed));
	if (req->source_ip && !address_from_literal(req->source_ip, 0, &d->source)) {
		(void)error_set(&d->fault, ERROR_CONFIG, _("\"%s\" is not an address to connect from"), req->source_ip);
		error_hint(&d->fault, _("Set source_ip to an IP address of this machine, or leave it out."));
		d->next = req->addresses->n;
	}
	attempt_next(d);
	return d;
}

static void attempt_fail(struct dialer *d, struct attempt *a, int errnum)
{
	failures_add(d, a->address, strerror(errnum), errnum);
	(void)close(a->fd); /* no data was sent on it */
	a->fd = -1;
	d->open--;
}

/* Checks a socket for which poll(2) reported an event. */
static void attempt_check(struct dialer *d, struct attempt *a, short revents)
{
	int errnum = 0;
	socklen_t len = sizeof(errnum);
	/* POLLOUT alone means connected; a failed socket also reports POLLERR or POLLHUP */
	if (revents != POLLOUT && getsockopt(a->fd, SOL_SOCKET, SO_ERROR, &errnum, &len) < 0)
		errnum = errno;
	if (errnum)
		attempt_fail(d, a, errnum);
	else
		d->winner = a;
}

enum step { STEP_ON, STEP_LATE, STEP_FAULT };

/* One round: waits for an event, the time of the next attempt or the deadline, then checks the sockets and starts the
 * next attempt if it is due. */
static enum step dialer_step(struct dialer *d, msec_t deadline)
{
	size_t open = d->open, n = d->n;
	AUTO_FREE struct pollfd *p = xcalloc(n, sizeof(*p));
	for (size_t i = 0; i < n; i++)
		p[i] = (struct pollfd){.fd = d->attempts[i].fd, .events = POLLOUT}; /* poll skips -1 */
	int events = poll(p, n, deadline_poll_ms(d->req.clock, deadline_min(deadline, d->next_at)));
	if (events < 0 && errno != EINTR) {
		(void)error_set_errno(&d->fault, ERROR_SYSTEM, errno, _("cannot wait for the network"));
		return STEP_FAULT;
	}
	for (size_t i = 0; events > 0 && i < n && !d->winner; i++)
		if (p[i].revents)
			attempt_check(d, &d->attempts[i], p[i].revents);
	if (d->winner)
		return STEP_ON;
	msec_t now = clock_monotonic(d->req.clock);
	if (events == 0 && now >= deadline)
		return STEP_LATE;
	if (d->open < open || now >= d->next_at)
		attempt_next(d);
	return STEP_ON;
}

/* Sets the error: the sentence, followed by what happened with every address. */
static void dialer_explain(struct dialer *d, bool late, struct error *err)
{
	if (d->fault.status.kind != ERROR_NONE) {
		error_move(err, &d->fault);
		return;
	}
	for (size_t i = 0; i < d->n; i++)
		if (d->attempts[i].fd >= 0)
			failures_add(d, d->attempts[i].address, _("no answer in time"), ETIMEDOUT);
	if (!d->failures.len)
		strbuf_adds(&d->failures,
			    d->req.addresses->n ? _("no address of the family of source_ip") : _("no address"));
	enum error_kind kind = late ? ERROR_TIMEOUT : ERROR_CONNECT;
	if (d->req.host)
		(void)error_set(err, kind, _("cannot connect to %s: %s"), d->req.host, d->failures.buf);
	else
		(void)error_set(err, kind, _("cannot connect: %s"), d->failures.buf);
	if (!late && d->unreachable && d->unreachable == d->tried)
		error_hint(err, "%s",
			   _("This machine has no way to that network now: check its connection (cable, "
			     "Wi-Fi, VPN)."));
	else
		error_hint(err, "%s", _("Check the host and the port, and whether a firewall blocks this port."));
}

struct stream *dialer_finish(struct dialer *d, msec_t deadline, struct address *peer, struct error *err)
{
	enum step step = STEP_ON;
	while (!d->winner && d->open && step == STEP_ON)
		step = dialer_step(d, deadline);
	if (!d->winner) {
		dialer_explain(d, step == STEP_LATE, err);
		return NULL;
	}
	if (peer)
		*peer = d->req.addresses->v[d->winner->address];
	return stream_fd_new(steal_fd(&d->winner->fd));
}

bool dialer_failed(const struct dialer *d, size_t address)
{
	return d->failed[address];
}

void dialer_free(struct dialer *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->n; i++)
		if (d->attempts[i].fd >= 0)
			(void)close(d->attempts[i].fd); /* another attempt was faster */
	free(d->attempts);
	free(d->failed);
	strbuf_release(&d->failures);
	error_release(&d->fault);
	free(d);
}

struct stream *dial_unix(const char *path, struct error *err)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	size_t len = strlen(path);
	if (!len || len >= sizeof(un.sun_path)) {
		(void)error_set(err, ERROR_CONFIG,
				_("\"%s\" cannot be the path of a socket: it must have 1 to %zu bytes"), path,
				sizeof(un.sun_path) - 1);
		return NULL;
	}
	memcpy(un.sun_path, path, len + 1);
	AUTO_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		(void)error_set_errno(err, ERROR_SYSTEM, errno, _("cannot create a socket"));
		return NULL;
	}
	if (connect(fd, (const struct sockaddr *)&un, sizeof(un)) < 0) {
		(void)error_set_errno(err, ERROR_CONNECT, errno, _("cannot connect to %s"), path);
		error_hint(err, _("Check the path, its permissions, and whether the server is running."));
		return NULL;
	}
	return stream_fd_new(steal_fd(&fd));
}
