/* SPDX-License-Identifier: GPL-3.0-or-later */
/* confinement: AppArmor and similar systems, which can deny access that file modes allow. */
#ifndef BASE_CONFINEMENT_H
#define BASE_CONFINEMENT_H

#include "base/span.h"

/*
 * Makes the hint for a denied access that file modes do not explain.  attr is the text of /proc/self/attr/current,
 * "PROFILE (enforce)" under AppArmor.  NULL if no such system confines this process.  Pure; malloc'ed.
 */
char *confinement_hint(struct span attr);

#endif
