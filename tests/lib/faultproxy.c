/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * faultproxy: a line between program and server that fails as configured.
 *
 *	faultproxy PORT		to 127.0.0.1:PORT; says the port it listens on (127.0.0.1) in a line
 *
 * Each line of standard input is the plan for one connection, in the order in
 * which they come: KIND DIRECTION OFFSET.  DIRECTION is c (client to server) or
 * s.  The fault takes place when OFFSET octets have passed in that direction:
 *
 *	none	nothing happens
 *	show	nothing happens, and two more lines show the octets of either direction in hex
 *	fin	both ends see that nothing more comes; what they still say is counted and dropped
 *	half	only the receiver of that direction sees it, the other direction goes on
 *	rst	both ends are reset
 *	stall	nothing more passes until the client gives up
 *	corrupt	the octet after OFFSET is changed
 *	delay	the octets after OFFSET wait until something passed in the other direction
 *	split	from there on one octet at a time
 *	drip	the same, with pauses
 *
 * When a connection is over, a line of standard output describes it:
 *
 *	c READ PASSED s READ PASSED turns D:C/S ...
 *
 * octets read from the client and passed to the server, then the other way; and
 * where the direction changed: to D, when C octets of the client and S of the
 * server had passed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum kind { NONE, SHOW, FIN, HALF, RST, STALL, CORRUPT, DELAY, SPLIT, DRIP, KINDS };
static const char *const kind_names[KINDS] = {"none",  "show",	  "fin",   "half",  "rst",
					      "stall", "corrupt", "delay", "split", "drip"};

struct plan {
	enum kind kind;
	int direction; /* 0: client to server */
	uint64_t offset;
};

/* One direction. */
struct flow {
	int from, to;
	uint64_t read, passed;
	char data[64 * 1024];
	size_t at, len; /* of data, not passed yet */
	bool ended;	/* nothing more will be read */
	bool shut;	/* and the receiver knows */
	bool dropping;	/* what comes is dropped */
	char *shown;	/* SHOW: what passed */
};

#define TURNS 64
struct turn {
	int direction;
	uint64_t passed[2];
};

struct relay {
	struct plan plan;
	struct flow flow[2];
	bool happened;	     /* the fault has taken place */
	uint64_t other_then; /* DELAY: what had passed the other way */
	struct turn turns[TURNS];
	size_t turns_n;
	bool reset;
};

