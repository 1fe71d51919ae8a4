/* SPDX-License-Identifier: GPL-3.0-or-later */
/* advice: what the owner of a mail address should know about the provider before the first login.  Pure. */
#ifndef SETUP_ADVICE_H
#define SETUP_ADVICE_H

#include "setup/discover.h"

/* Appends sentences, one each. */
void advice_list(const struct discovery *d, struct strvec *out);
/* No server was found: what the DNS says about that, or what is known about the provider. */
void advice_explain(const struct discovery *d, const char *domain, struct error *err);

#endif
