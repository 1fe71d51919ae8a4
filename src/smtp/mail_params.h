/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * requests: what is asked of the server beyond delivery (struct mail_params),
 * held against what it offers, and written into MAIL: DELIVERBY (RFC 2852),
 * FUTURERELEASE (RFC 4865), MT-PRIORITY (RFC 6710), REQUIRETLS (RFC 8689),
 * AUTH= (RFC 4954 section 5).  Pure.
 */
#ifndef SMTP_MAIL_PARAMS_H
#define SMTP_MAIL_PARAMS_H

#include "base/error.h"
#include "base/strbuf.h"
#include "address/envelope.h"
#include "smtp/caps.h"

/* The parameters that are written. */
struct negotiated_params {
	bool deliver_by;       /* BY= */
	bool hold;	       /* HOLDFOR= or HOLDUNTIL= */
	bool priority;	       /* MT-PRIORITY= */
	bool require_tls;      /* REQUIRETLS */
	bool auth;	       /* AUTH= */
	bool priority_dropped; /* wanted, not offered, and not worth a refusal */
};

/* What a transaction uses of the server's extensions: the parameters of MAIL and RCPT, and BDAT. */
struct negotiated {
	bool size;	  /* SIZE=n */
	const char *body; /* "7BIT", "8BITMIME", "BINARYMIME" or NULL */
	bool smtputf8;
	bool chunking; /* BDAT may be used */
	bool dsn;      /* RET, ENVID, NOTIFY, ORCPT may be written */
	struct negotiated_params params;
};

/* The enum cap bits of the keywords they need. */
unsigned mail_params_needs(const struct mail_params *params);
/* What would be written to a server that offers everything. */
struct negotiated_params mail_params_wished(const struct mail_params *params);
/* Can REQUIRETLS be asked for on such a line at all?  tls_verified: it is TLS, and nobody is talked to whose
 * certificate was not accepted.  ERROR_CERTIFICATE.  Before connecting. */
bool mail_params_fit_line(const struct mail_params *params, bool tls_verified, struct error *err) MUST_CHECK;
/* ERROR_NOT_OFFERED: a keyword is missing, or the server's limit does not allow what is wanted; the text names both.
 * ERROR_CANNOT_HOLD: the same of a hold alone, when nothing else is in the way: somebody else may hold the message. */
bool mail_params_agree(const struct mail_params *params, const struct caps *caps, bool tls_verified,
		       struct negotiated_params *negotiated, struct error *err) MUST_CHECK;
/* Appends " BY=120;R REQUIRETLS", what the terms say and nothing else. */
void mail_params_write(const struct mail_params *params, const struct negotiated_params *negotiated,
		       struct strbuf *out);
/* Names of the extensions used, for reports. */
void mail_params_used(const struct negotiated_params *negotiated, struct strvec *names);
/* What the user should know though the message went: whole clauses. */
void mail_params_warn(const struct negotiated_params *negotiated, struct strvec *warnings);

#endif
