/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keeper of open sessions, started by the program itself. */
#include "cli/mode.h"
#include "serve/keeper.h"

#include <sysexits.h>
#include <unistd.h>

int mode_keeper(const struct args *args, const struct runtime *runtime)
{
	keeper_run(account_str(args->request.flags, OPT_KEEPER), STDIN_FILENO, runtime);
	return EX_OK;
}
