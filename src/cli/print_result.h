/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * print_result: what the user sees of a delivery.  Standard error: a line per problem,
 *	posthaste: STAGE: what happened: the server's words
 *	hint: what to do (the server that was called, the account, and where that is set)
 * and one for all recipients that wait in the queue for the same reason,
 *	posthaste: queued as ID for a@example.org, b@example.org: STAGE: what happened
 * Standard output: one JSON object with --json, the server's reply with --print-reply, else nothing.
 */
#ifndef CLI_PRINT_RESULT_H
#define CLI_PRINT_RESULT_H

#include "runner/send.h"

#include <stdio.h>

/* A line each. */
void print_warnings(FILE *to, const struct strvec *warnings);
void print_hint(FILE *to, const char *hint); /* NULL: nothing */
void print_problem(FILE *to, const struct error *err);
void print_note(FILE *to, const struct error *err); /* the same of what stops nothing: not "try again later" */
/* The error of a delivery over this account, with its server. */
void print_delivery_problem(FILE *to, const struct account *account, const struct delivery_result *r);
/* The recipients that failed, the error of the message, and the recipients that were accepted nevertheless. */
void print_result(FILE *to, const struct submission *p, const struct delivery_result *result);
/* --print-reply: the server's replies by which it accepted the message. */
void print_result_reply(FILE *to, const struct submission *p, const struct delivery_result *result);
/* Appends a line for all recipients that wait in the queue for the same reason, as print_result() prints it. */
void print_result_queued(const struct submission *p, const struct delivery_result *result, struct strvec *notes);
/* notes: sentences for the user; NULL: none.  If it failed before a delivery, result is NULL, err says why, and p may
 * be incomplete or NULL. */
void print_result_json(FILE *to, const struct submission *p, const struct delivery_result *result,
		       const struct error *err, const struct strvec *notes, int status);

/* The same of what was sent; where: which message of a batch it is, or NULL.  Adds to its notes. */
void print_sent(const char *where, const struct submission *p, struct send_result *sent);
void print_sent_json(FILE *to, const char *where, const struct submission *p, const struct send_result *sent);

#endif
