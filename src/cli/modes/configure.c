/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --configure: an account, ready to paste, for a mail address (RFC 6186). */
#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "cli/mode.h"
#include "cli/print.h"
#include "cli/print_json.h"
#include "cli/print_result.h"
#include "config/lexer.h"
#include "dns/srv.h"
#include "address/address.h"

#include <sysexits.h>

#define LIMIT_MS 60000

static const char *domain_of(const char *address, struct error *err)
{
	const char *at = address ? strrchr(address, '@') : NULL;
	AUTO_FREE char *shown = clean_text(span_of(address ? address : ""), 200);
	if (!address || !address_check(span_of(address), false, err)) {
		error_stage(err, "%s", _("address"));
		return NULL;
	}
	if (at && at != address && at[1])
		return at + 1;
	(void)error_set(err, ERROR_ADDRESS, _("\"%s\" has no domain whose servers could be looked up"), shown);
	error_hint(err, "%s", _("Name the whole mail address, as in: --configure=you@example.org"));
	return NULL;
}

static void add_line(struct strbuf *out, enum option_id id, const char *value)
{
	strbuf_addf(out, "%s ", option_table[id].command);
	lexer_quote(span_of(value), option_table[id].type == VALUE_LIST, out);
	strbuf_addch(out, '\n');
}

static void add_account(struct strbuf *out, const char *address, const char *domain, const struct srv_list *found)
{
	AUTO_FREE char *port = xasprintf("%u", found->v[0].port);
	add_line(out, OPT_ACCOUNT, domain);
	strbuf_addf(out, "%s", option_table[OPT_HOST].command);
	for (size_t i = 0; i < found->n; i++)
		if (found->v[i].port == found->v[0].port) /* the account has one port */
			strbuf_addf(out, " %s", found->v[i].target);
	strbuf_addch(out, '\n');
	add_line(out, OPT_PORT, port);
	add_line(out, OPT_TLS, "on");
	add_line(out, OPT_TLS_STARTTLS, found->immediate ? "off" : "on");
	add_line(out, OPT_AUTH, "on");
	add_line(out, OPT_USER, address);
	add_line(out, OPT_FROM, address);
}

static void print_text(const char *address, const char *domain, const struct srv_list *found)
{
	AUTO(strbuf) account = STRBUF_INIT;
	const char *target = found->v[0].target;
	add_account(&account, address, domain, found);
	(void)printf(
		_("# The submission servers of %s according to the DNS; add this to ~/.config/posthaste/config.\n"),
		domain);
	if (!srv_target_counts(found, domain, target))
		(void)printf(_("# %s is not in the domain %s, and the DNS answer is not secured by DNSSEC:\n"
			       "# make sure that it is your mail provider's server before you give it a password.\n"),
			     target, domain);
	(void)fputs(account.buf, stdout);
	(void)printf("%s", _("# Say where the password comes from, with a line like one of these:\n"));
	(void)printf("# %s pass show %s\n", option_table[OPT_PASSWORDEVAL].command, domain);
	(void)printf("# %s ~/.config/posthaste/password\n", option_table[OPT_PASSWORD_FILE].command);
	(void)printf(_("# Then test it with: posthaste --check=%s\n"), domain);
}

/* found: nothing, if it failed. */
static void print_json(const char *address, const char *domain, const struct srv_list *found, const struct error *err)
{
	AUTO(strbuf) out = STRBUF_INIT;
	AUTO(strbuf) account = STRBUF_INIT;
	struct json j = JSON_INIT(&out);
	bool ok = found->n > 0;
	if (ok)
		add_account(&account, address, domain, found);
	json_object(&j, NULL);
	json_string(&j, "address", address);
	json_string(&j, "domain", domain);
	json_known(&j, "starttls", ok, !found->immediate);
	json_known(&j, "secure", ok, found->secure);
	json_array(&j, "servers");
	for (size_t i = 0; i < found->n; i++) {
		json_object(&j, NULL);
		json_string(&j, "host", found->v[i].target);
		json_number(&j, "port", found->v[i].port);
		json_bool(&j, "name_counts", srv_target_counts(found, domain, found->v[i].target));
		json_end(&j);
	}
	json_end(&j);
	json_string(&j, "account", ok ? account.buf : NULL);
	print_json_status(&j, error_kind_exit_status(err->status.kind), err);
	print_json_end(&j, NULL);
}

int mode_configure(const struct args *args, const struct runtime *runtime)
{
	AUTO(srv_list) found = SRV_LIST_INIT;
	AUTO(error) err = ERROR_INIT;
	const char *address = account_str(args->request.flags, OPT_CONFIGURE), *domain = domain_of(address, &err);
	msec_t deadline = deadline_in(runtime->clock, LIMIT_MS);
	if (!domain || !srv_find(runtime, NULL, domain, deadline, &found, &err)) {
		print_problem(print_errors(), &err);
		if (args->request.given[OPT_JSON])
			print_json(address, domain, &SRV_LIST_INIT, &err);
		return error_kind_exit_status(err.status.kind);
	}
	if (args->request.given[OPT_JSON])
		print_json(address, domain, &found, &err);
	else
		print_text(address, domain, &found);
	return EX_OK;
}
