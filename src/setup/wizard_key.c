/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/wizard_private.h"

#include "base/i18n.h"
#include "tls/info_text.h"
#include "transport/accept_key.h"

static bool is_decided(const struct account *given)
{
	return given && (account_is_set(given, OPT_TLS_TRUST) || account_is_set(given, OPT_TLS_FINGERPRINT) ||
			 account_is_set(given, OPT_TLS_PIN));
}

static bool ask(const struct wizard *w, const struct delivery_result *r)
{
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO(error) end = ERROR_INIT;
	tls_certificate_text(&r->tls.chain[0], clock_wall(w->r->runtime->clock), &text);
	w->r->talk->say(w->r->talk->arg, text.buf);
	talk_say(w->r->talk, _("Compare the fingerprint with one that the server's administrator gave you."));
	return talk_confirm(w->r->talk, _("Trust this key from now on"), false, &end) == TALK_YES;
}

bool wizard_accept_key(struct wizard *w, const struct candidate *c)
{
	struct account_text t = wizard_text(w, c, SETUP_SECRET_OPEN);
	AUTO(settings) settings = SETTINGS_INIT;
	struct delivery_result r = {.n = 0};
	AUTO(error) why = ERROR_INIT;
	if (is_decided(w->r->given) || !probe_account(&w->file, &t, w->r->runtime, &settings, NULL))
		return false;
	enum accept_key seen = accept_key_look(w->r->runtime, settings.account, &r);
	w->first_use = (seen == ACCEPT_KEY_SAME || seen == ACCEPT_KEY_NEW) && ask(w, &r) &&
		       accept_key_store(w->r->runtime, &r, &why);
	if (why.status.text)
		talk_say(w->r->talk, "%s", why.status.text);
	delivery_result_release(&r);
	return w->first_use;
}
