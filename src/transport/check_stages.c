/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/check_stages.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "transport/authenticate.h"
#include "tls/info_text.h"
#include "tls/verdict.h"

#define DETAIL_SHOWN 1000

void check_stages_release(struct check_stages *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->v[i].detail);
		free(s->v[i].hint);
	}
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
	s->v[s->n++] = (struct check_stage){name, verdict, detail, NULL};
}

/* "what happened: 535 the server's words" */
static char *error_words(const struct error *err)
{
	struct strbuf words = STRBUF_INIT;
	status_format_words(&err->status, &words);
	return strbuf_detach(&words, NULL);
}

/* ---- one stage ---- */

/* What the verdict on a stage is based on. */
struct evidence {
	const char *stage_name;
	const struct account *account;
	const struct delivery_result *result;
	time_t now;
};

static void add_skipped(struct check_stages *s, const char *name, const char *why)
{
	check_stages_add(s, name, CHECK_SKIP, xstrdup(why));
}

/* FAIL where the delivery failed, SKIP after that, else PASS with the detail, which is taken over. */
static void add_verdict(struct check_stages *s, const struct evidence *e, enum delivery_stage stage, char *detail)
{
	const struct delivery_result *r = e->result;
	if (r->stage > stage) {
		check_stages_add(s, e->stage_name, CHECK_PASS, detail);
		return;
	}
	free(detail);
	if (r->stage == stage)
		check_stages_add(s, e->stage_name, CHECK_FAIL, error_words(&r->error));
	else
		add_skipped(s, e->stage_name, _("not reached"));
}

/* ---- certificate and TLS ---- */

enum certificate_part { CERT_CHAIN, CERT_DATES, CERT_NAME, CERT_PIN };
#define KEY_FAULTS (TLS_FAULT_FINGERPRINT | TLS_FAULT_PIN | TLS_FAULT_KEY_CHANGED | TLS_FAULT_KEY_UNKNOWN)
/* The faults that are a fault of that part. */
static const unsigned certificate_faults[] = {
	[CERT_CHAIN] = ~(unsigned)(TLS_FAULT_EXPIRED | TLS_FAULT_NOT_YET_VALID | TLS_FAULT_NAME | TLS_FAULT_NO_SAN |
				   KEY_FAULTS),
	[CERT_DATES] = TLS_FAULT_EXPIRED | TLS_FAULT_NOT_YET_VALID,
	[CERT_NAME] = TLS_FAULT_NAME | TLS_FAULT_NO_SAN,
	[CERT_PIN] = KEY_FAULTS,
};

static char *certificate_detail(enum certificate_part which, const struct delivery_result *r, time_t now)
{
	const struct tls_certificate *c = r->tls.chain_len ? &r->tls.chain[0] : NULL;
	if (!c)
		return xstrdup(_("the server sent none"));
	switch (which) {
	case CERT_CHAIN:
		return xasprintf(_("issued by %s, certificates in the chain: %zu"), c->issuer, r->tls.chain_len);
	case CERT_DATES: return tls_certificate_dates(c, now);
	case CERT_NAME: return tls_certificate_names(c, r->tls.expected);
	default: return xasprintf("SHA-256 %s, %s", c->sha256, c->pin ? c->pin : "?");
	}
}

/* Why a part is not checked, or NULL. */
static const char *certificate_excuse(enum certificate_part which, const struct account *a,
				      const struct delivery_result *r)
{
	bool fingerprint = account_is_set(a, OPT_TLS_FINGERPRINT);
	bool asks_cas = !fingerprint && strcmp(account_word_text(a, OPT_TLS_TRUST), "ca") == 0;
	bool pinned = !asks_cas || account_is_set(a, OPT_TLS_PIN);
	if (!account_bool(a, OPT_TLS))
		return _("TLS is off");
	if (!r->tls.chain_len && !(r->tls.faults & TLS_FAULT_NO_CERTIFICATE))
		return _("not reached");
	if (!account_bool(a, OPT_TLS_CERTCHECK)) /* RFC 8314 section 5.2 wants a warning; here, and in add_tls() */
		return which == CERT_CHAIN ? _("the certificate check is off: passwords and messages can be read by "
					       "anybody in between")
					   : _("the certificate check is off");
	if (which == CERT_PIN)
		return pinned ? NULL : _("none is set");
	if (fingerprint && account_bool(a, OPT_TLS_FINGERPRINT_ONLY))
		return _("the fingerprint alone decides");
	return which == CERT_CHAIN && !asks_cas && !(r->tls.faults & certificate_faults[which])
		       ? _("no authority is asked")
		       : NULL;
}

