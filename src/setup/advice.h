/* SPDX-License-Identifier: GPL-3.0-or-later */
/* advice: what the owner of a mail address should know about the provider before the first login.  Pure. */
#ifndef SETUP_ADVICE_H
#define SETUP_ADVICE_H

#include "setup/discover.h"

/* Appends sentences, one each. */
void advice_list(const struct discovery *d, struct strvec *out);

#endif
