/* SPDX-License-Identifier: GPL-3.0-or-later */
/* confinement: AppArmor and its like, which refuse what file modes allow. */
#ifndef BASE_CONFINEMENT_H
#define BASE_CONFINEMENT_H

#include "base/span.h"

/*
 * The hint for a refusal that file modes do not explain.  attr is the text of
 * /proc/self/attr/current, "PROFILE (enforce)" under AppArmor.  NULL when
 * this process is not confined.  Pure; malloc'ed.
 */
char *confinement_hint(struct span attr);

#endif
