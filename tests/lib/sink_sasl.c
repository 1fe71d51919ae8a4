/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sink_sasl.h"
#include "sink_tls.h"

#include <gsasl.h>
#include <stdlib.h>
#include <string.h>

enum oauth { OAUTH_NONE, OAUTH_XOAUTH2, OAUTH_BEARER };

struct sasl {
	const struct conn *conn;
	Gsasl *context;
	Gsasl_session *session;
	enum oauth oauth;
	bool wants_binding;
	bool login;
	bool finished; /* gsasl said yes; an empty answer to its last words is due */
	bool failing;  /* the OAuth error went out; its acknowledgement is due */
	char *user;
	const char *binding;
	const char *why;
};

bool sasl_server_first(const char *mechanism)
{
	return !strcmp(mechanism, "CRAM-MD5") || !strcmp(mechanism, "DIGEST-MD5");
}

static int check_simple(const struct sasl *s, Gsasl_session *session)
{
	const struct options *o = s->conn->opt;
	const char *user = gsasl_property_fast(session, GSASL_AUTHID);
	const char *password = gsasl_property_fast(session, GSASL_PASSWORD);

	if (!o->user || !user || !password || strcmp(user, o->user) || strcmp(password, o->password))
		return GSASL_AUTHENTICATION_ERROR;
	return GSASL_OK;
}

/* RFC 4422 appendix A: the certificate says who; an authorization identity must agree with --user. */
static int check_external(const struct sasl *s, Gsasl_session *session)
{
	const char *authzid = gsasl_property_fast(session, GSASL_AUTHZID);
	struct tls_info info;

	tls_describe(s->conn, &info);
	buf_release(&info.sni);
	buf_release(&info.client_subject);
	if (!info.client_verified)
		return GSASL_AUTHENTICATION_ERROR;
	if (authzid && *authzid && s->conn->opt->user && strcmp(authzid, s->conn->opt->user))
		return GSASL_AUTHENTICATION_ERROR;
	return GSASL_OK;
}

/* Kerberos says who; an authorization identity must agree with --user. */
static int check_kerberos(const struct sasl *s, Gsasl_session *session)
{
	const struct options *o = s->conn->opt;
	const char *authzid = gsasl_property_fast(session, GSASL_AUTHZID);

	if (authzid && *authzid && o->user && strcmp(authzid, o->user))
		return GSASL_AUTHENTICATION_ERROR;
	return gsasl_property_fast(session, GSASL_GSSAPI_DISPLAY_NAME) ? GSASL_OK : GSASL_AUTHENTICATION_ERROR;
}

static int give_password(const struct sasl *s, Gsasl_session *session)
{
	const struct options *o = s->conn->opt;
	const char *user = gsasl_property_fast(session, GSASL_AUTHID);

	if (!o->user || !user || strcmp(user, o->user))
		return GSASL_NO_PASSWORD;
	return gsasl_property_set(session, GSASL_PASSWORD, o->password);
}

static int give_binding(struct sasl *s, Gsasl_session *session, Gsasl_property prop)
{
	struct buf cb = {0};
	const char *name = s->wants_binding ? tls_binding(s->conn, &cb) : NULL;
	int rc = GSASL_NO_CALLBACK;

	if (name && (prop == GSASL_CB_TLS_EXPORTER) == !strcmp(name, "tls-exporter")) {
		rc = gsasl_property_set(session, prop, cb.data);
		s->binding = name;
	}
	buf_release(&cb);
	return rc;
}

static int callback(Gsasl *context, Gsasl_session *session, Gsasl_property prop)
{
	struct sasl *s = gsasl_callback_hook_get(context);
	char iterations[24];

	switch (prop) {
	case GSASL_VALIDATE_SIMPLE: return check_simple(s, session);
	case GSASL_VALIDATE_EXTERNAL: return check_external(s, session);
	case GSASL_VALIDATE_ANONYMOUS: return GSASL_OK;
	case GSASL_VALIDATE_GSSAPI: return check_kerberos(s, session);
	case GSASL_PASSWORD: return give_password(s, session);
	case GSASL_CB_TLS_EXPORTER:
	case GSASL_CB_TLS_UNIQUE: return give_binding(s, session, prop);
	case GSASL_SERVICE: return gsasl_property_set(session, prop, s->conn->opt->lmtp ? "lmtp" : "smtp");
	case GSASL_HOSTNAME:
	case GSASL_REALM: return gsasl_property_set(session, prop, s->conn->opt->hostname);
	case GSASL_SCRAM_ITER:
		snprintf(iterations, sizeof iterations, "%lu", s->conn->opt->scram_iterations);
		return gsasl_property_set(session, prop, iterations);
	default: return GSASL_NO_CALLBACK;
	}
}

struct sasl *sasl_new(const char *mechanism, const struct conn *conn)
{
	struct sasl *s = mem_alloc(sizeof *s);

	s->conn = conn;
	s->why = s->binding = "";
	s->wants_binding = strlen(mechanism) > 5 && !strcmp(mechanism + strlen(mechanism) - 5, "-PLUS");
	s->login = !strcmp(mechanism, "LOGIN");
	if (!strcmp(mechanism, "XOAUTH2"))
		s->oauth = OAUTH_XOAUTH2;
	else if (!strcmp(mechanism, "OAUTHBEARER"))
		s->oauth = OAUTH_BEARER;
	if (s->oauth)
		return s;
	if (gsasl_init(&s->context) != GSASL_OK) {
		free(s);
		return NULL;
	}
	gsasl_callback_hook_set(s->context, s);
	gsasl_callback_set(s->context, callback);
	if (gsasl_server_start(s->context, mechanism, &s->session) != GSASL_OK) {
		sasl_free(s);
		return NULL;
	}
	return s;
}

