/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * command: the only place that writes command lines.
 *
 * Whatever goes into a line was checked further up; here CR, LF and NUL are
 * refused once more (ERROR_ADDRESS or ERROR_INTERNAL), so that no way leads
 * around it.  A parameter is written only if the terms say so, and the terms
 * say so only if its keyword was offered.
 */
#ifndef SMTP_COMMAND_H
#define SMTP_COMMAND_H

#include "base/strbuf.h"
#include "address/envelope.h"
#include "smtp/mail_params.h"

/* "EHLO name", "NOOP": verb and at most one argument (NULL: none). */
bool command_simple(struct strbuf *out, const char *verb, const char *argument, struct error *err) MUST_CHECK;
/* MAIL FROM:<sender> with the parameters of the terms (RFC 5321, 1870, 6152, 3461, 6531, and requests.h). */
bool command_mail(struct strbuf *out, const struct envelope *env, uint64_t size, const struct negotiated *negotiated,
		  struct error *err) MUST_CHECK;
bool command_rcpt(struct strbuf *out, const struct envelope *env, const struct negotiated *negotiated, size_t i,
		  struct error *err) MUST_CHECK;
/* The form of an address that goes on the wire: A-labels where they suffice; NULL if it needs SMTPUTF8 and may not. */
const char *command_address(const struct mail_address *address, bool smtputf8);
/* "AUTH MECH" with an initial response, base64 or "=" if empty (RFC 4954).
 * initial.ptr NULL: none.  The caller wipes out. */
bool command_auth(struct strbuf *out, const char *mech, struct span initial, struct error *err) MUST_CHECK;

#endif
