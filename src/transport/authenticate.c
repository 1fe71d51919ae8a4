/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/authenticate.h"

#include "auth/kerberos.h"
#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "smtp/client/reply_policy.h"
#include "tls/tls.h"
#include "transport/password.h"

void authenticate_forget(struct authenticator *a)
{
	strvec_release(&a->refused);
	strvec_release(&a->failed);
	error_release(&a->failure);
}

static void forget_exchange(struct authenticator *a)
{
	sasl_free(a->sasl);
	a->sasl = NULL;
}

void authenticator_release(struct authenticator *a)
{
	authenticate_forget(a);
	mech_choice_release(&a->choice);
	forget_exchange(a);
}

static bool wanted_by_name(const struct account *account, const struct mech **mech)
{
	const char *auth = account_word_text(account, OPT_AUTH);
	*mech = strcmp(auth, "on") != 0 ? mech_find(auth) : NULL;
	return *mech != NULL;
}

bool authenticate_wanted(const struct account *account)
{
	return strcmp(account_word_text(account, OPT_AUTH), "off") != 0;
}

bool authenticate_wants_secret(const struct account *account)
{
	const struct mech *mech;
	return !wanted_by_name(account, &mech) || mech->needs_password;
}

bool authenticate_has_ticket(const struct account *account, const struct runtime *runtime)
{
	return strcmp(account_word_text(account, OPT_AUTH), "on") == 0 && !password_is_set(account) &&
	       !account_uses_oauth(account) && kerberos_may_have_ticket(runtime);
}

static struct mech_situation situation_of(const struct account *account)
{
	return (struct mech_situation){
		.have_oauth = account_uses_oauth(account),
		.wanted = account_word_text(account, OPT_AUTH),
		.binding = (enum mech_binding)account_word(account, OPT_AUTH_CHANNEL_BINDING),
		.have_user = account_is_set(account, OPT_USER),
		.have_authzid = account_is_set(account, OPT_AUTHZID),
		.supported = sasl_supports,
	};
}

struct mech_situation authenticate_outlook(const struct account *account, const struct runtime *runtime)
{
	struct mech_situation in = situation_of(account);
	bool tls = account_bool(account, OPT_TLS);
	in.protected_line = tls || account_is_local(account) || account_bool(account, OPT_AUTH_WITHOUT_TLS);
	in.binding_available = tls; /* unless the server's version of TLS is too old for it */
	in.have_password = password_is_set(account);
	in.have_ticket = authenticate_has_ticket(account, runtime);
	return in;
}

/* With the channel binding of the connection. */
static struct mech_situation situation_now(const struct authenticator *a, const struct caps *caps,
					   struct strbuf *binding, enum tls_binding_type *type)
{
	struct mech_situation in = situation_of(a->account);
	*type = a->tls ? tls_channel_binding(a->tls, binding) : TLS_BINDING_NONE;
	in.offered = &caps->auth;
	in.refused = &a->refused;
	in.failed = &a->failed;
	in.protected_line = a->is_protected;
	in.binding_available = *type != TLS_BINDING_NONE;
	in.have_password = a->password && secret_is_set(a->password);
	in.have_ticket = a->have_ticket;
	return in;
}

void authenticate_survey(struct authenticator *a, const struct caps *caps)
{
	AUTO(strbuf) binding = STRBUF_INIT;
	enum tls_binding_type type;
	struct mech_situation in = situation_now(a, caps, &binding, &type);
	mech_survey(&in, &a->choice);
}

/*
 * After a refusal of the command (reply_policy_try_next_mechanism): the server may not understand an initial response,
 * so PLAIN is tried once more without one.  Any other mechanism is passed over.
 */
static void refused(struct authenticator *a)
{
	if (strcmp(a->mech->name, "PLAIN") == 0 && !a->apart)
		a->apart = true;
	else
		strvec_push(&a->refused, a->mech->name);
}

static bool is_token_mech(const struct authenticator *a)
{
	return a->have_oauth && a->mech->token;
}

/* The server said within the exchange that the permission is missing, which a new token would miss, too. */
static bool lacks_permission(const struct authenticator *a)
{
	const char *words = a->sasl ? sasl_server_error(a->sasl) : NULL;
	return words && (strstr(words, "insufficient_scope") || strstr(words, "status 403"));
}

