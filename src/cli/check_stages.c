/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/check_stages.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "transport/authenticate.h"
#include "tls/verdict.h"

#define DAY (24 * 60 * 60)

void check_stages_release(struct check_stages *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->v[i].detail);
	free(s->v);
	*s = CHECK_STAGES_INIT;
}

const char *check_verdict_name(enum check_verdict verdict)
{
	static const char *const names[] = {"PASS", "FAIL", "SKIP"};
	return names[verdict];
}

void check_stages_add(struct check_stages *s, const char *name, enum check_verdict verdict, char *detail)
{
	GROW(s->v, s->n, s->cap);
	s->v[s->n++] = (struct check_stage){name, verdict, detail};
}

/* "what happened: 535 the server's words" */
static char *error_words(const struct error *err)
{
	struct strbuf words = STRBUF_INIT;
	status_format_words(&err->status, &words);
	return strbuf_detach(&words, NULL);
}

static void skip(struct check_stages *s, const char *name, const char *why)
{
	check_stages_add(s, name, CHECK_SKIP, xstrdup(why));
}

/* FAIL where it failed, SKIP behind that, else PASS with the detail, which is taken over. */
static void judge_stage(struct check_stages *s, const char *name, enum delivery_stage stage,
			const struct delivery_result *r, char *detail)
{
	if (r->stage > stage) {
		check_stages_add(s, name, CHECK_PASS, detail);
		return;
	}
	free(detail);
	if (r->stage == stage)
		check_stages_add(s, name, CHECK_FAIL, error_words(&r->error));
	else
		skip(s, name, _("not reached"));
}

/* ---- certificate and TLS ---- */

static char *date_text(time_t when)
{
	char text[32];
	struct tm tm;
	bool ok = gmtime_r(&when, &tm) && strftime(text, sizeof(text), "%Y-%m-%d", &tm);
	return xstrdup(ok ? text : "?");
}

static char *dates_detail(const struct tls_certificate *c, time_t now)
{
	AUTO_FREE char *from = date_text(c->not_before), *until = date_text(c->not_after);
	long long days = ((long long)c->not_after - (long long)now) / DAY;
	return c->not_after >= now ? xasprintf(_("valid from %s until %s, days left: %lld"), from, until, days)
				   : xasprintf(_("valid from %s until %s, which is past"), from, until);
}

static char *name_detail(const struct tls_certificate *c, const char *identity)
{
	AUTO_FREE char *names = strvec_join(&c->names, ", ");
	return xasprintf(_("asked for %s, issued for %s"), identity ? identity : "?",
			 c->names.n ? names : _("no name"));
}

struct certificate_check {
	const char *name;
	unsigned faults;
};
enum { CERT_CHAIN, CERT_DATES, CERT_NAME, CERT_PIN };
static const struct certificate_check certificate_checks[] = {
	[CERT_CHAIN] = {"certificate chain", ~(unsigned)(TLS_FAULT_EXPIRED | TLS_FAULT_NOT_YET_VALID | TLS_FAULT_NAME |
							 TLS_FAULT_NO_SAN | TLS_FAULT_FINGERPRINT)},
	[CERT_DATES] = {"certificate dates", TLS_FAULT_EXPIRED | TLS_FAULT_NOT_YET_VALID},
	[CERT_NAME] = {"certificate name", TLS_FAULT_NAME | TLS_FAULT_NO_SAN},
	[CERT_PIN] = {"certificate fingerprint", TLS_FAULT_FINGERPRINT},
};

static char *certificate_detail(size_t which, const struct account *a, const struct delivery_result *r, time_t now)
{
	const char *override = account_str(a, OPT_TLS_HOST_OVERRIDE);
	const struct tls_certificate *c = r->tls.chain_len ? &r->tls.chain[0] : NULL;
	if (!c)
		return xstrdup(_("the server showed none"));
	switch (which) {
	case CERT_CHAIN:
		return xasprintf(_("issued by %s, certificates in the chain: %zu"), c->issuer, r->tls.chain_len);
	case CERT_DATES: return dates_detail(c, now);
	case CERT_NAME: return name_detail(c, override ? override : r->identity);
	default: return xasprintf("SHA-256 %s", c->sha256);
	}
}

/* Why a check has nothing to say, or NULL. */
static const char *certificate_excuse(size_t which, const struct account *a, const struct delivery_result *r)
{
	bool pinned = account_is_set(a, OPT_TLS_FINGERPRINT);
	if (!account_bool(a, OPT_TLS))
		return _("TLS is off");
	if (!r->tls.chain_len && !(r->tls.faults & TLS_FAULT_NO_CERTIFICATE))
		return _("not reached");
	if (!account_bool(a, OPT_TLS_CERTCHECK))
		return _("the certificate check is off");
	if (which == CERT_PIN)
		return pinned ? NULL : _("none is set");
	return pinned ? _("the fingerprint alone decides") : NULL;
}

