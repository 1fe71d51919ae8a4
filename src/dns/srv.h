/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * srv: the submission servers a domain names in the DNS (RFC 2782, 6186, 8314).
 *
 * _submissions._tcp (TLS from the first octet) is asked for first; only when
 * the domain names none there, _submission._tcp (STARTTLS, which is then
 * required).  A look-up that fails for the moment is an error and no reason to
 * go on to the other name: whoever can suppress an answer would choose for us.
 */
#ifndef DNS_SRV_H
#define DNS_SRV_H

#include "base/cleanup.h"
#include "base/runtime.h"

struct srv_record {
	unsigned priority, weight, port;
	char *target; /* ASCII, without the final dot */
};
struct srv_list {
	struct srv_record *v;
	size_t n, cap;
	bool immediate; /* TLS from the first octet */
	bool secure;	/* a resolver we trust says that DNSSEC vouches for the answer */
};
#define SRV_LIST_INIT ((struct srv_list){.v = NULL})
void srv_list_release(struct srv_list *list);

/*
 * The DNS as a seam for tests.  Puts the answer to a question for SRV records
 * into answer and returns its length, even where it says that there is nothing; -1
 * with *temporary when there is no answer.  May block: it runs in a thread.
 */
struct srv_dns {
	int (*ask)(const struct srv_dns *dns, const char *name, unsigned char *answer, size_t room);
};
extern const struct srv_dns srv_dns_system;

/*
 * The records of a DNS message, appended as they stand there.  A target "." (the
 * service is decidedly not offered) gives none and sets *declined.  ERROR_DNS_TEMPORARY for
 * a message that is none, or that says the server failed.
 */
bool srv_parse(const unsigned char *message, size_t len, struct srv_list *out, bool *declined,
	       struct error *err) MUST_CHECK;
/* Puts them into the order in which they are to be tried (RFC 2782): by priority,
 * among equals by chance in proportion to their weights. */
void srv_order(struct srv_list *list, const struct rng *rng);
/* May the certificate carry the target's name?  Else it must carry the domain's: who
 * can forge the answer must not choose the name that is checked. */
bool srv_target_counts(const struct srv_list *list, const char *domain, const char *target);

/*
 * The servers of a domain (U-labels are converted), in order, at least one.
 * ERROR_HOST_UNKNOWN when it names none; ERROR_DNS_TEMPORARY, ERROR_SYSTEM.
 */
bool srv_find(const struct runtime *runtime, const char *domain, msec_t deadline, struct srv_list *out,
	      struct error *err) MUST_CHECK;

#endif
