/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --version, --help, --pretend and --serverinfo: information without sending. */
#include "auth/sasl.h"
#include "base/i18n.h"
#include "base/sandbox.h"
#include "secret/keyring.h"
#include "smtp/capability.h"
#include "cli/debug.h"
#include "transport/exit_status.h"
#include "cli/mode.h"
#include "cli/print.h"
#include "cli/print_json.h"
#include "cli/print_result.h"
#include "config/help.h"
#include "config/show.h"
#include "transport/authenticate.h"
#include "transport/password.h"
#include "tls/info_json.h"
#include "tls/info_text.h"
#include "tls/tls.h"
#include "submit/submission_read.h"
#include "transport/deliver.h"

#include <inttypes.h>
#include <sysexits.h>

#ifdef ENABLE_NLS
#define NLS " NLS"
#else
#define NLS ""
#endif

static const char features[] =
	"STARTTLS SIZE 8BITMIME BINARYMIME CHUNKING PIPELINING PIPECONNECT DSN ENHANCEDSTATUSCODES SMTPUTF8 LIMITS "
	"DELIVERBY FUTURERELEASE MT-PRIORITY REQUIRETLS ETRN LMTP IDN SOCKS5 HTTP-CONNECT" NLS;
static const char *const system_files[] = {SYSCONFDIR "/posthaste/config", SYSCONFDIR "/msmtprc"};

static void print_version(const char *sandbox)
{
	AUTO_FREE char *tls = tls_library_version();
	AUTO_FREE char *sasl = sasl_library_version();
	AUTO_FREE char *keyring = keyring_library_version();
	(void)printf("%s\n", PACKAGE_STRING);
	(void)printf(_("TLS: %s\n"), tls);
	(void)printf(_("SASL: %s\n"), sasl);
	(void)printf(_("Keyring: %s\n"), keyring ? keyring : _("built without it"));
	(void)printf("%s", _("Mechanisms:"));
	for (const struct mech *m = mech_table; m->name; m++)
		if (sasl_supports(m->name))
			(void)printf(" %s", m->name);
	(void)printf("\n");
	(void)printf(_("Features: %s\n"), features);
	(void)printf(_("Sandbox: %s\n"), sandbox);
	(void)printf(_("System configuration: %s\n"), SYSCONFDIR "/posthaste/config, " SYSCONFDIR "/msmtprc");
	(void)printf(_("Report bugs to: %s\n"), BUG_REPORT);
	(void)printf("%s", _("License GPL-3.0-or-later. There is no warranty, to the extent permitted by law.\n"));
}

static void print_version_json(const char *sandbox)
{
	AUTO_FREE char *tls = tls_library_version();
	AUTO_FREE char *sasl = sasl_library_version();
	AUTO_FREE char *keyring = keyring_library_version();
	AUTO(strbuf) out = STRBUF_INIT;
	struct json j = JSON_INIT(&out);
	struct span rest = span_of(features), word;
	json_object(&j, NULL);
	json_string(&j, "name", PACKAGE_NAME);
	json_string(&j, "version", PACKAGE_VERSION);
	json_string(&j, "tls_library", tls);
	json_string(&j, "sasl_library", sasl);
	json_string(&j, "keyring_library", keyring);
	json_string(&j, "sandbox", sandbox);
	json_array(&j, "mechanisms");
	for (const struct mech *m = mech_table; m->name; m++)
		if (sasl_supports(m->name))
			json_string(&j, NULL, m->name);
	json_end(&j);
	json_array(&j, "features");
	while ((word = span_word(&rest)).len)
		json_span(&j, NULL, word);
	json_end(&j);
	json_array(&j, "system_files");
	for (size_t i = 0; i < ARRAY_SIZE(system_files); i++)
		json_string(&j, NULL, system_files[i]);
	json_end(&j);
	print_json_status(&j, EX_OK, NULL);
	print_json_end(&j, NULL);
}

