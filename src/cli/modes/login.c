/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --login and --logout: what an account logs in with is kept, or removed. */
#include "base/i18n.h"
#include "cli/mode.h"
#include "cli/print.h"
#include "cli/print_json.h"
#include "cli/print_result.h"
#include "runner/enqueue.h"
#include "submit/settings.h"
#include "transport/login.h"
#include "transport/password.h"

#include <sysexits.h>

static bool check_alone(const struct args *args, struct error *err)
{
	if (!args->request.recipients.n && !args->request.given[OPT_ACCOUNT] && !args->request.given[OPT_HOST])
		return true;
	return error_set(err, ERROR_USAGE,
			 _("this option names the account itself and sends nothing: it takes no recipient, account or "
			   "host beside it"));
}

static bool choose_account(struct settings *s, const struct args *args, const struct runtime *runtime,
			   enum option_id mode, struct error *err)
{
	if (!check_alone(args, err) || !settings_read(s, &args->request, runtime, err))
		return false;
	print_warnings(print_errors(), &s->config.warnings);
	struct account_request req = {
		.account = account_str(args->request.flags, mode),
		.flags = args->request.flags,
		.environ = runtime->environ,
	};
	s->account = config_choose(&s->config, &req, &s->why, err);
	if (!s->account)
		return false;
	if (account_is_set(s->account, OPT_USER))
		return true;
	(void)error_set(err, ERROR_CONFIG, _("account %s has no user, so there is no password to store"),
			s->account->name);
	error_hint(err, "%s", _("Add a line \"user NAME\" to the account."));
	return false;
}

/* ---- the modes ---- */

/* Shown while a login waits for the user, so not on standard output if that is for --json. */
static void say(void *arg, const char *text)
{
	FILE *to = arg;
	(void)fputs(text, to);
	(void)fflush(to);
}

static struct oauth_console console_for(const struct args *args, const struct runtime *runtime)
{
	FILE *to = args->request.given[OPT_JSON] ? stderr : stdout;
	return (struct oauth_console){.runtime = runtime,
				      .say = say,
				      .arg = to,
				      .terminal = isatty(runtime->input) ? runtime->input : -1,
				      .columns = oauth_console_columns(runtime, fileno(to))};
}

static bool change(const struct args *args, const struct runtime *runtime, enum option_id mode,
		   struct settings *settings, struct login_change *done, struct error *err)
{
	struct oauth_console console = console_for(args, runtime);
	if (!choose_account(settings, args, runtime, mode, err))
		return false;
	if (mode == OPT_LOGOUT)
		return login_remove(settings->account, runtime, done, err);
	return login_store(settings->account, &console, done, err) && enqueue_resume(settings->account, runtime, err);
}

static void print_change(const struct settings *settings, bool changed, const struct error *err, int status)
{
	AUTO(strbuf) out = STRBUF_INIT;
	struct json j = JSON_INIT(&out);
	const struct account *a =
		settings->account && account_is_set(settings->account, OPT_USER) ? settings->account : NULL;
	struct error shown = *err; /* borrows its texts */
	if (!shown.status.host && a)
		shown.status.host = (char *)password_host(a);
	json_object(&j, NULL);
	json_string(&j, "account", a ? a->name : NULL);
	json_string(&j, "user", a ? account_str(a, OPT_USER) : NULL);
	json_bool(&j, "changed", changed);
	print_json_status(&j, status, &shown);
	print_json_end(&j, &settings->config.warnings);
}

static int run_change(const struct args *args, const struct runtime *runtime, enum option_id mode)
{
	AUTO(settings) settings = SETTINGS_INIT;
	AUTO(login_change) done = LOGIN_CHANGE_INIT;
	AUTO(error) err = ERROR_INIT;
	bool ok = change(args, runtime, mode, &settings, &done, &err);
	int status = ok ? EX_OK : error_kind_exit_status(err.status.kind);
	strvec_push_all(&settings.config.warnings, &done.warnings);
	if (args->request.given[OPT_JSON])
		print_change(&settings, done.changed, &err, status);
	else
		(void)fputs(done.text.buf, stdout);
	if (!ok)
		print_problem(print_errors(), &err);
	return status;
}

int mode_login(const struct args *args, const struct runtime *runtime)
{
	return run_change(args, runtime, OPT_LOGIN);
}

int mode_logout(const struct args *args, const struct runtime *runtime)
{
	return run_change(args, runtime, OPT_LOGOUT);
}
