/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The link as a proxy, for users who may not make devices: each octet is handed
 * on half a round trip after it came; what a client says at once is taken as
 * said a whole round trip after it connected, because on a real link it could not
 * have spoken earlier.  TCP's own habits do not show.
 */
#include "link.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PORTION 65536

struct portion {
	struct portion *next;
	uint64_t due_us;
	size_t len, at; /* no octets: the end */
	char octets[];
};

struct lane {
	int from, to;
	struct portion *first, **last;
	bool ended;
};

struct pair {
	volatile struct link_control *c;
	struct lane lanes[2];
	uint64_t open_us;
	unsigned spoke_last;
};

static uint64_t now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

static void count(struct pair *p, unsigned way, size_t len)
{
	p->c->packets[way]++;
	p->c->octets[way] += len;
	if (p->spoke_last != way)
		p->c->flights[way]++;
	p->spoke_last = way;
}

static void take(struct pair *p, unsigned way)
{
	static _Thread_local char room[PORTION];
	struct lane *lane = &p->lanes[way];
	ssize_t got = read(lane->from, room, sizeof(room));
	size_t len = got > 0 ? (size_t)got : 0;
	struct portion *q = malloc(sizeof(*q) + len);
	if (!q)
		abort();
	uint64_t now = now_us(), said = now > p->open_us ? now : p->open_us;
	*q = (struct portion){.len = len, .due_us = said + p->c->rtt_us / 2};
	memcpy(q->octets, room, len);
	*lane->last = q;
	lane->last = &q->next;
	lane->ended = len == 0;
	if (len)
		count(p, way, len);
}

/* False when the other side has gone. */
static bool hand_over(struct lane *lane)
{
	while (lane->first && lane->first->due_us <= now_us()) {
		struct portion *q = lane->first;
		if (q->len == 0)
			shutdown(lane->to, SHUT_WR);
		ssize_t put = q->len ? send(lane->to, q->octets + q->at, q->len - q->at, MSG_NOSIGNAL) : 0;
		if (put < 0)
			return false;
		q->at += (size_t)put;
		if (q->at < q->len)
			continue;
		lane->first = q->next;
		if (!lane->first)
			lane->last = &lane->first;
		free(q);
	}
	return true;
}

static int until_due(const struct pair *p)
{
	uint64_t due = 0, now = now_us();
	for (int i = 0; i < 2; i++)
		if (p->lanes[i].first && (!due || p->lanes[i].first->due_us < due))
			due = p->lanes[i].first->due_us;
	return !due ? -1 : due <= now ? 0 : (int)((due - now) / 1000u) + 1;
}

static void *serve(void *arg)
{
	struct pair *p = arg;
	bool good = true;
	while (good && !(p->lanes[0].ended && p->lanes[1].ended && !p->lanes[0].first && !p->lanes[1].first)) {
		struct pollfd f[2];
		for (int i = 0; i < 2; i++)
			f[i] = (struct pollfd){.fd = p->lanes[i].ended ? -1 : p->lanes[i].from, .events = POLLIN};
		(void)poll(f, 2, until_due(p));
		for (unsigned i = 0; i < 2; i++)
			if (f[i].revents)
				take(p, i);
		good = hand_over(&p->lanes[0]) && hand_over(&p->lanes[1]);
	}
	for (int i = 0; i < 2; i++) {
		close(p->lanes[i].from);
		for (struct portion *q = p->lanes[i].first, *next; q; q = next) {
			next = q->next;
			free(q);
		}
	}
	free(p);
	return NULL;
}

static int dial(unsigned port)
{
	struct sockaddr_in a = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s >= 0 && connect(s, (struct sockaddr *)&a, sizeof(a)) < 0) {
		close(s);
		return -1;
	}
	return s;
}

static int listen_somewhere(const char *port_file)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s < 0 || bind(s, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(s, 128) < 0 ||
	    getsockname(s, (struct sockaddr *)&a, &len) < 0)
		return -1;
	FILE *f = fopen(port_file, "we");
	if (!f)
		return -1;
	fprintf(f, "%u\n", (unsigned)ntohs(a.sin_port));
	return fclose(f) == 0 ? s : -1;
}

static void start(volatile struct link_control *c, int client, int server)
{
	pthread_t thread;
	int on = 1;
	struct pair *p = calloc(1, sizeof(*p));
	if (!p)
		abort();
	setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	*p = (struct pair){.c = c, .open_us = now_us() + c->rtt_us, .spoke_last = LINK_DOWN};
	p->lanes[LINK_UP] = (struct lane){.from = client, .to = server};
	p->lanes[LINK_DOWN] = (struct lane){.from = server, .to = client};
	for (int i = 0; i < 2; i++)
		p->lanes[i].last = &p->lanes[i].first;
	if (pthread_create(&thread, NULL, serve, p) != 0)
		abort();
	pthread_detach(thread);
}

int link_proxy(volatile struct link_control *c, unsigned to, const char *port_file)
{
	int s = listen_somewhere(port_file);
	if (s < 0) {
		perror("link: no port");
		return 1;
	}
	c->ready = 1;
	for (;;) {
		int client = accept(s, NULL, NULL);
		int server = client < 0 ? -1 : dial(to);
		if (server < 0) {
			if (client >= 0)
				close(client);
			continue;
		}
		start(c, client, server);
	}
}