int mode_version_help(const struct args *args, const struct runtime *runtime)
{
	AUTO_FREE char *sandbox = sandbox_describe(runtime->sandbox);
	if (args->request.given[OPT_VERSION] && args->request.given[OPT_JSON])
		print_version_json(sandbox);
	else if (args->request.given[OPT_VERSION])
		print_version(sandbox);
	if (args->request.given[OPT_HELP]) {
		AUTO(strbuf) text = STRBUF_INIT;
		option_help(&text);
		(void)fputs(text.buf, stdout);
	}
	return EX_OK;
}

static int report_failure(const struct error *err)
{
	print_problem(print_errors(), err);
	return error_kind_exit_status(err->status.kind);
}

/* The message is read only if its recipients are to be shown. */
static bool find_account(struct submission *p, struct settings *settings, const struct args *args,
			 const struct runtime *runtime, struct error *err)
{
	if (args->request.recipients.n || args->request.given[OPT_READ_RECIPIENTS])
		return submission_read(p, settings, &args->request, runtime, err);
	return settings_load(settings, &args->request, runtime, err);
}

/* Where the password would come from; it is not fetched. */
static void print_password_plan(const struct account *a, const struct runtime *runtime)
{
	AUTO(strbuf) names = STRBUF_INIT;
	if (!authenticate_wanted(a) || !authenticate_wants_secret(a) || account_uses_oauth(a))
		return;
	struct secret_query q = password_query(a, runtime);
	q.may_prompt = true;
	secret_plan(&q, &names);
	(void)printf(_("password from: %s\n"), names.buf);
}

static void print_settings_json(const struct settings *settings, const struct submission *p, const struct error *err)
{
	AUTO(strbuf) out = STRBUF_INIT;
	AUTO(strvec) notes = STRVEC_INIT;
	struct json j = JSON_INIT(&out);
	json_object(&j, NULL);
	show_json(err->status.kind == ERROR_NONE ? settings->account : NULL, &j);
	print_json_status(&j, error_kind_exit_status(err->status.kind), err);
	strvec_push_all(&notes, &settings->config.warnings);
	strvec_push_all(&notes, &p->warnings);
	print_json_end(&j, &notes);
}

static void print_settings(const struct settings *settings, const struct submission *p, const struct runtime *runtime)
{
	AUTO(strbuf) text = STRBUF_INIT;
	if (settings->why)
		(void)printf("%s\n", settings->why);
	show_text(settings->account, &text);
	(void)fputs(text.buf, stdout);
	print_password_plan(settings->account, runtime);
	if (p->has_message)
		(void)printf("%s <%s>\n", _("envelope sender:"), p->env.mail.sender.given);
	for (size_t i = 0; i < p->env.n; i++) {
		const struct recipient *rcpt = &p->env.rcpts[i];
		(void)printf("%s <%s>\n", rcpt->refused ? _("local name, not sent:") : _("recipient:"),
			     rcpt->address.given);
	}
}

int mode_pretend(const struct args *args, const struct runtime *runtime)
{
	AUTO(settings) settings = SETTINGS_INIT;
	struct submission p;
	struct error err = ERROR_INIT;
	int status = EX_OK;
	submission_init(&p, runtime);
	p.needs_no_recipient = true;
	bool ready = find_account(&p, &settings, args, runtime, &err);
	print_warnings(print_errors(), &settings.config.warnings);
	print_warnings(print_errors(), &p.warnings);
	if (args->request.given[OPT_JSON])
		print_settings_json(&settings, &p, &err);
	else if (ready)
		print_settings(&settings, &p, runtime);
	if (!ready)
		status = report_failure(&err);
	error_release(&err);
	submission_release(&p);
	return status;
}

/* ---- serverinfo ---- */

static void print_capabilities(const struct caps *caps)
{
	(void)printf("%s\n", caps->lines.n ? _("The server offers:") : _("The server offers no extensions."));
	for (size_t i = 0; i < caps->lines.n; i++) {
		AUTO_FREE char *meaning = capability_explain(caps, span_of(caps->lines.v[i]));
		(void)printf("  %s%s%s\n", caps->lines.v[i], meaning ? " - " : "", meaning ? meaning : "");
	}
}

