/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/configure_text.h"

#include "address/address_check.h"
#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "setup/advice.h"

const char *configure_domain(const char *address, struct error *err)
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

void configure_text_account(const struct configure_text *t, struct strbuf *out)
{
	const struct candidates *found = &t->found->found;
	if (!found->n)
		return;
	const struct candidate *c = &found->v[0];
	const struct account_text text = {.name = t->domain,
					  .address = t->address,
					  .server = c,
					  .all = found,
					  .given = t->given,
					  .flavour = FLAVOUR_OWN,
					  .secret = c->login ? SETUP_SECRET_OPEN : SETUP_SECRET_NONE};
	account_text_write(&text, out);
}

/* "# text", whatever lines it has. */
static void add_comment(char *text, struct strbuf *out)
{
	if (text)
		account_text_comment(text, out);
	free(text);
}

static void add_advice(const struct discovery *d, struct strbuf *out)
{
	AUTO(strvec) advice = STRVEC_INIT;
	advice_list(d, &advice);
	for (size_t i = 0; i < advice.n; i++)
		account_text_comment(advice.v[i], out);
}

static void add_secret_lines(const struct configure_text *t, const struct candidate *c, struct strbuf *out)
{
	if (c->login == SETUP_OAUTH) {
		account_text_comment(_("Say how to log in, with lines like these:"), out);
		strbuf_addf(out, "# %s %s\n# %s ...\n", option_table[OPT_OAUTH_PROVIDER].command,
			    c->provider ? c->provider : "...", option_table[OPT_OAUTH_CLIENT_ID].command);
		add_comment(xasprintf(_("Then log in with: posthaste --login=%s"), t->domain), out);
	} else if (c->login) {
		strbuf_adds(out, _("# Say where the password comes from, with a line like one of these:\n"));
		strbuf_addf(out, "# %s pass show %s\n", option_table[OPT_PASSWORDEVAL].command, t->domain);
		strbuf_addf(out, "# %s ~/.config/posthaste/password\n", option_table[OPT_PASSWORD_FILE].command);
	}
	strbuf_addf(out, _("# Then test it with: posthaste --check=%s\n"), t->domain);
}

void configure_text_write(const struct configure_text *t, struct strbuf *out)
{
	const struct candidate *c = &t->found->found.v[0];
	if (!t->found->found.n)
		return;
	if (c->source == SETUP_SRV) {
		strbuf_addf(out,
			    _("# The submission servers of %s according to the DNS; add this to "
			      "~/.config/posthaste/config.\n"),
			    t->domain);
	} else {
		add_comment(setup_source_text(c, t->domain), out);
		account_text_comment(_("Add this to ~/.config/posthaste/config."), out);
	}
	add_comment(setup_doubt_text(c, t->domain), out);
	add_advice(t->found, out);
	configure_text_account(t, out);
	add_secret_lines(t, c, out);
}

static const char *source_name(enum setup_source source)
{
	static const char *const names[] = {[SETUP_NAMED] = "named",
					    [SETUP_PRESET] = "preset",
					    [SETUP_AUTOCONFIG] = "autoconfig",
					    [SETUP_PRESET_MX] = "preset_mx",
					    [SETUP_AUTOCONFIG_MX] = "autoconfig_mx",
					    [SETUP_SRV] = "srv",
					    [SETUP_DATABASE] = "database"};
	return names[source];
}

void configure_text_json(const struct configure_text *t, struct json *j)
{
	AUTO(strbuf) account = STRBUF_INIT;
	const struct candidates *found = &t->found->found;
	bool some = found->n > 0;
	configure_text_account(t, &account);
	json_string(j, "address", t->address);
	json_string(j, "domain", t->domain);
	json_known(j, "starttls", some, some && found->v[0].mode == SETUP_STARTTLS);
	json_known(j, "secure", some, t->found->secure);
	json_array(j, "servers");
	for (size_t i = 0; i < found->n; i++) {
		const struct candidate *c = &found->v[i];
		json_object(j, NULL);
		json_string(j, "host", c->host);
		json_number(j, "port", c->port);
		json_bool(j, "encrypted", c->mode != SETUP_PLAIN);
		json_bool(j, "starttls", c->mode == SETUP_STARTTLS);
		json_string(j, "source", source_name(c->source));
		json_bool(j, "name_counts", !c->doubtful);
		json_end(j);
	}
	json_end(j);
	json_string(j, "account", some ? account.buf : NULL);
}
