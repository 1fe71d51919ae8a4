/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/mode.h"

#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

extern char **environ;

#ifndef KEYRING_HELPER /* tests/cli builds this file with the helper of its build tree */
#define KEYRING_HELPER PKGLIBEXECDIR "/posthaste-keyring"
#endif

int main(int argc, char **argv)
{
	struct runtime runtime = {environ, &clock_system, &rng_system, STDIN_FILENO, KEYRING_HELPER, NULL};
	int status = cli_main(argc, argv, &runtime);
	if (fflush(stdout) != 0 && status == EX_OK)
		status = EX_IOERR;
	return status;
}