static void add_certificate(struct check_stages *s, const struct evidence *e, enum certificate_part which)
{
	const struct delivery_result *r = e->result;
	const char *excuse = certificate_excuse(which, e->account, r);
	if (excuse) {
		add_skipped(s, e->stage_name, excuse);
		return;
	}
	AUTO_FREE char *detail = certificate_detail(which, r, e->now);
	if (!(r->tls.faults & certificate_faults[which]))
		check_stages_add(s, e->stage_name, CHECK_PASS, steal_ptr(detail));
	else if (which == CERT_CHAIN)
		check_stages_add(s, e->stage_name, CHECK_FAIL,
				 xasprintf("%s (%s)", r->error.status.text ? r->error.status.text : "?", detail));
	else
		check_stages_add(s, e->stage_name, CHECK_FAIL, steal_ptr(detail));
}

static void add_chain(struct check_stages *s, const struct evidence *e)
{
	add_certificate(s, e, CERT_CHAIN);
}

static void add_dates(struct check_stages *s, const struct evidence *e)
{
	add_certificate(s, e, CERT_DATES);
}

static void add_name(struct check_stages *s, const struct evidence *e)
{
	add_certificate(s, e, CERT_NAME);
}

static void add_fingerprint(struct check_stages *s, const struct evidence *e)
{
	add_certificate(s, e, CERT_PIN);
}

static void add_tls(struct check_stages *s, const struct evidence *e)
{
	const struct tls_info *t = &e->result->tls;
	if (!account_bool(e->account, OPT_TLS))
		add_skipped(s, e->stage_name,
			    account_is_set(e->account, OPT_SOCKET)
				    ? _("TLS is off")
				    : _("TLS is off: passwords and messages can be read on the way"));
	else if (t->active)
		check_stages_add(s, e->stage_name, CHECK_PASS,
				 xasprintf(_("%s, verified by: %s"), t->description ? t->description : "?",
					   t->verified_by ? t->verified_by : "?"));
	else if (e->result->stage == DELIVERY_TLS && !t->faults)
		check_stages_add(s, e->stage_name, CHECK_FAIL, error_words(&e->result->error));
	else
		add_skipped(s, e->stage_name, _("not reached"));
}

/* ---- the others ---- */

static void add_password(struct check_stages *s, const struct evidence *e)
{
	const char *from = e->result->secret_from;
	if (!authenticate_wanted(e->account) || !authenticate_wants_secret(e->account))
		add_skipped(s, e->stage_name, _("none is needed"));
	else
		add_verdict(s, e, DELIVERY_SECRET,
			    from ? xasprintf(_("from %s"), from) : xstrdup(_("none, there may be a Kerberos ticket")));
}

static void add_dns(struct check_stages *s, const struct evidence *e)
{
	const struct strvec *hosts = account_list(e->account, OPT_HOST);
	const struct delivery_result *r = e->result;
	if (account_str(e->account, OPT_SOCKET))
		add_skipped(s, e->stage_name, _("a socket has no name to look up"));
	else
		add_verdict(s, e, DELIVERY_DNS,
			    account_has_srv(e->account)
				    ? xasprintf(_("%s stands for %s port %u"), hosts->v[0], r->host, r->port)
				    : xstrdup(r->host));
}

static void add_connection(struct check_stages *s, const struct evidence *e)
{
	const struct delivery_result *r = e->result;
	add_verdict(s, e, DELIVERY_CONNECT,
		    xasprintf(_("%s, %lld ms"), r->peer ? r->peer : r->host, (long long)r->ms_connect));
}

static void add_ehlo(struct check_stages *s, const struct evidence *e)
{
	const struct strvec *lines = &e->result->caps.lines;
	AUTO_FREE char *offers = strvec_join(lines, ", ");
	add_verdict(s, e, DELIVERY_EHLO, xstrdup(lines->n ? offers : _("the server offers no extensions")));
}

static void add_auth(struct check_stages *s, const struct evidence *e)
{
	const char *user = account_str(e->account, OPT_USER), *mech = e->result->mech;
	AUTO(strbuf) others = STRBUF_INIT;
	mech_choice_format(&e->result->choice, &others);
	if (!authenticate_wanted(e->account) && e->result->stage > DELIVERY_EHLO)
		add_skipped(s, e->stage_name, _("authentication is off"));
	else
		add_verdict(s, e, DELIVERY_AUTH,
			    xasprintf(others.len ? _("%s as %s (%s)") : _("%s as %s"), mech ? mech : "?",
				      user ? user : "?", others.buf));
}

