/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * accept_key: a look at the key of an account's server, which the user may accept (tls_trust first_use).
 */
#ifndef TRANSPORT_ACCEPT_KEY_H
#define TRANSPORT_ACCEPT_KEY_H

#include "transport/deliver.h"

enum accept_key {
	ACCEPT_KEY_FAILED, /* the server was not reached, or its certificate has other faults; result->error says so */
	ACCEPT_KEY_SAME,   /* the key was accepted before */
	ACCEPT_KEY_NEW,	   /* no key was accepted for this server */
	ACCEPT_KEY_CHANGED /* another one was */
};

/* Connects to the server and leaves, as DELIVERY_LOOK does, as if the account had tls_trust first_use.  The result's
 * tls.chain[0] is the server's certificate, unless FAILED. */
enum accept_key accept_key_look(const struct runtime *runtime, const struct account *account,
				struct delivery_result *result);
/* Stores the key that was seen, for the result's host and port. */
bool accept_key_store(const struct runtime *runtime, const struct delivery_result *result,
		      struct error *err) MUST_CHECK;

#endif
