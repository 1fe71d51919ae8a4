/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --login and --logout: an account's password is put into the keyring, or removed from it. */
#include "base/i18n.h"
#include "cli/mode.h"
#include "cli/print.h"
#include "cli/print_json.h"
#include "cli/print_result.h"
#include "runner/enqueue.h"
#include "transport/password.h"
#include "secret/keyring.h"
#include "secret/source.h"
#include "submit/settings.h"

#include <errno.h>
#include <sysexits.h>

#define PASSWORD_LIMIT 65536
#define PATIENCE_MS 120000 /* the keyring may ask its owner to unlock it */

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

static struct keyring_request request_for(const struct settings *s, const struct runtime *runtime)
{
	return (struct keyring_request){
		.runtime = runtime,
		.host = password_host(s->account),
		.user = account_str(s->account, OPT_USER),
		.deadline = deadline_in(runtime->clock, PATIENCE_MS),
	};
}

/* ---- the password ---- */

/* Reads byte by byte, so that what follows the line can still be read from the descriptor. */
static bool read_line(int fd, struct secret *out, struct error *err)
{
	char c = '\0';
	ssize_t n;
	while (c != '\n' && (n = read(fd, &c, 1)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set_errno(err, ERROR_IO, errno, _("cannot read the password from standard input"));
		secret_append(out, &c, 1);
		if (out->len > PASSWORD_LIMIT)
			return error_set(err, ERROR_USAGE, _("the password on standard input is longer than %d bytes"),
					 PASSWORD_LIMIT);
	}
	return true;
}

static bool ask_user(const struct settings *s, const struct runtime *runtime, struct secret *out, struct error *err)
{
	struct secret_query q = password_query(s->account, runtime);
	q.may_prompt = true;
	q.deadline = DEADLINE_NEVER;
	switch (secret_source_tty.fill(&q, out, err)) {
	case SECRET_FOUND: return true;
	case SECRET_NONE:
		return error_set(err, ERROR_SECRET_UNAVAILABLE, _("there is no terminal to ask for the password"));
	default: return false;
	}
}

static bool obtain_password(const struct settings *s, const struct runtime *runtime, struct secret *out,
			    struct error *err)
{
	if (isatty(runtime->input))
		return ask_user(s, runtime, out, err) &&
		       secret_check_password(out, _("the terminal"), ERROR_USAGE, err);
	return read_line(runtime->input, out, err) && secret_check_password(out, _("standard input"), ERROR_USAGE, err);
}

/* ---- the modes ---- */

/* What --json says; the texts are borrowed from the settings. */
struct change {
	const char *account, *host, *user;
	bool changed; /* the keyring */
};

static struct change change_of(const struct settings *s)
{
	return (struct change){s->account->name, password_host(s->account), account_str(s->account, OPT_USER), false};
}

static bool login(const struct args *args, const struct runtime *runtime, struct settings *settings,
		  struct change *change, struct error *err)
{
	AUTO(secret) password = SECRET_INIT;
	if (!choose_account(settings, args, runtime, OPT_LOGIN, err))
		return false;
	*change = change_of(settings);
	if (!obtain_password(settings, runtime, &password, err))
		return false;
	struct keyring_request req = request_for(settings, runtime);
	change->changed = keyring_store(&req, &password, err) == KEYRING_STORED;
	if (change->changed && !args->request.given[OPT_JSON])
		(void)printf(_("The password for %s at %s is now in the keyring.\n"), req.user, req.host);
	return change->changed && enqueue_resume(settings->account, runtime, err);
}

static bool logout(const struct args *args, const struct runtime *runtime, struct settings *settings,
		   struct change *change, struct error *err)
{
	if (!choose_account(settings, args, runtime, OPT_LOGOUT, err))
		return false;
	*change = change_of(settings);
	struct keyring_request req = request_for(settings, runtime);
	enum keyring_answer got = keyring_remove(&req, err);
	change->changed = got == KEYRING_REMOVED;
	if (!change->changed && got != KEYRING_NONE)
		return false;
	if (!args->request.given[OPT_JSON])
		(void)printf(change->changed ? _("The password for %s at %s was removed from the keyring.\n")
					     : _("The keyring had no password for %s at %s.\n"),
			     req.user, req.host);
	return true;
}

static void print_change(const struct settings *settings, const struct change *change, const struct error *err,
			 int status)
{
	AUTO(strbuf) out = STRBUF_INIT;
	struct json j = JSON_INIT(&out);
	struct error shown = *err; /* borrows its texts */
	if (!shown.status.host)
		shown.status.host = (char *)change->host;
	json_object(&j, NULL);
	json_string(&j, "account", change->account);
	json_string(&j, "user", change->user);
	json_bool(&j, "changed", change->changed);
	print_json_status(&j, status, &shown);
	print_json_end(&j, &settings->config.warnings);
}

typedef bool keyring_mode_fn(const struct args *args, const struct runtime *runtime, struct settings *settings,
			     struct change *change, struct error *err);

static int run_keyring_mode(keyring_mode_fn *mode, const struct args *args, const struct runtime *runtime)
{
	AUTO(settings) settings = SETTINGS_INIT;
	AUTO(error) err = ERROR_INIT;
	struct change change = {.changed = false};
	bool ok = mode(args, runtime, &settings, &change, &err);
	int status = ok ? EX_OK : error_kind_exit_status(err.status.kind);
	if (args->request.given[OPT_JSON])
		print_change(&settings, &change, &err, status);
	if (!ok)
		print_problem(print_errors(), &err);
	return status;
}

int mode_login(const struct args *args, const struct runtime *runtime)
{
	return run_keyring_mode(login, args, runtime);
}

int mode_logout(const struct args *args, const struct runtime *runtime)
{
	return run_keyring_mode(logout, args, runtime);
}
