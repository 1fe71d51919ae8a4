/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * account_line: one value of an account as the line of a configuration file that sets it.
 *
 *	tls_starttls on
 *	user "two words "
 *
 * The loader reads files with these functions, and the queue stores with each message the lines of what was given for
 * it on the command line or in the environment.
 */
#ifndef CONFIG_ACCOUNT_LINE_H
#define CONFIG_ACCOUNT_LINE_H

#include "config/account.h"

/* Appends the line without its end; nothing if the value is not set.  A secret becomes "<hidden>", as in
 * value_format(). */
void account_line_format(const struct option_row *row, const struct value *v, struct strbuf *out);
/*
 * Sets the value that a line of our own files names.  ERROR_CONFIG for anything but a setting of an account: an
 * unknown command, "account", "include", "eval", a secret, a line that is not exactly one.
 */
bool account_line_apply(struct account *a, struct span line, struct origin origin, struct error *err) MUST_CHECK;

/* The two steps of it, for the loader. */
/* Appends the argument as account_set() takes it: without its quotes, except that a list of our own files keeps them
 * (each word may have some).  On failure *at is the offset of the fault in raw. */
bool account_line_argument(const struct option_row *row, struct span raw, enum config_flavour flavour,
			   struct strbuf *out, size_t *at, struct error *err) MUST_CHECK;
/* account_set(), with the command in front of the error's text. */
bool account_line_set(struct account *a, const struct option_row *row, struct span argument, struct origin origin,
		      struct error *err) MUST_CHECK;

#endif
