/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth/loopback.h"

#include "base/i18n.h"
#include "base/xalloc.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

#define CONNECTIONS OAUTH_LOOPBACK_CONNECTIONS
#define CONNECTION_MS 10000
#define LINGER_MS 500
#define PORTS_TRIED 20
#define LISTENERS 2
#define LINE_LIMIT 8192

/* ---- listening ---- */

struct oauth_loopback_connection {
	int fd;
	msec_t deadline;
	size_t len;
	bool answered; /* our response is sent: waits for the browser to close, which may send more first */
	char bytes[OAUTH_REDIRECT_LIMIT + 1];
};

static void drop(struct oauth_loopback *l, size_t which)
{
	struct oauth_loopback_connection *c = l->connections[which];
	(void)close(c->fd);
	explicit_bzero(c->bytes, sizeof(c->bytes)); /* the code */
	free(c);
	memmove(l->connections + which, l->connections + which + 1, (--l->n - which) * sizeof(*l->connections));
}

void oauth_loopback_release(struct oauth_loopback *l)
{
	while (l->n)
		drop(l, l->n - 1);
	for (size_t i = 0; i < LISTENERS; i++)
		if (l->listeners[i] >= 0)
			(void)close(l->listeners[i]);
	*l = OAUTH_LOOPBACK_INIT;
}

static socklen_t loopback_address(int family, unsigned port, struct sockaddr_storage *out)
{
	memset(out, 0, sizeof(*out));
	if (family == AF_INET6) {
		struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
		*v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
		v6->sin6_addr = in6addr_loopback;
		return sizeof(*v6);
	}
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	*v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return sizeof(*v4);
}

static unsigned port_of(int fd)
{
	struct sockaddr_storage bound;
	socklen_t len = sizeof(bound);
	if (getsockname(fd, (struct sockaddr *)&bound, &len) < 0)
		return 0;
	return ntohs(bound.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&bound)->sin6_port
						 : ((struct sockaddr_in *)&bound)->sin_port);
}

/* The descriptor, or -1 with errno. */
static int listen_on(int family, unsigned port)
{
	struct sockaddr_storage address;
	socklen_t len = loopback_address(family, port, &address);
	int on = 1;
	AUTO_FD int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	/* A port that was used a minute ago can be used again. */
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) < 0)
		return -1;
	if (bind(fd, (struct sockaddr *)&address, len) < 0 || listen(fd, CONNECTIONS) < 0)
		return -1;
	return steal_fd(&fd);
}

static bool is_absent(int errnum)
{
	return errnum == EAFNOSUPPORT || errnum == EADDRNOTAVAIL || errnum == EPROTONOSUPPORT;
}

/* Both families on one port where both exist.  Returns false with errno. */
static bool listen_both(struct oauth_loopback *l, bool want_v6, unsigned port)
{
	l->listeners[0] = listen_on(AF_INET, port);
	if (l->listeners[0] < 0 && !is_absent(errno))
		return false;
	if (l->listeners[0] >= 0 && !want_v6)
		return true;
	if (!port && l->listeners[0] >= 0)
		port = port_of(l->listeners[0]);
	l->listeners[1] = listen_on(AF_INET6, port);
	return l->listeners[1] >= 0 || (l->listeners[0] >= 0 && is_absent(errno));
}

bool oauth_loopback_open(struct oauth_loopback *l, const char *host, unsigned port, struct error *err)
{
	bool want_v6 = strcmp(host, "localhost") == 0, ok = false;
	for (int tries = 0; !ok && tries < (port ? 1 : PORTS_TRIED); tries++) {
		oauth_loopback_release(l);
		ok = listen_both(l, want_v6, port);
		if (!ok && errno != EADDRINUSE)
			break;
	}
	if (!ok && port && errno == EADDRINUSE) {
		(void)error_set(err, ERROR_CONNECT, _("port %u of oauth_redirect_port is used by another program"),
				port);
		error_hint(err, "%s", _("End that program, or set oauth_redirect_port to another port."));
		return false;
	}
	if (!ok)
		return error_set_errno(err, ERROR_SYSTEM, errno,
				       _("cannot listen on this machine's own address for the browser"));
	l->port = port_of(l->listeners[0] >= 0 ? l->listeners[0] : l->listeners[1]);
	(void)snprintf(l->address, sizeof(l->address), "http://%s:%u/",
		       want_v6		      ? "localhost"
		       : l->listeners[0] >= 0 ? "127.0.0.1"
					      : "[::1]",
		       l->port);
	return true;
}

