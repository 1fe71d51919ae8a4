/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mechanisms of libgsasl.  A library context is made per exchange: that is cheap, and a program that does not log
 * in makes none. */
#include "auth/gsasl_lazy.h"
#include "auth/ntlm.h"
#include "auth/sasl.h"
#include "auth/scram.h"
#include "base/base64.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "base/xalloc.h"

#include <stdint.h>

struct exchange {
	struct sasl base;
	Gsasl *library;
	Gsasl_session *session;
	const struct mech *mech;
	bool scram;
	bool complete; /* the mechanism has received everything it needs */
	unsigned steps;
	char *user, *authzid, *host, *realm;
	const struct secret *password;
	struct strbuf binding; /* base64 */
	Gsasl_property binding_property;
	char *server_error;
};

static struct exchange *exchange_of(struct sasl *s)
{
	return (struct exchange *)s;
}

/* ---- properties passed to the library ---- */

/* Missing values stay unset: DIGEST-MD5 fails with an AUTHZID of "". */
static bool set_properties(const struct exchange *x)
{
	const struct {
		Gsasl_property prop;
		const char *value;
	} known[] = {
		{GSASL_AUTHID, x->user},
		{GSASL_AUTHZID, x->authzid},
		/* it may be empty (RFC 4505), but Cyrus SASL does not understand that */
		{GSASL_ANONYMOUS_TOKEN, x->user ? x->user : "anonymous"},
		{GSASL_PASSWORD, x->password ? secret_reveal(x->password).ptr : NULL},
		{GSASL_SERVICE, "smtp"},
		{GSASL_HOSTNAME, x->host},
		{GSASL_REALM, x->realm},
		/* only for -PLUS: with a binding set, plain SCRAM fails at once */
		{x->binding_property, x->mech->binding ? x->binding.buf : NULL},
	};
	bool ok = true;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i].value)
			ok = gsasl_property_set(x->session, known[i].prop, known[i].value) == GSASL_OK && ok;
	return ok;
}

/* ---- errors ---- */

enum unfit { USER_UNFIT, PASSWORD_UNFIT };

static bool saslprep_failed(const struct exchange *x, enum unfit which, struct error *err)
{
	if (which == USER_UNFIT)
		(void)error_set(err, ERROR_CONFIG,
				_("the user name %s contains characters that %s does not allow (RFC 4013)"), x->user,
				x->mech->name);
	else
		(void)error_set(err, ERROR_CONFIG,
				_("the password of %s contains characters that %s does not allow (RFC 4013), such as "
				  "emoji or control characters"),
				x->user, x->mech->name);
	error_hint(err, _("Change it at the mail provider, or choose auth plain over TLS, which sends it as it is."));
	return false;
}

static bool step_failed(struct exchange *x, int rc, struct error *err)
{
	const char *name = x->mech->name;
	if (x->server_error) {
		x->base.decided = true;
		return error_set(err, ERROR_AUTH_REFUSED, _("the server refused %s: %s"), name, x->server_error);
	}
	switch (rc) {
	case GSASL_SASLPREP_ERROR:
		/* the user name is used in the first message, the password in the second */
		return saslprep_failed(x, x->steps <= 1 ? USER_UNFIT : PASSWORD_UNFIT, err);
	case GSASL_AUTHENTICATION_ERROR:
	case GSASL_INTEGRITY_ERROR:
		x->base.decided = true;
		(void)error_set(err, ERROR_PROTOCOL,
				x->scram ? _("the server's %s signature did not verify: it may not know the password")
					 : _("the server's %s response did not verify"),
				name);
		error_hint(err,
			   _("Someone may be impersonating the server; do not send it the password in any other way."));
		return false;
	case GSASL_MECHANISM_PARSE_ERROR:
	case GSASL_MECHANISM_CALLED_TOO_MANY_TIMES:
	case GSASL_BASE64_ERROR: return error_set(err, ERROR_PROTOCOL, _("the server's %s challenge is invalid"), name);
	case GSASL_UNKNOWN_MECHANISM:
	case GSASL_NO_CLIENT_CODE:
		return error_set(err, ERROR_NO_MECHANISM, _("this libgsasl was built without %s"), name);
	case GSASL_GSSAPI_INIT_SEC_CONTEXT_ERROR:
	case GSASL_GSSAPI_ACQUIRE_CRED_ERROR:
	case GSASL_GSSAPI_IMPORT_NAME_ERROR:
		(void)error_set(err, ERROR_AUTH_REFUSED, _("Kerberos did not issue a ticket for smtp/%s: %s"), x->host,
				gsasl_strerror(rc));
		error_hint(err, _("Check with klist; get a ticket with kinit."));
		return false;
	default: return error_set(err, ERROR_AUTH_REFUSED, _("%s failed: %s"), name, gsasl_strerror(rc));
	}
}

