/* SPDX-License-Identifier: GPL-3.0-or-later */
/* probe: tries an account that is not written down yet. */
#ifndef SETUP_PROBE_H
#define SETUP_PROBE_H

#include "setup/account_file.h"
#include "setup/account_text.h"
#include "submit/settings.h"

/* The account as the file will have it, complete and checked. */
bool probe_account(const struct account_file *f, const struct account_text *t, const struct runtime *runtime,
		   struct settings *out, struct error *err) MUST_CHECK;
/* Connects, logs in with the password (NULL: as the account says), names the sender and takes that back; no message is
 * sent. */
bool probe_login(const struct settings *s, const struct secret *password, const char *address,
		 const struct runtime *runtime, struct error *err) MUST_CHECK;

#endif
