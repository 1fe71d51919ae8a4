/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls/info_text.h"

#include "base/i18n.h"
#include "base/xalloc.h"

#define DAY (24 * 60 * 60)

static void add_date(struct strbuf *out, const char *label, time_t when)
{
	char text[64];
	struct tm tm;
	if (gmtime_r(&when, &tm) && strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm))
		strbuf_addf(out, "    %s: %s\n", label, text);
}

static void add_days_left(struct strbuf *out, const struct tls_certificate *c, time_t now)
{
	long long days = ((long long)c->not_after - (long long)now) / DAY;
	if (c->not_before > now)
		strbuf_addf(out, "    %s\n", _("not valid yet"));
	else if (c->not_after < now)
		strbuf_addf(out, "    %s\n", _("expired"));
	else
		strbuf_addf(out,
			    Q_("    %lld day until it expires\n", "    %lld days until it expires\n",
			       (unsigned long)days),
			    days);
	if (tls_certificate_expires_soon(c, now))
		strbuf_addf(out, "    %s\n", _("warning: it expires soon; the server's administrator has to renew it"));
}

void tls_certificate_text(const struct tls_certificate *c, time_t now, struct strbuf *out)
{
	strbuf_addf(out, "  %s: %s\n", _("Certificate of"), c->subject);
	AUTO_FREE char *names = strvec_join(&c->names, ", ");
	if (c->names.n)
		strbuf_addf(out, "    %s: %s\n", _("names"), names);
	strbuf_addf(out, "    %s: %s\n", _("issuer"), c->issuer);
	add_date(out, _("valid from"), c->not_before);
	add_date(out, _("valid until"), c->not_after);
	add_days_left(out, c, now);
	strbuf_addf(out, "    %s: %s\n", _("key"), c->key);
	strbuf_addf(out, "    SHA-256: %s\n", c->sha256);
	strbuf_addf(out, "    SHA-1: %s\n", c->sha1);
	strbuf_addf(out, "    SPKI SHA-256: %s\n", c->spki_sha256);
	strbuf_addf(out, "    %s: %s\n", _("pin"), c->pin ? c->pin : "?");
}

static char *date_text(time_t when)
{
	char text[32];
	struct tm tm;
	bool ok = gmtime_r(&when, &tm) && strftime(text, sizeof(text), "%Y-%m-%d", &tm);
	return xstrdup(ok ? text : "?");
}

char *tls_certificate_dates(const struct tls_certificate *c, time_t now)
{
	AUTO_FREE char *from = date_text(c->not_before), *until = date_text(c->not_after);
	long long days = ((long long)c->not_after - (long long)now) / DAY;
	if (tls_certificate_expires_soon(c, now))
		return xasprintf(
			_("valid from %s until %s, days left: %lld; warning: it expires soon, and the server's "
			  "administrator has to renew it"),
			from, until, days);
	return c->not_after >= now ? xasprintf(_("valid from %s until %s, days left: %lld"), from, until, days)
				   : xasprintf(_("valid from %s until %s, which is in the past"), from, until);
}

char *tls_certificate_names(const struct tls_certificate *c, const char *host)
{
	AUTO_FREE char *names = strvec_join(&c->names, ", ");
	return xasprintf(_("asked for %s, issued for %s"), host ? host : "?", c->names.n ? names : _("no name"));
}

void tls_info_text(const struct tls_info *t, time_t now, struct strbuf *out)
{
	if (!t->chain_len && !t->active)
		return;
	strbuf_adds(out, "TLS:\n");
	if (t->description)
		strbuf_addf(out, "  %s: %s\n", _("session"), t->description);
	if (t->verified_by)
		strbuf_addf(out, "  %s: %s\n", _("verified by"), t->verified_by);
	for (size_t i = 0; i < t->chain_len; i++)
		tls_certificate_text(&t->chain[i], now, out);
}
