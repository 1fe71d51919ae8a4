/* SPDX-License-Identifier: GPL-3.0-or-later */
/* -bd, -bD: the mail service. */
#include "base/i18n.h"
#include "cli/mode.h"
#include "serve/service.h"

#include <stdio.h>

static void show_socket(const char *name)
{
	(void)printf(_("waiting for clients at %s\n"), name);
	(void)fflush(stdout);
}

int mode_listen(const struct args *args, const struct runtime *runtime)
{
	bool foreground = strcmp(account_word_text(args->request.flags, OPT_BMODE), "D") == 0;
	return service_run(&args->request, runtime, foreground ? show_socket : NULL);
}
