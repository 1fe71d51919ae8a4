/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error_kind.h"

#include <sysexits.h>

static const struct {
	const char *name;
	int exit_status;
	enum error_disposition disposition;
} kinds[ERROR_KIND_COUNT] = {
#define KIND(id, name, exit_status, disposition) {name, exit_status, DISPOSITION_##disposition},
#include "base/error_kinds.def"
#undef KIND
};

const char *error_kind_name(enum error_kind kind)
{
	return kinds[kind].name;
}

int error_kind_exit_status(enum error_kind kind)
{
	return kinds[kind].exit_status;
}

enum error_disposition error_kind_disposition(enum error_kind kind)
{
	return kinds[kind].disposition;
}

const char *error_disposition_name(enum error_disposition d)
{
	static const char *const names[] = {"retry", "permanent", "fix"};
	return names[d];
}
