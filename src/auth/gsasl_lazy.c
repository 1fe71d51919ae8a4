/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "auth/gsasl_lazy.h"

#ifdef LAZY_LIBRARIES

static const char *const names[] = {
#define NAME LIBRARY_SYMBOL
#include "auth/gsasl_names.def"
#undef NAME
};

struct gsasl_members gsasl_members;
struct library gsasl_library = {
	.name = "libgsasl",
	.soname = GSASL_SONAME,
	.symbols = names,
	.count = ARRAY_SIZE(names),
	.members = &gsasl_members,
};
_Static_assert(sizeof(gsasl_members) == sizeof(names), "a name has no member");

LIBRARY_NOTE(note, "[{\"feature\":\"sasl\",\"description\":\"Authentication\",\"priority\":\"required\","
		   "\"soname\":[\"" GSASL_SONAME "\"]}]");

#endif
