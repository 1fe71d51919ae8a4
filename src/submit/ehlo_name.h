/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ehlo_name: the name of this machine as EHLO may carry it. */
#ifndef SUBMIT_EHLO_NAME_H
#define SUBMIT_EHLO_NAME_H

#include "config/account.h"

/*
 * Replaces the setting domain, after its %-sequences were, by what RFC 5321 section 4.1.1.1 allows: a domain of
 * A-labels without a dot at its end, or an address literal; an IP address without brackets becomes one.  Servers refuse
 * anything else, and Message-IDs made with it would have another machine's name.  ERROR_CONFIG, or ERROR_USAGE from the
 * command line, names the place.
 */
bool ehlo_name_settle(struct account *a, struct error *err) MUST_CHECK;

#endif