static void add_sender(struct check_stages *s, const struct evidence *e)
{
	AUTO(strbuf) reply = STRBUF_INIT;
	(void)status_format_reply(&e->result->final, &reply);
	add_verdict(s, e, DELIVERY_TRANSACTION, xasprintf(_("accepted, and reset: %s"), reply.buf));
}

/* ---- all of them ---- */

static const struct {
	const char *name;
	enum delivery_stage stage; /* in which it is decided */
	void (*add)(struct check_stages *s, const struct evidence *e);
} stages[] = {
	{"password", DELIVERY_SECRET, add_password},
	{"DNS", DELIVERY_DNS, add_dns},
	{"connection", DELIVERY_CONNECT, add_connection},
	{"certificate chain", DELIVERY_TLS, add_chain},
	{"certificate dates", DELIVERY_TLS, add_dates},
	{"certificate name", DELIVERY_TLS, add_name},
	{"certificate fingerprint", DELIVERY_TLS, add_fingerprint},
	{"TLS", DELIVERY_TLS, add_tls},
	{"EHLO", DELIVERY_EHLO, add_ehlo},
	{"AUTH", DELIVERY_AUTH, add_auth},
	{"sender", DELIVERY_TRANSACTION, add_sender},
};

void check_stages_passed(struct check_stages *s, const struct account *a, const struct delivery_result *so_far,
			 time_t now)
{
	for (; s->next < ARRAY_SIZE(stages) && stages[s->next].stage < so_far->stage; s->next++)
		stages[s->next].add(s, &(struct evidence){stages[s->next].name, a, so_far, now});
}

/* A certificate may have several faults, of which the error is about one. */
static const char *step_after(const struct check_stage *stage, const struct error *err, bool first)
{
	if (first && err->status.hint)
		return err->status.hint;
	if (strcmp(stage->name, "certificate dates") == 0)
		return _("Check date and time of this machine; if they are right, the server's administrator has to "
			 "renew "
			 "the certificate.");
	if (strcmp(stage->name, "certificate name") == 0)
		return _("If this is the server you mean, set host to a name that its certificate has.");
	return error_kind_cure(err->status.kind);
}

static void add_steps(struct check_stages *s, const struct error *err)
{
	bool first = true;
	for (size_t i = 0; i < s->n; i++) {
		struct check_stage *stage = &s->v[i];
		if (stage->verdict != CHECK_FAIL)
			continue;
		stage->hint = xstrdup_null(step_after(stage, err, first));
		first = false;
	}
}

void check_stages_finish(struct check_stages *s, const struct account *a, const struct delivery_result *r,
			 const struct error *err, time_t now)
{
	for (; s->next < ARRAY_SIZE(stages); s->next++) {
		if (r)
			stages[s->next].add(s, &(struct evidence){stages[s->next].name, a, r, now});
		else
			add_skipped(s, stages[s->next].name, _("not reached"));
	}
	add_steps(s, err);
}

/* ---- showing ---- */

static size_t widest_name(void)
{
	size_t widest = sizeof("configuration") - 1;
	for (size_t i = 0; i < ARRAY_SIZE(stages); i++)
		if (strlen(stages[i].name) > widest)
			widest = strlen(stages[i].name);
	return widest;
}

void check_stage_format(const struct check_stage *stage, enum check_look look, struct strbuf *out)
{
	static const char *const colours[] = {"\033[32m", "\033[1;31m", "\033[2m"}; /* green, bold red, faint */
	const char *verdict = check_verdict_name(stage->verdict);
	bool coloured = look == CHECK_COLOURS;
	AUTO_FREE char *detail = clean_text(span_of(stage->detail), DETAIL_SHOWN);
	AUTO_FREE char *hint = stage->hint ? clean_text(span_of(stage->hint), DETAIL_SHOWN) : NULL;
	if (look == CHECK_PLAIN) {
		strbuf_addf(out, "%s %s: %s", verdict, stage->name, detail);
		if (hint)
			strbuf_addf(out, _("; next: %s"), hint);
		strbuf_addch(out, '\n');
		return;
	}
	strbuf_addf(out, "%s%s%s %-*s  %s\n", coloured ? colours[stage->verdict] : "", verdict,
		    coloured ? "\033[0m" : "", (int)widest_name(), stage->name, detail);
	if (hint)
		strbuf_addf(out, "     %-*s  %s%s%s\n", (int)widest_name(), "", coloured ? "\033[1m" : "", hint,
			    coloured ? "\033[0m" : "");
}
