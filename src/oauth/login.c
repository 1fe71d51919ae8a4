/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth/login.h"

#include "base/i18n.h"
#include "oauth/code.h"
#include "oauth/device.h"
#include "oauth/metadata.h"

/* ---- logging in ---- */

bool oauth_login_run(const struct oauth_refresh *r, struct oauth_settings *settings,
		     const struct oauth_console *console, char **where, struct error *err)
{
	AUTO(oauth_grant) grant = OAUTH_GRANT_INIT;
	AUTO(secret) token = SECRET_INIT;
	if (!oauth_metadata_discover(settings, r->network, err) || !oauth_settings_allow(settings, settings->flow, err))
		return false;
	switch (settings->flow) {
	case OAUTH_FLOW_CLIENT: return oauth_refresh_get(r, settings, NULL, &token, err);
	case OAUTH_FLOW_DEVICE:
		if (!oauth_device_login(settings, r->network, console, &grant, err))
			return false;
		break;
	default:
		if (!oauth_code_login(settings, r->network, console, &grant, err))
			return false;
	}
	/* The user may have taken some minutes: the time for storing begins now. */
	struct oauth_store store = *r->store;
	struct oauth_refresh now = *r;
	store.deadline = deadline_in(store.runtime->clock, console->patience);
	now.store = &store;
	if (!oauth_refresh_keep_login(&now, &grant, where, err))
		return false;
	oauth_store_mark_login(&store);
	return true;
}

/* ---- logging out ---- */

/* False: the server did not revoke it; words says why. */
static bool ask_to_revoke(const struct oauth_refresh *r, const struct oauth_settings *s, const struct secret *token,
			  const char *hint, struct strbuf *words)
{
	AUTO(secret) form = SECRET_INIT;
	AUTO(oauth_reply) reply = OAUTH_REPLY_INIT;
	AUTO(error) why = ERROR_INIT;
	const char *url = s->value[OAUTH_REVOKE_URL].text;
	oauth_form_add(&form, "token", secret_reveal(token));
	oauth_form_add(&form, "token_type_hint", span_of(hint));
	if (!oauth_settings_post(s, r->network, url, &form, &reply, &why)) {
		strbuf_adds(words, why.status.text);
		return false;
	}
	if (reply.code == 200) /* also for a token that the server does not know (RFC 7009 section 2.2) */
		return true;
	const char *error = oauth_reply_string(&reply, "error");
	strbuf_addf(words, _("%.*s answered with HTTP status %d"), SPAN_FMT(oauth_url_host(span_of(url))), reply.code);
	if (error)
		strbuf_addf(words, ": %s", error);
	return false;
}

/* True with an address to ask; false with words. */
static bool can_revoke(const struct oauth_refresh *r, struct oauth_settings *s, struct strbuf *words)
{
	AUTO(error) why = ERROR_INIT;
	const char *page = s->provider.line[OAUTH_PROVIDER_REVOKE_PAGE];
	if (!oauth_metadata_discover(s, r->network, &why)) {
		strbuf_adds(words, why.status.text);
		return false;
	}
	if (s->value[OAUTH_REVOKE_URL].text)
		return true;
	if (page)
		strbuf_addf(words, _("this provider cannot be asked to revoke it; remove its access by hand at %s"),
			    page);
	else
		strbuf_adds(words, _("no address is known at which the server revokes it"));
	return false;
}

bool oauth_logout_run(const struct oauth_refresh *r, struct oauth_settings *settings, enum oauth_logout *out,
		      struct strbuf *words, struct error *err)
{
	AUTO(oauth_login) login = OAUTH_LOGIN_INIT;
	AUTO(oauth_token) token = OAUTH_TOKEN_INIT;
	AUTO(error) unread = ERROR_INIT;
	AUTO_FD int lock = oauth_store_lock(r->store, err);
	bool removed = false, revoked = false;
	if (lock < 0)
		return false;
	enum oauth_stored found = oauth_store_load_login(r->store, &login, &unread);
	bool has_token = oauth_store_load_token(r->store, &token);
	if (found == OAUTH_STORED_ERROR)
		strbuf_adds(words, unread.status.text);
	else if ((found == OAUTH_STORED_FOUND || has_token) && can_revoke(r, settings, words))
		revoked = (found != OAUTH_STORED_FOUND ||
			   ask_to_revoke(r, settings, &login.refresh, "refresh_token", words)) &&
			  (!has_token || ask_to_revoke(r, settings, &token.access, "access_token", words));
	if (!oauth_store_remove(r->store, &removed, err))
		return false;
	*out = revoked ? OAUTH_LOGOUT_REVOKED : removed || has_token ? OAUTH_LOGOUT_LOCAL : OAUTH_LOGOUT_NONE;
	return true;
}
