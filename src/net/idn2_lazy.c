/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/idn2_lazy.h"

#ifdef LAZY_LIBRARIES

static const char *const names[] = {
#define NAME LIBRARY_SYMBOL
#include "net/idn2_names.def"
#undef NAME
};

LIBRARY_DEFINE(idn2, "libidn2", IDN2_SONAME, "idn", "International domain names");

#endif
