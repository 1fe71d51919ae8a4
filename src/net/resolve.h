/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * resolve: turns a host name into socket addresses, with a deadline.
 *
 * IP literals are parsed by inet_pton only: "[::1]", "::1" and "fe80::1%eth0" are literals, "010.1" is not.  A name
 * whose last label is a number is refused.  Names are looked up by getaddrinfo in a thread of its own, since
 * getaddrinfo can neither be cancelled nor given a time limit; a lookup that exceeds the deadline is left running.
 *
 * Errors: ERROR_HOST_UNKNOWN (no such name, or no address of a usable family), ERROR_DNS_TEMPORARY (EAI_AGAIN or the
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

/* The resolver, replaceable in tests.  It is given ASCII names only, never literals.  *out is in the resolver's order
 * of preference and may contain duplicates. */
struct resolver {
	bool (*resolve)(const struct resolver *r, const char *host, unsigned port, const struct clock *clock,
			msec_t deadline, struct address_list *out, struct error *err);
};
extern const struct resolver resolver_system;
/* The lookup that resolver_system runs in its thread; tests replace it by one that hangs or fails.  *found is freed
 * with freeaddrinfo. */
typedef int resolve_lookup(const char *host, const char *service, const struct addrinfo *hints,
			   struct addrinfo **found);
bool resolve_in_thread(resolve_lookup *lookup, const char *host, unsigned port, const struct clock *clock,
		       msec_t deadline, struct address_list *out, struct error *err) MUST_CHECK;

/* Resolves a literal or a name (U-labels are converted).  *out must be empty; it receives the addresses without
 * duplicates, with the families interleaved, ready for dialing.  False with err set as above. */
bool resolve_host(const struct resolver *r, const char *host, unsigned port, const struct clock *clock, msec_t deadline,
		  struct address_list *out, struct error *err) MUST_CHECK;
/* RFC 8305 section 4: alternates the address families, starting with the resolver's first choice.  Pure. */
void address_list_interleave(struct address_list *list);
/* "192.0.2.1 port 465", "2001:db8::1 port 465", for messages; malloc'ed. */
char *address_text(const struct address *a);
/* Parses an IP literal; brackets and a scope are allowed.  False for anything else.  Pure, except that it looks up
 * the interface name in a scope. */
bool address_from_literal(const char *host, unsigned port, struct address *out) MUST_CHECK;
/* True for 127.0.0.0/8, ::1, ::ffff:127.0.0.0/104 and Unix sockets. */
bool address_is_loopback(const struct address *a);

#endif
