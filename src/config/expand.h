/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * expand: replaces the %-sequences in from and domain.  Pure.
 *
 *	%U  user name			%H  host name			%C  canonical host name
 *	%F  address of the From header	%M  first line of SYSCONFDIR/mailname
 */
#ifndef CONFIG_EXPAND_H
#define CONFIG_EXPAND_H

#include "config/account.h"

struct expand_values { /* NULL: not available */
	const char *user, *host, *canonical_host, *from_header, *mailname;
};
/* Appends text with the sequences named in letters ("UHCFM") replaced; others stay.  ERROR_CONFIG if a value is
 * needed but not available. */
bool expand_text(const char *text, const char *letters, const struct expand_values *values, struct strbuf *out,
		 struct error *err) MUST_CHECK;
/* True if text contains %letter, so that the caller only has to find the values that are needed. */
bool expand_needs(const char *text, char letter);
/* Expands from (all five sequences) and domain (%H %C %M).  ERROR_CONFIG also if from is a pattern that -f did not
 * replace, because it is not an address.  Origins are kept.  Values from the command line are not expanded. */
bool expand_account(struct account *a, const struct expand_values *values, struct error *err) MUST_CHECK;
/* Expands domain only. */
bool expand_domain(struct account *a, const struct expand_values *values, struct error *err) MUST_CHECK;

#endif
