/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kerberos: whether there may be a Kerberos ticket, without Kerberos' libraries.
 *
 * Looks where MIT Kerberos looks: KRB5CCNAME, else default_ccache_name in the section libdefaults of the file that
 * KRB5_CONFIG names (else /etc/krb5.conf; files that it includes are not read), else FILE:/tmp/krb5cc_UID.  A cache
 * that is a file or a folder has a ticket if the file is there and not empty; one that a daemon keeps (KCM) may have
 * one if the daemon's socket is there; one in the kernel (KEYRING) always may.  Whether the ticket is still valid only
 * the library can say, when it is used.
 */
#ifndef AUTH_KERBEROS_H
#define AUTH_KERBEROS_H

#include "base/runtime.h"
#include "base/span.h"

/* Reads the environment, perhaps the configuration, and asks whether one file exists. */
bool kerberos_may_have_ticket(const struct runtime *runtime);
/* The value of default_ccache_name in the section libdefaults of a krb5.conf; empty if it is not set. */
struct span kerberos_default_cache(struct span config);
/* Replaces %{uid}, %{euid}, %{USERID}, %{TEMP} and %{null} in the name of a cache; others stay.  malloc'ed. */
char *kerberos_expand(struct span name, unsigned uid);

#endif
