/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "auth/gsasl_lazy.h"

#ifdef LAZY_LIBRARIES

static const char *const names[] = {
#define NAME LIBRARY_SYMBOL
#include "auth/gsasl_names.def"
#undef NAME
};

LIBRARY_DEFINE(gsasl, "libgsasl", GSASL_SONAME, "sasl", "Authentication");

#endif
