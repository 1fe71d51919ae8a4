/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --version, --help, --pretend and --serverinfo: information without sending. */
#include "auth/sasl.h"
#include "base/i18n.h"
#include "smtp/capability.h"
#include "cli/debug.h"
#include "transport/exit_status.h"
#include "cli/mode.h"
#include "cli/print.h"
#include "cli/print_result.h"
#include "config/help.h"
#include "config/show.h"
#include "transport/authenticate.h"
#include "transport/password.h"
#include "tls/tls.h"
#include "submit/submission_read.h"
#include "transport/deliver.h"

#include <inttypes.h>
#include <sysexits.h>

static void print_version(void)
{
	AUTO_FREE char *tls = tls_library_version();
	AUTO_FREE char *sasl = sasl_library_version();
	(void)printf("%s\n", PACKAGE_STRING);
	(void)printf(_("TLS: %s\n"), tls);
	(void)printf(_("SASL: %s\n"), sasl);
	(void)printf("%s", _("Mechanisms:"));
	for (const struct mech *m = mech_table; m->name; m++)
		(void)printf(" %s", m->name);
	(void)printf(
		"\n%s",
		_("Features: STARTTLS SIZE 8BITMIME BINARYMIME CHUNKING PIPELINING PIPECONNECT DSN ENHANCEDSTATUSCODES "
		  "SMTPUTF8 LIMITS DELIVERBY FUTURERELEASE MT-PRIORITY REQUIRETLS ETRN LMTP IDN SOCKS5"));
#ifdef ENABLE_NLS
	(void)printf(" NLS");
#endif
	(void)printf("\n");
	(void)printf(_("System configuration: %s\n"), SYSCONFDIR "/posthaste/config, " SYSCONFDIR "/msmtprc");
	(void)printf("%s", _("License GPL-3.0-or-later. There is no warranty, to the extent permitted by law.\n"));
}

int mode_version_help(const struct args *args, const struct runtime *runtime)
{
	(void)runtime;
	if (args->request.given[OPT_VERSION])
		print_version();
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
	if (!authenticate_wanted(a) || !authenticate_wants_secret(a))
		return;
	struct secret_query q = password_query(a, runtime);
	q.may_prompt = true;
	secret_plan(&q, &names);
	(void)printf(_("password from: %s\n"), names.buf);
}

static void print_settings(const struct settings *settings, const struct submission *p, const struct runtime *runtime,
			   bool json)
{
	AUTO(strbuf) text = STRBUF_INIT;
	if (json) {
		show_json(settings->account, &text);
		(void)fputs(text.buf, stdout);
		return;
	}
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
	if (ready)
		print_settings(&settings, &p, runtime, args->request.given[OPT_JSON]);
	else
		status = report_failure(&err);
	error_release(&err);
	submission_release(&p);
	return status;
}

/* ---- serverinfo ---- */

static void print_date(const char *label, time_t when)
{
	char text[64];
	struct tm tm;
	if (gmtime_r(&when, &tm) && strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm))
		(void)printf("    %s: %s\n", label, text);
}

static void print_days_left(const struct tls_certificate *c, time_t now)
{
	long long days = ((long long)c->not_after - (long long)now) / (24 * 60 * 60);
	if (c->not_before > now)
		(void)printf("    %s\n", _("not valid yet"));
	else if (c->not_after < now)
		(void)printf("    %s\n", _("expired"));
	else
		(void)printf(Q_("    %lld day until it expires\n", "    %lld days until it expires\n",
				(unsigned long)days),
			     days);
}

static void print_certificate(const struct tls_certificate *c, time_t now)
{
	(void)printf("  %s: %s\n", _("Certificate of"), c->subject);
	AUTO_FREE char *names = strvec_join(&c->names, ", ");
	if (c->names.n)
		(void)printf("    %s: %s\n", _("names"), names);
	(void)printf("    %s: %s\n", _("issuer"), c->issuer);
	print_date(_("valid from"), c->not_before);
	print_date(_("valid until"), c->not_after);
	print_days_left(c, now);
	(void)printf("    %s: %s\n", _("key"), c->key);
	(void)printf("    SHA-256: %s\n", c->sha256);
	(void)printf("    SHA-1: %s\n", c->sha1);
	(void)printf("    SPKI SHA-256: %s\n", c->spki_sha256);
}

static void print_tls(const struct tls_info *t, time_t now)
{
	if (!t->chain_len && !t->active)
		return;
	(void)printf("TLS:\n");
	if (t->description)
		(void)printf("  %s: %s\n", _("session"), t->description);
	if (t->verified_by)
		(void)printf("  %s: %s\n", _("verified by"), t->verified_by);
	for (size_t i = 0; i < t->chain_len; i++)
		print_certificate(&t->chain[i], now);
}

static void print_capabilities(const struct caps *caps)
{
	(void)printf("%s\n", caps->lines.n ? _("The server offers:") : _("The server offers no extensions."));
	for (size_t i = 0; i < caps->lines.n; i++) {
		AUTO_FREE char *meaning = capability_explain(caps, span_of(caps->lines.v[i]));
		(void)printf("  %s%s%s\n", caps->lines.v[i], meaning ? " - " : "", meaning ? meaning : "");
	}
}

static void print_server(const struct delivery_result *r, time_t now)
{
	if (r->peer)
		(void)printf(_("Server %s (%s)\n"), r->host, r->peer);
	if (r->greeting)
		(void)printf(_("Greeting: %s\n"), r->greeting);
	print_tls(&r->tls, now);
	if (r->greeting && r->error.status.kind == ERROR_NONE)
		print_capabilities(&r->caps);
}

int mode_serverinfo(const struct args *args, const struct runtime *runtime)
{
	AUTO(settings) settings = SETTINGS_INIT;
	struct error err = ERROR_INIT;
	int status;
	bool ready = settings_load(&settings, &args->request, runtime, &err);
	print_warnings(print_errors(), &settings.config.warnings);
	if (ready) {
		struct delivery_result result;
		struct delivery_request req =
			delivery_request_make(runtime, settings.account, (struct delivery_task){.kind = DELIVERY_LOOK});
		if (args->request.given[OPT_DEBUG])
			debug_listen(&req, &settings);
		deliver(&req, &result);
		status = exit_status_of(&result);
		print_server(&result, clock_wall(runtime->clock));
		if (status)
			print_problem(print_errors(), &result.error);
		delivery_result_release(&result);
	} else {
		status = report_failure(&err);
	}
	error_release(&err);
	return status;
}