/* The server refused the mechanism, or the token: see to it that the next attempt differs.  False: there is none. */
static bool after_refusal(struct authenticator *a, const struct reply *refusal, struct error *err)
{
	if (reply_policy_try_next_mechanism(refusal)) {
		refused(a);
		return true;
	}
	a->renewed = true;
	return a->renew(a->renew_arg, err);
}

static bool have_password(struct authenticator *a, struct error *err)
{
	if (!a->mech->needs_password || a->password || !a->fetch)
		return true;
	bool ok = a->fetch(a->fetch_arg, err);
	if (!ok)
		error_stage(err, "AUTH %s", a->mech->name);
	return ok;
}

static void start_session(struct authenticator *a, struct session *session, struct span initial)
{
	if (is_token_mech(a) && !a->renewed)
		session_sasl_renewable(session, true);
	(a->apart ? session_sasl_start_apart : session_sasl_start)(session, a->mech->name, initial);
}

/* Starts the mechanism chosen.  False: it failed before anything was sent. */
static bool start_mechanism(struct authenticator *a, struct session *session, struct span binding,
			    enum tls_binding_type type, struct error *err)
{
	AUTO(strbuf) response = STRBUF_INIT;
	bool has_initial = false;
	struct sasl_request req = {
		.mech = a->mech,
		.user = account_str(a->account, OPT_USER),
		.authzid = account_str(a->account, OPT_AUTHZID),
		.password = a->password,
		.host = a->host,
		.port = a->port,
		.realm = account_str(a->account, OPT_NTLMDOMAIN),
		.binding = type == TLS_BINDING_EXPORTER ? SASL_BINDING_EXPORTER
			   : type == TLS_BINDING_UNIQUE ? SASL_BINDING_UNIQUE
							: SASL_BINDING_NONE,
		.binding_data = binding,
	};
	a->sasl = sasl_new(&req, &response, &has_initial, err);
	if (a->sasl)
		start_session(a, session, has_initial ? strbuf_span(&response) : (struct span){NULL, 0});
	else
		error_stage(err, "AUTH %s", a->mech->name); /* the session does not know it yet */
	strbuf_wipe(&response);
	return a->sasl != NULL;
}

/* A mechanism failed: is another one tried?  Not where one is named.  The first failure is kept: it is reported if no
 * other mechanism can be used. */
static bool passed_over(struct authenticator *a, struct error *err)
{
	const struct mech *named;
	if (wanted_by_name(a->account, &named) || err->status.kind == ERROR_INTERNAL)
		return false;
	error_stage(err, "AUTH %s", a->mech->name);
	strvec_push(&a->failed, a->mech->name);
	if (a->failure.status.kind == ERROR_NONE)
		error_copy(&a->failure, err);
	return true;
}

/* Starts the best mechanism that is left. */
static bool start_best(struct authenticator *a, struct session *session, struct error *err)
{
	for (;;) {
		AUTO(strbuf) binding = STRBUF_INIT;
		enum tls_binding_type type;
		struct mech_situation in = situation_now(a, session_caps(session), &binding, &type);
		mech_survey(&in, &a->choice);
		if (!a->choice.mech)
			return mech_choose(&in, &a->choice, err); /* which says why */
		a->mech = a->choice.mech;
		if (!have_password(a, err))
			return false;
		if (start_mechanism(a, session, strbuf_span(&binding), type, err))
			return true;
		if (!passed_over(a, err))
			return false;
		error_release(err);
	}
}

static void start(struct authenticator *a, struct session *session, const struct session_step *step)
{
	struct error err = ERROR_INIT;
	if (step->refusal && a->mech && !after_refusal(a, step->refusal, &err)) {
		session_sasl_cancel(session, &err);
		return;
	}
	forget_exchange(a);
	if (start_best(a, session, &err))
		return;
	if (a->failure.status.kind != ERROR_NONE)
		error_copy(&err, &a->failure);
	else if (step->refusal && !a->choice.mech)
		error_server(&err, step->refusal->code, step->refusal->enhanced, strbuf_span(&step->refusal->text));
	session_sasl_cancel(session, &err);
}

