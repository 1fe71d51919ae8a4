/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --accept-key: shows the key of an account's server, asks on a terminal, and stores it. */
#include "base/i18n.h"
#include "cli/mode.h"
#include "cli/print.h"
#include "cli/print_json.h"
#include "cli/print_result.h"
#include "submit/settings.h"
#include "tls/info_json.h"
#include "tls/info_text.h"
#include "transport/accept_key.h"

/* Without a terminal the command itself is the answer. */
static bool ask(const struct runtime *runtime)
{
	char answer[16] = "";
	if (!isatty(runtime->input))
		return true;
	(void)fprintf(stderr, "%s", _("Accept this key (yes/no)? "));
	return read(runtime->input, answer, sizeof(answer) - 1) > 0 && span_starts_nocase(span_of(answer), "y");
}

static void print_text(const struct delivery_result *r, time_t now)
{
	AUTO(strbuf) text = STRBUF_INIT;
	(void)printf(_("Host: %s, port %u\n"), r->host, r->port);
	tls_certificate_text(&r->tls.chain[0], now, &text);
	(void)fputs(text.buf, stdout);
	(void)fflush(stdout);
}

static void print_json(const char *account, const struct delivery_result *r, bool stored, const struct error *err)
{
	AUTO(strbuf) out = STRBUF_INIT;
	struct json j = JSON_INIT(&out);
	json_object(&j, NULL);
	json_string(&j, "account", account);
	json_number(&j, "port", r->port);
	json_bool(&j, "changed", stored);
	tls_certificates_json(&r->tls, &j);
	print_json_status(&j, error_kind_exit_status(err->status.kind), err);
	print_json_end(&j, &r->warnings);
}

/* True if the key is stored now. */
static bool accept(const struct runtime *runtime, const struct delivery_result *r, enum accept_key seen, bool json,
		   struct error *err)
{
	static const char *const done[] = {[ACCEPT_KEY_SAME] = N_("This key was accepted before."),
					   [ACCEPT_KEY_NEW] = N_("The key is accepted."),
					   [ACCEPT_KEY_CHANGED] =
						   N_("The new key is accepted; the old one no longer is.")};
	if (!json)
		print_text(r, clock_wall(runtime->clock));
	if (seen != ACCEPT_KEY_SAME && !ask(runtime))
		return error_set(err, ERROR_CERTIFICATE, _("the key was not accepted"));
	if (seen != ACCEPT_KEY_SAME && !accept_key_store(runtime, r, err))
		return false;
	if (!json)
		(void)puts(_(done[seen]));
	return seen != ACCEPT_KEY_SAME;
}

int mode_accept_key(const struct args *args, const struct runtime *runtime)
{
	AUTO(settings) settings = SETTINGS_INIT;
	AUTO(error) err = ERROR_INIT;
	struct delivery_result r = {.n = 0};
	bool stored = false, json = args->request.given[OPT_JSON];
	if (settings_load(&settings, &args->request, runtime, &err)) {
		enum accept_key seen = accept_key_look(runtime, settings.account, &r);
		if (seen == ACCEPT_KEY_FAILED)
			error_move(&err, &r.error);
		else
			stored = accept(runtime, &r, seen, json, &err);
	}
	print_warnings(print_errors(), &settings.config.warnings);
	if (json)
		print_json(settings.account ? settings.account->name : NULL, &r, stored, &err);
	if (err.status.kind != ERROR_NONE)
		print_problem(print_errors(), &err);
	delivery_result_release(&r);
	return error_kind_exit_status(err.status.kind);
}
