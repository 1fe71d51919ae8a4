/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/wizard_private.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "oauth/provider.h"
#include "secret/keyring.h"
#include "transport/login.h"

#define KEYRING_MS 120000 /* the keyring may ask its owner to unlock it */

const char *wizard_trust_file(const struct account *given)
{
	const char *file =
		given && account_is_set(given, OPT_TLS_TRUST_FILE) ? account_str(given, OPT_TLS_TRUST_FILE) : NULL;
	return file && *file == '/' ? file : NULL;
}

struct account_text wizard_text(const struct wizard *w, const struct candidate *c, enum setup_secret secret)
{
	return (struct account_text){.name = w->name,
				     .address = w->r->address,
				     .user = w->user,
				     .server = c,
				     .all = &w->d.found,
				     .first_use = w->first_use,
				     .given = w->r->given,
				     .flavour = w->file.flavour,
				     .secret = secret,
				     .secret_file = w->secret_file,
				     .provider = w->provider,
				     .client_id = w->client_id,
				     .client_secret_file = w->client_secret_file};
}

/* ---- the password ---- */

/* No keyring, or one that does not take it, is no failure: there is a file then. */
static bool store_in_keyring(const struct wizard *w, const struct candidate *c)
{
	AUTO(error) why = ERROR_INIT;
	const struct keyring_request req = {.runtime = w->r->runtime,
					    .host = c->host,
					    .user = w->user,
					    .deadline = deadline_in(w->r->runtime->clock, KEYRING_MS)};
	return keyring_store(&req, &w->password, &why) == KEYRING_STORED;
}

bool wizard_store_password(struct wizard *w, const struct candidate *c, struct error *err)
{
	if (store_in_keyring(w, c)) {
		w->secret = SETUP_SECRET_KEYRING;
		talk_say(w->r->talk, _("The login works. The password is in the keyring now."));
		return true;
	}
	free(w->secret_file);
	w->secret_file = NULL;
	w->secret = SETUP_SECRET_FILE;
	if (!account_file_keep_secret(&w->file, "password", w->name, &w->password, w->r->runtime, &w->secret_file, err))
		return false;
	talk_say(w->r->talk,
		 _("The login works. There is no keyring, so the password is in %s, which only you can read."),
		 w->secret_file);
	return true;
}

/* ---- OAuth2 ---- */

/* The "defaults" of the user's file have settings for OAuth2. */
static bool is_oauth_by_default(const struct wizard *w, const struct candidate *c)
{
	struct account_text t = wizard_text(w, c, SETUP_SECRET_OPEN);
	AUTO(settings) settings = SETTINGS_INIT;
	return probe_account(&w->file, &t, w->r->runtime, &settings, NULL) && account_uses_oauth(settings.account);
}

static bool ask_client_secret(struct wizard *w, const struct oauth_provider *p, struct error *err)
{
	AUTO(secret) secret = SECRET_INIT;
	const char *rule = p->line[OAUTH_PROVIDER_SECRET];
	if (!rule || strcmp(rule, "required") != 0)
		return true;
	return w->r->talk->ask_secret(w->r->talk->arg, _("Client secret: "), &secret, err) &&
	       account_file_keep_secret(&w->file, "client-secret", w->name, &secret, w->r->runtime,
					&w->client_secret_file, err);
}

/* A program has to be registered at the provider; an administrator may have done that. */
static bool ask_client(struct wizard *w, struct error *err)
{
	AUTO(oauth_provider) p = OAUTH_PROVIDER_INIT;
	if (!oauth_provider_find(w->r->runtime, w->provider, &p, err))
		return false;
	if (p.line[OAUTH_PROVIDER_CLIENT_ID]) {
		w->client_id = xstrdup(p.line[OAUTH_PROVIDER_CLIENT_ID]);
		return true;
	}
	talk_say(w->r->talk, _("For a login by OAuth2 this program has to be registered at the provider once:"));
	if (p.line[OAUTH_PROVIDER_REGISTER])
		talk_say(w->r->talk, "%s", p.line[OAUTH_PROVIDER_REGISTER]);
	AUTO_FREE char *id = talk_ask(w->r->talk, _("Client id (nothing: give up)"), NULL, err);
	if (!id)
		return false;
	if (!*id) {
		(void)error_set(err, ERROR_CONFIG, _("a login by OAuth2 at this provider needs a client id"));
		if (p.line[OAUTH_PROVIDER_REGISTER])
			error_hint(err, "%s", p.line[OAUTH_PROVIDER_REGISTER]);
		return false;
	}
	w->client_id = steal_ptr(id);
	return ask_client_secret(w, &p, err);
}

/* The entry for the server, as presets.def or the entries themselves say it. */
static bool find_provider(struct wizard *w, const struct candidate *c)
{
	free(w->provider);
	w->provider = c->provider ? xstrdup(c->provider) : oauth_provider_of_host(w->r->runtime, c->host);
	return w->provider;
}

enum wizard_login wizard_login_kind(struct wizard *w, const struct candidate *c, struct error *err)
{
	if (is_oauth_by_default(w, c))
		return WIZARD_OAUTH;
	if (!c->login)
		return WIZARD_NONE;
	if (!(c->login & SETUP_OAUTH) || !find_provider(w, c))
		return WIZARD_PASSWORD;
	if (c->login == SETUP_OAUTH)
		return WIZARD_OAUTH;
	switch (talk_confirm(w->r->talk, _("Log in with a password (no: by OAuth2)"), true, err)) {
	case TALK_YES: return WIZARD_PASSWORD;
	case TALK_NO: return WIZARD_OAUTH;
	case TALK_END: break;
	}
	return WIZARD_END;
}

static bool log_in(struct wizard *w, const struct candidate *c, struct error *err)
{
	struct account_text t = wizard_text(w, c, SETUP_SECRET_OAUTH);
	AUTO(settings) settings = SETTINGS_INIT;
	AUTO(login_change) done = LOGIN_CHANGE_INIT;
	if (!probe_account(&w->file, &t, w->r->runtime, &settings, err) ||
	    !login_store(settings.account, w->r->console, &done, err))
		return false;
	w->r->talk->say(w->r->talk->arg, done.text.buf);
	talk_say(w->r->talk, _("Trying %s port %u ..."), c->host, c->port);
	return probe_login(&settings, NULL, w->r->address, w->r->runtime, err);
}

bool wizard_oauth(struct wizard *w, const struct candidate *c, struct error *err)
{
	if (w->file.flavour == FLAVOUR_MSMTP)
		return error_set(
			err, ERROR_CONFIG,
			_("%s is a file that msmtp reads, and msmtp does not know the settings for OAuth2; name a file "
			  "of posthaste's own with -C"),
			w->file.path);
	if (!is_oauth_by_default(w, c) && !w->client_id && !ask_client(w, err))
		return false;
	if (!w->user && !wizard_ask_user(w, c, err))
		return false;
	w->secret = SETUP_SECRET_OAUTH;
	return log_in(w, c, err);
}
