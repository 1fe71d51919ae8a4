/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * filter: the command of the option filter, which gets the message as it is about to go out and prints the one that
 * goes out instead.
 *
 * It runs once, before the message is sent or queued, where the submission is made: as the user who submits, or as the
 * user of the mail service for its clients.  No shell is used.  Standard input is the header as it goes out, without
 * Bcc, and the body, with LF line ends; the environment has POSTHASTE_SENDER, and POSTHASTE_RECIPIENTS with blanks
 * between the addresses, unless they are longer than FILTER_RECIPIENTS_MAX.
 */
#ifndef SUBMIT_FILTER_H
#define SUBMIT_FILTER_H

#include "submit/submission.h"

/* A single string of an environment cannot be longer than 128 KiB. */
#define FILTER_RECIPIENTS_MAX (100 * 1024)
/* How long it may take, and so much more for each MiB of the message; never longer than the account's timeout or
 * deadline. */
#define FILTER_MS (60 * 1000)
#define FILTER_MS_PER_MIB 1000

/*
 * Runs it, if the account has one and a recipient is left, and puts what it printed in the place of the message.  Bcc
 * fields in it are removed, too (remove_bcc_headers); nothing is added.  What it wrote to standard error is a warning.
 * ERROR_FILTER (75): it cannot be started, was killed, took too long, or ended with 75; ERROR_MESSAGE (65): any other
 * status, or no message.
 */
bool submission_filter(struct submission *p, const struct runtime *runtime, struct error *err) MUST_CHECK;

#endif
