/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * result: what became of a delivery.
 */
#ifndef TRANSPORT_RESULT_H
#define TRANSPORT_RESULT_H

#include "address/envelope.h"
#include "auth/mech_choose.h"
#include "base/clock.h"
#include "secret/redactor.h"
#include "smtp/caps.h"
#include "smtp/client/outcome.h"
#include "tls/info.h"

/* How far it came; with STARTTLS the server's EHLO comes before TLS. */
enum delivery_stage {
	DELIVERY_SECRET,
	DELIVERY_DNS,
	DELIVERY_CONNECT,
	DELIVERY_TLS,
	DELIVERY_EHLO,
	DELIVERY_AUTH,
	DELIVERY_TRANSACTION,
	DELIVERY_DONE
};

struct delivery_result {
	enum delivery_stage stage; /* where it failed, or DONE */
	bool returned;		   /* delivery_task.returnable: as if it had not been tried; the rest means nothing */
	struct outcome *outcomes;  /* one per recipient (of the message, or to verify), none OPEN */
	size_t n;
	struct error error;  /* what failed for the message as such (connection, session, content), or kind NONE */
	struct status final; /* the server's last reply to the message, of kind ERROR_NONE; code 0: there was none */
	char *host;	     /* the one used or tried last, or the socket's path */
	unsigned port;
	char *peer;
	struct tls_info tls;
	char *mech;		   /* SASL mechanism that succeeded, or NULL */
	struct mech_choice choice; /* the mechanism chosen, and why none of the others that the server offers */
	const char *secret_from;   /* name of the secret's source, or NULL */
	struct caps caps;
	char *greeting;
	struct strvec extensions; /* used: "SIZE", "8BITMIME", ... */
	struct strvec warnings;	  /* what the user should know though it went: clauses for a line each */
	uint64_t size;		  /* octets on the wire before dot-stuffing */
	unsigned round_trips;
	msec_t ms_secret, ms_dns, ms_connect, ms_tls, ms_session, ms_total;
};
/* One outcome for each recipient, which may be none (NULL): REFUSED for those refused here, OPEN for all others. */
void delivery_result_begin(struct delivery_result *r, const struct envelope *env);
void delivery_result_release(struct delivery_result *r);
/* Hides a secret that a server repeated. */
void delivery_result_redact(struct delivery_result *r, const struct redactor *mask);
/*
 * The failure that the exit status, the log and --json name for the message: of the recipients that got neither the
 * message nor a place in the queue, else of those in the queue (outcome_leading()); without recipients the error.  NULL
 * if nothing failed.
 */
const struct status *delivery_result_leading(const struct delivery_result *r);
/* Appends a line for each reply by which the server accepted the message: one for each recipient (LMTP), or each
 * transaction's once. */
void delivery_result_replies(const struct delivery_result *r, bool of_recipients, struct strbuf *out);
/* Gives every recipient that is still open the error of the message, and names the host in what failed. */
void delivery_result_settle(struct delivery_result *r);

#endif
