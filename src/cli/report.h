/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report: what the user is told.  Standard error: a line per problem,
 *	posthaste: STAGE: what happened: the server's words
 *	hint: what to do
 * and one for those who wait in the queue for the same reason,
 *	posthaste: queued as ID for a@example.org, b@example.org: STAGE: what happened
 * Standard output: one JSON object with --json, else nothing.
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "cli/prepare.h"

#include <stdio.h>

/* What the configuration has to say, a line each. */
void report_warnings(FILE *to, const struct prepared *p);
void report_hint(FILE *to, const char *hint); /* NULL: nothing */
void report_error(FILE *to, const struct error *err);
/* The recipients that failed, those that were served nevertheless, and the whole. */
void report_result(FILE *to, const struct prepared *p, const struct delivery_result *result);
/* p may be incomplete and result NULL when it failed before: then err says why. */
void report_json(FILE *to, const struct prepared *p, const struct delivery_result *result, const struct error *err,
		 int status);

#endif
