/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deliver_by: the value of the setting deliver_by (RFC 2852), "SECONDS[,return|notify][,trace]". */
#ifndef CONFIG_DELIVER_BY_H
#define CONFIG_DELIVER_BY_H

#include "config/option.h"

#include <stdint.h>

#define DELIVER_BY_MAX 999999999 /* nine digits: RFC 2852 section 4 */

struct deliver_by {
	bool wanted;	 /* false for "off"; then the other members are 0 */
	int64_t seconds; /* greater than 0, unless notify is set */
	bool notify;	 /* if late: true: notify the sender, false: return the message */
	bool trace;
};

/*
 * Parses the value.  The time may have a unit (m, h, d), and with notify it may be 0 or negative.  Without return or
 * notify the message is returned.  False with ERROR_CONFIG "expected ..., got ...".
 */
bool deliver_by_parse(struct span text, struct deliver_by *out, struct error *err) MUST_CHECK;
/* Writes the canonical form "3600,return,trace", with the time in seconds. */
option_check_fn check_deliver_by;

#endif
