/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/terminal.h"

#include <string.h>
#include <unistd.h>

bool terminal_redraws(const struct runtime *runtime, int fd)
{
	const char *type = runtime_env(runtime, "TERM");
	return type && *type && strcmp(type, "dumb") != 0 && isatty(fd);
}

bool terminal_has_colours(const struct runtime *runtime, int fd)
{
	const char *without = runtime_env(runtime, "NO_COLOR");
	return !(without && *without) && terminal_redraws(runtime, fd);
}