/* ---- the exchange ---- */

/* Is what was sent last derived from the password?  Not SCRAM's first message, which names the user; LOGIN's user name
 * counts, because its exchange can fail only after the password. */
static bool says_password(const struct exchange *x)
{
	return x->mech->needs_password && (!x->scram || x->steps > 1);
}

static bool run_step(struct exchange *x, struct span challenge, struct strbuf *response, struct error *err)
{
	char *out = NULL;
	size_t len = 0;
	x->steps++;
	int rc = gsasl_step(x->session, challenge.ptr, challenge.len, &out, &len);
	if (rc == GSASL_OK || rc == GSASL_NEEDS_MORE) {
		strbuf_add(response, out, len);
		x->complete = rc == GSASL_OK;
		x->base.decided = says_password(x);
	}
	if (out) {
		explicit_bzero(out, len);
		gsasl_free(out);
	}
	return rc == GSASL_OK || rc == GSASL_NEEDS_MORE || step_failed(x, rc, err);
}

/* Refuses challenges that the library does not expect: it crashes (DIGEST-MD5), answers for ever (CRAM-MD5) or computes
 * with what was in memory (NTLM).  Only LOGIN, whose prompts differ from server to server, has empty challenges once
 * the exchange has begun; "334 " in place of an initial response is answered by the session. */
static bool challenge_check(struct exchange *x, struct span challenge, struct error *err)
{
	if (x->complete)
		return error_set(err, ERROR_PROTOCOL, _("the server sent another challenge after %s was complete"),
				 x->mech->name);
	if (!challenge.len && strcmp(x->mech->name, "LOGIN") != 0)
		return error_set(err, ERROR_PROTOCOL, _("the server sent an empty challenge, which %s does not have"),
				 x->mech->name);
	if (strcmp(x->mech->name, "NTLM") == 0)
		return ntlm_check_challenge(challenge, err);
	if (!x->scram)
		return true;
	free(x->server_error);
	x->server_error = scram_server_error(challenge);
	if (x->server_error)
		return step_failed(x, GSASL_AUTHENTICATION_ERROR, err);
	return x->steps != 1 || scram_check_server_first(challenge, err);
}

static bool gsasl_exchange_step(struct sasl *s, struct span challenge, struct strbuf *response, struct error *err)
{
	struct exchange *x = exchange_of(s);
	return challenge_check(x, challenge, err) && run_step(x, challenge, response, err);
}

static bool gsasl_exchange_finished(struct sasl *s, struct error *err)
{
	const struct exchange *x = exchange_of(s);
	if (x->complete)
		return true;
	(void)error_set(err, ERROR_PROTOCOL,
			x->scram ? _("the server reported success before it proved with %s that it knows the password")
				 : _("the server reported success before %s was complete"),
			x->mech->name);
	if (x->scram)
		error_hint(err,
			   _("Someone may be impersonating the server; do not send it the password in any other way."));
	return false;
}

static const char *gsasl_exchange_server_error(const struct sasl *s)
{
	return ((const struct exchange *)s)->server_error;
}

/* The library frees its copies without overwriting them, so they are overwritten here. */
static void wipe_property(const struct exchange *x, Gsasl_property prop)
{
	const char *value = gsasl_property_fast(x->session, prop);
	if (value)
		explicit_bzero((char *)(uintptr_t)value, strlen(value));
}

static void exchange_free(struct exchange *x)
{
	if (!x)
		return;
	if (x->session) {
		wipe_property(x, GSASL_PASSWORD);
		wipe_property(x, GSASL_SCRAM_SALTED_PASSWORD);
		wipe_property(x, GSASL_DIGEST_MD5_HASHED_PASSWORD);
		gsasl_finish(x->session);
	}
	if (x->library)
		gsasl_done(x->library);
	free(x->user);
	free(x->authzid);
	free(x->host);
	free(x->realm);
	free(x->server_error);
	strbuf_wipe(&x->binding);
	free(x);
}
DEFINE_AUTO_PTR(exchange);

static void gsasl_exchange_free(struct sasl *s)
{
	exchange_free(exchange_of(s));
}

static const struct sasl_ops gsasl_ops = {
	.step = gsasl_exchange_step,
	.finished = gsasl_exchange_finished,
	.server_error = gsasl_exchange_server_error,
	.free = gsasl_exchange_free,
};

