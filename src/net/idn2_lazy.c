/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/idn2_lazy.h"

#ifdef LAZY_LIBRARIES

static const char *const names[] = {
#define NAME LIBRARY_SYMBOL
#include "net/idn2_names.def"
#undef NAME
};

struct idn2_members idn2_members;
struct library idn2_library = {
	.name = "libidn2",
	.soname = IDN2_SONAME,
	.symbols = names,
	.count = ARRAY_SIZE(names),
	.members = &idn2_members,
};
_Static_assert(sizeof(idn2_members) == sizeof(names), "a name has no member");

LIBRARY_NOTE(note, "[{\"feature\":\"idn\",\"description\":\"International domain names\",\"priority\":\"required\","
		   "\"soname\":[\"" IDN2_SONAME "\"]}]");

#endif