static void die(const char *what)
{
	fprintf(stderr, "faultproxy: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* ---- the fault ---- */

static void tell_end(struct flow *f)
{
	if (!f->shut)
		(void)shutdown(f->to, SHUT_WR); /* fails if the peer is gone already */
	f->shut = true;
}

static void drop(struct flow *f)
{
	f->dropping = true;
	f->at = f->len = 0;
}

static void reset(struct relay *r)
{
	const struct linger now = {.l_onoff = 1, .l_linger = 0};
	for (int i = 0; i < 2; i++) {
		(void)setsockopt(r->flow[i].from, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
		r->flow[i].ended = r->flow[i].shut = true;
	}
	r->reset = true;
}

static void happen(struct relay *r)
{
	struct flow *f = &r->flow[r->plan.direction], *other = &r->flow[!r->plan.direction];
	r->happened = true;
	r->other_then = other->passed;
	switch (r->plan.kind) {
	case FIN:
		drop(f);
		drop(other);
		tell_end(f);
		tell_end(other);
		break;
	case HALF:
		drop(f);
		tell_end(f);
		break;
	case RST: reset(r); break;
	case STALL:
		drop(f);
		drop(other);
		break;
	case NONE:
	case SHOW:
	case CORRUPT:
	case DELAY:
	case SPLIT:
	case DRIP:
	case KINDS: break;
	}
}

static bool due(const struct relay *r)
{
	return !r->happened && r->plan.kind > SHOW && r->flow[r->plan.direction].passed >= r->plan.offset;
}

/* ---- octets ---- */

/* How many of the waiting octets may go now in one piece. */
static size_t portion(const struct relay *r, const struct flow *f)
{
	size_t n = f->len - f->at;
	if (f != &r->flow[r->plan.direction] || r->plan.kind <= SHOW)
		return n;
	if (!r->happened)
		return f->passed + n > r->plan.offset ? (size_t)(r->plan.offset - f->passed) : n;
	if (r->plan.kind == DELAY && r->flow[!r->plan.direction].passed == r->other_then && !r->flow[0].ended)
		return 0;
	if (r->plan.kind == CORRUPT && f->passed == r->plan.offset)
		return n ? 1 : 0;
	return (r->plan.kind == SPLIT || r->plan.kind == DRIP) && n ? 1 : n;
}

static void note_turn(struct relay *r, const struct flow *f)
{
	int direction = f == &r->flow[1];
	if (r->turns_n == TURNS || (r->turns_n && r->turns[r->turns_n - 1].direction == direction))
		return;
	r->turns[r->turns_n++] = (struct turn){direction, {r->flow[0].passed, r->flow[1].passed}};
}

static void pass(struct relay *r, struct flow *f)
{
	const struct timespec pause = {.tv_nsec = 200000};
	size_t n = portion(r, f);
	if (!n)
		return;
	if (r->plan.kind == CORRUPT && r->happened && f == &r->flow[r->plan.direction] && f->passed == r->plan.offset)
		f->data[f->at] ^= 1;
	ssize_t put = send(f->to, f->data + f->at, n, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (put < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return;
	if (put < 0) { /* the receiver is gone */
		drop(f);
		return;
	}
	note_turn(r, f);
	if (r->plan.kind == SHOW && put > 0) {
		f->shown = realloc(f->shown, (size_t)(f->passed + (uint64_t)put));
		if (!f->shown)
			die("memory");
		memcpy(f->shown + f->passed, f->data + f->at, (size_t)put);
	}
	f->at += (size_t)put;
	f->passed += (uint64_t)put;
	if (f->at == f->len)
		f->at = f->len = 0;
	else if (r->plan.kind == DRIP)
		(void)nanosleep(&pause, NULL);
}

static void fetch(struct flow *f)
{
	if (f->len == sizeof(f->data))
		return;
	ssize_t n = recv(f->from, f->data + f->len, sizeof(f->data) - f->len, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return;
	if (n <= 0) {
		f->ended = true;
		return;
	}
	f->read += (uint64_t)n;
	if (!f->dropping)
		f->len += (size_t)n;
}

/* Waits until something can move. */
static void wait_for(const struct relay *r)
{
	struct pollfd p[4];
	for (int i = 0; i < 2; i++) {
		const struct flow *f = &r->flow[i];
		bool room = f->dropping || f->len < sizeof(f->data);
		p[2 * i] = (struct pollfd){.fd = f->ended || !room ? -1 : f->from, .events = POLLIN};
		p[2 * i + 1] = (struct pollfd){.fd = portion(r, f) ? f->to : -1, .events = POLLOUT};
	}
	while (poll(p, 4, -1) < 0)
		if (errno != EINTR)
			die("poll");
}

/* A direction is over when its end was passed on; in a stall only the client ends it. */
static bool over(struct relay *r)
{
	for (int i = 0; i < 2; i++) {
		struct flow *f = &r->flow[i];
		bool held = r->plan.kind == STALL && r->happened && !r->flow[0].ended;
		if (f->ended && !f->len && !held)
			tell_end(f);
	}
	return r->reset || (r->flow[0].ended && r->flow[1].ended && r->flow[0].shut && r->flow[1].shut);
}

static void run(struct relay *r)
{
	for (;;) {
		if (due(r))
			happen(r);
		if (over(r))
			return;
		wait_for(r);
		for (int i = 0; i < 2; i++) {
			if (!r->flow[i].ended)
				fetch(&r->flow[i]);
			pass(r, &r->flow[i]);
			if (due(r))
				happen(r);
		}
	}
}

/* ---- connections ---- */

static int tcp(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		die("socket");
	return fd;
}

static void at_once(int fd)
{
	const int one = 1;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

static int listen_somewhere(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(a);
	int fd = tcp();
	if (bind(fd, (struct sockaddr *)&a, len) < 0 || listen(fd, 8) < 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) < 0)
		die("listen");
	printf("%u\n", (unsigned)ntohs(a.sin_port));
	return fd;
}

static void show(struct flow *f)
{
	for (uint64_t i = 0; f->shown && i < f->passed; i++)
		printf("%02x", (unsigned char)f->shown[i]);
	putchar('\n');
	free(f->shown);
	f->shown = NULL;
}

static void serve(int listener, uint16_t port, const struct plan *plan)
{
	static struct relay r;
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int server = tcp(), client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (client < 0 || connect(server, (struct sockaddr *)&a, sizeof(a)) < 0)
		die("connect");
	at_once(client);
	at_once(server);
	memset(&r, 0, sizeof(r));
	r.plan = *plan;
	r.flow[0].from = r.flow[1].to = client;
	r.flow[0].to = r.flow[1].from = server;
	run(&r);
	(void)close(client);
	(void)close(server);
	for (int i = 0; i < 2; i++)
		printf("%s%c %llu %llu", i ? " " : "", "cs"[i], (unsigned long long)r.flow[i].read,
		       (unsigned long long)r.flow[i].passed);
	printf(" turns");
	for (size_t i = 0; i < r.turns_n; i++)
		printf(" %c:%llu/%llu", "cs"[r.turns[i].direction], (unsigned long long)r.turns[i].passed[0],
		       (unsigned long long)r.turns[i].passed[1]);
	putchar('\n');
	for (int i = 0; i < 2 && plan->kind == SHOW; i++)
		show(&r.flow[i]);
}

static bool parse(const char *line, struct plan *plan)
{
	char name[16], direction;
	unsigned long long offset;
	if (sscanf(line, "%15s %c %llu", name, &direction, &offset) != 3 || (direction != 'c' && direction != 's'))
		return false;
	*plan = (struct plan){KINDS, direction == 's', offset};
	for (int i = 0; i < KINDS; i++)
		if (strcmp(name, kind_names[i]) == 0)
			plan->kind = (enum kind)i;
	return plan->kind != KINDS;
}

int main(int argc, char **argv)
{
	char line[80];
	struct plan plan;
	long port = argc == 2 ? strtol(argv[1], NULL, 10) : 0;
	if (port <= 0 || port > 65535) {
		fputs("usage: faultproxy PORT\n", stderr);
		return 64;
	}
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	int listener = listen_somewhere();
	while (fgets(line, sizeof(line), stdin)) {
		if (!parse(line, &plan)) {
			fprintf(stderr, "faultproxy: what is this: %s", line);
			return 65;
		}
		serve(listener, (uint16_t)port, &plan);
	}
	return 0;
}
