/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * import_queue: the queue of msmtpq, a folder of pairs: ID.mail is the message, ID.msmtp the arguments of msmtp.  Each
 * is submitted by this program with these arguments and --queue=always, in order, and is then called ID.mail.imported.
 *
 * While it is submitted, ID.msmtp is called ID.msmtp.importing: if the process ends there, the message may be in the
 * queue or not.  The next run says so and leaves it, for the user to look: nothing is lost, and nothing sent twice
 * silently.
 */
#ifndef SETUP_IMPORT_QUEUE_H
#define SETUP_IMPORT_QUEUE_H

#include "base/runtime.h"
#include "base/strbuf.h"

/* Appends a line about each message.  False with the first error; the others are submitted nevertheless. */
bool import_queue(const char *folder, const struct runtime *runtime, struct strbuf *out, struct error *err) MUST_CHECK;

#endif
