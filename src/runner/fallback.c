/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/fallback.h"

#include "base/error_kind.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "transport/deliver.h"

/* The server said nothing, or "later", and MAIL was not sent.  What a user has to correct, or to look at, such as a
 * certificate, is no such reason. */
static bool may_fall_back(const struct delivery_result *r)
{
	enum error_kind kind = r->error.status.kind;
	return r->stage < DELIVERY_TRANSACTION && error_kind_disposition(kind) == DISPOSITION_RETRY &&
	       error_kind_next_server(kind, false);
}

/* The session was ready: what became of the message is this server's word. */
static bool has_decided(const struct delivery_result *r)
{
	return r->stage >= DELIVERY_TRANSACTION;
}

static void add_reason(struct strbuf *reasons, const char *name, const struct status *status)
{
	strbuf_addf(reasons, "; %s %s: ", _("fallback"), name);
	status_format(status, reasons);
}

/* The failure names all accounts that were tried. */
static void add_reasons(struct delivery_result *r, const char *reasons)
{
	struct status *failure = &r->error.status;
	char *text = xasprintf("%s%s", failure->text ? failure->text : "", reasons);
	free(failure->text);
	failure->text = text;
	for (size_t i = 0; i < r->n; i++) {
		struct outcome *o = &r->outcomes[i];
		if (!o->of_recipient && o->kind != OUTCOME_ACCEPTED && o->status.kind == failure->kind)
			status_copy(&o->status, failure);
	}
}

static void deliver_by(const struct fallback *f, const struct account *a, struct delivery_result *result)
{
	struct delivery_request req = delivery_request_make(f->runtime, a, f->task);
	req.may_prompt = f->may_prompt;
	if (f->listen)
		f->listen(f->arg, &req);
	deliver(&req, result);
}

/* True if it has decided; else its reason is added. */
static bool try_account(const struct fallback *f, const char *name, struct submission *p,
			struct delivery_result *result, struct strbuf *reasons)
{
	AUTO(error) err = ERROR_INIT;
	struct delivery_result other;
	AUTO_PTR(account) a = settings_other_account(f->settings, name, f->runtime, &err);
	if (!a) {
		add_reason(reasons, name, &err.status);
		return false;
	}
	deliver_by(f, a, &other);
	if (!has_decided(&other)) {
		add_reason(reasons, name, &other.error.status);
		delivery_result_release(&other);
		return false;
	}
	strvec_pushf(&other.warnings, _("account %s: %s; sent by account %s"), account_title(p->account),
		     result->error.status.text, name);
	delivery_result_release(result);
	*result = other;
	p->used = steal_ptr(a);
	return true;
}

void fallback_try(const struct fallback *f, struct submission *p, struct delivery_result *result)
{
	const struct strvec *names = account_list(p->account, OPT_FALLBACK);
	AUTO(strbuf) reasons = STRBUF_INIT;
	account_free(p->used);
	p->used = NULL;
	if (!names->n || !may_fall_back(result))
		return;
	for (size_t i = 0; i < names->n; i++)
		if (strcmp(names->v[i], p->account->name) != 0 && try_account(f, names->v[i], p, result, &reasons))
			return;
	add_reasons(result, reasons.buf);
}
