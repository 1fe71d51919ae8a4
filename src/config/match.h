/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * match: does an account belong to this sender and these recipients?  Pure.
 */
#ifndef CONFIG_MATCH_H
#define CONFIG_MATCH_H

#include "config/account.h"

/*
 * Two rules, either will do:
 *   from                   msmtp's: the sender is it without regard to case, or fits it as a pattern (? * [,
 *                          with regard to case), the sender's +detail dropped if need be
 *   match_from, match_to   the sender fits one of the patterns of the first, and every recipient one of the
 *                          second, all without regard to case; of the two, those that are set must hold
 * sender: NULL when none is known yet, "" for the null sender, which is written <> in match_from.
 * recipients may be NULL.  *why, set on true only, says which rule; malloc'ed.
 */
bool match_account(const struct account *a, const char *sender, const struct strvec *recipients, char **why) MUST_CHECK;

#endif