/* ---- connections ---- */

struct server {
	struct oauth_loopback *l;
	const struct oauth_expected *expected;
	const struct oauth_wait *wait;
	const struct clock *clock;
	struct oauth_redirect *out;
	struct strbuf line; /* what the user has typed of a line */
	int terminal;	    /* -1: it ended */
};

static void server_release(struct server *s)
{
	strbuf_wipe(&s->line);
}

static void accept_all(struct server *s, int listener)
{
	int fd;
	while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
		if (s->l->n == CONNECTIONS)
			drop(s->l, 0); /* the oldest */
		struct oauth_loopback_connection *c = xcalloc(1, sizeof(*c));
		c->fd = fd;
		c->deadline = deadline_in(s->clock, CONNECTION_MS);
		s->l->connections[s->l->n++] = c;
	}
}

static const char *page_text(const struct server *s, const struct oauth_redirect *r)
{
	if (r->kind != OAUTH_REDIRECT_OTHER)
		return s->wait->done;
	switch (r->http) {
	case 405:
		return _("This address takes the answer to a login as a GET request only. The login still waits for "
			 "it.");
	case 404: return _("There is nothing at this address. The login still waits for its answer.");
	default: return _("This is not the answer that the login waits for, and it still waits for it.");
	}
}

/* A small response fits into the socket's buffer; a browser that does not take it sees no page. */
static void respond(const struct server *s, struct oauth_loopback_connection *c, const struct oauth_redirect *r)
{
	AUTO(strbuf) page = STRBUF_INIT;
	oauth_redirect_respond(r, page_text(s, r), &page);
	(void)!send(c->fd, page.buf, page.len, MSG_NOSIGNAL);
	(void)shutdown(c->fd, SHUT_WR);
	c->answered = true;
}

static void say(const struct server *s, const char *text)
{
	s->wait->console->say(s->wait->console->arg, text);
}

/* Keeps the first answer; a second one gets the same page and changes nothing. */
static void take(const struct server *s, struct oauth_redirect *r)
{
	if (s->out->kind != OAUTH_REDIRECT_OTHER || r->kind == OAUTH_REDIRECT_OTHER)
		return;
	*s->out = *r;
	*r = OAUTH_REDIRECT_INIT;
}

/* False: the connection has ended. */
static bool serve(struct server *s, struct oauth_loopback_connection *c)
{
	AUTO(oauth_redirect) request = OAUTH_REDIRECT_INIT;
	for (;;) {
		if (c->answered)
			c->len = 0; /* what still comes is thrown away, or the close would take our response with it */
		ssize_t n = recv(c->fd, c->bytes + c->len, sizeof(c->bytes) - c->len, 0);
		if (n == 0)
			return false;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN || errno == EWOULDBLOCK;
		if (c->answered)
			continue;
		c->len += (size_t)n;
		if (oauth_redirect_read(span_make(c->bytes, c->len), s->expected, &request) == 0)
			continue;
		if (request.tls)
			say(s, _("The browser asked for https at the address of this machine, where there is none. "
				 "Change https to http in its address bar, or switch off its \"https only\" mode.\n"));
		respond(s, c, &request);
		take(s, &request);
	}
}

/* ---- the terminal ---- */

static void read_lines(struct server *s)
{
	char *end;
	while ((end = memchr(s->line.buf, '\n', s->line.len))) {
		AUTO(oauth_redirect) pasted = OAUTH_REDIRECT_INIT;
		struct span line = span_make(s->line.buf, (size_t)(end - s->line.buf));
		bool blank = span_trim(line).len == 0;
		if (oauth_redirect_read_pasted(line, s->expected, &pasted))
			take(s, &pasted);
		else if (!blank)
			say(s, _("That is not the address to which the browser was sent at the end of the login: it "
				 "begins with \"http://\" and has \"code=\" and \"state=\" in it. Please paste all of "
				 "it.\n"));
		strbuf_remove(&s->line, 0, line.len + 1);
	}
}

