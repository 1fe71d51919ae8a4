/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dane: what the DNS says about the certificate of one server, looked up once for all connections to it.
 */
#ifndef TRANSPORT_DANE_H
#define TRANSPORT_DANE_H

#include "dns/tlsa.h"
#include "transport/server.h"

struct dane {
	bool asked;
	struct tlsa_found found;
	struct error failure; /* if the look-up failed */
};
#define DANE_INIT ((struct dane){.found = TLSA_FOUND_INIT, .failure = ERROR_INIT})
void dane_release(struct dane *dane);

/*
 * Looks up the TLSA records of the server as tls_dane says; off asks nothing.  On success the records of found decide
 * if there are any, otherwise the account's other settings.  False: nothing may be sent to this server.  The error has
 * its stage; it is ERROR_CERTIFICATE if tls_dane is "require" and there is no record with valid signatures.
 */
bool dane_look(struct dane *dane, const struct account *a, const struct server *server, const struct runtime *runtime,
	       msec_t deadline, struct error *err) MUST_CHECK;

#endif
