/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * resolve: a host name to socket addresses, with a deadline.
 *
 * Literals go through inet_pton alone ("010.1" is no address, "[::1]", "::1"
 * and "fe80::1%eth0" are), and a name whose last label is a number is refused.  Names are looked up by getaddrinfo in a
 * thread of its own, since it can neither be cancelled nor given a limit; a look-up that overruns is left behind.
 * Errors: ERROR_HOST_UNKNOWN (no such name, or no address of a usable family), ERROR_DNS_TEMPORARY (EAI_AGAIN,
 * deadline), ERROR_SYSTEM.
 */
#ifndef NET_RESOLVE_H
#define NET_RESOLVE_H

#include "base/clock.h"
#include "base/error.h"

#include <netdb.h>
#include <sys/socket.h>

struct address {
	struct sockaddr_storage sa;
	socklen_t len;
};
struct address_list {
	struct address *v;
	size_t n, cap;
};
#define ADDRESS_LIST_INIT ((struct address_list){NULL, 0, 0})
void address_list_release(struct address_list *list);

/* The resolver as a seam for tests: names only, in ASCII; literals never get here.
 * The order of *out is its preference; doubles are allowed. */
struct resolver {
	bool (*resolve)(const struct resolver *r, const char *host, unsigned port, const struct clock *clock,
			msec_t deadline, struct address_list *out, struct error *err);
};
extern const struct resolver resolver_system;
/* What resolver_system does around getaddrinfo, which tests replace by a look-up that
 * hangs or fails; *found is given to freeaddrinfo. */
typedef int resolve_lookup(const char *host, const char *service, const struct addrinfo *hints,
			   struct addrinfo **found);
bool resolve_in_thread(resolve_lookup *lookup, const char *host, unsigned port, const struct clock *clock,
		       msec_t deadline, struct address_list *out, struct error *err) MUST_CHECK;

/* Literal or name (U-labels are converted) to addresses appended to *out, which is empty
 * before: without doubles and interleaved, ready for dialing. */
bool resolve_host(const struct resolver *r, const char *host, unsigned port, const struct clock *clock, msec_t deadline,
		  struct address_list *out, struct error *err) MUST_CHECK;
/* RFC 8305 section 4: families alternate, the resolver's first choice leads. Pure. */
void address_list_interleave(struct address_list *list);
/* "192.0.2.1 port 465", "2001:db8::1 port 465", for people.  malloc'ed. */
char *address_text(const struct address *a);
/* The address of a literal, brackets and scope allowed; false for anything else.  Pure but for
 * the name of the interface in a scope. */
bool address_from_literal(const char *host, unsigned port, struct address *out) MUST_CHECK;
/* True for 127.0.0.0/8, ::1, ::ffff:127.0.0.0/104 and Unix sockets. */
bool address_is_loopback(const struct address *a);

#endif