static char *copy_or_null(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

static bool begin_library(struct exchange *x, struct error *err)
{
	int rc = gsasl_init(&x->library);
	if (rc != GSASL_OK) {
		x->library = NULL;
		return error_set(err, ERROR_INTERNAL, _("libgsasl cannot be initialised: %s"), gsasl_strerror(rc));
	}
	rc = gsasl_client_start(x->library, x->mech->name, &x->session);
	if (rc != GSASL_OK) {
		x->session = NULL;
		return step_failed(x, rc, err);
	}
	if (!set_properties(x))
		xalloc_die(); /* out of memory is the only reason to fail */
	return true;
}

/* Does what SCRAM will do later.  This is checked in advance because libgsasl leaks memory when it fails during an
 * exchange. */
static bool saslprep_accepts(const char *text)
{
	char *prepared = NULL;
	/* in libgsasl 2.2 this flag means the opposite of its name, and SCRAM uses it */
	if (gsasl_saslprep(text, GSASL_ALLOW_UNASSIGNED, &prepared, NULL) != GSASL_OK)
		return false;
	explicit_bzero(prepared, strlen(prepared));
	gsasl_free(prepared);
	return true;
}

/* RFC 4954 section 4: an identity is prepared with SASLprep before it is sent.  libgsasl sends it as it is. */
static bool identity_prepare(struct exchange *x, struct error *err)
{
	char *prepared = NULL;
	if (!x->authzid || !*x->authzid)
		return true;
	if (gsasl_saslprep(x->authzid, GSASL_ALLOW_UNASSIGNED, &prepared, NULL) != GSASL_OK || !*prepared) {
		if (prepared)
			gsasl_free(prepared);
		(void)error_set(err, ERROR_CONFIG,
				_("%s cannot act as %s: the name has characters that are not allowed "
				  "in a user name (RFC 4013)"),
				x->mech->name, x->authzid);
		error_hint(err, _("Correct authzid; where it is not set, external sends user."));
		return false;
	}
	xreplace(&x->authzid, prepared);
	gsasl_free(prepared);
	return true;
}

/* Refuses what SCRAM would refuse later with an error that users do not understand. */
static bool scram_check(const struct exchange *x, const struct sasl_request *req, struct error *err)
{
	if (req->mech->binding && (req->binding == SASL_BINDING_NONE || !req->binding_data.len))
		return error_set(err, ERROR_INTERNAL, _("%s was started without channel binding"), x->mech->name);
	if (x->user && !utf8_valid(span_of(x->user)))
		return error_set(err, ERROR_CONFIG, _("the user name is not valid UTF-8, which %s requires"),
				 x->mech->name);
	if (!utf8_valid(secret_reveal(x->password)))
		return error_set(err, ERROR_CONFIG, _("the password is not valid UTF-8, which %s requires"),
				 x->mech->name);
	if (x->user && !saslprep_accepts(x->user))
		return saslprep_failed(x, USER_UNFIT, err);
	return saslprep_accepts(secret_reveal(x->password).ptr) || saslprep_failed(x, PASSWORD_UNFIT, err);
}

struct sasl *sasl_gsasl_new(const struct sasl_request *req, struct strbuf *response, bool *has_initial,
			    struct error *err)
{
	if (!gsasl_load(err))
		return NULL;
	AUTO_PTR(exchange) x = xcalloc(1, sizeof(*x));
	x->base.ops = &gsasl_ops;
	x->mech = req->mech;
	x->scram = span_starts_nocase(span_of(req->mech->name), "SCRAM-");
	x->user = copy_or_null(req->user);
	x->authzid = copy_or_null(sasl_identity(req));
	x->host = copy_or_null(req->host);
	x->realm = copy_or_null(req->realm);
	x->password = req->password;
	x->binding_property = req->binding == SASL_BINDING_EXPORTER ? GSASL_CB_TLS_EXPORTER : GSASL_CB_TLS_UNIQUE;
	strbuf_init(&x->binding);
	base64_encode(&x->binding, req->binding_data);
	if (!identity_prepare(x, err) || (x->scram && !scram_check(x, req, err)) || !begin_library(x, err))
		return NULL;
	if (req->mech->initial_response && !run_step(x, span_make(NULL, 0), response, err))
		return NULL;
	*has_initial = req->mech->initial_response;
	return &steal_ptr(x)->base;
}

char *sasl_library_version(void)
{
	return xasprintf("libgsasl %s", gsasl_check_version(NULL));
}

bool sasl_gsasl_supports(const char *mech)
{
	Gsasl *library;
	if (gsasl_init(&library) != GSASL_OK)
		return false;
	bool yes = gsasl_client_support_p(library, mech) != 0;
	gsasl_done(library);
	return yes;
}