/* Which mechanism would be used, and why none of the others. */
static void print_choice(const struct mech_choice *choice)
{
	AUTO(strbuf) others = STRBUF_INIT;
	mech_choice_format(choice, &others);
	if (choice->mech || others.len)
		(void)printf(_("Authentication: %s\n"),
			     choice->mech ? choice->mech->name : _("no mechanism can be used"));
	if (others.len)
		(void)printf(_("  not by %s\n"), others.buf);
}

static void print_server(const struct delivery_result *r, time_t now)
{
	AUTO(strbuf) text = STRBUF_INIT;
	if (r->peer)
		(void)printf(_("Server %s (%s)\n"), r->host, r->peer);
	if (r->greeting)
		(void)printf(_("Greeting: %s\n"), r->greeting);
	tls_info_text(&r->tls, now, &text);
	(void)fputs(text.buf, stdout);
	if (r->greeting && r->error.status.kind == ERROR_NONE)
		print_capabilities(&r->caps);
	print_choice(&r->choice);
}

static void add_capabilities(struct json *j, const struct caps *caps)
{
	json_array(j, "capabilities");
	for (size_t i = 0; i < caps->lines.n; i++) {
		AUTO_FREE char *meaning = capability_explain(caps, span_of(caps->lines.v[i]));
		json_object(j, NULL);
		json_string(j, "line", caps->lines.v[i]);
		json_string(j, "meaning", meaning);
		json_end(j);
	}
	json_end(j);
}

/* r: what is known; nothing, if there was no connection.  Failures have their server as host. */
static void print_server_json(const struct settings *settings, const struct delivery_result *r, const struct error *err,
			      int status)
{
	AUTO(strbuf) out = STRBUF_INIT;
	AUTO(strvec) notes = STRVEC_INIT;
	struct json j = JSON_INIT(&out);
	struct error shown = *err; /* borrows its texts */
	if (!shown.status.host)
		shown.status.host = r->host;
	json_object(&j, NULL);
	json_string(&j, "account", settings->account ? settings->account->name : NULL);
	json_number(&j, "port", r->port);
	json_string(&j, "peer", r->peer);
	json_string(&j, "greeting", r->greeting);
	json_object(&j, "tls");
	tls_info_json(&r->tls, &j);
	json_string(&j, "description", r->tls.description);
	tls_certificates_json(&r->tls, &j);
	json_end(&j);
	add_capabilities(&j, &r->caps);
	mech_choice_json(&r->choice, &j);
	print_json_status(&j, status, &shown);
	strvec_push_all(&notes, &settings->config.warnings);
	strvec_push_all(&notes, &r->warnings);
	print_json_end(&j, &notes);
}

static int look(const struct args *args, const struct settings *settings, const struct runtime *runtime)
{
	struct delivery_result result;
	struct delivery_request req =
		delivery_request_make(runtime, settings->account, (struct delivery_task){.kind = DELIVERY_LOOK});
	if (args->request.given[OPT_DEBUG])
		debug_listen(&req, settings);
	deliver(&req, &result);
	int status = exit_status_of(&result);
	if (args->request.given[OPT_JSON])
		print_server_json(settings, &result, &result.error, status);
	else
		print_server(&result, clock_wall(runtime->clock));
	if (status)
		print_delivery_problem(print_errors(), settings->account, &result);
	delivery_result_release(&result);
	return status;
}

int mode_serverinfo(const struct args *args, const struct runtime *runtime)
{
	static const struct delivery_result nothing = {.n = 0};
	AUTO(settings) settings = SETTINGS_INIT;
	AUTO(error) err = ERROR_INIT;
	bool ready = settings_load(&settings, &args->request, runtime, &err);
	print_warnings(print_errors(), &settings.config.warnings);
	if (ready)
		return look(args, &settings, runtime);
	int status = report_failure(&err);
	if (args->request.given[OPT_JSON])
		print_server_json(&settings, &nothing, &err, status);
	return status;
}
