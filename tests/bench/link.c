/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * link: a link that takes its time.
 *
 *	link CONTROL tun ADDRESS PEER	 makes a TUN device with ADDRESS; what is sent to PEER
 *					 comes back to ADDRESS, late, as if from PEER
 *	link CONTROL proxy PORT FILE	 where that is not allowed: a proxy to 127.0.0.1:PORT
 *
 * CONTROL is a file of struct link_control.  With the device everything below
 * TCP is real: the connection's first packet, slow start, Nagle, delayed
 * acknowledgements.  The proxy only delays what is said, and counts flights.
 */
#include "link.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc != 5 || (strcmp(argv[2], "tun") != 0 && strcmp(argv[2], "proxy") != 0)) {
		fprintf(stderr, "usage: link CONTROL tun ADDRESS PEER | link CONTROL proxy PORT PORT-FILE\n");
		return 64;
	}
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	signal(SIGPIPE, SIG_IGN);
	int fd = open(argv[1], O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, sizeof(struct link_control)) < 0) {
		perror(argv[1]);
		return 1;
	}
	volatile struct link_control *c = mmap(NULL, sizeof(*c), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (c == MAP_FAILED) {
		perror(argv[1]);
		return 1;
	}
	if (strcmp(argv[2], "tun") == 0)
		return link_tun(c, argv[3], argv[4]);
	return link_proxy(c, (unsigned)strtoul(argv[3], NULL, 10), argv[4]);
}
