/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The control file of the delaying link: mapped by the link, written and read
 * by the bench at any time.  All numbers are native 64-bit.
 */
#ifndef BENCH_LINK_H
#define BENCH_LINK_H

#include <stdint.h>

enum { LINK_UP, LINK_DOWN }; /* to the server, to the client */

struct link_control {
	uint64_t rtt_us;     /* round trip time: half of it in each direction */
	uint64_t rate_bps;   /* of each direction; 0: no limit */
	uint64_t packets[2]; /* carried */
	uint64_t octets[2];
	uint64_t flights[2]; /* bursts in one direction, ended by one in the other */
	uint64_t lost;	     /* found the queue full; a run that lost any is void */
	uint64_t ready;	     /* 1 as soon as the link is there */
};

/* Runs until killed; 1 and a line on standard error if it cannot be made. */
int link_tun(volatile struct link_control *c, const char *address, const char *peer);
/* Listens on a free port of 127.0.0.1, says which in *port_file, goes on to 127.0.0.1:to. */
int link_proxy(volatile struct link_control *c, unsigned to, const char *port_file);

#endif
