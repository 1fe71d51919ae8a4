/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * resolve: a host name to socket addresses, with a deadline.
 *
 * Literals go through inet_pton alone ("010.1" is no address, "[::1]" and
 * "::1" are).  Names are looked up by getaddrinfo in a thread of its own, since
 * it can neither be cancelled nor given a limit; a look-up that overruns is
 * left behind.  Errors: ERROR_HOST_UNKNOWN (no such name, or no address of a
 * usable family), ERROR_DNS_TEMPORARY (EAI_AGAIN, deadline), ERROR_SYSTEM.
 */
#ifndef NET_RESOLVE_H
#define NET_RESOLVE_H

#include "base/clock.h"
#include "base/error.h"

#include <sys/socket.h>

struct address {
	struct sockaddr_storage sa;
	socklen_t len;
};
struct address_list {
	struct address *v;
	size_t n, cap;
};
#define ADDRESS_LIST_INIT {NULL, 0, 0}
void address_list_release(struct address_list *list);

/* The resolver as a seam for tests. */
struct resolver {
	bool (*resolve)(const struct resolver *r, const char *host, unsigned port, const struct clock *clock, msec_t deadline,
			struct address_list *out, struct error *err);
};
extern const struct resolver resolver_system;

bool resolve_host(const struct resolver *r, const char *host, unsigned port, const struct clock *clock, msec_t deadline,
		  struct address_list *out, struct error *err) MUST_CHECK;
/* RFC 8305 section 4: families alternate, the resolver's first choice leads. Pure. */
void address_list_interleave(struct address_list *list);
/* "192.0.2.1 port 465", "2001:db8::1 port 465", for people.  malloc'ed. */
char *address_text(const struct address *a);
/* True for 127.0.0.0/8, ::1, ::ffff:127.0.0.0/104 and Unix sockets. */
bool address_is_loopback(const struct address *a);

#endif
