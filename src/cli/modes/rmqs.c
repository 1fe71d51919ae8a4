/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --rmqs: asks the server to start its queue (ETRN, RFC 1985). */
#include "base/clean_text.h"
#include "base/i18n.h"
#include "cli/debug.h"
#include "transport/exit_status.h"
#include "cli/mode.h"
#include "cli/print.h"
#include "cli/print_result.h"
#include "transport/deliver.h"
#include "submit/settings.h"

/* One word of visible ASCII: anything after it would be another command. */
static bool check_queue(const char *what, struct error *err)
{
	bool good = what && *what && what[strspn(what, "@#")];
	for (const char *p = what; good && *p; p++)
		good = *p > ' ' && *p <= '~';
	if (good)
		return true;
	AUTO_FREE char *shown = clean_text(span_of(what ? what : ""), 200);
	(void)error_set(err, ERROR_USAGE, _("\"%s\" is not the name of a server's queue"), shown);
	error_hint(err, "%s", _("Name a host, a domain as @example.org, or a queue as #name."));
	return false;
}

static int start_queue(const struct args *args, const struct settings *settings, const struct runtime *runtime)
{
	struct delivery_result result;
	struct delivery_request req = delivery_request_make(
		runtime, settings->account,
		(struct delivery_task){DELIVERY_ETRN, .queue = account_str(args->request.flags, OPT_RMQS)});
	if (args->request.given[OPT_DEBUG])
		debug_listen(&req, settings);
	deliver(&req, &result);
	int status = exit_status_of(&result);
	print_warnings(print_errors(), &result.warnings);
	if (result.error.status.kind != ERROR_NONE)
		print_delivery_problem(print_errors(), settings->account, &result);
	if (args->request.given[OPT_JSON])
		print_result_json(stdout, &(struct submission){.account = settings->account}, &result, NULL,
				  &result.warnings, status);
	delivery_result_release(&result);
	return status;
}

int mode_rmqs(const struct args *args, const struct runtime *runtime)
{
	AUTO(settings) settings = SETTINGS_INIT;
	AUTO(error) err = ERROR_INIT;
	int status;
	bool ready = check_queue(account_str(args->request.flags, OPT_RMQS), &err) &&
		     settings_load(&settings, &args->request, runtime, &err);
	print_warnings(print_errors(), &settings.config.warnings);
	if (ready) {
		status = start_queue(args, &settings, runtime);
	} else {
		print_problem(print_errors(), &err);
		status = error_kind_exit_status(err.status.kind);
		if (args->request.given[OPT_JSON])
			print_result_json(stdout, NULL, NULL, &err, &settings.config.warnings, status);
	}
	return status;
}
