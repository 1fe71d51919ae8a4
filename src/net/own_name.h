/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * own_name: what this machine calls itself in EHLO if no name was configured ("domain auto"): its host name if that is
 * one that others can have heard of, else the address of the connection (RFC 5321 sections 2.3.5, 4.1.3 and 4.1.4).  No
 * name server is asked.
 */
#ifndef NET_OWN_NAME_H
#define NET_OWN_NAME_H

#include "base/span.h"

#include <sys/socket.h>

/* For the connection of this socket; malloc'ed, and "localhost" where it has no IP address (a Unix socket, fd -1). */
char *own_name_find(int fd);

/* The name in A-labels if it is a fully qualified domain name: two labels or more, of letters, digits and hyphens, the
 * last one not a number.  Else NULL, and for names that mean something else on every machine or network: those that
 * end in localhost, localdomain or local (RFC 6761, RFC 6762).  Pure; malloc'ed. */
char *own_name_of_host(struct span host);
/* "[192.0.2.1]", "[IPv6:2001:db8::1]"; NULL for another kind of address, or one of no machine (0.0.0.0).  Pure;
 * malloc'ed. */
char *own_name_of_address(const struct sockaddr_storage *sa);

#endif
