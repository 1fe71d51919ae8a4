/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unkept: what a server offers and then refuses: a parameter of MAIL or RCPT,
 * or BDAT.  The message is not at fault, so the error names the extension, and
 * what the user did not ask for may be left out.  Pure.
 */
#ifndef SMTP_CLIENT_UNKEPT_H
#define SMTP_CLIENT_UNKEPT_H

#include "smtp/client/negotiate.h"
#include "smtp/reply.h"

/* The extensions (enum cap bits) whose parameters are sent with MAIL, and with RCPT to recipient i. */
unsigned unkept_mail_parameters(const struct mail_transaction *mail, const struct negotiated *negotiated);
unsigned unkept_rcpt_parameters(const struct mail_transaction *mail, const struct negotiated *negotiated, size_t i);
/* Those of them that the message can do without, because the user did not ask for them. */
unsigned unkept_dispensable(const struct mail_transaction *mail, const struct negotiated *negotiated, unsigned sent);
/* The reply to MAIL or RCPT refuses a parameter, as far as can be seen: it may be about the address as well. */
bool unkept_is_parameter(const struct reply *reply);
/* The reply is about the command as such: the server does not know BDAT, or not at this point. */
bool unkept_is_command(const struct reply *reply);
/* The error for such a reply.  what: the extensions in use, or those left out at this second attempt; not 0. */
void unkept_parameter_error(unsigned what, bool second, const struct reply *reply, struct error *err);
void unkept_chunking_error(bool second, const struct reply *reply, struct error *err);

#endif
