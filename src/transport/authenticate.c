/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/authenticate.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "tls/tls.h"

void authenticator_release(struct authenticator *a)
{
	strvec_release(&a->refused);
	mech_choice_release(&a->choice);
	sasl_free(a->sasl);
	a->sasl = NULL;
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

static bool choose(struct authenticator *a, struct session *session, struct strbuf *binding,
		   enum tls_binding_type *type, struct error *err)
{
	*type = a->tls ? tls_channel_binding(a->tls, binding) : TLS_BINDING_NONE;
	const char *wanted = account_word_text(a->account, OPT_AUTH);
	struct mech_situation in = {
		.wanted = wanted,
		.offered = &session_caps(session)->auth,
		.refused = &a->refused,
		.protected_line = a->is_protected,
		.binding_available = *type != TLS_BINDING_NONE,
		.have_user = account_is_set(a->account, OPT_USER),
		.have_authzid = account_is_set(a->account, OPT_AUTHZID),
		.have_gssapi =
			ascii_strcasecmp(wanted, "GSSAPI") == 0 && sasl_supports("GSSAPI"), /* used only when named */
	};
	mech_choice_release(&a->choice);
	if (!mech_choose(&in, &a->choice, err))
		return false;
	a->mech = a->choice.mech;
	return true;
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

static void start(struct authenticator *a, struct session *session, const struct session_step *step)
{
	struct error err = ERROR_INIT;
	AUTO(strbuf) response = STRBUF_INIT;
	AUTO(strbuf) binding = STRBUF_INIT;
	enum tls_binding_type type = TLS_BINDING_NONE;
	bool has_initial = false;

	if (step->refusal && a->mech)
		refused(a);
	sasl_free(a->sasl);
	a->sasl = NULL;
	if (!choose(a, session, &binding, &type, &err)) {
		if (step->refusal)
			error_server(&err, step->refusal->code, step->refusal->enhanced,
				     strbuf_span(&step->refusal->text));
		session_sasl_cancel(session, &err);
		return;
	}
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
		.binding_data = strbuf_span(&binding),
	};
	a->sasl = sasl_new(&req, &response, &has_initial, &err);
	if (!a->sasl) {
		error_stage(&err, "AUTH %s", a->mech->name); /* the session does not know it yet */
		session_sasl_cancel(session, &err);
	} else {
		struct span initial = has_initial ? strbuf_span(&response) : (struct span){NULL, 0};
		(a->apart ? session_sasl_start_apart : session_sasl_start)(session, a->mech->name, initial);
	}
	strbuf_wipe(&response);
}

void authenticate_step(struct authenticator *a, struct session *session, const struct session_step *step)
{
	struct error err = ERROR_INIT;
	struct strbuf response = STRBUF_INIT;
	switch (step->event) {
	case SASL_START: start(a, session, step); break;
	case SASL_CHALLENGE:
		if (sasl_step(a->sasl, step->challenge, &response, &err))
			session_sasl_respond(session, strbuf_span(&response));
		else
			session_sasl_cancel(session, &err);
		break;
	case SASL_SUCCESS:
		if (sasl_finished(a->sasl, &err))
			session_sasl_agree(session);
		else
			session_sasl_cancel(session, &err);
		break;
	}
	strbuf_wipe(&response);
}

/* Mechanisms without a password: what the server refused, and what to look at. */
static void explain_identity(const struct authenticator *a, struct error *err)
{
	if (strcmp(a->mech->name, "GSSAPI") == 0) {
		AUTO_FREE char *text = xstrdup(_("the server refused the Kerberos login"));
		xreplace(&err->status.text, text);
		error_hint(err, "%s",
			   _("Look with klist whose ticket it is: the server may not know this principal, or not allow "
			     "it to "
			     "act as authzid."));
	} else {
		AUTO_FREE char *text = xstrdup(_("the server refused the login by client certificate"));
		xreplace(&err->status.text, text);
		error_hint(err, "%s",
			   _("Look at tls_cert_file: the server may not know this certificate, or not allow it for "
			     "user or "
			     "authzid."));
	}
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
	if (!words)
		return;
	AUTO_FREE char *clean = clean_text(span_of(words), 500);
	AUTO_FREE char *text = xasprintf(_("the server refused the token (%s)"), clean);
	xreplace(&err->status.text, text);
	error_hint(err, "%s", _("The token has expired or lacks the right to send mail: get a new one and try again."));
}
