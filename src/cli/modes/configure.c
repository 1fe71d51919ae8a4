/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --configure: an account for a mail address, set up in a dialogue; without a terminal printed, ready to paste. */
#include "base/i18n.h"
#include "base/xalloc.h"
#include "cli/mode.h"
#include "cli/print.h"
#include "cli/print_json.h"
#include "cli/print_result.h"
#include "secret/source.h"
#include "secret/tty.h"
#include "setup/advice.h"
#include "setup/configure_text.h"
#include "setup/named.h"
#include "setup/wizard.h"

#include <sysexits.h>

static void print_detail(void *arg, const char *line)
{
	(void)arg;
	(void)fprintf(print_errors(), "%s\n", line);
}

/* ---- the terminal ---- */

static void say(void *arg, const char *text)
{
	(void)arg;
	(void)fputs(text, stdout);
	(void)fflush(stdout);
}

static bool ask(void *arg, const char *prompt, struct strbuf *answer)
{
	say(NULL, prompt);
	return talk_read_line(((const struct runtime *)arg)->input, answer);
}

static bool ask_secret(void *arg, const char *prompt, struct secret *answer, struct error *err)
{
	const struct runtime *runtime = arg;
	return tty_ask(runtime->input, prompt, runtime->clock, DEADLINE_NEVER, answer, err) &&
	       secret_check_password(answer, _("the terminal"), ERROR_USAGE, err);
}

/* The same as --check of the new account. */
static int check(const struct args *args, const struct runtime *runtime, const char *account)
{
	struct args of_check = {.personality = args->personality};
	AUTO(error) err = ERROR_INIT;
	const struct origin origin = {.kind = ORIGIN_DERIVED};
	request_init(&of_check.request, runtime);
	of_check.request.flags->flavour = args->request.flags->flavour;
	if (account_is_set(args->request.flags, OPT_FILE))
		account_take(of_check.request.flags, args->request.flags, OPT_FILE);
	of_check.request.given[OPT_DEBUG] = args->request.given[OPT_DEBUG];
	int status = EX_SOFTWARE;
	if (account_set(of_check.request.flags, OPT_ACCOUNT, span_of(account), origin, &err))
		status = mode_check(&of_check, runtime);
	else
		print_problem(print_errors(), &err);
	request_release(&of_check.request);
	return status;
}

static int guide(const struct args *args, const struct runtime *runtime, const char *address)
{
	AUTO_FREE char *account = NULL;
	AUTO(error) err = ERROR_INIT;
	/* tty_ask() and the helper programs get the runtime as it is; nothing is written to it. */
	const struct setup_talk talk = {say, ask, ask_secret, (void *)(uintptr_t)runtime};
	const struct oauth_console console = {.runtime = runtime,
					      .say = say,
					      .terminal = runtime->input,
					      .columns = oauth_console_columns(runtime, STDOUT_FILENO)};
	const struct account *given = args->request.flags;
	const struct wizard_request req = {.runtime = runtime,
					   .talk = &talk,
					   .console = &console,
					   .address = address,
					   .given = given,
					   .file = account_str(given, OPT_FILE),
					   .ask_database = args->request.given[OPT_ASK_DATABASE],
					   .detail = args->request.given[OPT_DEBUG] ? print_detail : NULL};
	if (wizard_run(&req, &account, &err)) {
		int status = check(args, runtime, account);
		if (status == EX_OK)
			(void)printf(_("Now send yourself a message: echo hello | posthaste %s\n"), address);
		return status;
	}
	print_problem(print_errors(), &err);
	return error_kind_exit_status(err.status.kind);
}

/* ---- without a terminal ---- */

static void print_json(const struct configure_text *text, const struct error *err)
{
	AUTO(strbuf) out = STRBUF_INIT;
	AUTO(strvec) notes = STRVEC_INIT;
	struct json j = JSON_INIT(&out);
	advice_list(text->found, &notes);
	json_object(&j, NULL);
	configure_text_json(text, &j);
	print_json_status(&j, error_kind_exit_status(err->status.kind), err);
	print_json_end(&j, &notes);
}

static void search(const struct args *args, const struct runtime *runtime, const char *address, struct discovery *d)
{
	const struct account *given = args->request.flags;
	const char *trust = account_str(given, OPT_TLS_TRUST_FILE);
	const struct discover_request req = {.runtime = runtime,
					     .address = address,
					     .trust_file = trust && *trust == '/' ? trust : NULL,
					     .ask_database = args->request.given[OPT_ASK_DATABASE]};
	if (candidates_named(given, &d->found))
		return;
	discover(&req, d);
	for (size_t i = 0; args->request.given[OPT_DEBUG] && i < d->details.n; i++)
		print_detail(NULL, d->details.v[i]);
}

int mode_configure(const struct args *args, const struct runtime *runtime)
{
	AUTO(discovery) found = DISCOVERY_INIT;
	AUTO(strbuf) out = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	bool json = args->request.given[OPT_JSON];
	const char *address = account_str(args->request.flags, OPT_CONFIGURE),
		   *domain = configure_domain(address, &err);
	if (domain && !json && !runtime->privileged && isatty(runtime->input) && isatty(STDOUT_FILENO))
		return guide(args, runtime, address);
	if (domain)
		search(args, runtime, address, &found);
	if (domain && !found.found.n)
		advice_explain(&found, domain, &err);
	const struct configure_text text = {address, domain, args->request.flags, &found};
	if (json)
		print_json(&text, &err);
	else
		configure_text_write(&text, &out);
	(void)fputs(out.buf, stdout);
	if (err.status.kind != ERROR_NONE)
		print_problem(print_errors(), &err);
	return error_kind_exit_status(err.status.kind);
}
