/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report: what the user is told.  Standard error: a line per problem,
 *	posthaste: STAGE: what happened: the server's words
 *	hint: what to do
 * and one for those who wait in the queue for the same reason,
 *	posthaste: queued as ID for a@example.org, b@example.org: STAGE: what happened
 * Standard output: one JSON object with --json, else nothing.
 */
#ifndef CLI_PRINT_RESULT_H
#define CLI_PRINT_RESULT_H

#include "submit/submission.h"

#include <stdio.h>

/* A line each. */
void print_warnings(FILE *to, const struct strvec *warnings);
void print_hint(FILE *to, const char *hint); /* NULL: nothing */
void print_error(FILE *to, const struct error *err);
/* The recipients that failed, those that were served nevertheless, and the whole. */
void print_result(FILE *to, const struct submission *p, const struct delivery_result *result);
/* p may be incomplete or NULL, and result NULL, when it failed before: then err says why. */
void print_result_json(FILE *to, const struct submission *p, const struct delivery_result *result,
		       const struct error *err, int status);

#endif
