/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * match: decides whether an account is meant for this sender and these recipients.  Pure.
 */
#ifndef CONFIG_MATCH_H
#define CONFIG_MATCH_H

#include "config/account.h"

/*
 * True if one of two rules applies:
 *   from                   msmtp's rule: the sender equals from without regard to case, or matches it as a pattern
 *                          (? * [, with regard to case), with or without its +detail
 *   match_from, match_to   the sender matches a pattern of match_from, and every recipient one of match_to, without
 *                          regard to case; if only one of the two is set, only that one is checked
 * sender: NULL if it is not known yet, "" for the null sender, which is written <> in match_from.  recipients may be
 * NULL.  *why says which rule applied, malloc'ed; it is set only if the result is true.
 */
bool match_account(const struct account *a, const char *sender, const struct strvec *recipients, char **why) MUST_CHECK;

#endif
