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
	bool deliver_by;	  /* BY= */
	bool hold;		  /* HOLDFOR= or HOLDUNTIL= */
	bool priority;		  /* MT-PRIORITY= */
	bool require_tls;	  /* REQUIRETLS */
	bool auth;		  /* AUTH= */
	bool priority_dropped;	  /* asked for and not offered; the message is sent all the same */
	bool require_tls_dropped; /* the same for a redacted report */
};

/* What the account makes sure of before anything is sent over its connection. */
enum mail_tls {
	MAIL_TLS_UNVERIFIED, /* nothing: no TLS, or any certificate will do */
	MAIL_TLS_PINNED,     /* the certificate is one that the user named */
	MAIL_TLS_VERIFIED    /* an authority vouches for the certificate, and it has the server's name */
};

/* What a transaction uses of the server's extensions: the parameters of MAIL and RCPT, and BDAT. */
struct negotiated {
	bool size;	  /* SIZE=n */
	const char *body; /* "7BIT", "8BITMIME", "BINARYMIME" or NULL */
	bool smtputf8;
	bool chunking; /* BDAT may be used */
	bool dsn;      /* RET, ENVID, NOTIFY, ORCPT may be written */
	bool reports;  /* the user asked for NOTIFY or RET */
	struct negotiated_params params;
};

/* The capabilities (enum cap bits) that they need. */
unsigned mail_params_needs(const struct mail_params *params);
/* What would be written to a server that offers everything. */
struct negotiated_params mail_params_wished(const struct mail_params *params);
/* REQUIRETLS needs MAIL_TLS_VERIFIED (RFC 8689 section 2).  ERROR_TLS_UNVERIFIED.  Can be called before connecting. */
bool mail_params_check_tls(const struct mail_params *params, enum mail_tls tls, struct error *err) MUST_CHECK;
/* ERROR_NOT_OFFERED: a keyword is missing, or the server's limit does not allow what is asked for; the text names both.
 * ERROR_NO_REQUIRETLS: that keyword is missing.  ERROR_TLS_UNVERIFIED: mail_params_check_tls().  ERROR_CANNOT_HOLD: the
 * same for a hold, if everything else is possible: the caller may hold the message itself. */
bool mail_params_agree(const struct mail_params *params, const struct caps *caps, enum mail_tls tls,
		       struct negotiated_params *negotiated, struct error *err) MUST_CHECK;
/* Appends exactly what was negotiated: " BY=120;R REQUIRETLS". */
void mail_params_write(const struct mail_params *params, const struct negotiated_params *negotiated,
		       struct strbuf *out);
/* Names of the extensions used, for reports. */
void mail_params_used(const struct negotiated_params *negotiated, struct strvec *names);
/* What the user should know although the message is sent: clauses. */
void mail_params_warn(const struct negotiated_params *negotiated, struct strvec *warnings);

#endif
