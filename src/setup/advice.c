/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/advice.h"

#include "base/i18n.h"

static void add_login(const struct preset *p, struct strvec *out)
{
	if (p->login == SETUP_OAUTH)
		strvec_pushf(out, _("%s accepts only logins by OAuth2 from mail programs."), p->title);
	else if (!(p->login & SETUP_PASSWORD) && p->page)
		strvec_pushf(
			out,
			_("%s wants an application password from mail programs, not the one you use on the web. Make "
			  "one here: %s"),
			p->title, p->page);
	else if (!(p->login & SETUP_PASSWORD))
		strvec_pushf(
			out,
			_("%s wants an application password from mail programs, not the one you use on the web. Make "
			  "one in the security settings of your account."),
			p->title);
	else if (p->login & SETUP_APP_PASSWORD)
		strvec_pushf(out,
			     _("If your account at %s has two-step verification, make an application password for "
			       "posthaste in its security settings."),
			     p->title);
	if (p->login != SETUP_OAUTH && p->login & SETUP_OAUTH)
		strvec_pushf(out, _("%s takes logins by OAuth2 as well."), p->title);
}

void advice_list(const struct discovery *d, struct strvec *out)
{
	strvec_push_all(out, &d->notes);
	if (d->enable && d->enable_url)
		strvec_pushf(out, _("The provider says that this has to be done on the web first: %s (%s)"), d->enable,
			     d->enable_url);
	else if (d->enable)
		strvec_pushf(out, _("The provider says that this has to be done on the web first: %s"), d->enable);
	if (!d->preset)
		return;
	if (d->preset->login)
		add_login(d->preset, out);
	if (d->preset->note)
		strvec_push(out, _(d->preset->note));
}

void advice_explain(const struct discovery *d, const char *domain, struct error *err)
{
	AUTO(strvec) advice = STRVEC_INIT;
	if (d->why.status.kind != ERROR_NONE) {
		error_copy(err, &d->why);
		return;
	}
	advice_list(d, &advice);
	(void)error_set(err, ERROR_HOST_UNKNOWN, _("no server is known for %s"), domain);
	if (advice.n)
		error_hint(err, "%s", advice.v[advice.n - 1]);
}
