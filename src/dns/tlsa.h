/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tlsa: finds the TLSA records of a server (RFC 6698), as RFC 7672 wants it for SMTP.
 *
 * The server's addresses are asked for first.  Records are looked for only where the zone of the addresses, or of the
 * alias that the server is named by, is signed: other name servers may not know the type.  They belong to
 * _PORT._tcp.NAME, where NAME is the end of the aliases, or else the server's own name; the first that has records with
 * valid signatures is the base: the certificate and the TLS server name are about it.
 */
#ifndef DNS_TLSA_H
#define DNS_TLSA_H

#include "dns/validate.h"
#include "tls/tlsa.h"

struct tlsa_found {
	struct tlsa_records records; /* with valid signatures; n is 0 if there are none */
	char *owner;		     /* the name they belong to, "_465._tcp.mail.example.org", or the one asked for */
	char *base;		     /* the name without the two labels in front; NULL without records */
	char *alias;		     /* the name that was asked about, if base is another one; else NULL */
	char *why_none;		     /* why there are none, a part of a sentence; NULL with records */
};
#define TLSA_FOUND_INIT ((struct tlsa_found){.owner = NULL})
void tlsa_found_release(struct tlsa_found *found);

/*
 * Looks the records up.  True also if there are none.  False with ERROR_DNS_TEMPORARY if an answer that is needed is
 * missing or not valid, so that nothing may be sent to this server, and with ERROR_CONFIG as dns_validate() has it.
 */
bool tlsa_find(const struct dns_validator *v, const char *host, unsigned port, msec_t deadline, struct tlsa_found *out,
	       struct error *err) MUST_CHECK;

/* The parts of it that ask nothing. */

/* RFC 6698 section 2.1.  Appends the record; false if the data is too short for one. */
bool tlsa_parse(struct span data, struct tlsa_records *out);
/* The names under which records are to be looked for, best first, from the answers for the host's A, AAAA and CNAME
 * records; the result borrows from them.  None: *why is set.  False if one of the answers is a failure. */
struct tlsa_names {
	const char *v[2];
	size_t n;
	const char *why; /* a part of a sentence */
};
bool tlsa_choose_names(const char *host, const struct dns_answer answers[3], struct tlsa_names *out,
		       struct error *err) MUST_CHECK;

#endif
