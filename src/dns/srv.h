/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * srv: finds the submission servers that a domain names in the DNS (RFC 2782, 6186, 8314).
 *
 * _submissions._tcp (TLS from the first byte) is looked up first.  Only if the domain names no server there,
 * _submission._tcp is looked up (STARTTLS, which is then required).  A temporary failure of the first lookup is an
 * error and does not lead to the second: otherwise an attacker who suppresses answers could choose STARTTLS.
 */
#ifndef DNS_SRV_H
#define DNS_SRV_H

#include "dns/lookup.h"

struct srv_record {
	unsigned priority, weight, port;
	char *target; /* ASCII, without the final dot */
};
struct srv_list {
	struct srv_record *v;
	size_t n, cap;
	bool immediate; /* TLS from the first byte */
	bool secure;	/* DNSSEC validated the answer: a trusted resolver says so, or we did */
};
#define SRV_LIST_INIT ((struct srv_list){.v = NULL})
void srv_list_release(struct srv_list *list);

/*
 * Appends the SRV records of a DNS message in their order there.  A target "." (the service is explicitly not
 * offered) adds no record and sets *declined.  False with ERROR_DNS_TEMPORARY if the message is not a DNS answer or
 * says that the server failed.
 */
bool srv_parse(const unsigned char *message, size_t len, struct srv_list *out, bool *declined,
	       struct error *err) MUST_CHECK;
/* Sorts the records into the order in which to try them (RFC 2782): by priority, and randomly in proportion to their
 * weights among equal priorities. */
void srv_order(struct srv_list *list, const struct rng *rng);
/* True if the certificate may be issued for the target's name; otherwise it must be for the domain, because an
 * attacker who can forge the answer must not choose the name that is checked. */
bool srv_target_counts(const struct srv_list *list, const char *domain, const char *target);

/*
 * Finds the servers of a domain (U-labels are converted).  On success *out has at least one record, in the order in
 * which to try them.  False with ERROR_HOST_UNKNOWN if the domain names none, ERROR_DNS_TEMPORARY or ERROR_SYSTEM.
 * With a validator (NULL: none) the signatures are checked here, whatever the resolver says; an answer with wrong ones
 * is ERROR_DNS_TEMPORARY, and ERROR_CONFIG comes from dns_validate().
 */
bool srv_find(const struct runtime *runtime, const struct dns_validator *validator, const char *domain, msec_t deadline,
	      struct srv_list *out, struct error *err) MUST_CHECK;

#endif
