/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "auth/mech_choose.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/strbuf.h"
#include "base/xalloc.h"

#define SCRAM(hash, ...)                                                                             \
	{                                                                                            \
		.name = "SCRAM-" hash, .needs_password = true, .initial_response = true, __VA_ARGS__ \
	}
#define TOKEN .needs_password = true, .token = true, .password_visible = true, .initial_response = true

/*
 * In order of preference.  libgsasl's own suggestion is not used: it puts GSSAPI and browser mechanisms first, and
 * CRAM-MD5 before PLAIN.
 */
const struct mech mech_table[] = {
	SCRAM("SHA-512-PLUS", .binding = true, .may_lack = true),
	SCRAM("SHA-256-PLUS", .binding = true),
	SCRAM("SHA-1-PLUS", .binding = true),
	{.name = "GSSAPI", .ticket = true, .no_user = true, .initial_response = true, .may_lack = true},
	{.name = "GS2-KRB5", .ticket = true, .no_user = true, .initial_response = true, .may_lack = true},
	SCRAM("SHA-512", .may_lack = true),
	SCRAM("SHA-256", .may_lack = false),
	SCRAM("SHA-1", .may_lack = false),
	{.name = "PLAIN", .needs_password = true, .password_visible = true, .initial_response = true},
	{.name = "LOGIN", .needs_password = true, .password_visible = true, .no_authzid = true},
	{.name = "OAUTHBEARER", .no_user = true, TOKEN},
	{.name = "XOAUTH2", .no_authzid = true, TOKEN},
	{.name = "CRAM-MD5", .needs_password = true, .only_by_name = true, .no_authzid = true},
	{.name = "DIGEST-MD5", .needs_password = true, .only_by_name = true},
	{.name = "NTLM",
	 .needs_password = true,
	 .initial_response = true,
	 .only_by_name = true,
	 .no_authzid = true,
	 .may_lack = true},
	{.name = "EXTERNAL", .no_user = true, .initial_response = true, .only_by_name = true},
	{.name = "ANONYMOUS", .no_user = true, .initial_response = true, .only_by_name = true, .no_authzid = true},
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

/* Why "on" does not take m. */
static const char *not_chosen(const struct mech_situation *in, const struct mech *m)
{
	if (m->only_by_name)
		return _("used only when set by name");
	if (m->token != in->have_oauth)
		return m->token ? _("used only when set by name, or where the account logs in by OAuth2")
				: _("the account logs in by OAuth2");
	if (m->ticket && in->have_password)
		return _("used only when set by name, or without a password");
	if (m->ticket && !in->have_ticket)
		return _("there is no Kerberos ticket");
	return NULL;
}

static const char *binding_objection(const struct mech_situation *in, const struct mech *m)
{
	if (m->binding && in->binding == MECH_BINDING_OFF)
		return _("auth_channel_binding is off");
	if (m->binding && !in->binding_available)
		return _("needs channel binding, which this connection does not have");
	if (!m->binding && in->binding == MECH_BINDING_REQUIRE)
		return _("has no channel binding, which auth_channel_binding requires");
	return NULL;
}

static const char *protection_objection(const struct mech_situation *in, const struct mech *m)
{
	if (in->protected_line || !m->needs_password)
		return NULL;
	if (m->password_visible)
		return _("would reveal the password on an unprotected connection");
	/* SCRAM reveals neither the password nor an equivalent of it to an eavesdropper; the other mechanisms reveal
	 * enough to guess the password. */
	return is_scram(m) ? NULL : _("needs a protected connection");
}

/* Returns why m cannot be used, as a translated clause, or NULL if it can. */
static const char *objection(const struct mech_situation *in, const struct mech *m, bool by_name)
{
	const char *why;
	if (in->offered && !has_nocase(in->offered, m->name))
		return _("not offered by the server");
	if (!by_name && (why = not_chosen(in, m)))
		return why;
	if (has_nocase(in->refused, m->name))
		return _("already refused by the server");
	if (has_nocase(in->failed, m->name))
		return _("already failed on this connection");
	if ((why = binding_objection(in, m)) || (why = protection_objection(in, m)))
		return why;
	if (!m->no_user && !in->have_user)
		return _("needs a user name");
	if (m->no_authzid && in->have_authzid)
		return _("cannot transmit authzid");
	if (m->may_lack && in->supported && !in->supported(m->name))
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

/* Goes through the table until a mechanism can be used, or, of those that are offered, to its end.  tickets_first:
 * those with a password are passed over. */
static void consider(const struct mech_situation *in, bool tickets_first, bool to_the_end, struct mech_choice *made)
{
	mech_choice_release(made);
	for (const struct mech *m = mech_table; m->name && (to_the_end || !made->mech); m++) {
		if (to_the_end && in->offered && !has_nocase(in->offered, m->name))
			continue;
		const char *why = mech_objection(in, m);
		if (!why && tickets_first && m->needs_password)
			why = _("no password is set");
		if (why)
			pass_over(made, m, why);
		else if (made->mech)
			pass_over(made, m, _("not needed"));
		else
			made->mech = m;
	}
}

/* A ticket that is there spares the user the question for a password. */
static void consider_all(const struct mech_situation *in, bool to_the_end, struct mech_choice *made)
{
	bool tickets_first = !names_one(in) && in->have_ticket && !in->have_password;
	consider(in, tickets_first, to_the_end, made);
	if (tickets_first && !made->mech)
		consider(in, false, to_the_end, made);
}

void mech_survey(const struct mech_situation *in, struct mech_choice *choice)
{
	consider_all(in, true, choice);
}

void mech_choice_format(const struct mech_choice *choice, struct strbuf *out)
{
	for (size_t i = 0; i < choice->n; i++)
		strbuf_addf(out, "%s%s: %s", i ? "; " : "", choice->passed_over[i].mech->name,
			    choice->passed_over[i].why);
}

static void json_mechanism(struct json *j, const struct mech *m, const char *why_not)
{
	json_object(j, NULL);
	json_string(j, "name", m->name);
	json_bool(j, "chosen", !why_not);
	json_string(j, "why_not", why_not);
	json_end(j);
}

void mech_choice_json(const struct mech_choice *choice, struct json *j)
{
	json_array(j, "mechanisms");
	if (choice->mech)
		json_mechanism(j, choice->mech, NULL);
	for (size_t i = 0; i < choice->n; i++)
		json_mechanism(j, choice->passed_over[i].mech, choice->passed_over[i].why);
	json_end(j);
}

void mech_choice_copy(struct mech_choice *to, const struct mech_choice *from)
{
	mech_choice_release(to);
	to->mech = from->mech;
	for (size_t i = 0; i < from->n; i++)
		pass_over(to, from->passed_over[i].mech, from->passed_over[i].why);
}

/* The server's list of mechanisms, cleaned and cut to about one line. */
static char *offered_in_words(const struct strvec *offered)
{
	AUTO_FREE char *joined = strvec_join(offered, ", ");
	return clean_text(span_of(joined), 300);
}

/* Channel binding is required and cannot be had: no password was sent. */
static void hint_binding(const struct mech_situation *in, struct error *err)
{
	if (!in->binding_available)
		error_hint(err,
			   _("auth_channel_binding require needs TLS 1.3, or TLS 1.2 with the extended master secret. "
			     "Ask the server's administrator, or set auth_channel_binding auto."));
	else
		error_hint(err,
			   _("If this server usually offers a mechanism that ends in -PLUS, something on the way ends "
			     "the TLS connection (a proxy, a virus scanner): do not log in through it. If the "
			     "server has none, set auth_channel_binding auto."));
}

static bool nothing_left(const struct mech_situation *in, const struct mech_choice *choice, const struct mech *only,
			 struct error *err)
{
	AUTO_FREE char *offered = offered_in_words(in->offered);
	AUTO(strvec) why = STRVEC_INIT;
	bool wants_protection = false;
	for (size_t i = 0; i < choice->n; i++) {
		const struct mech_reason *r = &choice->passed_over[i];
		/* do not list mechanisms that were not offered, unless the user asked for one of them */
		if (only ? r->mech == only : has_nocase(in->offered, r->mech->name))
			strvec_pushf(&why, "%s: %s", r->mech->name, r->why);
		wants_protection = wants_protection ||
				   (has_nocase(in->offered, r->mech->name) && protection_objection(in, r->mech));
	}
	AUTO_FREE char *reasons = strvec_join(&why, "; ");
	if (why.n)
		(void)error_set(err, ERROR_NO_MECHANISM,
				_("no authentication mechanism can be used (%s); the server offers %s"), reasons,
				offered);
	else
		(void)error_set(err, ERROR_NO_MECHANISM,
				_("no authentication mechanism can be used; the server offers %s"), offered);
	if (in->binding == MECH_BINDING_REQUIRE)
		hint_binding(in, err);
	else if (wants_protection)
		error_hint(err, _("Set tls on, and tls_starttls on if the port begins in plain text."));
	else if (only)
		error_hint(err, _("Set auth to one of the server's mechanisms, or let posthaste choose with: auth on"));
	return false;
}

bool mech_choose(const struct mech_situation *in, struct mech_choice *choice, struct error *err)
{
	const struct mech *only = names_one(in) ? mech_find(in->wanted) : NULL;
	if (names_one(in) && !only)
		return error_set(err, ERROR_CONFIG, _("unknown authentication mechanism \"%s\""), in->wanted);
	if (!in->offered || !in->offered->n) {
		(void)error_set(err, ERROR_NOT_OFFERED, _("the server does not offer authentication"));
		error_hint(err, "%s",
			   _("Check host and port: users usually log in on port 465 or 587. If this server takes mail "
			     "without a login, set auth off."));
		return false;
	}
	struct mech_choice made = {.mech = NULL};
	consider_all(in, false, &made);
	if (!made.mech) {
		(void)nothing_left(in, &made, only, err);
		mech_choice_release(&made);
		return false;
	}
	mech_choice_release(choice);
	*choice = made;
	return true;
}
