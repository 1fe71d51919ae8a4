/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client_envelope: the envelope of a submission from what an SMTP client said. */
#ifndef SERVE_CLIENT_ENVELOPE_H
#define SERVE_CLIENT_ENVELOPE_H

#include "smtp/server/server_session.h"
#include "submit/submission.h"

/* Adds sender, recipients and parameters to p->env, and sets p->has_envelope.  A recipient whose domain cannot be
 * written in A-labels is refused there.  False: the sender cannot. */
bool client_envelope_take(struct submission *p, const struct server_mail *mail, struct error *err) MUST_CHECK;

#endif
