/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls/gnutls_lazy.h"

#ifdef LAZY_LIBRARIES

static const char *const names[] = {
#define NAME LIBRARY_SYMBOL
#include "tls/gnutls_names.def"
#undef NAME
};

struct gnutls_members gnutls_members;
struct library gnutls_library = {
	.name = "GnuTLS",
	.soname = GNUTLS_SONAME,
	.symbols = names,
	.count = ARRAY_SIZE(names),
	.members = &gnutls_members,
};
_Static_assert(sizeof(gnutls_members) == sizeof(names), "a name has no member");

LIBRARY_NOTE(note, "[{\"feature\":\"tls\",\"description\":\"Encrypted sessions\",\"priority\":\"required\","
		   "\"soname\":[\"" GNUTLS_SONAME "\"]}]");

#endif
