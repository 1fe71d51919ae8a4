/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * discover: finds the servers to which the owner of a mail address gives messages.
 *
 * The first source that knows them decides, the others are asked at the same time (5 seconds each, 10 in all):
 *   1 presets.h, by the domain of the address; then nothing is asked for
 *   2 an autoconfig file of the domain: https://autoconfig.DOMAIN/mail/config-v1.1.xml, and
 *     https://DOMAIN/.well-known/autoconfig/mail/config-v1.1.xml.  http is not asked: anyone on the way could answer
 *   3 presets.h, by the host that takes the domain's mail (MX)
 *   4 an autoconfig file of that host's domain
 *   5 SRV records of the domain (RFC 6186, RFC 8314)
 *   6 the public database https://autoconfig.thunderbird.net, if the user wants that; it gets the domain alone
 * No name is guessed, and no host gets a password.
 */
#ifndef SETUP_DISCOVER_H
#define SETUP_DISCOVER_H

#include "base/runtime.h"
#include "base/strvec.h"
#include "setup/presets.h"

struct discover_request {
	const struct runtime *runtime;
	const char *address;	/* checked */
	const char *trust_file; /* certificate authorities for HTTPS; NULL: the system's */
	bool ask_database;
};

struct discovery {
	struct candidates found;     /* in the order in which to try them; empty: nothing was found */
	const struct preset *preset; /* whose notes are for the user; NULL: none */
	char *provider;		     /* name of the provider, as its file says; cleaned; NULL: not known */
	char *enable, *enable_url;   /* what has to be done on the web first, cleaned; NULL: nothing */
	bool secure;		     /* the DNS answer that named the servers was signed */
	struct strvec notes;	     /* sentences for the user */
	struct strvec details;	     /* what each question brought, a line each, cleaned */
	struct error why;	     /* nothing was found: what the DNS says */
};
#define DISCOVERY_INIT \
	((struct discovery){.found = CANDIDATES_INIT, .notes = STRVEC_INIT, .details = STRVEC_INIT, .why = ERROR_INIT})

void discovery_release(struct discovery *d);
/* Never fails: what cannot be asked is not found. */
void discover(const struct discover_request *request, struct discovery *d);

#endif
