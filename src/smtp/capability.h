/* SPDX-License-Identifier: GPL-3.0-or-later */
/* capability: what a line of the server's EHLO reply means, for --serverinfo. */
#ifndef SMTP_CAPABILITY_H
#define SMTP_CAPABILITY_H

#include "smtp/caps.h"

/* "can deliver within a given time, at least 240 seconds"; caps: parsed from all lines.  malloc'ed, or NULL for
 * an unknown keyword. */
char *capability_explain(const struct caps *caps, struct span line);

#endif
