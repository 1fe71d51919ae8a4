/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * archive: a copy of each message that a server accepted, in the Maildir of the option archive.
 *
 * A copy is made once for a message, when the first recipient is accepted: by the process that sent it, or by the
 * queue's runner.  It is what went to the server, with CRLF line ends (before a conversion that the server needed), and
 * before it the Bcc fields that were removed.  It is written in tmp, synced, and put into cur as seen.
 *
 * A Maildir that is missing is made, with mode 0700.  A folder that is neither empty nor a Maildir, and a home that is
 * another user's, are not used.
 */
#ifndef RUNNER_ARCHIVE_H
#define RUNNER_ARCHIVE_H

#include "submit/submission.h"

/* The Maildir of an account that has one; malloc'ed.  NULL with ERROR_CANNOT_CREATE or ERROR_CONFIG: there is no home
 * to have it in. */
char *archive_folder(const struct account *a, const struct runtime *runtime, struct error *err);
/*
 * After an attempt: makes the copy if a recipient was accepted and there is none (p->archived).  bcc are those fields,
 * with CRLF line ends.  A failure is a warning of the result.
 */
void archive_accepted(struct submission *p, struct span bcc, const struct runtime *runtime,
		      struct delivery_result *result);

#endif
