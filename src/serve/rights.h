/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rights: the mail service never has root's while it talks to a client or a server. */
#ifndef SERVE_RIGHTS_H
#define SERVE_RIGHTS_H

#include "base/runtime.h"

/* The user that root's service becomes. */
#define RIGHTS_USER PACKAGE

/* Can this process give up root's rights?  Always true if it has none.  ERROR_CONFIG: there is no such user. */
bool rights_can_drop(struct error *err) MUST_CHECK;
/*
 * Root becomes RIGHTS_USER for good, with the groups of that user and no others.  *env: the environment that fits,
 * malloc'ed as its strings are, for the life of the process; NULL: nothing was changed, because this is not root.
 */
bool rights_drop(const struct runtime *runtime, char ***env, struct error *err) MUST_CHECK;

#endif