static void judge_certificate(struct check_stages *s, const struct account *a, const struct delivery_result *r,
			      time_t now)
{
	for (size_t i = 0; i < ARRAY_SIZE(certificate_checks); i++) {
		const struct certificate_check *k = &certificate_checks[i];
		const char *excuse = certificate_excuse(i, a, r);
		if (excuse) {
			skip(s, k->name, excuse);
			continue;
		}
		AUTO_FREE char *detail = certificate_detail(i, a, r, now);
		if (!(r->tls.faults & k->faults))
			check_stages_add(s, k->name, CHECK_PASS, steal_ptr(detail));
		else if (i == CERT_CHAIN)
			check_stages_add(s, k->name, CHECK_FAIL,
					 xasprintf("%s (%s)", r->error.status.text ? r->error.status.text : "?",
						   detail));
		else
			check_stages_add(s, k->name, CHECK_FAIL, steal_ptr(detail));
	}
}

static void judge_tls(struct check_stages *s, const struct account *a, const struct delivery_result *r, time_t now)
{
	judge_certificate(s, a, r, now);
	if (!account_bool(a, OPT_TLS))
		skip(s, "TLS", _("TLS is off"));
	else if (r->tls.active)
		check_stages_add(s, "TLS", CHECK_PASS,
				 xasprintf(_("%s, verified by: %s"), r->tls.description ? r->tls.description : "?",
					   r->tls.verified_by ? r->tls.verified_by : "?"));
	else if (r->stage == DELIVERY_TLS && !r->tls.faults)
		check_stages_add(s, "TLS", CHECK_FAIL, error_words(&r->error));
	else
		skip(s, "TLS", _("not reached"));
}

/* ---- the others ---- */

static void judge_password(struct check_stages *s, const struct account *a, const struct delivery_result *r)
{
	if (!authenticate_wanted(a) || !authenticate_wants_secret(a))
		skip(s, "password", _("none is needed"));
	else
		judge_stage(s, "password", DELIVERY_SECRET, r,
			    xasprintf(_("from %s"), r->secret_from ? r->secret_from : "?"));
}

static void judge_network(struct check_stages *s, const struct account *a, const struct delivery_result *r)
{
	const struct strvec *hosts = account_list(a, OPT_HOST);
	if (account_str(a, OPT_SOCKET))
		skip(s, "DNS", _("a socket has no name to look up"));
	else
		judge_stage(s, "DNS", DELIVERY_DNS, r,
			    account_has_srv(a) ? xasprintf(_("%s stands for %s port %u"), hosts->v[0], r->host, r->port)
					       : xstrdup(r->host));
	judge_stage(s, "connection", DELIVERY_CONNECT, r,
		    xasprintf(_("%s, %lld ms"), r->peer ? r->peer : r->host, (long long)r->ms_connect));
}

static void judge_auth(struct check_stages *s, const struct account *a, const struct delivery_result *r)
{
	const char *user = account_str(a, OPT_USER);
	if (!authenticate_wanted(a) && r->stage > DELIVERY_EHLO)
		skip(s, "AUTH", _("authentication is off"));
	else
		judge_stage(s, "AUTH", DELIVERY_AUTH, r,
			    xasprintf(_("%s as %s"), r->mech ? r->mech : "?", user ? user : "?"));
}

void check_stages_judge(struct check_stages *s, const struct account *a, const struct delivery_result *r, time_t now)
{
	static const char *const names[] = {"password",
					    "DNS",
					    "connection",
					    "certificate chain",
					    "certificate dates",
					    "certificate name",
					    "certificate fingerprint",
					    "TLS",
					    "EHLO",
					    "AUTH",
					    "sender"};
	if (!r) {
		for (size_t i = 0; i < ARRAY_SIZE(names); i++)
			skip(s, names[i], _("not reached"));
		return;
	}
	AUTO_FREE char *offers = strvec_join(&r->caps.lines, ", ");
	judge_password(s, a, r);
	judge_network(s, a, r);
	judge_tls(s, a, r, now);
	judge_stage(s, "EHLO", DELIVERY_EHLO, r,
		    xstrdup(r->caps.lines.n ? offers : _("the server names no extensions")));
	judge_auth(s, a, r);
	AUTO(strbuf) reply = STRBUF_INIT;
	(void)status_format_reply(&r->final, &reply);
	judge_stage(s, "sender", DELIVERY_TRANSACTION, r, xasprintf(_("taken, and taken back: %s"), reply.buf));
}
