/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mail_params: what is asked of the server beyond delivery (struct mail_params
 * of the envelope), compared with what it offers, and written as parameters of
 * MAIL: DELIVERBY (RFC 2852), FUTURERELEASE (RFC 4865), MT-PRIORITY (RFC 6710),
 * REQUIRETLS (RFC 8689), AUTH= (RFC 4954 section 5).  Pure.
 */
#ifndef SMTP_MAIL_PARAMS_H
#define SMTP_MAIL_PARAMS_H

#include "base/error.h"
#include "base/strbuf.h"
#include "address/envelope.h"
#include "smtp/caps.h"

/* Which of them are written. */
struct negotiated_params {
	bool deliver_by;       /* BY= */
	bool hold;	       /* HOLDFOR= or HOLDUNTIL= */
	bool priority;	       /* MT-PRIORITY= */
	bool require_tls;      /* REQUIRETLS */
	bool auth;	       /* AUTH= */
	bool priority_dropped; /* asked for and not offered; the message is sent all the same */
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

/* The capabilities (enum cap bits) that they need. */
unsigned mail_params_needs(const struct mail_params *params);
/* What would be written to a server that offers everything. */
struct negotiated_params mail_params_wished(const struct mail_params *params);
/* REQUIRETLS needs TLS with a certificate that is checked (tls_verified).  ERROR_CERTIFICATE.  Can be called before
 * connecting. */
bool mail_params_check_tls(const struct mail_params *params, bool tls_verified, struct error *err) MUST_CHECK;
/* ERROR_NOT_OFFERED: a keyword is missing, or the server's limit does not allow what is asked for; the text names both.
 * ERROR_CANNOT_HOLD: the same for a hold, if everything else is possible: the caller may hold the message itself. */
bool mail_params_agree(const struct mail_params *params, const struct caps *caps, bool tls_verified,
		       struct negotiated_params *negotiated, struct error *err) MUST_CHECK;
/* Appends exactly what was negotiated: " BY=120;R REQUIRETLS". */
void mail_params_write(const struct mail_params *params, const struct negotiated_params *negotiated,
		       struct strbuf *out);
/* Names of the extensions used, for reports. */
void mail_params_used(const struct negotiated_params *negotiated, struct strvec *names);
/* What the user should know although the message is sent: clauses. */
void mail_params_warn(const struct negotiated_params *negotiated, struct strvec *warnings);

#endif
