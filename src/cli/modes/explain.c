/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --explain: which account, server, mechanisms and password source, and why.  Uses no network. */
#include "base/clean_text.h"
#include "base/i18n.h"
#include "cli/mode.h"
#include "cli/print.h"
#include "cli/print_json.h"
#include "cli/print_result.h"
#include "config/show.h"
#include "transport/authenticate.h"
#include "transport/oauth_account.h"
#include "transport/server.h"
#include "secret/source.h"
#include "submit/submission_read.h"

#include <sysexits.h>

/* ---- the account ---- */

/* The message is read only if its header decides. */
static bool find_account(struct submission *p, struct settings *settings, const struct args *args,
			 const struct runtime *runtime, struct error *err)
{
	if (args->request.given[OPT_READ_RECIPIENTS] || args->request.given[OPT_READ_ENVELOPE_FROM])
		return submission_read(p, settings, &args->request, runtime, err);
	return args->request.recipients.n ? submission_read_envelope(p, settings, &args->request, runtime, err)
					  : settings_load(settings, &args->request, runtime, err);
}

static const char *tls_in_words(const struct account *a)
{
	if (account_has_srv(a))
		return _("TLS from the start or by STARTTLS, as the DNS says, never without");
	if (!account_bool(a, OPT_TLS))
		return _("without TLS");
	return account_bool(a, OPT_TLS_STARTTLS) ? _("TLS by STARTTLS, never without") : _("TLS from the start");
}

/* The setting of a source of passwords, or NULL if it has none (the terminal). */
static const struct option_row *source_row(const struct secret_source *source)
{
	return option_by_command(span_of(source->name));
}

/* The sources that will be asked: those that are set, and those that need no setting. */
static bool source_is_used(const struct account *a, const struct secret_source *source)
{
	const struct option_row *row = source_row(source);
	return !row || account_is_set(a, row->id);
}

static char *source_value(const struct account *a, const struct option_row *row)
{
	struct strbuf value = STRBUF_INIT;
	value_format(row, account_value(a, row->id), &value);
	char *clean = clean_text(strbuf_span(&value), 500);
	strbuf_release(&value);
	return clean;
}

/* ---- for people ---- */

static void print_server(const struct account *a)
{
	AUTO_FREE char *hosts = strvec_join(account_list(a, OPT_HOST), ", ");
	const char *override = account_str(a, OPT_TLS_HOST_OVERRIDE), *socket_path = account_str(a, OPT_SOCKET);
	if (socket_path)
		(void)printf(_("Server: the socket %s, %s\n"), socket_path, tls_in_words(a));
	else if (account_has_srv(a))
		(void)printf(_("Server: %s, %s\n"), hosts, tls_in_words(a));
	else
		(void)printf(_("Server: %s, port %lld, %s\n"), hosts, account_int(a, OPT_PORT), tls_in_words(a));
	if (!account_bool(a, OPT_TLS))
		return;
	if (!account_bool(a, OPT_TLS_CERTCHECK))
		(void)printf("%s\n", _("Certificate: not checked"));
	else if (account_is_set(a, OPT_TLS_FINGERPRINT))
		(void)printf(_("Certificate: must have the fingerprint %s\n"), account_str(a, OPT_TLS_FINGERPRINT));
	else if (strcmp(account_word_text(a, OPT_TLS_TRUST), "ca") != 0)
		(void)printf(_("Certificate: must be issued for %s, with a key that %s\n"),
			     override ? override : server_account_name(a),
			     account_is_set(a, OPT_TLS_PIN) ? _("tls_pin names") : _("was accepted"));
	else
		(void)printf(_("Certificate: must be issued for %s by an authority of: %s\n"),
			     override ? override : server_account_name(a), account_str(a, OPT_TLS_TRUST_FILE));
}

static void print_auth(const struct account *a, const struct runtime *runtime)
{
	struct mech_situation in = authenticate_outlook(a, runtime);
	if (!authenticate_wanted(a)) {
		(void)printf("%s\n", _("Authentication: off"));
		return;
	}
	const char *user = account_str(a, OPT_USER);
	(void)printf(_("Authentication: %s, as %s; the first of these that the server offers:\n"), in.wanted,
		     user ? user : _("no user name"));
	for (const struct mech *m = mech_table; m->name; m++) {
		const char *why = mech_objection(&in, m);
		(void)printf("  %s: %s\n", m->name, why ? why : _("may be used"));
	}
	if (in.have_ticket)
		(void)printf("  %s\n", _("There may be a Kerberos ticket: what needs a password comes last."));
}

