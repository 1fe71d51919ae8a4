/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two parts of sandbox.c. */
#ifndef BASE_SANDBOX_PRIVATE_H
#define BASE_SANDBOX_PRIVATE_H

#include "base/sandbox.h"

/* Landlock's version in this kernel; 0: none. */
int landlock_version(void);
/* Returns the version that is on, 0: none. */
int landlock_enter(const struct sandbox *s);

bool seccomp_is_there(void);
/* False: the kernel takes no filter. */
bool seccomp_enter(enum sandbox_level level);

#endif
