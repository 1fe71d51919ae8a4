/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * local_names: the domains that stand for this machine, and whether an address is local. Pure; submit/host_names finds
 * the names.
 */
#ifndef ADDRESS_LOCAL_NAMES_H
#define ADDRESS_LOCAL_NAMES_H

#include "base/strbuf.h"
#include "base/strvec.h"

struct local_names {
	struct strvec domains; /* without "localhost" and "localhost.localdomain", which are always local */
};
#define LOCAL_NAMES_INIT ((struct local_names){STRVEC_INIT})
void local_names_release(struct local_names *names);
/* Adds a domain, without a dot at its end. Ignores empty names and names that are there already. */
void local_names_add(struct local_names *names, struct span domain);
/* Removes a domain whose mail is delivered elsewhere. "localhost" cannot be removed. */
void local_names_remove(struct local_names *names, struct span domain);
/* Whether addr has no domain, or is at localhost or at one of the domains. Case does not matter. */
bool local_names_has(const struct local_names *names, struct span addr);
/* Appends the local part without quotes and backslashes. */
void local_names_user(struct span addr, struct strbuf *out);

#endif
