/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "auth/sasl.h"

#include "base/i18n.h"

bool sasl_supports(const char *mech)
{
	const struct mech *known = mech_find(mech);
	return known && (known->token || sasl_gsasl_supports(known->name));
}

const char *sasl_identity(const struct sasl_request *req)
{
	if (req->authzid && *req->authzid)
		return req->authzid;
	if (strcmp(req->mech->name, "EXTERNAL") == 0)
		return req->user ? req->user : "";
	/* the library refuses to begin GSSAPI without any */
	return strcmp(req->mech->name, "GSSAPI") == 0 ? "" : NULL;
}

/* Refuses credentials that the mechanism cannot transmit. */
static bool credentials_check(const struct sasl_request *req, struct error *err)
{
	const struct mech *mech = req->mech;
	if (!mech->no_user && !req->user) {
		(void)error_set(err, ERROR_CONFIG, _("%s needs a user name"), mech->name);
		error_hint(err, _("Set it with: user NAME"));
		return false;
	}
	if (!mech->needs_password)
		return true;
	if (!req->password || !secret_is_set(req->password) || !secret_reveal(req->password).len)
		return error_set(err, ERROR_INTERNAL, _("%s was started without a password"), mech->name);
	struct span password = secret_reveal(req->password);
	if (memchr(password.ptr, '\0', password.len))
		return error_set(err, ERROR_CONFIG, _("the password contains a NUL byte, which %s cannot transmit"),
				 mech->name);
	return true;
}

struct sasl *sasl_new(const struct sasl_request *req, struct strbuf *response, bool *has_initial, struct error *err)
{
	if (!credentials_check(req, err))
		return NULL;
	return req->mech->token ? sasl_oauth_new(req, response, has_initial, err)
				: sasl_gsasl_new(req, response, has_initial, err);
}

bool sasl_step(struct sasl *s, struct span challenge, struct strbuf *response, struct error *err)
{
	if (++s->rounds > SASL_ROUNDS_MAX)
		return error_set(
			err, ERROR_PROTOCOL,
			_("the server sent more than %d challenges without a result, which no mechanism needs"),
			SASL_ROUNDS_MAX);
	if (!challenge.ptr) /* libraries read the pointer of an empty challenge, too */
		challenge.ptr = "";
	return s->ops->step(s, challenge, response, err);
}

bool sasl_finished(struct sasl *s, struct error *err)
{
	return s->ops->finished(s, err);
}

const char *sasl_server_error(const struct sasl *s)
{
	return s->ops->server_error(s);
}

void sasl_free(struct sasl *s)
{
	if (s)
		s->ops->free(s);
}
