/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * negotiate: what a submission needs, held against what the server offers,
 * gives the terms of the transaction - or a refusal before anything of the
 * message was said.  Pure.
 */
#ifndef SMTP_CLIENT_NEGOTIATE_H
#define SMTP_CLIENT_NEGOTIATE_H

#include "address/envelope.h"
#include "smtp/caps.h"
#include "smtp/mail_params.h"

/* One message for one transaction; borrowed until its outcomes are there. */
struct mail_transaction {
	const struct envelope *env;
	uint64_t size;	      /* exact octets on the wire before dot-stuffing */
	uint64_t size_limit;  /* the user's own limit, 0: none */
	bool eightbit_header; /* octets above 127 there ... */
	bool header_is_utf8;  /* ... and all of them UTF-8 */
	bool eightbit_body;
	bool tls_verified; /* the line is TLS, and the certificate was not taken unseen */
	bool nul;	   /* a NUL anywhere */
	bool binary;	   /* a part is declared binary and its octets go as they are */
	bool by_data;	   /* BDAT is not used, whatever is offered (LMTP) */
	enum { EIGHTBIT_REFUSE, EIGHTBIT_PASS, EIGHTBIT_CONVERT } eightbit; /* 8-bit content, no 8BITMIME offered */
	enum { PARTIAL_DELIVER, PARTIAL_ABORT } partial;		    /* some recipients refused */
};

/* Capabilities (enum cap bits) this submission has a use for and that a server may show only after AUTH. */
unsigned negotiate_needs(const struct mail_transaction *mail);
/* What has to be done to the content before it is submitted to this server. */
enum content_change {
	CONTENT_SEVEN_BIT = 1,	  /* no octet above 127 in the body */
	CONTENT_ASCII_HEADER = 2, /* nor in the header */
	CONTENT_NO_BINARY = 4	  /* if a part is declared binary it has to be encoded */
};
unsigned negotiate_content(const struct mail_transaction *mail, const struct caps *caps);
/*
 * Fails with ERROR_TOO_BIG (text names both sizes), ERROR_NOT_OFFERED (DSN
 * asked for and required; what mail_params_agree() says), ERROR_MESSAGE (a NUL, or 8-bit content that is not passed),
 * ERROR_ADDRESS (the sender needs SMTPUTF8).
 */
bool negotiate(const struct mail_transaction *mail, const struct caps *caps, struct negotiated *negotiated,
	       struct error *err) MUST_CHECK;
/* Can recipient i be named under these terms?  ERROR_ADDRESS if it needs SMTPUTF8. */
bool negotiate_recipient(const struct mail_transaction *mail, const struct negotiated *negotiated, size_t i,
			 struct error *err) MUST_CHECK;

#endif
