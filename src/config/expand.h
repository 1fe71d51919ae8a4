/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * expand: the %-sequences in from and domain.  Pure.
 *
 *	%U  user name		%H  host name		%C  canonical host name
 *	%F  address of the From header	%M  first line of SYSCONFDIR/mailname
 */
#ifndef CONFIG_EXPAND_H
#define CONFIG_EXPAND_H

#include "config/account.h"

struct expand_values { /* NULL: not to be had */
	const char *user, *host, *canonical_host, *from_header, *mailname;
};
/* Replaces the sequences named in letters ("UHCFM"); others stay.  ERROR_CONFIG when a value is needed and not to be
 * had. */
bool expand_text(const char *text, const char *letters, const struct expand_values *values, struct strbuf *out,
		 struct error *err) MUST_CHECK;
/* True if text holds %letter: lets the caller find only what is needed. */
bool expand_needs(const char *text, char letter);
/* from (all five) and domain (%H %C %M).  A from that is a pattern and not replaced by -f is refused: it is no address.
 * Origins stay.  What came from the command line is not expanded. */
bool expand_account(struct account *a, const struct expand_values *values, struct error *err) MUST_CHECK;
/* domain alone. */
bool expand_domain(struct account *a, const struct expand_values *values, struct error *err) MUST_CHECK;

#endif
