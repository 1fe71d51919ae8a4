/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --import: the configuration, or the queue, of another program. */
#include "cli/mode.h"
#include "cli/print.h"
#include "cli/print_result.h"
#include "setup/import.h"
#include "setup/import_queue.h"

#include <sys/stat.h>

int mode_import(const struct args *args, const struct runtime *runtime)
{
	const char *path = account_str(args->request.flags, OPT_IMPORT);
	AUTO(strbuf) out = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	struct stat st;
	bool folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
	bool ok = folder ? import_queue(path, runtime, &out, &err) : import_configuration(path, runtime, &out, &err);
	if (ok || folder)
		(void)fputs(out.buf, stdout);
	if (!ok)
		print_problem(print_errors(), &err);
	return error_kind_exit_status(err.status.kind);
}
