/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * command: the only place that writes command lines.
 *
 * Callers have checked their arguments; CR and LF are refused here once more
 * (ERROR_ADDRESS), so that no path around the checks can inject a command.
 * A parameter is written only if it was negotiated, that is, if the server
 * offers its keyword.
 */
#ifndef SMTP_COMMAND_H
#define SMTP_COMMAND_H

#include "base/strbuf.h"
#include "address/envelope.h"
#include "smtp/mail_params.h"

/* "EHLO name", "NOOP": verb and at most one argument (NULL: none). */
bool command_simple(struct strbuf *out, const char *verb, const char *argument, struct error *err) MUST_CHECK;
/* MAIL FROM:<sender> with the parameters negotiated (RFC 5321, 1870, 6152, 3461, 6531, and mail_params.h). */
bool command_mail(struct strbuf *out, const struct envelope *env, uint64_t size, const struct negotiated *negotiated,
		  struct error *err) MUST_CHECK;
bool command_rcpt(struct strbuf *out, const struct envelope *env, const struct negotiated *negotiated, size_t i,
		  struct error *err) MUST_CHECK;
/* The form of an address on the wire: with A-labels if that suffices; NULL if it needs SMTPUTF8 and smtputf8 is false.
 */
const char *command_address(const struct mail_address *address, bool smtputf8);
/* "AUTH MECH" with an initial response, base64 or "=" if empty (RFC 4954).
 * initial.ptr NULL: none.  The caller wipes out. */
bool command_auth(struct strbuf *out, const char *mech, struct span initial, struct error *err) MUST_CHECK;

#endif
