/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --import: the configuration, or the queue, of another program. */
#include "cli/mode.h"
#include "cli/print.h"
#include "cli/print_json.h"
#include "cli/print_result.h"
#include "setup/import.h"
#include "setup/import_queue.h"

#include <sys/stat.h>

static void print_json(const char *text, const struct error *err)
{
	AUTO(strbuf) out = STRBUF_INIT;
	struct json j = JSON_INIT(&out);
	json_object(&j, NULL);
	json_string(&j, "imported", text);
	print_json_status(&j, error_kind_exit_status(err->status.kind), err);
	print_json_end(&j, NULL);
}

int mode_import(const struct args *args, const struct runtime *runtime)
{
	const char *path = account_str(args->request.flags, OPT_IMPORT);
	AUTO(strbuf) out = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	struct stat st;
	bool folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
	bool ok = folder ? import_queue(path, runtime, &out, &err) : import_configuration(path, runtime, &out, &err);
	if (args->request.given[OPT_JSON])
		print_json(ok || folder ? out.buf : NULL, &err);
	else if (ok || folder)
		(void)fputs(out.buf, stdout);
	if (!ok)
		print_problem(print_errors(), &err);
	return error_kind_exit_status(err.status.kind);
}
