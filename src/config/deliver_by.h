/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deliver_by: the value of the setting of that name (RFC 2852), "SECONDS[,return|notify][,trace]". */
#ifndef CONFIG_DELIVER_BY_H
#define CONFIG_DELIVER_BY_H

#include "config/option.h"

#include <stdint.h>

#define DELIVER_BY_MAX 999999999 /* nine digits: RFC 2852 section 4 */

struct deliver_by {
	bool wanted;	 /* false for "off"; then the rest is 0 */
	int64_t seconds; /* greater than 0 unless notify */
	bool notify;	 /* tell the sender when it is late; else it comes back */
	bool trace;
};

/*
 * The time may have a unit (m, h, d), and with notify it may be 0 or negative;
 * without a word for it the message comes back.  ERROR_CONFIG "expected ..., got ...".
 */
bool deliver_by_parse(struct span text, struct deliver_by *out, struct error *err) MUST_CHECK;
/* Kept as "3600,return,trace", the time in seconds. */
option_check_fn check_deliver_by;

#endif
