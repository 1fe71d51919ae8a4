/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * local_names: the domains that mean this machine, and whether an address is
 * local by them.  Pure; who fills it looks at the system (submit/host_names).
 */
#ifndef ADDRESS_LOCAL_NAMES_H
#define ADDRESS_LOCAL_NAMES_H

#include "base/strbuf.h"
#include "base/strvec.h"

struct local_names {
	struct strvec domains; /* "localhost" and "localhost.localdomain" always count and are not in here */
};
#define LOCAL_NAMES_INIT ((struct local_names){STRVEC_INIT})
void local_names_release(struct local_names *names);
/* Empty names and repetitions are left out; the dot of the root at the end is dropped. */
void local_names_add(struct local_names *names, struct span domain);
/* Forgets a name: somebody knows that mail for it goes elsewhere.  The name localhost stays. */
void local_names_remove(struct local_names *names, struct span domain);
/* No domain at all, localhost, or one of the names; without case, whatever its spelling. */
bool local_names_has(const struct local_names *names, struct span addr);
/* The name before the "@", quotes and backslashes removed. */
void local_names_user(struct span addr, struct strbuf *out);

#endif
