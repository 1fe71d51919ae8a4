/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls/gnutls_lazy.h"

#ifdef LAZY_LIBRARIES

static const char *const names[] = {
#define NAME LIBRARY_SYMBOL
#include "tls/gnutls_names.def"
#undef NAME
};

LIBRARY_DEFINE(gnutls, "GnuTLS", GNUTLS_SONAME, "tls", "Encrypted sessions");

#endif
