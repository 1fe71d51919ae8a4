/* SPDX-License-Identifier: GPL-3.0-or-later */
/* helper_io: what the helper programs have in common: how they talk to posthaste and how they protect themselves. */
#ifndef HELPER_HELPER_IO_H
#define HELPER_HELPER_IO_H

#include "base/secret.h"

/* Core dumps off, killed when posthaste disappears, and a closed pipe is an error rather than a signal. */
void helper_protect(void);
/* Reads standard input to its end.  False: more than limit bytes, or it cannot be read. */
bool helper_read_request(struct secret *out, size_t limit) MUST_CHECK;
/* Writes to standard output; if posthaste has ended, nothing reads it. */
void helper_write(const void *bytes, size_t len);

#endif
