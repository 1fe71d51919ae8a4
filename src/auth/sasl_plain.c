/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * PLAIN (RFC 4616) and LOGIN (draft-murchison-sasl-login) send user and password unchanged.  Most servers offer
 * nothing stronger, and there is nothing to compute; so libgsasl and the libraries it needs are not loaded.
 */
#include "auth/sasl.h"
#include "base/i18n.h"
#include "base/xalloc.h"

struct plain {
	struct sasl base;
	const struct mech *mech;
	char *user;
	const struct secret *password;
	bool named, complete; /* named: LOGIN has sent the user name; complete: everything was sent */
};

static bool plain_step(struct sasl *s, struct span challenge, struct strbuf *response, struct error *err)
{
	struct plain *p = (struct plain *)s;
	(void)challenge; /* the wording of LOGIN's challenges differs from server to server */
	if (p->complete)
		return error_set(err, ERROR_PROTOCOL, _("the server sent another challenge after %s was complete"),
				 p->mech->name);
	if (p->named)
		strbuf_add_span(response, secret_reveal(p->password));
	else
		strbuf_adds(response, p->user);
	p->complete = p->named;
	p->named = true;
	return true;
}

static bool plain_finished(struct sasl *s, struct error *err)
{
	const struct plain *p = (const struct plain *)s;
	return p->complete ||
	       error_set(err, ERROR_PROTOCOL, _("the server reported success before %s was complete"), p->mech->name);
}

static const char *plain_server_error(const struct sasl *s)
{
	(void)s;
	return NULL;
}

static void plain_free(struct sasl *s)
{
	struct plain *p = (struct plain *)s;
	free(p->user);
	free(p);
}

static const struct sasl_ops plain_ops = {
	.step = plain_step,
	.finished = plain_finished,
	.server_error = plain_server_error,
	.free = plain_free,
};

/* message = [authzid] UTF8NUL authcid UTF8NUL passwd */
static void add_message(const struct sasl_request *req, struct strbuf *out)
{
	struct span password = secret_reveal(req->password);
	const char *authzid = req->authzid ? req->authzid : "";
	/* reserve space first: growing the buffer later would leave a copy of the password in freed memory */
	strbuf_grow(out, strlen(authzid) + strlen(req->user) + password.len + 3);
	strbuf_add(out, authzid, strlen(authzid) + 1);
	strbuf_add(out, req->user, strlen(req->user) + 1);
	strbuf_add_span(out, password);
}

struct sasl *sasl_plain_new(const struct sasl_request *req, struct strbuf *response, bool *has_initial,
			    struct error *err)
{
	if (!req->user) {
		(void)error_set(err, ERROR_CONFIG, _("%s needs a user name"), req->mech->name);
		error_hint(err, _("Set it with: user NAME"));
		return NULL;
	}
	struct plain *p = xcalloc(1, sizeof(*p));
	p->base.ops = &plain_ops;
	p->mech = req->mech;
	p->user = xstrdup(req->user);
	p->password = req->password;
	p->complete = req->mech->initial_response;
	if (p->complete)
		add_message(req, response);
	*has_initial = p->complete;
	return &p->base;
}
