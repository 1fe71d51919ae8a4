/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OAUTHBEARER (RFC 7628) and XOAUTH2 (Google's older form): one message, and a reply if the server sends an error. */
#include "auth/oauth_error.h"
#include "auth/sasl.h"
#include "base/i18n.h"
#include "base/xalloc.h"

#define KVSEP '\x01'

struct oauth {
	struct sasl base;
	bool bearer;	    /* OAUTHBEARER, otherwise XOAUTH2 */
	char *server_error; /* the reason the server gave for its refusal */
};

static bool has_control(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (ascii_iscntrl(text.ptr[i]))
			return true;
	return false;
}

/* RFC 6750 section 2.1 allows fewer characters; this refuses only those that would end the field early or that no
 * token contains. */
static bool token_valid(struct span token)
{
	for (size_t i = 0; i < token.len; i++)
		if (token.ptr[i] <= ' ' || token.ptr[i] > '~')
			return false;
	return token.len > 0;
}

/* RFC 5801 section 4: saslname, in which "," and "=" are written "=2C" and "=3D" */
static void add_saslname(struct strbuf *out, const char *name)
{
	for (; *name; name++) {
		if (*name == ',')
			strbuf_adds(out, "=2C");
		else if (*name == '=')
			strbuf_adds(out, "=3D");
		else
			strbuf_addch(out, *name);
	}
}

/*
 * client-resp = (gs2-header kvsep *kvpair kvsep) / kvsep
 * gs2-header = "n," ["a=" saslname] ","
 */
static void bearer_message(const struct sasl_request *req, struct strbuf *out)
{
	const char *who = req->authzid && *req->authzid ? req->authzid : req->user;
	strbuf_adds(out, "n,");
	if (who) {
		strbuf_adds(out, "a=");
		add_saslname(out, who);
	}
	strbuf_addf(out, ",%c", KVSEP);
	if (req->host)
		strbuf_addf(out, "host=%s%c", req->host, KVSEP);
	if (req->port)
		strbuf_addf(out, "port=%u%c", req->port, KVSEP);
}

static void add_token(struct strbuf *out, struct span token)
{
	strbuf_grow(out, token.len + 32); /* reserve space first: growing the buffer later would leave a copy of the
					     token in freed memory */
	strbuf_adds(out, "auth=Bearer ");
	strbuf_add_span(out, token);
	strbuf_addf(out, "%c%c", KVSEP, KVSEP);
}

static bool request_check(const struct sasl_request *req, struct error *err)
{
	if ((req->user && has_control(span_of(req->user))) || (req->authzid && has_control(span_of(req->authzid))) ||
	    (req->host && has_control(span_of(req->host))))
		return error_set(err, ERROR_CONFIG,
				 _("the user or host name contains control characters, which %s cannot transmit"),
				 req->mech->name);
	if (!token_valid(secret_reveal(req->password))) {
		(void)error_set(err, ERROR_CONFIG,
				_("the password is not an OAuth token: it contains spaces, control characters or "
				  "non-ASCII characters"));
		error_hint(err,
			   _("%s needs an access token in place of the password; usually the command in passwordeval "
			     "prints it."),
			   req->mech->name);
		return false;
	}
	return true;
}

static bool oauth_step(struct sasl *s, struct span challenge, struct strbuf *response, struct error *err)
{
	struct oauth *o = (struct oauth *)s;
	if (o->server_error)
		return error_set(err, ERROR_PROTOCOL,
				 _("the server sent another challenge after it refused the token: %s"),
				 o->server_error);
	o->server_error = challenge.len ? oauth_error_words(challenge) : xstrdup(_("no reason was given"));
	/* RFC 7628 3.2.3: the client answers with a single kvsep, after which the server sends its final error */
	if (o->bearer)
		strbuf_addch(response, KVSEP);
	return true;
}

static bool oauth_finished(struct sasl *s, struct error *err)
{
	const struct oauth *o = (const struct oauth *)s;
	if (!o->server_error)
		return true;
	return error_set(err, ERROR_PROTOCOL, _("the server refused the token (%s) and then reported success"),
			 o->server_error);
}

static const char *oauth_server_error(const struct sasl *s)
{
	return ((const struct oauth *)s)->server_error;
}

static void oauth_free(struct sasl *s)
{
	struct oauth *o = (struct oauth *)s;
	free(o->server_error);
	free(o);
}

static const struct sasl_ops oauth_ops = {
	.step = oauth_step,
	.finished = oauth_finished,
	.server_error = oauth_server_error,
	.free = oauth_free,
};

struct sasl *sasl_oauth_new(const struct sasl_request *req, struct strbuf *response, bool *has_initial,
			    struct error *err)
{
	bool bearer = strcmp(req->mech->name, "OAUTHBEARER") == 0;
	if (!request_check(req, err))
		return NULL;
	struct oauth *o = xcalloc(1, sizeof(*o));
	o->base.ops = &oauth_ops;
	o->base.decided = true; /* the first message has everything */
	o->bearer = bearer;
	if (bearer)
		bearer_message(req, response);
	else
		strbuf_addf(response, "user=%s%c", req->user, KVSEP);
	add_token(response, secret_reveal(req->password));
	*has_initial = true;
	return &o->base;
}