static void print_password(const struct account *a)
{
	if (!authenticate_wanted(a) || !authenticate_wants_secret(a) || account_uses_oauth(a))
		return;
	(void)printf("%s\n", _("Password: from the first of these that has one:"));
	for (const struct secret_source *const *at = secret_sources; *at; at++) {
		const struct option_row *row = source_row(*at);
		if (!source_is_used(a, *at))
			continue;
		if (!row) {
			(void)printf("  %s\n", (*at)->name);
			continue;
		}
		AUTO_FREE char *value = source_value(a, row), *origin = origin_text(account_origin(a, row->id));
		(void)printf("  %s %s  (%s)\n", (*at)->name, value, origin);
	}
}

static void print_text(const struct settings *settings, const struct submission *p, const struct runtime *runtime)
{
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO(strbuf) oauth = STRBUF_INIT;
	AUTO_FREE char *files = strvec_join(&settings->config.files, ", ");
	const struct account *a = settings->account;
	(void)printf(_("Account: %s\n"), account_title(a));
	(void)printf(_("Because: %s\n"), settings->why);
	(void)printf(_("Files read: %s\n"), settings->config.files.n ? files : _("none"));
	if (p->env.mail.sender.given)
		(void)printf(_("Sender: <%s>\n"), p->env.mail.sender.given);
	for (size_t i = 0; i < p->env.n; i++)
		(void)printf(_("Recipient: <%s>\n"), p->env.rcpts[i].address.given);
	print_server(a);
	print_auth(a, runtime);
	print_password(a);
	oauth_account_describe(a, runtime, &oauth);
	(void)fputs(oauth.buf, stdout);
	show_text(a, &text);
	(void)printf("%s\n%s", _("Settings, and where each comes from:"), text.buf);
}

/* ---- for programs ---- */

static void json_mechanisms(struct json *j, const struct account *a, const struct runtime *runtime)
{
	bool wanted = a && authenticate_wanted(a);
	struct mech_situation in = wanted ? authenticate_outlook(a, runtime) : (struct mech_situation){.wanted = NULL};
	json_array(j, "mechanisms");
	for (const struct mech *m = mech_table; m->name && wanted; m++) {
		const char *why = mech_objection(&in, m);
		json_object(j, NULL);
		json_string(j, "name", m->name);
		json_bool(j, "usable", !why);
		json_string(j, "why_not", why);
		json_end(j);
	}
	json_end(j);
}

static void json_sources(struct json *j, const struct account *a)
{
	bool wanted = a && authenticate_wanted(a) && authenticate_wants_secret(a) && !account_uses_oauth(a);
	json_array(j, "password_from");
	for (const struct secret_source *const *at = secret_sources; wanted && *at; at++)
		if (source_is_used(a, *at))
			json_string(j, NULL, (*at)->name);
	json_end(j);
}

static void print_json(const struct settings *settings, const struct submission *p, const struct runtime *runtime,
		       const struct error *err)
{
	AUTO(strbuf) out = STRBUF_INIT;
	AUTO(strvec) notes = STRVEC_INIT;
	struct json j = JSON_INIT(&out);
	const struct account *a = settings->account;
	json_object(&j, NULL);
	json_string(&j, "account", a ? a->name : NULL);
	json_string(&j, "why", settings->why);
	json_list(&j, "files", &settings->config.files);
	json_string(&j, "from", p->env.mail.sender.given);
	json_mechanisms(&j, a, runtime);
	json_sources(&j, a);
	oauth_account_json(a, runtime, &j);
	json_object(&j, "configuration");
	show_json(a, &j);
	json_end(&j);
	strvec_push_all(&notes, &settings->config.warnings);
	strvec_push_all(&notes, &p->warnings);
	print_json_status(&j, error_kind_exit_status(err->status.kind), err);
	print_json_end(&j, &notes);
}

int mode_explain(const struct args *args, const struct runtime *runtime)
{
	AUTO(settings) settings = SETTINGS_INIT;
	struct submission p;
	AUTO(error) err = ERROR_INIT;
	int status = EX_OK;
	submission_init(&p, runtime);
	bool ready = find_account(&p, &settings, args, runtime, &err);
	print_warnings(print_errors(), &settings.config.warnings);
	print_warnings(print_errors(), &p.warnings);
	if (args->request.given[OPT_JSON])
		print_json(&settings, &p, runtime, &err);
	else if (ready)
		print_text(&settings, &p, runtime);
	if (!ready) {
		print_problem(print_errors(), &err);
		status = error_kind_exit_status(err.status.kind);
	}
	submission_release(&p);
	return status;
}