static void read_terminal(struct server *s)
{
	char bytes[4096];
	ssize_t n = read(s->terminal, bytes, sizeof(bytes));
	if (n > 0)
		strbuf_add(&s->line, bytes, (size_t)n);
	explicit_bzero(bytes, sizeof(bytes));
	if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
		s->terminal = -1;
	read_lines(s);
	if (s->line.len > LINE_LIMIT)
		strbuf_reset(&s->line);
}

/* ---- all together ---- */

#define FDS (CONNECTIONS + LISTENERS + 1)

static msec_t next_deadline(const struct server *s, msec_t deadline)
{
	for (size_t i = 0; i < s->l->n; i++)
		deadline = deadline_min(deadline, s->l->connections[i]->deadline);
	return deadline;
}

static void serve_connections(struct server *s, const struct pollfd *fds, size_t n)
{
	msec_t now = clock_monotonic(s->clock);
	for (size_t i = n; i-- > 0;) {
		bool alive = !fds[i].revents || serve(s, s->l->connections[i]);
		if (!alive || s->l->connections[i]->deadline <= now)
			drop(s->l, i);
	}
}

/* Waits once, until the deadline at most.  False: poll() failed, with errno. */
static bool step(struct server *s, msec_t deadline)
{
	struct pollfd fds[FDS];
	size_t n = s->l->n;
	for (size_t i = 0; i < n; i++)
		fds[i] = (struct pollfd){.fd = s->l->connections[i]->fd, .events = POLLIN};
	for (size_t i = 0; i < LISTENERS; i++)
		fds[n + i] = (struct pollfd){.fd = s->l->listeners[i], .events = POLLIN};
	fds[n + LISTENERS] = (struct pollfd){.fd = s->terminal, .events = POLLIN};
	if (poll(fds, n + LISTENERS + 1, deadline_poll_ms(s->clock, next_deadline(s, deadline))) < 0)
		return errno == EINTR;
	serve_connections(s, fds, n);
	for (size_t i = 0; i < LISTENERS; i++)
		if (fds[n + i].revents)
			accept_all(s, s->l->listeners[i]);
	if (fds[n + LISTENERS].revents)
		read_terminal(s);
	return true;
}

static struct server server_make(struct oauth_loopback *l, const struct oauth_expected *expected,
				 const struct oauth_wait *wait, struct oauth_redirect *out)
{
	return (struct server){.l = l,
			       .expected = expected,
			       .wait = wait,
			       .clock = wait->console->runtime->clock,
			       .out = out,
			       .line = STRBUF_INIT,
			       .terminal = wait->console->terminal};
}

bool oauth_loopback_wait(struct oauth_loopback *l, const struct oauth_expected *expected, const struct oauth_wait *wait,
			 struct oauth_redirect *out, struct error *err)
{
	AUTO(server) s = server_make(l, expected, wait, out);
	out->kind = OAUTH_REDIRECT_OTHER;
	while (out->kind == OAUTH_REDIRECT_OTHER) {
		if (clock_monotonic(s.clock) >= wait->deadline) {
			(void)error_set(err, ERROR_TIMEOUT, "%s", _("nothing came back from the browser in time"));
			error_hint(err, "%s",
				   _("Read the page that the browser shows: it may say what is wrong. Then log in "
				     "again."));
			return false;
		}
		if (!step(&s, wait->deadline))
			return error_set_errno(err, ERROR_SYSTEM, errno, _("cannot wait for the browser"));
	}
	return true;
}

void oauth_loopback_linger(struct oauth_loopback *l, const struct oauth_expected *expected,
			   const struct oauth_wait *wait)
{
	AUTO(oauth_redirect) known = {.kind = OAUTH_REDIRECT_CODE, .code = SECRET_INIT};
	AUTO(server) s = server_make(l, expected, wait, &known);
	msec_t end = deadline_in(s.clock, LINGER_MS);
	s.terminal = -1;
	while (clock_monotonic(s.clock) < end && step(&s, end))
		;
}
