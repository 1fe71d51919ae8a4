/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libgsasl's mechanisms.  Its context is made here and nowhere else, so that
 * whoever authenticates with a token or not at all never pays for it.
 */
#include "auth/sasl.h"
#include "auth/scram.h"
#include "base/base64.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "base/xalloc.h"

#include <gsasl.h>

struct exchange {
	struct sasl base;
	Gsasl *library;
	Gsasl_session *session;
	const struct mech *mech;
	bool scram;
	bool complete; /* the mechanism has seen all it must see */
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

/* ---- what the library asks for ---- */

static int give(Gsasl_session *session, Gsasl_property prop, const char *value)
{
	return value && gsasl_property_set(session, prop, value) == GSASL_OK ? GSASL_OK : GSASL_NO_CALLBACK;
}

/* The identity to act as.  EXTERNAL and GSSAPI have no other place for a name. */
static const char *authzid_of(const struct exchange *x)
{
	if (x->authzid)
		return x->authzid;
	if (strcmp(x->mech->name, "EXTERNAL") == 0)
		return x->user ? x->user : "";
	return strcmp(x->mech->name, "GSSAPI") == 0 ? x->user : NULL;
}

static int answer(Gsasl *library, Gsasl_session *session, Gsasl_property prop)
{
	const struct exchange *x = gsasl_callback_hook_get(library);
	switch (prop) {
	case GSASL_AUTHID:
		return give(session, prop, x->user);
	case GSASL_AUTHZID: /* DIGEST-MD5 breaks on "", so what is not there stays unset */
		return give(session, prop, authzid_of(x));
	case GSASL_PASSWORD:
		return give(session, prop, x->password ? secret_reveal(x->password).ptr : NULL);
	case GSASL_SERVICE:
		return give(session, prop, "smtp");
	case GSASL_HOSTNAME:
		return give(session, prop, x->host);
	case GSASL_REALM:
		return give(session, prop, x->realm);
	case GSASL_CB_TLS_EXPORTER:
	case GSASL_CB_TLS_UNIQUE:
		/* Only for -PLUS: given to plain SCRAM, the library fails at once. */
		return x->mech->binding && prop == x->binding_property ? give(session, prop, x->binding.buf) : GSASL_NO_CALLBACK;
	default:
		return GSASL_NO_CALLBACK;
	}
}

/* ---- errors ---- */

enum unfit { USER_UNFIT, PASSWORD_UNFIT };

static bool saslprep_failed(const struct exchange *x, enum unfit which, struct error *err)
{
	if (which == USER_UNFIT)
		(void)error_set(err, ERROR_CONFIG, _("the user name %s holds characters that %s does not allow (RFC 4013)"), x->user, x->mech->name);
	else
		(void)error_set(err, ERROR_CONFIG, _("the password of %s holds characters that %s does not allow (RFC 4013), such as emoji or control characters"),
				x->user, x->mech->name);
	error_hint(err, _("Change it at the mail provider, or choose auth plain over TLS, which sends it as it is."));
	return false;
}

static bool step_failed(struct exchange *x, int rc, struct error *err)
{
	const char *name = x->mech->name;
	if (x->server_error)
		return error_set(err, ERROR_AUTH_REFUSED, _("the server refused %s: %s"), name, x->server_error);
	switch (rc) {
	case GSASL_SASLPREP_ERROR:
		/* The name goes out with the first message, the password is used for the second. */
		return saslprep_failed(x, x->steps <= 1 ? USER_UNFIT : PASSWORD_UNFIT, err);
	case GSASL_NO_AUTHID:
	case GSASL_NO_AUTHZID:
		(void)error_set(err, ERROR_CONFIG, _("%s needs a user name"), name);
		error_hint(err, _("Set it with: user NAME"));
		return false;
	case GSASL_AUTHENTICATION_ERROR:
	case GSASL_INTEGRITY_ERROR:
		(void)error_set(err, ERROR_PROTOCOL, x->scram ? _("the server failed to prove in %s that it knows the password")
							      : _("the server's part of %s is not genuine"), name);
		error_hint(err, _("Somebody may impersonate the server; do not send the password in another way."));
		return false;
	case GSASL_MECHANISM_PARSE_ERROR:
	case GSASL_MECHANISM_CALLED_TOO_MANY_TIMES:
	case GSASL_BASE64_ERROR:
		return error_set(err, ERROR_PROTOCOL, _("the server's %s challenge makes no sense"), name);
	case GSASL_UNKNOWN_MECHANISM:
	case GSASL_NO_CLIENT_CODE:
		return error_set(err, ERROR_NO_MECHANISM, _("libgsasl here was built without %s"), name);
	case GSASL_GSSAPI_INIT_SEC_CONTEXT_ERROR:
	case GSASL_GSSAPI_ACQUIRE_CRED_ERROR:
	case GSASL_GSSAPI_IMPORT_NAME_ERROR:
		(void)error_set(err, ERROR_AUTH_REFUSED, _("Kerberos gave no ticket for smtp/%s: %s"), x->host, gsasl_strerror(rc));
		error_hint(err, _("Check with klist; get a ticket with kinit."));
		return false;
	default:
		return error_set(err, ERROR_AUTH_REFUSED, _("%s failed: %s"), name, gsasl_strerror(rc));
	}
}

/* ---- the exchange ---- */

static bool run(struct exchange *x, struct span challenge, struct strbuf *response, struct error *err)
{
	char *out = NULL;
	size_t len = 0;
	x->steps++;
	int rc = gsasl_step(x->session, challenge.len ? challenge.ptr : NULL, challenge.len, &out, &len);
	if (rc == GSASL_OK || rc == GSASL_NEEDS_MORE) {
		strbuf_add(response, out, len);
		x->complete = rc == GSASL_OK;
	}
	if (out) {
		explicit_bzero(out, len);
		gsasl_free(out);
	}
	return rc == GSASL_OK || rc == GSASL_NEEDS_MORE || step_failed(x, rc, err);
}

static bool gsasl_exchange_step(struct sasl *s, struct span challenge, struct strbuf *response, struct error *err)
{
	struct exchange *x = exchange_of(s);
	if (x->complete)
		return error_set(err, ERROR_PROTOCOL, _("the server asks for more although %s is complete"), x->mech->name);
	if (x->scram) {
		free(x->server_error);
		x->server_error = scram_server_error(challenge);
		if (x->server_error)
			return step_failed(x, GSASL_AUTHENTICATION_ERROR, err);
		if (x->steps == 1 && !scram_check_server_first(challenge, err))
			return false;
	}
	return run(x, challenge, response, err);
}

static bool gsasl_exchange_finished(struct sasl *s, struct error *err)
{
	const struct exchange *x = exchange_of(s);
	if (x->complete)
		return true;
	(void)error_set(err, ERROR_PROTOCOL, x->scram ? _("the server said success before it proved in %s that it knows the password")
						      : _("the server said success before %s was complete"), x->mech->name);
	if (x->scram)
		error_hint(err, _("Somebody may impersonate the server; do not send the password in another way."));
	return false;
}

static const char *gsasl_exchange_server_error(const struct sasl *s)
{
	return ((const struct exchange *)s)->server_error;
}

/* The library frees its copies without overwriting them. */
static void wipe(Gsasl_session *session, Gsasl_property prop)
{
	const char *value = gsasl_property_fast(session, prop);
	if (value)
		explicit_bzero((char *)(uintptr_t)value, strlen(value));
}

static void exchange_free(struct exchange *x)
{
	if (!x)
		return;
	if (x->session) {
		wipe(x->session, GSASL_PASSWORD);
		wipe(x->session, GSASL_SCRAM_SALTED_PASSWORD);
		wipe(x->session, GSASL_DIGEST_MD5_HASHED_PASSWORD);
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

static char *copy(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

static bool begin_library(struct exchange *x, struct error *err)
{
	int rc = gsasl_init(&x->library);
	if (rc != GSASL_OK) {
		x->library = NULL;
		return error_set(err, ERROR_INTERNAL, _("libgsasl cannot start: %s"), gsasl_strerror(rc));
	}
	gsasl_callback_set(x->library, answer);
	gsasl_callback_hook_set(x->library, x);
	rc = gsasl_client_start(x->library, x->mech->name, &x->session);
	if (rc != GSASL_OK)
		x->session = NULL;
	return rc == GSASL_OK || step_failed(x, rc, err);
}

/* As SCRAM will do it; asked beforehand, because libgsasl loses memory when it fails in mid-exchange. */
static bool saslprep_passes(const char *text)
{
	char *prepared = NULL;
	/* In libgsasl 2.2 this flag means the opposite of its name; SCRAM uses it so. */
	if (gsasl_saslprep(text, GSASL_ALLOW_UNASSIGNED, &prepared, NULL) != GSASL_OK)
		return false;
	explicit_bzero(prepared, strlen(prepared));
	gsasl_free(prepared);
	return true;
}

/* What SCRAM would refuse later, or in words nobody understands. */
static bool scram_can_carry(const struct exchange *x, const struct sasl_request *req, struct error *err)
{
	if (req->mech->binding && (req->binding == SASL_BINDING_NONE || !req->binding_data.len))
		return error_set(err, ERROR_INTERNAL, _("%s was begun without channel binding"), x->mech->name);
	if (x->user && !utf8_valid(span_of(x->user)))
		return error_set(err, ERROR_CONFIG, _("the user name is not valid UTF-8, which %s demands"), x->mech->name);
	if (!utf8_valid(secret_reveal(x->password)))
		return error_set(err, ERROR_CONFIG, _("the password is not valid UTF-8, which %s demands"), x->mech->name);
	if (x->user && !saslprep_passes(x->user))
		return saslprep_failed(x, USER_UNFIT, err);
	return saslprep_passes(secret_reveal(x->password).ptr) || saslprep_failed(x, PASSWORD_UNFIT, err);
}

struct sasl *sasl_gsasl_new(const struct sasl_request *req, struct strbuf *response, bool *has_initial, struct error *err)
{
	AUTO_PTR(exchange) x = xcalloc(1, sizeof(*x));
	x->base.ops = &gsasl_ops;
	x->mech = req->mech;
	x->scram = span_starts_nocase(span_of(req->mech->name), "SCRAM-");
	x->user = copy(req->user);
	x->authzid = copy(req->authzid && *req->authzid ? req->authzid : NULL);
	x->host = copy(req->host);
	x->realm = copy(req->realm);
	x->password = req->password;
	x->binding_property = req->binding == SASL_BINDING_EXPORTER ? GSASL_CB_TLS_EXPORTER : GSASL_CB_TLS_UNIQUE;
	strbuf_init(&x->binding);
	base64_encode(&x->binding, req->binding_data);
	if ((x->scram && !scram_can_carry(x, req, err)) || !begin_library(x, err))
		return NULL;
	if (req->mech->initial_response && !run(x, span_make(NULL, 0), response, err))
		return NULL;
	*has_initial = req->mech->initial_response;
	return &steal_ptr(x)->base;
}

char *sasl_library_version(void)
{
	return xasprintf("libgsasl %s", gsasl_check_version(NULL));
}

bool sasl_supports(const char *mech)
{
	const struct mech *known = mech_find(mech);
	if (!known)
		return false;
	if (strcmp(known->name, "OAUTHBEARER") == 0 || strcmp(known->name, "XOAUTH2") == 0)
		return true;
	Gsasl *library;
	if (gsasl_init(&library) != GSASL_OK)
		return false;
	bool yes = gsasl_client_support_p(library, known->name) != 0;
	gsasl_done(library);
	return yes;
}
