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

/* What there is of a login. */
struct kept {
	struct oauth_login login;
	struct oauth_token token;
	enum oauth_stored found; /* the login */
	bool has_token;
};

static void kept_release(struct kept *kept)
{
	oauth_login_release(&kept->login);
	oauth_token_release(&kept->token);
}

/* False: the server did not revoke it; words says why. */
static bool ask_to_revoke(const struct oauth_refresh *r, const struct oauth_settings *s, const struct secret *token,
			  const char *hint, struct strbuf *words)
{
	AUTO(secret) form = SECRET_INIT;
	AUTO(oauth_reply) reply = OAUTH_REPLY_INIT;
	AUTO(error) why = ERROR_INIT;
	const char *url = s->value[OAUTH_REVOKE_URL].text;
	const struct oauth_question question = {.purpose = OAUTH_FOR_REVOKE, .settings = s, .url = url};
	oauth_form_add(&form, "token", secret_reveal(token));
	oauth_form_add(&form, "token_type_hint", span_of(hint));
	if (oauth_settings_post(s, r->network, url, &form, &reply, &why) && oauth_answer_check(&reply, &question, &why))
		return true;
	strbuf_adds(words, why.status.text);
	return false;
}

/* True with an address to ask; false with words. */
static bool can_revoke(const struct oauth_refresh *r, struct oauth_settings *s, struct strbuf *words)
{
	AUTO(error) why = ERROR_INIT;
	if (!oauth_metadata_discover(s, r->network, &why))
		strbuf_adds(words, why.status.text);
	else if (!s->value[OAUTH_REVOKE_URL].text)
		strbuf_adds(words, _("no address is known at which the server revokes them"));
	return !words->len;
}

/* The refresh token comes first: many servers end with it all that came from it. */
static enum oauth_logout revoke_tokens(const struct oauth_refresh *r, struct oauth_settings *s, const struct kept *kept,
				       struct strbuf *words)
{
	bool has_login = kept->found == OAUTH_STORED_FOUND;
	if (!can_revoke(r, s, words) ||
	    (has_login && !ask_to_revoke(r, s, &kept->login.refresh, "refresh_token", words)))
		return OAUTH_LOGOUT_LOCAL;
	if (!kept->has_token || ask_to_revoke(r, s, &kept->token.access, "access_token", words))
		return OAUTH_LOGOUT_REVOKED;
	return has_login ? OAUTH_LOGOUT_LOGIN_REVOKED : OAUTH_LOGOUT_LOCAL;
}

/* A token goes to no other server than the one it is from. */
static enum oauth_logout revoke_kept(const struct oauth_refresh *r, struct oauth_settings *s, const struct kept *kept,
				     const struct error *unread, struct strbuf *words)
{
	switch (kept->found) {
	case OAUTH_STORED_FOUND: return revoke_tokens(r, s, kept, words);
	case OAUTH_STORED_NONE: return kept->has_token ? revoke_tokens(r, s, kept, words) : OAUTH_LOGOUT_NONE;
	case OAUTH_STORED_FOREIGN:
		strbuf_adds(words,
			    _("they are from another server, or for another client id, scope or user, than the account "
			      "names now"));
		break;
	case OAUTH_STORED_ERROR: strbuf_adds(words, unread->status.text); break;
	}
	return OAUTH_LOGOUT_LOCAL;
}

bool oauth_logout_run(const struct oauth_refresh *r, struct oauth_settings *settings, enum oauth_logout *out,
		      struct strbuf *words, struct error *err)
{
	AUTO(kept) kept = {OAUTH_LOGIN_INIT, OAUTH_TOKEN_INIT, OAUTH_STORED_NONE, false};
	AUTO(error) unread = ERROR_INIT;
	AUTO_FD int lock = oauth_store_lock(r->store, err);
	bool removed = false;
	if (lock < 0)
		return false;
	kept.found = oauth_store_load_login(r->store, &kept.login, &unread);
	kept.has_token = oauth_store_load_token(r->store, &kept.token);
	*out = revoke_kept(r, settings, &kept, &unread, words);
	/* A server that did not answer may have used up the time. */
	struct oauth_store store = *r->store;
	store.deadline = deadline_in(store.runtime->clock, OAUTH_HTTP_PATIENCE_MS);
	if (!oauth_store_remove(&store, &removed, err))
		return false;
	if (kept.found == OAUTH_STORED_NONE && removed) {
		strbuf_reset(words);
		strbuf_adds(words, _("the refresh token is not in the keyring any more"));
		*out = OAUTH_LOGOUT_LOCAL;
	}
	return true;
}
