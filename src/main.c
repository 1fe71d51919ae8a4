/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/mode.h"

#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char **argv)
{
	struct surroundings around = {environ, &clock_system, &rng_system, STDIN_FILENO};
	int status = cli_main(argc, argv, &around);
	if (fflush(stdout) != 0 && status == EX_OK)
		status = EX_IOERR;
	return status;
}
