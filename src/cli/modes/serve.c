/* SPDX-License-Identifier: GPL-3.0-or-later */
/* -bs: SMTP on standard input and output. */
#include "serve/serve_stdio.h"

#include "cli/mode.h"
#include "cli/print.h"
#include "cli/print_result.h"

#include <unistd.h>

int mode_serve_stdio(const struct args *args, const struct runtime *runtime)
{
	AUTO(error) err = ERROR_INIT;
	struct serve_stdio how = {
		.request = &args->request, .runtime = runtime, .in = runtime->input, .out = STDOUT_FILENO};
	int status = serve_stdio(&how, &err);
	if (err.status.kind != ERROR_NONE)
		print_problem(print_errors(), &err);
	return status;
}
