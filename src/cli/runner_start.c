/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/runner_start.h"

bool runner_start(const struct surroundings *around, struct error *err)
{
	(void)around;
	(void)err;
	return true;
}
