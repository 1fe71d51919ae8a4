/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * negotiate: compares what a message needs with what the server offers.  The
 * result is what its transactions use, or a refusal before anything is sent.
 * Pure.
 */
#ifndef SMTP_CLIENT_NEGOTIATE_H
#define SMTP_CLIENT_NEGOTIATE_H

#include "address/envelope.h"
#include "smtp/caps.h"
#include "smtp/mail_params.h"

/* One message, or the addresses to verify; borrowed until all outcomes are set. */
struct mail_transaction {
	const struct envelope *env;
	uint64_t size;		/* exact number of octets on the wire before dot-stuffing */
	uint64_t size_limit;	/* the user's own limit, 0: none */
	bool eightbit_header;	/* it has octets above 127 ... */
	bool header_needs_utf8; /* ... in an address that has no form in ASCII */
	bool eightbit_body;
	enum mail_tls tls;  /* of the connection */
	bool nul;	    /* it contains a NUL */
	bool binary;	    /* a part is declared binary, and its octets are sent unchanged */
	bool command_lines; /* some of its lines begin like SMTP commands */
	bool by_data;	    /* BDAT is never used (LMTP) */
	enum { EIGHTBIT_REFUSE, EIGHTBIT_PASS, EIGHTBIT_CONVERT } eightbit; /* 8-bit content without 8BITMIME */
	enum { PARTIAL_DELIVER, PARTIAL_ABORT } partial;		    /* if some recipients are refused */
};

/* Capabilities (enum cap bits) without which the message cannot be sent as it was asked for, and that a server may list
 * only after AUTH.  Content that can be converted needs none. */
unsigned negotiate_needs(const struct mail_transaction *mail);
enum content_change {
	CONTENT_SEVEN_BIT = 1,	  /* the body must have no octet above 127 */
	CONTENT_ASCII_HEADER = 2, /* the header must have none */
	CONTENT_NO_BINARY = 4	  /* parts declared binary must be encoded */
};
/* Whether SMTPUTF8 will be requested: the server offers it, and an address of the envelope or the header needs it. */
bool negotiate_utf8(const struct mail_transaction *mail, const struct caps *caps);
/* How the content must be changed (enum content_change bits) before it is submitted to this server. */
unsigned negotiate_content(const struct mail_transaction *mail, const struct caps *caps);
/*
 * Fails with ERROR_TOO_BIG (the text names both sizes), ERROR_NOT_OFFERED (DSN is required, and the kinds of
 * mail_params_agree()), ERROR_MESSAGE (a NUL, or 8-bit content that may not be sent), ERROR_ADDRESS (the sender needs
 * SMTPUTF8).
 */
bool negotiate(const struct mail_transaction *mail, const struct caps *caps, struct negotiated *negotiated,
	       struct error *err) MUST_CHECK;
/* Can the address of recipient i be sent?  ERROR_ADDRESS if it needs SMTPUTF8. */
bool negotiate_recipient(const struct mail_transaction *mail, const struct negotiated *negotiated, size_t i,
			 struct error *err) MUST_CHECK;

#endif
