/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "auth/mech_choose.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/strbuf.h"
#include "base/xalloc.h"

/*
 * In order of preference.  libgsasl's own suggestion is not used: it puts GSSAPI and browser mechanisms first, and
 * CRAM-MD5 before PLAIN.
 */
const struct mech mech_table[] = {
	{.name = "SCRAM-SHA-256-PLUS", .needs_password = true, .binding = true, .initial_response = true},
	{.name = "SCRAM-SHA-1-PLUS", .needs_password = true, .binding = true, .initial_response = true},
	{.name = "SCRAM-SHA-256", .needs_password = true, .initial_response = true},
	{.name = "SCRAM-SHA-1", .needs_password = true, .initial_response = true},
	{.name = "PLAIN", .needs_password = true, .password_visible = true, .initial_response = true},
	{.name = "LOGIN", .needs_password = true, .password_visible = true, .no_authzid = true},
	{.name = "CRAM-MD5", .needs_password = true, .no_authzid = true},
	{.name = "DIGEST-MD5", .needs_password = true, .only_by_name = true},
	{.name = "NTLM", .needs_password = true, .initial_response = true, .only_by_name = true, .no_authzid = true},
	{.name = "GSSAPI", .initial_response = true, .only_by_name = true},
	{.name = "EXTERNAL", .initial_response = true, .only_by_name = true},
	{.name = "OAUTHBEARER",
	 .needs_password = true,
	 .password_visible = true,
	 .initial_response = true,
	 .only_by_name = true},
	{.name = "XOAUTH2",
	 .needs_password = true,
	 .password_visible = true,
	 .initial_response = true,
	 .only_by_name = true,
	 .no_authzid = true},
	{.name = NULL},
};

const struct mech *mech_find(const char *name)
{
	if (!name)
		return NULL;
	for (const struct mech *m = mech_table; m->name; m++)
		if (ascii_strcasecmp(m->name, name) == 0)
			return m;
	return NULL;
}

void mech_choice_release(struct mech_choice *choice)
{
	free(choice->passed_over);
	*choice = (struct mech_choice){.mech = NULL};
}

static bool has_nocase(const struct strvec *names, const char *name)
{
	for (size_t i = 0; names && i < names->n; i++)
		if (ascii_strcasecmp(names->v[i], name) == 0)
			return true;
	return false;
}

static bool is_scram(const struct mech *m)
{
	return span_starts_nocase(span_of(m->name), "SCRAM-");
}

/* False for mechanisms that need no user name, because they take the identity from elsewhere. */
static bool needs_user(const struct mech *m)
{
	return strcmp(m->name, "EXTERNAL") != 0 && strcmp(m->name, "GSSAPI") != 0 &&
	       strcmp(m->name, "OAUTHBEARER") != 0;
}

/* Returns why m cannot be used, as a translated clause, or NULL if it can. */
static const char *objection(const struct mech_situation *in, const struct mech *m, bool by_name)
{
	if (in->offered && !has_nocase(in->offered, m->name))
		return _("not offered by the server");
	if (m->only_by_name && !by_name)
		return _("used only when set by name");
	if (has_nocase(in->refused, m->name))
		return _("already refused by the server");
	if (m->binding && !in->binding_available)
		return _("needs channel binding, which this connection does not have");
	if (m->password_visible && !in->protected_line)
		return _("would reveal the password on an unprotected connection");
	/* SCRAM reveals neither the password nor an equivalent of it to an eavesdropper; the other mechanisms reveal
	 * enough to guess the password. */
	if (m->needs_password && !in->protected_line && !is_scram(m))
		return _("needs a protected connection");
	if (needs_user(m) && !in->have_user)
		return _("needs a user name");
	if (m->no_authzid && in->have_authzid)
		return _("cannot transmit authzid");
	if (strcmp(m->name, "GSSAPI") == 0 && !in->have_gssapi)
		return _("this libgsasl was built without it");
	return NULL;
}

static bool names_one(const struct mech_situation *in)
{
	return in->wanted && ascii_strcasecmp(in->wanted, "on") != 0;
}

const char *mech_objection(const struct mech_situation *in, const struct mech *m)
{
	bool by_name = names_one(in);
	if (by_name && ascii_strcasecmp(in->wanted, m->name) != 0)
		return _("a different mechanism is set");
	return objection(in, m, by_name);
}

static void pass_over(struct mech_choice *choice, const struct mech *m, const char *why)
{
	GROW(choice->passed_over, choice->n, choice->cap);
	choice->passed_over[choice->n++] = (struct mech_reason){m, why};
}

/* The server's list of mechanisms, cleaned and cut to about one line. */
static char *offered_in_words(const struct strvec *offered)
{
	AUTO_FREE char *joined = strvec_join(offered, ", ");
	return clean_text(span_of(joined), 300);
}

static bool nothing_left(const struct mech_situation *in, const struct mech_choice *choice, bool by_name,
			 struct error *err)
{
	AUTO_FREE char *offered = offered_in_words(in->offered);
	AUTO(strvec) why = STRVEC_INIT;
	bool wants_protection = false;
	for (size_t i = 0; i < choice->n; i++) {
		const struct mech_reason *r = &choice->passed_over[i];
		/* do not list mechanisms that were not offered, unless the user asked for one of them */
		if (by_name || has_nocase(in->offered, r->mech->name))
			strvec_pushf(&why, "%s: %s", r->mech->name, r->why);
		wants_protection = wants_protection || (has_nocase(in->offered, r->mech->name) &&
							r->mech->needs_password && !in->protected_line);
	}
	AUTO_FREE char *reasons = strvec_join(&why, "; ");
	if (why.n)
		(void)error_set(err, ERROR_NO_MECHANISM,
				_("no authentication mechanism can be used (%s); the server offers %s"), reasons,
				offered);
	else
		(void)error_set(err, ERROR_NO_MECHANISM,
				_("no authentication mechanism can be used; the server offers %s"), offered);
	if (wants_protection)
		error_hint(err, _("Set tls on, and tls_starttls on if the port begins in plain text."));
	else if (by_name)
		error_hint(err, _("Set auth to one of the server's mechanisms, or let posthaste choose with: auth on"));
	return false;
}

bool mech_choose(const struct mech_situation *in, struct mech_choice *choice, struct error *err)
{
	bool by_name = names_one(in);
	const struct mech *only = by_name ? mech_find(in->wanted) : NULL;
	if (by_name && !only)
		return error_set(err, ERROR_CONFIG, _("unknown authentication mechanism \"%s\""), in->wanted);
	if (!in->offered || !in->offered->n)
		return error_set(err, ERROR_NOT_OFFERED, _("the server does not offer authentication"));
	struct mech_choice made = {.mech = NULL};
	for (const struct mech *m = only ? only : mech_table; m->name && !made.mech; m++) {
		const char *why = objection(in, m, by_name);
		if (why)
			pass_over(&made, m, why);
		else
			made.mech = m;
		if (only)
			break;
	}
	if (!made.mech) {
		(void)nothing_left(in, &made, by_name, err);
		mech_choice_release(&made);
		return false;
	}
	mech_choice_release(choice);
	*choice = made;
	return true;
}
