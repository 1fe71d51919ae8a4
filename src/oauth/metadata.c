/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth/metadata.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "oauth/answer.h"

static const struct {
	enum oauth_value_id id;
	const char *member;
} addresses[] = {
	{OAUTH_DEVICE_URL, "device_authorization_endpoint"},
	{OAUTH_AUTHORIZE_URL, "authorization_endpoint"},
	{OAUTH_TOKEN_URL, "token_endpoint"},
	{OAUTH_REVOKE_URL, "revocation_endpoint"},
};

static const char *issuer(const struct oauth_settings *s)
{
	return s->value[OAUTH_ISSUER].text;
}

/* ---- what it says ---- */

/* RFC 8414 section 3.3: octet by octet, or it is another issuer that answers. */
static bool same_issuer(const struct oauth_settings *s, const struct oauth_reply *metadata, struct error *err)
{
	const char *said = oauth_reply_string(metadata, "issuer");
	if (said && strcmp(said, issuer(s)) == 0)
		return true;
	AUTO_FREE char *clean = clean_text(span_of(said ? said : ""), 200);
	(void)error_set(err, ERROR_PROTOCOL, _("the metadata of %s are those of another issuer: %s"), issuer(s), clean);
	error_hint(err, "%s", _("Write oauth_issuer exactly as the server does, with or without the last slash."));
	return false;
}

static bool learn_addresses(struct oauth_settings *s, const struct oauth_reply *metadata, struct error *err)
{
	AUTO_FREE char *source = xasprintf(_("metadata of %s"), issuer(s));
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
		struct oauth_value *v = &s->value[addresses[i].id];
		const char *url = oauth_reply_string(metadata, addresses[i].member);
		if (v->text || !url)
			continue;
		if (!oauth_url_valid(span_of(url)))
			return error_set(err, ERROR_PROTOCOL,
					 _("the metadata of %s have a %s that is not an https address"), issuer(s),
					 addresses[i].member);
		xreplace(&v->text, url);
		xreplace(&v->source, source);
	}
	return true;
}

/* How the secret is sent (default: RFC 8414 section 2), and whether redirections have iss (RFC 9207 section 3). */
static void learn_ways(struct oauth_settings *s, const struct oauth_reply *metadata)
{
	static const char methods[] = "token_endpoint_auth_methods_supported";
	const struct oauth_member *iss = oauth_reply_member(metadata, "authorization_response_iss_parameter_supported");
	s->secret_by_basic =
		!oauth_reply_lists(metadata, methods, "client_secret_post") &&
		(oauth_reply_lists(metadata, methods, "client_secret_basic") || !oauth_reply_member(metadata, methods));
	s->iss_promised = iss && iss->type == 'b' && strcmp(iss->value, "true") == 0;
	if (s->flow == OAUTH_FLOW_UNSET)
		s->flow = s->value[OAUTH_DEVICE_URL].text      ? OAUTH_FLOW_DEVICE
			  : s->value[OAUTH_AUTHORIZE_URL].text ? OAUTH_FLOW_CODE
							       : OAUTH_FLOW_CLIENT;
}

bool oauth_metadata_learn(struct oauth_settings *s, const struct oauth_reply *metadata, struct error *err)
{
	if (!same_issuer(s, metadata, err) || !learn_addresses(s, metadata, err))
		return false;
	learn_ways(s, metadata);
	if (!s->value[OAUTH_TOKEN_URL].text)
		return error_set(err, ERROR_PROTOCOL, _("the metadata of %s have no token_endpoint"), issuer(s));
	return oauth_settings_allow(s, s->flow, err);
}

/* ---- asking ---- */

/* RFC 8414 section 3.1: the path of the issuer comes after the well-known part. */
static char *standard_url(const char *text)
{
	struct span host = oauth_url_host(span_of(text));
	const char *path = host.ptr ? host.ptr + host.len : text;
	path += strcspn(path, "/"); /* after the port */
	AUTO_FREE char *server = xmemdup0(text, (size_t)(path - text));
	return xasprintf("%s/.well-known/oauth-authorization-server%s", server, strcmp(path, "/") == 0 ? "" : path);
}

static char *openid_url(const char *text)
{
	size_t len = strlen(text);
	AUTO_FREE char *base = xmemdup0(text, len && text[len - 1] == '/' ? len - 1 : len);
	return xasprintf("%s/.well-known/openid-configuration", base);
}

bool oauth_metadata_discover(struct oauth_settings *s, const struct oauth_network *network, struct error *err)
{
	if (!s->needs_metadata)
		return true;
	AUTO_FREE char *standard = standard_url(issuer(s));
	AUTO_FREE char *openid = openid_url(issuer(s));
	AUTO(oauth_reply) reply = OAUTH_REPLY_INIT;
	const char *url = standard;
	if (!oauth_http_ask(network, &(struct oauth_http_request){.url = url}, &reply, err))
		return false;
	if (reply.code == 404) {
		url = openid;
		oauth_reply_release(&reply);
		if (!oauth_http_ask(network, &(struct oauth_http_request){.url = url}, &reply, err))
			return false;
	}
	const struct oauth_question question = {.purpose = OAUTH_FOR_METADATA, .settings = s, .url = url};
	if (!oauth_answer_check(&reply, &question, err) || !oauth_metadata_learn(s, &reply, err))
		return false;
	s->needs_metadata = false;
	return true;
}
