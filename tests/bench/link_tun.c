/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The link as a TUN device.  A packet to the peer's address comes back with
 * both addresses exchanged: the sum over them, and so every checksum, stays
 * what it was, and client and server need no name space of their own.
 */
#include "link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ROOM 1600
#define SLOTS 16384 /* per direction: more than the largest window Linux opens automatically */
/* A client's port is an ephemeral one, a server's is below. */
#define CLIENT_PORTS 32768u

struct packet {
	uint64_t due_ns;
	unsigned len;
	unsigned char octets[ROOM];
};

struct lane {
	struct packet *slots;
	unsigned first, n;
	uint64_t free_ns; /* when the wire has sent all before */
};

static uint64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static bool set_address(int s, const char *name, unsigned long request, const char *text)
{
	struct ifreq r;
	struct sockaddr_in a = {.sin_family = AF_INET};
	memset(&r, 0, sizeof(r));
	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	if (inet_pton(AF_INET, text, &a.sin_addr) != 1)
		return false;
	memcpy(&r.ifr_addr, &a, sizeof(a));
	return ioctl(s, request, &r) == 0;
}

static bool bring_up(int s, const char *name)
{
	struct ifreq r;
	memset(&r, 0, sizeof(r));
	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	if (ioctl(s, SIOCGIFFLAGS, &r) < 0)
		return false;
	r.ifr_flags = (short)(r.ifr_flags | IFF_UP);
	return ioctl(s, SIOCSIFFLAGS, &r) == 0;
}

static int make_device(const char *address)
{
	struct ifreq r;
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	memset(&r, 0, sizeof(r));
	snprintf(r.ifr_name, sizeof(r.ifr_name), "slow0");
	r.ifr_flags = IFF_TUN | IFF_NO_PI;
	bool good = fd >= 0 && s >= 0 && ioctl(fd, TUNSETIFF, &r) == 0;
	good = good && set_address(s, "slow0", SIOCSIFADDR, address) &&
	       set_address(s, "slow0", SIOCSIFNETMASK, "255.255.255.0");
	if (good) {
		r.ifr_qlen = SLOTS;
		good = ioctl(s, SIOCSIFTXQLEN, &r) == 0 && bring_up(s, "slow0") && bring_up(s, "lo");
	}
	if (!good)
		fprintf(stderr, "link: no TUN device: %s\n", strerror(errno));
	if (s >= 0)
		close(s);
	return good ? fd : -1;
}

static unsigned direction(const unsigned char *p)
{
	unsigned head = (p[0] & 15u) * 4;
	unsigned to = (unsigned)p[head + 2] << 8 | p[head + 3];
	return to < CLIENT_PORTS ? LINK_UP : LINK_DOWN;
}

static void count(volatile struct link_control *c, unsigned way, unsigned len, unsigned *last, const unsigned char *p)
{
	unsigned head = (p[0] & 15u) * 4;
	unsigned tcp_head = (unsigned)(p[head + 12] >> 4) * 4;
	c->packets[way]++;
	c->octets[way] += len;
	if (len <= head + tcp_head)
		return; /* bare acknowledgements make no flight */
	if (*last != way)
		c->flights[way]++;
	*last = way;
}

/* Takes what the kernel sends; false when there is nothing more now. */
static bool take(int fd, volatile struct link_control *c, struct lane *lanes, unsigned *last)
{
	unsigned char p[ROOM], address[4];
	ssize_t got = read(fd, p, sizeof(p));
	if (got <= 0)
		return false;
	if (got < 40 || p[0] >> 4 != 4 || p[9] != IPPROTO_TCP)
		return true;
	unsigned len = (unsigned)got, way = direction(p);
	struct lane *lane = &lanes[way];
	if (lane->n == SLOTS) {
		c->lost++;
		return true;
	}
	memcpy(address, p + 12, 4);
	memcpy(p + 12, p + 16, 4);
	memcpy(p + 16, address, 4);
	struct packet *slot = &lane->slots[(lane->first + lane->n++) % SLOTS];
	uint64_t now = now_ns(), sent = lane->free_ns > now ? lane->free_ns : now;
	if (c->rate_bps)
		sent += (uint64_t)len * 8u * 1000000000u / c->rate_bps;
	lane->free_ns = sent;
	slot->due_ns = sent + c->rtt_us * 500u;
	slot->len = len;
	memcpy(slot->octets, p, len);
	count(c, way, len, last, p);
	return true;
}

/* Hands over what is due; the time of the next packet, or 0. */
static uint64_t hand_over(int fd, struct lane *lane)
{
	while (lane->n) {
		struct packet *slot = &lane->slots[lane->first];
		if (slot->due_ns > now_ns())
			return slot->due_ns;
		if (write(fd, slot->octets, slot->len) < 0 && errno == EAGAIN)
			return now_ns() + 100000;
		lane->first = (lane->first + 1) % SLOTS;
		lane->n--;
	}
	return 0;
}

static void wait_until(int fd, uint64_t due)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	struct timespec t = {.tv_sec = 0};
	uint64_t now = now_ns();
	if (due > now) {
		t.tv_sec = (time_t)((due - now) / 1000000000u);
		t.tv_nsec = (long)((due - now) % 1000000000u);
	}
	(void)ppoll(&p, 1, due ? &t : NULL, NULL);
}

int link_tun(volatile struct link_control *c, const char *address, const char *peer)
{
	struct lane lanes[2] = {{.slots = calloc(SLOTS, sizeof(struct packet))},
				{.slots = calloc(SLOTS, sizeof(struct packet))}};
	unsigned last = LINK_DOWN;
	int fd = make_device(address);
	if (fd < 0 || !lanes[0].slots || !lanes[1].slots)
		return 1;
	(void)peer; /* whatever lies behind the device is the peer */
	c->ready = 1;
	for (;;) {
		for (int i = 0; i < 64 && take(fd, c, lanes, &last); i++)
			;
		uint64_t up = hand_over(fd, &lanes[LINK_UP]), down = hand_over(fd, &lanes[LINK_DOWN]);
		wait_until(fd, !up ? down : !down || up < down ? up : down);
	}
}