static void answer(struct authenticator *a, struct session *session, struct span challenge)
{
	struct error err = ERROR_INIT;
	struct strbuf response = STRBUF_INIT;
	bool ok = sasl_step(a->sasl, challenge, &response, &err);
	if (ok && lacks_permission(a))
		session_sasl_renewable(session, false);
	if (ok)
		session_sasl_respond(session, strbuf_span(&response));
	else if (a->is_verified && !a->sasl->decided && passed_over(a, &err))
		session_sasl_give_way(session, &err);
	else
		session_sasl_cancel(session, &err);
	strbuf_wipe(&response);
}

void authenticate_step(struct authenticator *a, struct session *session, const struct session_step *step)
{
	struct error err = ERROR_INIT;
	switch (step->event) {
	case SASL_START: start(a, session, step); break;
	case SASL_CHALLENGE: answer(a, session, step->challenge); break;
	case SASL_SUCCESS:
		if (!sasl_finished(a->sasl, &err)) {
			session_sasl_cancel(session, &err);
			break;
		}
		session_sasl_agree(session);
		forget_exchange(a); /* a session may last for hours, and the library has a copy of the password */
		break;
	}
}

/* Mechanisms without a password: what the server refused, and what to look at. */
static void explain_identity(const struct authenticator *a, struct error *err)
{
	const char *what, *hint;
	if (a->mech->ticket) {
		what = _("the server refused the Kerberos login");
		hint = _("Look with klist whose ticket it is: the server may not know this principal, or not allow it "
			 "to "
			 "act as authzid.");
	} else if (strcmp(a->mech->name, "ANONYMOUS") == 0) {
		what = _("the server refused the anonymous login");
		hint = _("Set auth on, with user and password.");
	} else {
		what = _("the server refused the login by client certificate");
		hint = _("Look at tls_cert_file: the server may not know this certificate, or not allow it for user or "
			 "authzid.");
	}
	AUTO_FREE char *text = xstrdup(what);
	xreplace(&err->status.text, text);
	error_hint(err, "%s", hint);
}

/* With channel binding, a connection that ends at a proxy is refused like a wrong password. */
static void explain_binding(struct error *err)
{
	error_hint(
		err, "%s",
		_("Check user and password of this account. If they are right, something on the way ends the TLS "
		  "connection (a proxy, a virus scanner), which channel binding finds out: do not log in through it."));
}

/* 5.7.139 (Microsoft): switched off by an administrator, or forbidden by a rule; its hint is that of the reply. */
static bool is_about_policy(const struct error *err)
{
	return strcmp(err->status.enhanced, "5.7.139") == 0;
}

/* Whose token, for what, at which server: never "wrong password". */
static void explain_token(const struct authenticator *a, const char *words, struct error *err)
{
	const char *user = account_str(a->account, OPT_USER), *name = a->account->name;
	AUTO_FREE char *clean = words ? clean_text(span_of(words), 500) : NULL;
	AUTO_FREE char *text = clean ? xasprintf(_("the server refused the token of %s (%s)"), user ? user : "?", clean)
				     : xasprintf(_("the server refused the token of %s"), user ? user : "?");
	xreplace(&err->status.text, text);
	if (lacks_permission(a))
		error_hint(err, _("Log in again with the scope that the server names: posthaste --login=%s"), name);
	else if (!is_about_policy(err))
		error_hint(err,
			   _("Check that %s is the account that logged in, and that oauth_scope allows sending by SMTP "
			     "at %s; "
			     "then log in again with: posthaste --login=%s"),
			   user ? user : "user", a->host, name);
}

void authenticate_explain(const struct authenticator *a, struct error *err)
{
	const char *words = a->sasl ? sasl_server_error(a->sasl) : NULL;
	bool in_exchange = err->status.stage && strncmp(err->status.stage, "AUTH", 4) == 0;
	if (err->status.kind != ERROR_AUTH_REFUSED || !in_exchange)
		return;
	if (a->mech && !a->mech->needs_password && err->status.code == 535) {
		explain_identity(a, err);
		return;
	}
	if (a->mech && is_token_mech(a)) {
		if (err->status.code)
			explain_token(a, words, err);
		return;
	}
	if (a->mech && a->mech->binding && err->status.code == 535)
		explain_binding(err);
	if (!words || !a->mech->token)
		return;
	AUTO_FREE char *clean = clean_text(span_of(words), 500);
	AUTO_FREE char *text = xasprintf(_("the server refused the token (%s)"), clean);
	xreplace(&err->status.text, text);
	error_hint(err, "%s", _("The token has expired or lacks the right to send mail: get a new one and try again."));
}