/*
 * XOAUTH2 (Google): "user=" NAME ^A "auth=Bearer " TOKEN ^A ^A
 * OAUTHBEARER (RFC 7628 3.1): gs2-header ^A *(key "=" value ^A) ^A
 * with gs2-header "n,a=" NAME "," as in RFC 5801.
 */
static enum sasl_result oauth_parse(struct sasl *s, const char *p, size_t len, struct buf *token)
{
	const char *end = p + len, *sep;
	bool xoauth2 = s->oauth == OAUTH_XOAUTH2;
	const char *start = xoauth2 ? "user=" : "n,a=";
	size_t start_len = strlen(start);

	s->why = "the initial response has the wrong form";
	if (len < start_len + 2 || memcmp(p, start, start_len) || end[-1] != 1 || end[-2] != 1)
		return SASL_MALFORMED;
	p += start_len;
	sep = memchr(p, xoauth2 ? 1 : ',', (size_t)(end - p));
	if (!sep || sep == p)
		return SASL_MALFORMED;
	s->user = mem_dup(p, (size_t)(sep - p));
	p = sep;
	if (!xoauth2 && (++p == end || *p != 1))
		return SASL_MALFORMED;
	for (p++; p < end && *p != 1; p = sep + 1) {
		sep = memchr(p, 1, (size_t)(end - p));
		if (!sep || !memchr(p, '=', (size_t)(sep - p)))
			return SASL_MALFORMED;
		if (sep - p > 12 && !memcmp(p, "auth=Bearer ", 12))
			buf_add(token, p + 12, (size_t)(sep - p) - 12);
	}
	return p == end - 1 && token->len ? SASL_DONE : SASL_MALFORMED;
}

static enum sasl_result oauth_step(struct sasl *s, const char *input, size_t len, struct buf *out)
{
	const struct options *o = s->conn->opt;
	struct buf token = {0};
	enum sasl_result result;

	if (s->failing) {
		bool good = s->oauth == OAUTH_XOAUTH2 ? len == 0 : len == 1 && *input == 1;

		s->why = good ? "wrong token" : "the answer to the error challenge is wrong";
		return good ? SASL_REFUSED : SASL_MALFORMED;
	}
	if (!input)
		return SASL_CHALLENGE;
	result = oauth_parse(s, input, len, &token);
	if (result == SASL_DONE &&
	    (!o->token || strcmp(o->token, buf_str(&token)) || (o->user && strcmp(o->user, s->user)))) {
		s->failing = true;
		if (s->oauth == OAUTH_XOAUTH2)
			buf_adds(out, "{\"status\":\"401\",\"schemes\":\"bearer\",\"scope\":\"mail\"}");
		else
			buf_adds(out, "{\"status\":\"invalid_token\",\"scope\":\"mail\",\"openid-configuration\":"
				      "\"https://auth.example.org/.well-known/openid-configuration\"}");
		result = SASL_CHALLENGE;
	}
	buf_release(&token);
	return result;
}

enum sasl_result sasl_step(struct sasl *s, const char *input, size_t len, struct buf *out)
{
	char *reply = NULL;
	size_t reply_len = 0;
	int rc;

	if (s->oauth)
		return oauth_step(s, input, len, out);
	if (s->finished) {
		s->why = "an empty answer to the server's last words was due";
		return len ? SASL_MALFORMED : SASL_DONE;
	}
	if (s->login && input) {
		/* LOGIN with an initial response: the question for the name was not needed. */
		rc = gsasl_step(s->session, NULL, 0, &reply, &reply_len);
		gsasl_free(reply);
		reply = NULL;
		if (rc != GSASL_NEEDS_MORE)
			return SASL_REFUSED;
	}
	s->login = false;
	rc = gsasl_step(s->session, input, len, &reply, &reply_len);
	if (rc != GSASL_OK && rc != GSASL_NEEDS_MORE) {
		s->why = gsasl_strerror(rc);
		return rc == GSASL_MECHANISM_PARSE_ERROR ? SASL_MALFORMED : SASL_REFUSED;
	}
	buf_add(out, reply, reply_len);
	gsasl_free(reply);
	if (rc == GSASL_NEEDS_MORE)
		return SASL_CHALLENGE;
	s->finished = true;
	return reply_len ? SASL_CHALLENGE : SASL_DONE;
}

const char *sasl_user(const struct sasl *s)
{
	const char *user = s->user;

	if (s->session && !(user = gsasl_property_fast(s->session, GSASL_AUTHID)))
		user = gsasl_property_fast(s->session, GSASL_AUTHZID);
	if (s->session && !user)
		user = gsasl_property_fast(s->session, GSASL_GSSAPI_DISPLAY_NAME);
	return user ? user : "";
}

const char *sasl_binding(const struct sasl *s)
{
	return s->binding;
}

const char *sasl_why(const struct sasl *s)
{
	return s->why;
}

void sasl_free(struct sasl *s)
{
	if (!s)
		return;
	if (s->session)
		gsasl_finish(s->session);
	if (s->context)
		gsasl_done(s->context);
	free(s->user);
	free(s);
}
