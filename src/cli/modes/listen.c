/* SPDX-License-Identifier: GPL-3.0-or-later */
/* -bd, -bD: the mail service. */
#include "base/i18n.h"
#include "cli/mode.h"
#include "cli/print.h"
#include "cli/print_result.h"
#include "serve/service.h"

#include <sysexits.h>

static void show_sockets(void *arg, const struct listen_sockets *sockets, bool foreground)
{
	(void)arg;
	for (size_t i = 0; foreground && i < sockets->n; i++)
		(void)printf(_("waiting for clients at %s\n"), sockets->v[i].name);
	(void)fflush(stdout);
}

int mode_listen(const struct args *args, const struct runtime *runtime)
{
	AUTO(error) err = ERROR_INIT;
	bool foreground = strcmp(account_word_text(args->request.flags, OPT_BMODE), "D") == 0;
	struct service_request how = {&args->request, runtime, foreground, show_sockets, NULL};
	if (service_run(&how, &err))
		return EX_OK;
	print_problem(print_errors(), &err);
	return error_kind_exit_status(err.status.kind);
}
