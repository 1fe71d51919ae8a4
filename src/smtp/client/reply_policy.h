/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reply_policy: what a failure reply means at the stage where it came: the
 * error kind (and so exit status and disposition), the text for the user and
 * the hint.  Pure; nothing else in the program knows this.
 */
#ifndef SMTP_CLIENT_REPLY_POLICY_H
#define SMTP_CLIENT_REPLY_POLICY_H

#include "smtp/reply.h"

enum reply_stage {
	STAGE_GREETING,
	STAGE_EHLO,
	STAGE_STARTTLS,
	STAGE_AUTH,
	STAGE_MAIL,
	STAGE_RCPT,
	STAGE_DATA,
	STAGE_FINAL,
	STAGE_ETRN
};

/*
 * For a reply that is not the success of its stage.  Sets kind, text, the
 * server's words and a hint; the caller sets the stage's name.  A reply of a
 * class that is not valid at this stage (2xx or 3xx where the other is
 * expected) is ERROR_PROTOCOL.
 */
void reply_policy_error(enum reply_stage stage, const struct reply *reply, struct error *err);
/* What to do after a failure reply, untranslated: usual, unless the server's words name another cause, such as a
 * client certificate that it wants to see (which it may say with any code, 421 included). */
const char *reply_policy_hint(const struct reply *reply, const char *usual);
/* May another mechanism be tried after this refusal of AUTH?  Only if the
 * server refused the mechanism, never if it refused the credentials. */
bool reply_policy_try_next_mechanism(const struct reply *reply);
/* May the same mechanism be tried once more with a new token after this refusal of AUTH?  Only if the server refused
 * the credentials, and does not say that no token would do. */
bool reply_policy_try_renewed(const struct reply *reply);
/* RCPT: does the server accept no more recipients in this transaction (RFC 5321
 * section 4.5.3.1.10), rather than refuse this one? */
bool reply_policy_too_many_recipients(const struct reply *reply, size_t accepted_before);

#endif
